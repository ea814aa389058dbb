"""Run a first-order optimizer on a function until its gradient is small."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from mlestim.errors import OptionError
from mlestim.optim.optimizer import Optimizer, Vector

if TYPE_CHECKING:
    from scipy.optimize import OptimizeResult

Objective: TypeAlias = Callable[[Vector], tuple[float, Any]]
GradientNorm: TypeAlias = Callable[[Vector, float, Vector], float]
Callback: TypeAlias = Callable[[int, Vector, float], Any]


class Status(IntEnum):
    """Why a minimisation ended."""

    CONVERGED = 0
    MAX_STEPS = 1
    NOT_FINITE = 2
    STOPPED = 3
    LOWER_SEEN = 4


def max_norm(_parameters: Vector, _value: float, gradient: Vector) -> float:
    """The largest absolute entry of the gradient."""
    return float(np.max(np.abs(gradient), initial=0.0))


def minimize(
    objective: Objective,
    start: Any,
    optimizer: Optimizer,
    *,
    max_steps: int = 10_000,
    tolerance: float = 1e-6,
    gradient_norm: GradientNorm = max_norm,
    callback: Callback | None = None,
    record_path: bool = False,
) -> OptimizeResult[Any]:
    r"""Minimise a function by first-order steps, and keep the best point seen.

    Parameters
    ----------
    objective : callable
        ``objective(parameters) -> (value, gradient)``. The vector it gets is read-only, and it
        changes with the next step: copy it to keep it.
    start : array_like, shape (n,)
        float32 stays float32; everything else becomes float64. Not changed.
    optimizer : Optimizer
        A recipe: the run has its own state, and the optimizer given keeps its own.
    max_steps : int, default 10000
        The most steps to take; the objective is evaluated at most once more.
    tolerance : float, default 1e-6
        The run has converged when ``gradient_norm`` is at most this.
    gradient_norm : callable, default the largest absolute entry
        ``gradient_norm(parameters, value, gradient) -> float``: give one that does not change
        with the units of the parameters or of the value, if you have one.
    callback : callable, optional
        ``callback(step, parameters, value)`` after each evaluation; a true result stops the run.
    record_path : bool, default False
        Keep every point and value, as ``path`` and ``path_values``.

    Returns
    -------
    scipy.optimize.OptimizeResult
        ``x``, ``fun``, ``jac``, ``gradient_norm`` (all at the point returned), ``success``,
        ``status``, ``message``, ``nit`` (steps), ``nfev``, ``njev``; with ``record_path`` also
        ``path`` of shape (nfev, n) and ``path_values`` of shape (nfev,). ``status`` is 0 converged,
        1 out of steps, 2 not finite, 3 stopped by the callback, 4 converged, but above a point
        seen on the way. Unless it has converged, the point returned is the best one seen.

    Raises
    ------
    OptionError
        If an option is out of range, or the start is no vector, or the gradient not like it.

    Examples
    --------
    >>> import numpy as np
    >>> from mlestim.optim import Adam, minimize
    >>> def squared_distance(w):
    ...     return float(np.sum((w - 1) ** 2)), 2 * (w - 1)
    >>> result = minimize(squared_distance, [3.0, -4.0], Adam(learning_rate=0.1))
    >>> print(result.x.round(4), result.success)
    [1. 1.] True
    """
    _check_options(max_steps, tolerance)
    parameters = _own_copy(start)
    view = parameters.view()
    view.flags.writeable = False
    optimizer = replace(optimizer)
    optimizer.init(parameters)
    gradient = np.empty_like(parameters)
    run = _Run(optimizer, tolerance, record_path)
    while True:
        value = _evaluate(objective, view, gradient)
        point = _Point(view, value, gradient, float(gradient_norm(view, value, gradient)))
        run.see(point)
        stopped = callback is not None and bool(callback(run.step, view, point.value))
        status = run.status(point, stopped, max_steps)
        if status is not None:
            return run.result(status, point)
        optimizer.step(parameters, gradient)
        run.step += 1


def _evaluate(objective: Objective, parameters: Vector, gradient: Vector) -> float:
    """The value; the gradient goes into ``gradient``, lest it be a view of the parameters."""
    value, new_gradient = objective(parameters)
    if np.shape(new_gradient) != parameters.shape:
        raise OptionError(
            f"the objective's gradient has shape {np.shape(new_gradient)}; "
            f"the parameters have {parameters.shape}"
        )
    gradient[:] = new_gradient
    return float(value)


def _check_options(max_steps: int, tolerance: float) -> None:
    if max_steps < 0:
        raise OptionError(f"max_steps={max_steps!r} is not allowed; give an integer of at least 0")
    if not 0 <= tolerance < math.inf:
        raise OptionError(f"tolerance={tolerance!r} is not allowed; give a number in [0, inf)")


def _own_copy(start: Any) -> Vector:
    start = np.asarray(start)
    return np.array(start, dtype=np.float32 if start.dtype == np.float32 else np.float64)


@dataclass
class _Point:
    parameters: Vector
    value: float
    gradient: Vector
    norm: float

    @property
    def finite(self) -> bool:
        vectors = (self.parameters, self.gradient)
        return math.isfinite(self.value) and all(bool(np.isfinite(v).all()) for v in vectors)

    def copy(self) -> _Point:
        return replace(self, parameters=self.parameters.copy(), gradient=self.gradient.copy())


@dataclass
class _Run:
    """The points of one run: the present one, the best one, and on request all of them."""

    optimizer: Optimizer
    tolerance: float
    record_path: bool
    step: int = 0
    best: _Point | None = None
    path: list[Vector] = field(default_factory=list)
    values: list[float] = field(default_factory=list)

    def see(self, point: _Point) -> None:
        if point.finite and (self.best is None or point.value <= self.best.value):
            self.best = point.copy()
        if self.record_path:
            self.path.append(point.parameters.copy())
            self.values.append(point.value)

    def status(self, point: _Point, stopped: bool, max_steps: int) -> Status | None:
        """Why to end at this point, or None to go on."""
        if not point.finite:
            return Status.NOT_FINITE
        if point.norm <= self.tolerance:
            return Status.LOWER_SEEN if self._lower_seen(point) else Status.CONVERGED
        if stopped:
            return Status.STOPPED
        return Status.MAX_STEPS if self.step >= max_steps else None

    def _lower_seen(self, point: _Point) -> bool:
        """Whether the best value is lower than the present one by more than rounding."""
        rounding = 100 * float(np.finfo(point.parameters.dtype).eps) * abs(point.value)
        return self.best is not None and self.best.value < point.value - rounding

    def result(self, status: Status, last: _Point) -> OptimizeResult[Any]:
        from scipy.optimize import OptimizeResult  # late: it is slow to import

        point = last if status is Status.CONVERGED or self.best is None else self.best
        fields: dict[str, Any] = {
            "x": point.parameters.copy(),
            "fun": point.value,
            "jac": point.gradient.copy(),
            "gradient_norm": point.norm,
            "success": status is Status.CONVERGED,
            "status": int(status),
            "message": self._message(status, last),
            "nit": self.step,
            "nfev": self.step + 1,
            "njev": self.step + 1,
        }
        if self.record_path:
            fields |= {"path": np.array(self.path), "path_values": np.array(self.values)}
        return OptimizeResult(**fields)

    def _message(self, status: Status, last: _Point) -> str:
        """What happened, and what to try next."""
        if status is Status.CONVERGED:
            return (
                f"Converged after {self.step} steps: the gradient norm {last.norm:.3g} is within "
                f"the tolerance {self.tolerance:.3g}."
            )
        if self.best is None:
            return (
                f"The start is of no use: the value there is {last.value}, and value, gradient "
                "and parameters must be finite. Start elsewhere."
            )
        found = f"value {self.best.value:.6g}, gradient norm {self.best.norm:.3g}"
        if status is Status.MAX_STEPS:
            return (
                f"Not converged after {self.step} steps: the best point has {found}, above the "
                f"tolerance {self.tolerance:.3g}. Allow more steps or change the learning rate "
                f"of {self.optimizer!r}."
            )
        if status is Status.NOT_FINITE:
            return (
                f"Stopped after {self.step} steps where the value is {last.value} and value, "
                f"gradient or parameters are not finite. The best point before has {found}. "
                f"Try a smaller learning rate than that of {self.optimizer!r}."
            )
        if status is Status.STOPPED:
            return f"Stopped by the callback after {self.step} steps; the best point has {found}."
        return (
            f"Came to rest after {self.step} steps at the value {last.value:.6g}, but a better "
            f"point was seen before: {found}. Start again from there with a smaller learning rate."
        )
