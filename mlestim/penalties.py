"""Penalties: minus the logarithm of a prior density, up to a constant.

A penalty is added to the summed negative log-likelihood, so that the estimate is the mode of the
posterior. It stands for the same prior wherever it is used, however many rows there are.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mlestim.optim.settings import NON_NEGATIVE, UNIT_INTERVAL, check_settings

Vector: TypeAlias = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Penalty(ABC):
    """A cost of parameters that are far from 0.

    Parameters
    ----------
    strength : float
        λ in [0, inf).

    Attributes
    ----------
    smooth : bool
        Whether the gradient is continuous, as methods of second order need it.
    """

    strength: float = field(metadata=NON_NEGATIVE)

    def __post_init__(self) -> None:
        check_settings(self)

    @property
    def smooth(self) -> bool:
        return True

    @abstractmethod
    def value(self, parameters: Vector) -> float:
        """Cost of all parameters together."""

    @abstractmethod
    def gradient(self, parameters: Vector) -> Vector:
        """Derivative of the cost in each parameter, a new array of their precision."""


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


@dataclass(frozen=True)
class ElasticNet(Penalty):
    r"""Weighted mean of `Lasso` and `Ridge`.

    .. math:: \lambda \sum_j \bigl(r |w_j| + \tfrac12 (1 - r) w_j^2\bigr)

    Parameters
    ----------
    strength : float
        λ in [0, inf).
    ratio : float
        r in [0, 1], the share of the absolute values.

    References
    ----------
    Zou, Hastie (2005), Regularization and variable selection via the elastic net.

    Examples
    --------
    >>> import numpy as np
    >>> ElasticNet(0.5, ratio=0.25).value(np.array([1.0, -2.0]))
    1.3125
    """

    ratio: float = field(default=0.5, metadata=UNIT_INTERVAL)

    @property
    def smooth(self) -> bool:
        return self._lasso.smooth

    @property
    def _lasso(self) -> Lasso:
        return Lasso(self.ratio * self.strength)

    @property
    def _ridge(self) -> Ridge:
        return Ridge((1 - self.ratio) * self.strength)

    def value(self, parameters: Vector) -> float:
        return self._lasso.value(parameters) + self._ridge.value(parameters)

    def gradient(self, parameters: Vector) -> Vector:
        return self._lasso.gradient(parameters) + self._ridge.gradient(parameters)
