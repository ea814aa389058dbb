"""The limited-memory quasi-Newton method, by scipy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from mlestim.optim.settings import POSITIVE, STEPS, check_settings
from mlestim.optim.side_by_side import minimize_each

if TYPE_CHECKING:
    from scipy.optimize import OptimizeResult

    from mlestim.optim.minimization import Objective
    from mlestim.optim.optimizer import Vector
    from mlestim.optim.side_by_side import Matrix, Objectives


@dataclass(frozen=True)
class LBFGS:
    r"""L-BFGS: steps along an estimate of Newton's direction, for functions without noise.

    .. math:: W \leftarrow W - \eta H g

    where H stands for the inverse Hessian and is made of the last few steps and changes of
    gradient, and η is found by a line search. It needs the gradient over all rows, and then takes
    far fewer steps than a first-order optimizer.

    Parameters
    ----------
    tolerance : float, default 1e-6
        The run has converged when no entry of the gradient is larger.
    memory : int, default 20
        Number of steps that H is made of.

    References
    ----------
    Byrd, Lu, Nocedal, Zhu (1995), A limited memory algorithm for bound constrained optimization,
    SIAM Journal on Scientific Computing 16 (scipy's L-BFGS-B).

    Examples
    --------
    >>> import numpy as np
    >>> result = LBFGS().minimize(lambda w: (float(((w - 1) ** 2).sum()), 2 * (w - 1)), np.zeros(2))
    >>> print(result.x.round(4), result.success)
    [1. 1.] True
    """

    tolerance: float = field(default=1e-6, metadata=POSITIVE)
    memory: int = field(default=20, metadata=STEPS)

    def __post_init__(self) -> None:
        check_settings(self)

    def minimize(
        self,
        objective: Objective,
        start: Vector,
        *,
        max_steps: int = 10_000,
        callback: Callable[[float], bool] | None = None,
    ) -> OptimizeResult[Any]:
        """Minimise a function.

        Parameters
        ----------
        objective : callable
            ``objective(parameters) -> (value, gradient)``, of a float64 vector.
        start : ndarray, shape (n,)
            Not changed.
        max_steps : int
            The most steps to take, each of one evaluation or a few.
        callback : callable, optional
            ``callback(value)`` after each step, the objective's last evaluation being at the
            point reached; a true result stops the run.

        Returns
        -------
        scipy.optimize.OptimizeResult
            ``x``, ``fun``, ``jac``, ``nit``, ``nfev``, ``success``, ``message``.
        """
        from scipy.optimize import minimize  # late: it is slow to import

        def after_step(intermediate_result: OptimizeResult[Any]) -> None:
            if callback is not None and callback(float(intermediate_result.fun)):
                raise StopIteration

        own: Any = np.array(start, dtype=np.float64)
        options: Any = {
            "maxiter": max_steps,
            "maxfun": 20 * max_steps,
            "maxcor": self.memory,
            "gtol": self.tolerance,
            "ftol": 0.0,  # the gradient decides
        }
        return minimize(
            objective,
            own,
            jac=True,
            method="L-BFGS-B",
            callback=after_step,
            options=options,
        )

    def minimize_each(
        self, objectives: Objectives, starts: Matrix, *, max_steps: int = 10_000
    ) -> tuple[Matrix, Matrix]:
        """Minimise several functions at once, evaluated by one call; each has its own steps.

        Parameters
        ----------
        objectives : callable
            ``objectives(points) -> (values, gradients)``, of shapes (k, n), (k,) and (k, n).
        starts : ndarray, shape (k, n)
            Not changed.
        max_steps : int
            The most steps for each function.

        Returns
        -------
        points, values : ndarray, shapes (k, n) and (k,)

        Examples
        --------
        >>> import numpy as np
        >>> ends = np.array([[1.0], [5.0]])
        >>> points, _ = LBFGS().minimize_each(
        ...     lambda w: (((w - ends) ** 2).sum(axis=1), 2 * (w - ends)), np.zeros((2, 1))
        ... )
        >>> points.round(4).tolist()
        [[1.0], [5.0]]
        """
        return minimize_each(
            objectives, starts, tolerance=self.tolerance, memory=self.memory, max_steps=max_steps
        )
