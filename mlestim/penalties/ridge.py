"""Half the sum of squares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlestim.penalties.base import Penalty, Vector


@dataclass(frozen=True)
class Ridge(Penalty):
    r"""Half the sum of squares: a normal prior with variance :math:`1/\lambda`.

    .. math:: \tfrac12 \lambda \sum_j w_j^2

    It shrinks large parameters most, and those that the data say little about; none becomes 0.

    Parameters
    ----------
    strength : float
        λ in [0, inf); parameters of size s are expected where λ = 1/s².

    Examples
    --------
    >>> import numpy as np
    >>> ridge = Ridge(0.5)
    >>> ridge.value(np.array([1.0, -2.0])), ridge.gradient(np.array([1.0, -2.0])).tolist()
    (1.25, [0.5, -1.0])
    """

    def value(self, parameters: Vector) -> float:
        return 0.5 * self.strength * float(np.vdot(parameters, parameters))

    def gradient(self, parameters: Vector) -> Vector:
        return parameters * parameters.dtype.type(self.strength)
