"""Half Student's t distribution."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.special as sc

from mlestim.distributions.base import Array, Family, Row, Size, Theta
from mlestim.distributions.continuous.student_t import StudentT
from mlestim.distributions.limit import Limit
from mlestim.distributions.parameter import POSITIVE, Parameter, Unit
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import HALF_LINE

_WHOLE = StudentT()


class HalfStudentT(Family):
    r"""Half Student's t distribution: the size of a Student's t variable about 0.

    .. math:: f(x) = \frac{2\,\Gamma((\nu+1)/2)}{\Gamma(\nu/2)\sqrt{\nu\pi}\,\sigma}
        \left(1 + \frac{x^2}{\nu\sigma^2}\right)^{-(\nu+1)/2}, \quad x \ge 0

    As ν → ∞ it becomes the half normal. It is where `SkewT` ends as α → ±∞.

    Parameters
    ----------
    df : float
        ν > 0, degrees of freedom.
    scale : float
        σ > 0, in the unit of the data.

    References
    ----------
    Psarakis, S. and Panaretos, J. (1990), The folded t distribution, Communications in Statistics,
    Theory and Methods 19, 2717-2734.

    Examples
    --------
    >>> HalfStudentT(df=4, scale=1).isf(0.05).round(4)
    np.float64(2.7764)
    """

    name = "half_student_t"
    parameters = (
        Parameter("df", POSITIVE, Unit.NONE, "degrees of freedom"),
        Parameter("scale", POSITIVE, Unit.SCALE, "scale"),
    )
    support = HALF_LINE
    half_line = True
    decreasing = True

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Row]:
        excess, v, vv, *_ = _WHOLE.statistics(x, self._about_zero(theta), order)
        return excess, v, vv

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        excess, v, vv = t
        nothing = np.zeros_like(v)  # of what belongs to the location
        value, in_df, _, in_scale, dd, _, ds, _, _, ss = _WHOLE.density_terms(
            (excess, v, vv, nothing, nothing), self._about_zero(theta)
        )
        yield value + np.log(2.0)
        yield from (in_df, in_scale, dd, ds, ss)

    @staticmethod
    def _about_zero(theta: Theta) -> Theta:
        """Parameters of the whole t distribution."""
        df, scale = theta
        return df, np.zeros_like(df), scale

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        median = np.maximum(sketch.quantile(0.5), 1e-3 * sketch.sd)
        return [
            (np.full_like(median, df), median / sc.stdtrit(df, 0.75)) for df in (3.0, 0.7, 20.0)
        ]

    def regular_region(self, sketch: Sketch) -> dict[str, tuple[Array, Array]]:
        # rows at 0 itself make a spike, as ties at its location do for the whole distribution
        share = np.minimum((sketch.rows <= 0.0).mean(axis=-1), 1.0 - 1e-9)
        return {"df": (share / (1.0 - share), np.full_like(share, np.inf))}

    def limits(self) -> tuple[Limit, ...]:
        return (Limit("half_normal", {"df": np.inf, "scale": "scale"}),)

    def _cdf(self, x: Array, theta: Theta) -> Array:
        lower, upper = self._tails(x, theta)
        return np.where(lower < 0.5, lower, 1.0 - upper)

    def _sf(self, x: Array, theta: Theta) -> Array:
        lower, upper = self._tails(x, theta)
        return np.where(lower < 0.5, 1.0 - lower, upper)

    @staticmethod
    def _tails(x: Array, theta: Theta) -> tuple[Array, Array]:
        """Probabilities below and above, each good where it is the smaller one."""
        df, scale = theta
        z = x / scale
        square = np.minimum(z, 1e150) ** 2
        return sc.betainc(0.5, 0.5 * df, square / (df + square)), 2.0 * sc.stdtr(df, -z)

    def _ppf(self, p: Array, theta: Theta) -> Array:
        df, scale = theta
        share = sc.betaincinv(0.5, 0.5 * df, np.minimum(p, 0.5))
        lower = scale * np.sqrt(df * share / (1.0 - share))
        return np.where(p < 0.25, lower, self._isf(1.0 - p, theta))

    def _isf(self, p: Array, theta: Theta) -> Array:
        return np.asarray(_WHOLE._isf(0.5 * p, self._about_zero(theta)))  # noqa: SLF001

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return theta[1] * np.abs(rng.standard_t(theta[0], size))

    def _mean(self, theta: Theta) -> Array:
        df, scale = theta
        finite = np.where(df > 1.0, df, 2.0)
        ratio = np.sqrt(finite / np.pi) * np.exp(
            sc.gammaln(0.5 * finite - 0.5) - sc.gammaln(0.5 * finite)
        )
        return np.where(df > 1.0, scale * ratio, np.inf)

    def _variance(self, theta: Theta) -> Array:
        df, scale = theta
        finite = scale**2 * df / np.where(df > 2.0, df - 2.0, np.nan) - self._mean(theta) ** 2
        return np.where(df > 2.0, finite, np.where(df > 1.0, np.inf, np.nan))

    def _mode(self, theta: Theta) -> Array:
        return np.zeros_like(theta[1])

    def _entropy(self, theta: Theta) -> Array:
        return np.asarray(_WHOLE._entropy(self._about_zero(theta))) - np.log(2.0)  # noqa: SLF001
