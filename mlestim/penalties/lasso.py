"""Sum of absolute values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlestim.penalties.base import Penalty, Vector


@dataclass(frozen=True)
class Lasso(Penalty):
    r"""Sum of absolute values: a Laplace prior with scale :math:`1/\lambda`.

    .. math:: \lambda \sum_j |w_j|

    Its pull does not fade near 0, where the gradient jumps; the gradient at 0 is taken as 0.

    Parameters
    ----------
    strength : float
        λ in [0, inf).

    Examples
    --------
    >>> import numpy as np
    >>> lasso = Lasso(0.5)
    >>> lasso.value(np.array([1.0, -2.0])), lasso.gradient(np.array([1.0, -2.0])).tolist()
    (1.5, [0.5, -0.5])
    """

    @property
    def smooth(self) -> bool:
        return self.strength == 0

    def value(self, parameters: Vector) -> float:
        return self.strength * float(np.abs(parameters).sum(dtype=np.float64))

    def gradient(self, parameters: Vector) -> Vector:
        return np.sign(parameters) * parameters.dtype.type(self.strength)
