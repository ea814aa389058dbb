"""Tails of the normal distribution without cancellation."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.special as sc
from numpy.typing import NDArray

Array = NDArray[np.float64]

# From this s on, a continued fraction of 60 levels has all digits; below, differences of library
# values lose two at most.
FRACTION_FROM = 3.0
FRACTION_LEVELS = 60


class NormalTail(NamedTuple):
    r"""Functions of the normal distribution beyond s, each small difference computed as such.

    With Mills' ratio R(s) = (1 − Φ(s))/φ(s) and Laplace's continued fraction
    1/R = s + e, e = 1/(s + c), c = 2/(s + d), d = 3/(s + …).
    """

    log_ratio: Array
    hazard: Array
    e: Array
    c: Array
    d: Array
    far: NDArray[np.bool_]

    @property
    def curvature(self) -> Array:
        """1 − e/R, the second derivative of log R: e(c − e) far out."""
        return np.where(self.far, self.e * (self.c - self.e), 1.0 - self.hazard * self.e)


def normal_tail(s: Array) -> NormalTail:
    """Evaluate `NormalTail` at s, negative or positive.

    References
    ----------
    Abramowitz and Stegun (1964), 26.2.14.

    Examples
    --------
    >>> normal_tail(np.array([40.0])).e * 40
    array([0.99875389])
    """
    far = s > FRACTION_FROM
    with np.errstate(all="ignore"):  # far out the direct differences are replaced
        scaled = sc.erfcx(s / np.sqrt(2.0))
        hazard = np.sqrt(2.0 / np.pi) / scaled
        e = np.where(np.isfinite(scaled), hazard - s, -s)
        c = 1.0 / e - s
        d = 2.0 / c - s
        log_ratio = np.log(np.minimum(scaled, 1e300)) + 0.5 * np.log(np.pi / 2.0)
    if np.any(far):
        beyond = np.where(far, s, 10.0)
        r = beyond
        for level in range(FRACTION_LEVELS, 3, -1):
            r = beyond + level / r
        d = np.where(far, 3.0 / r, d)
        c = np.where(far, 2.0 / (beyond + d), c)
        e = np.where(far, 1.0 / (beyond + c), e)
        hazard = np.where(far, beyond + e, hazard)
    return NormalTail(log_ratio, hazard, e, c, d, far)
