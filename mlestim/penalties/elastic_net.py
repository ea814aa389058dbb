"""Between absolute values and squares."""

from __future__ import annotations

from dataclasses import dataclass, field

from mlestim.optim.settings import UNIT_INTERVAL
from mlestim.penalties.base import Penalty, Vector
from mlestim.penalties.lasso import Lasso
from mlestim.penalties.ridge import Ridge


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
