"""Student's t distribution with location and scale."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.special as sc

from mlestim.distributions.base import Array, Family, Row, Size, Theta
from mlestim.distributions.limit import Limit
from mlestim.distributions.parameter import POSITIVE, REAL, Parameter, Unit
from mlestim.distributions.rows.scratch import WORK
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import REAL_LINE
from mlestim.special import LOG_ROOT_TWO_PI, log1p_excess, log_gamma_half_step


class StudentT(Family):
    r"""Student's t distribution.

    .. math:: f(x) = \frac{\Gamma((\nu+1)/2)}{\Gamma(\nu/2)\sqrt{\nu\pi}\,\sigma}
        \left(1 + \frac{z^2}{\nu}\right)^{-(\nu+1)/2}, \quad z = \frac{x-\mu}{\sigma}

    As ν → ∞ it becomes the normal. For every sample the likelihood has spikes where ν and σ run
    to 0 with μ on an observation; the estimate is the best maximum with ν above the smallest value
    at which the largest tie in the sample cannot make one.

    Parameters
    ----------
    df : float
        ν > 0, degrees of freedom.
    location : float
        μ, the centre, in the unit of the data.
    scale : float
        σ > 0, in the unit of the data (not the standard deviation).

    Examples
    --------
    >>> StudentT(df=4, location=0, scale=1).isf(0.025).round(4)
    np.float64(2.7764)
    """

    name = "student_t"
    parameters = (
        Parameter("df", POSITIVE, Unit.NONE, "degrees of freedom"),
        Parameter("location", REAL, Unit.LOCATION, "centre"),
        Parameter("scale", POSITIVE, Unit.SCALE, "scale"),
    )
    support = REAL_LINE

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Row]:
        # v = z²/(ν+z²) and u = z/(ν+z²): every derivative is a polynomial in them and in the
        # excess of log(1+z²/ν) over v, which is all that is left of the logarithm for large ν
        df, location, scale = theta
        z, u, v, work = WORK.rows(4, x.shape, df.shape)
        np.multiply(np.subtract(x, location, out=z), 1.0 / scale, out=z)
        np.multiply(z, z, out=work)
        np.divide(z, np.add(work, df, out=v), out=u)
        np.multiply(z, u, out=v)
        return log1p_excess(np.multiply(work, 1.0 / df, out=work)), v, (v, v), u, (u, v)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        excess, v, vv, u, uv = t
        df, _, scale = theta
        one_more, over_df, over_scale = df + 1.0, 1.0 / df, 1.0 / scale
        over_square, v_left, u_left = over_scale * over_scale, v - vv, u - uv
        constant, first, second = log_gamma_half_step(0.5 * df)
        yield constant - LOG_ROOT_TWO_PI - np.log(scale) - 0.5 * one_more * (excess + v)
        yield 0.5 * (first - excess + v * over_df)
        yield one_more * u * over_scale
        yield (one_more * v - 1.0) * over_scale
        yield 0.25 * second + 0.5 * over_df * (vv + over_df * (vv - 2.0 * v))
        yield (uv - u_left * over_df) * over_scale
        yield (vv - v_left * over_df) * over_scale
        yield -one_more * (1.0 - v - 2.0 * v_left) * over_df * over_square
        yield -2.0 * one_more * u_left * over_square
        yield (1.0 - one_more * (v + 2.0 * v_left)) * over_square

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        centre = sketch.quantile(0.5)
        half_range = 0.5 * (sketch.quantile(0.75) - sketch.quantile(0.25))
        if not half_range.all():
            half_range = np.where(half_range > 0.0, half_range, 1e-3 * sketch.sd)
        if not sketch.clustered.any():
            # quantiles of t at 95 % over those at 75 % exceed the normal's 2.44 by about 1.35/(ν − 0.8)
            excess = (sketch.quantile(0.95) - sketch.quantile(0.05)) / (2.0 * half_range) - 2.44
            df = 0.8 + 1.35 / np.maximum(excess, 0.3)
            return [(df, centre, half_range / sc.stdtrit(df, 0.75))]
        starts = [
            (np.full_like(centre, df), centre, half_range / sc.stdtrit(df, 0.75))
            for df in (3.0, 1.0, 20.0)
        ]
        # the body may be one of several clusters, the others its tails
        mode, half_length = sketch.shortest_half
        starts.append((np.full_like(mode, 3.0), mode, half_length))
        bodies = (mode, sketch.quantile(0.25), sketch.quantile(0.75))
        return [*starts, *((np.full_like(mode, 0.3), body, half_length) for body in bodies)]

    def regular_region(self, sketch: Sketch) -> dict[str, tuple[Array, Array]]:
        # k of n rows tied at the location: the likelihood grows as scale^(df (n−k) − k)
        share = np.minimum(sketch.largest_tie, 1.0 - 1e-9)
        return {"df": (share / (1.0 - share), np.full_like(share, np.inf))}

    def limits(self) -> tuple[Limit, ...]:
        return (Limit("normal", {"df": np.inf, "location": "mean", "scale": "sd"}),)

    def _z(self, x: Array, theta: Theta) -> Array:
        return (x - theta[1]) / theta[2]

    def _cdf(self, x: Array, theta: Theta) -> Array:
        return sc.stdtr(theta[0], self._z(x, theta))

    def _sf(self, x: Array, theta: Theta) -> Array:
        return sc.stdtr(theta[0], -self._z(x, theta))

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return theta[1] + theta[2] * _lower_quantile(p, theta[0])

    def _isf(self, p: Array, theta: Theta) -> Array:
        return theta[1] - theta[2] * _lower_quantile(p, theta[0])

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        return theta[1] + theta[2] * rng.standard_t(theta[0], size)

    def _mean(self, theta: Theta) -> Array:
        return np.where(theta[0] > 1.0, theta[1], np.nan)

    def _variance(self, theta: Theta) -> Array:
        df, _, scale = theta
        finite = scale**2 * df / np.where(df > 2.0, df - 2.0, np.nan)
        return np.where(df > 2.0, finite, np.where(df > 1.0, np.inf, np.nan))

    def _mode(self, theta: Theta) -> Array:
        return theta[1]

    def _entropy(self, theta: Theta) -> Array:
        df, _, scale = theta
        half = 0.5 * (df + 1.0)
        spread = half * (sc.digamma(half) - sc.digamma(0.5 * df))
        return spread + 0.5 * np.log(df) + sc.betaln(0.5 * df, 0.5) + np.log(scale)


def _lower_quantile(p: Array, df: Array) -> Array:
    """Quantile of the standard t; far out by its power law, where the library has no answer."""
    with np.errstate(over="ignore"):  # beyond the largest number: infinite
        law = -np.sqrt(df) * np.exp(-(np.log(p) + np.log(df) + sc.betaln(0.5 * df, 0.5)) / df)
    return np.where(law < -1e30, law, sc.stdtrit(df, p))
