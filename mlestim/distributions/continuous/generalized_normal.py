"""Generalized normal distribution (exponential power)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.special as sc

from mlestim.distributions.base import Array, Size, Theta
from mlestim.distributions.built.location_scale import LOCATION_AND_SCALE, LocationScale
from mlestim.distributions.limit import Limit, Target
from mlestim.distributions.parameter import POSITIVE, Parameter, Unit
from mlestim.distributions.rows.compressed import compressed
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import REAL_LINE

# Shapes among which the profile likelihood is first compared; from 2 on it is smooth.
SMOOTH_SHAPE = 2.0
SMALLEST_SHAPE = 0.2
N_SHAPES = 25
# Observations that are tried at once as locations where the density has a cusp.
N_LOCATIONS = 64
# Of them, those between whose neighbours the best one is sought.
N_NEIGHBOURHOODS = 4
# Shapes for each of which a location is proposed.
N_TRIED = 7
MAX_ROUNDS = 50
# Longer samples are thinned in steps of this factor; the location on more rows lies within so many
# standard deviations of that on fewer.
ROWS_FACTOR = 30
SURE_DEVIATIONS = 6.0
# Rows, about, on which the shapes are first compared.
FEW_ROWS = 2000
# Powers |z|^β below this are 0 beside 1, and those of large shapes soon are 0 to the computer.
NO_POWER = 1e-17


class GeneralizedNormal(LocationScale):
    r"""Generalized normal distribution, also called exponential power distribution.

    .. math:: f(x) = \frac{\beta}{2\sigma\,\Gamma(1/\beta)} e^{-|z|^\beta},
        \quad z = \frac{x-\mu}{\sigma}

    β = 2 is the normal (with standard deviation σ/√2), β = 1 the Laplace; as β → ∞ it becomes the
    uniform. For β < 2 the curvature in μ is infinite at observations, and for β ≤ 1 the likelihood
    has a cusp at each: the estimate is then found from the profile likelihood and its standard
    errors from the expected information, for β > 1/2. As β → 0 the likelihood has a spike at every
    observation: the estimate is the best maximum with β above 0.2, or more in small samples.

    Parameters
    ----------
    location : float
        μ, in the unit of the data.
    scale : float
        σ > 0, in the unit of the data (not the standard deviation).
    shape : float
        β > 0.

    Examples
    --------
    >>> GeneralizedNormal(location=0, scale=1, shape=1).sf(1).round(4)
    np.float64(0.1839)
    """

    name = "generalized_normal"
    parameters = (
        *LOCATION_AND_SCALE,
        Parameter("shape", POSITIVE, Unit.NONE, "shape; 2 for the normal, 1 for the Laplace"),
    )
    support = REAL_LINE
    kink = "location"

    def standard_terms(self, z: Array, shapes: Theta) -> Iterator[Array]:
        (beta,) = shapes
        size = np.abs(z)
        log_size = np.log(np.where(size > 0.0, size, 1.0))
        power = np.where(size > 0.0, np.exp(beta * log_size), 0.0)
        inverse = 1.0 / beta
        yield -np.log(2.0) - sc.gammaln(1.0 + inverse) - power
        with np.errstate(divide="ignore", invalid="ignore"):  # at a cusp: no slope
            over = np.where(size > 0.0, power / z, 0.0)  # sign(z) |z|^(β−1)
            curve = np.where(size > 0.0, over / z, beta == SMOOTH_SHAPE)  # |z|^(β−2)
        yield -beta * over
        psi, trigamma = sc.digamma(1.0 + inverse), sc.polygamma(1, 1.0 + inverse)
        tilt = power * log_size
        yield psi * inverse**2 - tilt
        yield -beta * (beta - 1.0) * curve
        yield -over * (1.0 + beta * log_size)
        yield -(trigamma * inverse + 2.0 * psi) * inverse**3 - tilt * log_size

    def estimate_from_rows(
        self, rows: Array, weights: Array, fixed: dict[str, Array]
    ) -> Sequence[Array] | None:
        if fixed:
            return None
        samples = zip(rows, weights, strict=True)
        estimates = [profile_estimate(x[w > 0.0], w[w > 0.0]) for x, w in samples]
        return list(np.array(estimates).T)

    def expected_information(self, theta: Theta) -> Array:
        _, scale, beta = theta
        inverse = 1.0 / beta
        information = np.zeros((3, 3, *beta.shape))
        kinked = (beta > 0.5) & (beta < SMOOTH_SHAPE)
        ratio = np.exp(sc.gammaln(np.where(kinked, 2.0 - inverse, 1.0)) - sc.gammaln(inverse))
        psi, trigamma = sc.digamma(1.0 + inverse), sc.polygamma(1, 1.0 + inverse)
        # E |z|^β = 1/β, E |z|^β log|z| = ψ(1 + 1/β)/β², its square's (ψ² + ψ')/β³
        information[0, 0] = np.where(kinked, (beta / scale) ** 2 * ratio, 0.0)
        information[1, 1] = beta / scale**2
        information[1, 2] = information[2, 1] = -(1.0 + psi) / (beta * scale)
        information[2, 2] = ((1.0 + inverse) * trigamma + (1.0 + psi) ** 2 - 1.0) * inverse**3
        return np.where(beta < SMOOTH_SHAPE, information, np.nan)

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        centre = sketch.quantile(0.5)
        middle = 0.5 * (sketch.minimum + sketch.maximum)
        half = 0.5 * (sketch.maximum - sketch.minimum)
        starts = []
        for shape in (2.0, 1.2, 5.0):
            spread = np.sqrt(np.exp(sc.gammaln(3.0 / shape) - sc.gammaln(1.0 / shape)))
            starts.append((sketch.mean, sketch.sd / spread, np.full_like(centre, shape)))
        return [*starts, (middle, half, np.full_like(centre, 20.0))]

    def regular_region(self, sketch: Sketch) -> dict[str, tuple[Array, Array]]:
        least = smallest_shape(sketch.largest_tie)
        return {"shape": (least, np.full_like(least, np.inf))}

    def limits(self) -> tuple[Limit, ...]:
        uniform: dict[str, Target] = {
            "location": lambda ends: 0.5 * (ends["lower"] + ends["upper"]),
            "scale": lambda ends: 0.5 * (ends["upper"] - ends["lower"]),
            "shape": np.inf,
        }
        return (Limit("uniform", uniform),)

    def _half_beyond(self, x: Array, theta: Theta) -> Array:
        """Half the probability of what is farther from the location than x."""
        size, inverse = np.abs(self.standardized(x, theta)), 1.0 / theta[2]
        power = size ** theta[2]
        # the incomplete gamma function of a power that may underflow is its first term
        beyond = 1.0 - size / sc.gamma(1.0 + inverse)
        return 0.5 * np.where(power < NO_POWER, beyond, sc.gammaincc(inverse, power))

    def _cdf(self, x: Array, theta: Theta) -> Array:
        upper = self._half_beyond(x, theta)
        return np.where(x < theta[0], upper, 1.0 - upper)

    def _sf(self, x: Array, theta: Theta) -> Array:
        upper = self._half_beyond(x, theta)
        return np.where(x < theta[0], 1.0 - upper, upper)

    def _ppf(self, p: Array, theta: Theta) -> Array:
        return theta[0] - theta[1] * _upper_quantile(p, theta[2])

    def _isf(self, p: Array, theta: Theta) -> Array:
        return theta[0] + theta[1] * _upper_quantile(p, theta[2])

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        location, scale, beta = theta
        sign = rng.choice([-1.0, 1.0], size)
        return location + scale * sign * rng.gamma(1.0 / beta, size=size) ** (1.0 / beta)

    def _mean(self, theta: Theta) -> Array:
        return theta[0] + 0.0 * (theta[1] + theta[2])

    def _variance(self, theta: Theta) -> Array:
        _, scale, beta = theta
        return scale**2 * np.exp(sc.gammaln(3.0 / beta) - sc.gammaln(1.0 / beta))

    def _mode(self, theta: Theta) -> Array:
        return self._mean(theta)

    def _entropy(self, theta: Theta) -> Array:
        inverse = 1.0 / theta[2]
        return inverse + np.log(2.0 * theta[1]) + sc.gammaln(1.0 + inverse) + 0.0 * theta[0]


def _upper_quantile(p: Array, beta: Array) -> Array:
    """Standard value that is exceeded with probability p."""
    inverse = 1.0 / beta
    tail = np.minimum(p, 1.0 - p)
    power = sc.gammainccinv(inverse, 2.0 * tail)
    near = (1.0 - 2.0 * tail) * sc.gamma(1.0 + inverse)
    size = np.where(power < NO_POWER, near, power**inverse)
    return np.where(p <= 0.5, size, -size)


def smallest_shape(share: Array) -> Array:
    """Lower end of the regular region, given the share of the largest tie.

    With k of n rows tied at the location, a small β gains about k/β.
    """
    return np.maximum(SMALLEST_SHAPE, np.minimum(4.0 * share, 1.0))


def profile_estimate(x: Array, weights: Array) -> tuple[float, float, float]:
    """Location, scale and shape of the maximum of a kinked likelihood; NaN where it is smooth."""
    nothing = (np.nan, np.nan, np.nan)
    if x[0] == x[-1]:
        return nothing
    w = weights / weights.sum()
    ties = np.add.reduceat(w, np.flatnonzero(np.append([True], x[1:] != x[:-1])))
    least = float(smallest_shape(ties.max()))
    shapes = np.geomspace(least, 2.0 * SMOOTH_SHAPE, N_SHAPES)
    some, their = spaced(x, w, FEW_ROWS)
    locations = [best_location(some, their, b) for b in shapes]
    heights = [profile(some, their, m, b)[0] for m, b in zip(locations, shapes, strict=True)]
    best = highest_inside(np.array(heights))
    if best == 0 and len(some) == len(x):
        location, shape = best_at_a_row(x, w, shapes)
        return (location, best_scale(x, w, location, shape), shape) if shape > least else nothing
    if best == 0 or shapes[best] > SMOOTH_SHAPE:
        return nothing
    shape, ratio = shapes[best], shapes[1] / shapes[0]
    location, shape = best_pair(some, their, shape / ratio, shape * ratio)
    while len(some) < len(x):
        deviation = location_deviation(some, their, location, shape)
        some, their = spaced(x, w, ROWS_FACTOR * len(some))
        near = compressed(some, their, location, SURE_DEVIATIONS * deviation)
        location, shape = best_pair(*near, shape / ratio, shape * ratio, tries=1)
    if not least < shape < SMOOTH_SHAPE:
        return nothing
    return location, best_scale(x, w, location, shape), shape


def best_scale(x: Array, w: Array, location: float, shape: float) -> float:
    """Scale of the maximum with the others held."""
    mean_power = float(total(w * np.abs(x - location) ** shape))
    return float((shape * mean_power) ** (1.0 / shape))


def best_at_a_row(x: Array, w: Array, shapes: Array) -> tuple[float, float]:
    """Row with a cusp and a shape below 1 that are a maximum, though other rows' spikes rise higher.

    The shape is 0 where there is none.
    """
    below_one = shapes[shapes < 1.0]
    found = [(-np.inf, 0.0, 0.0)]
    for location in x[:: max(1, len(x) // N_LOCATIONS)]:
        heights = np.array([profile(x, w, location, shape)[0] for shape in below_one])
        best = highest_inside(heights)
        if 0 < best < len(below_one) - 1:
            shape = best_shape(x, w, location, below_one[best - 1], below_one[best + 1])
            found.append((profile(x, w, location, shape)[0], float(location), shape))
    return max(found)[1:]


def total(terms: Array) -> Array:
    """Sum without the threads of a dot product, which get in the way of ours."""
    return np.asarray(np.add.reduce(terms))


def spaced(x: Array, w: Array, rows: int) -> tuple[Array, Array]:
    """Evenly spaced rows, at most that many and a half more, or all."""
    few = slice(None, None, max(1, round(len(x) / rows)))
    return x[few], w[few] / w[few].sum()


def best_pair(
    x: Array, w: Array, low: float, high: float, tries: int = N_TRIED
) -> tuple[float, float]:
    """Location and shape of the maximum, the shape between two ends.

    The best locations for a few shapes compete, each at its best shape, since with a cusp at each
    row neither moves alone from one maximum to the next.
    """
    shapes = np.geomspace(low, high, tries + 2)[1:-1]
    tried = {best_location(x, w, shape) for shape in shapes}
    ends = [(location, best_shape(x, w, location, low, high)) for location in sorted(tried)]
    location, shape = max(ends, key=lambda end: profile(x, w, *end)[0])
    for _ in range(MAX_ROUNDS):
        location = best_location(x, w, shape)
        before, shape = shape, best_shape(x, w, location, low, high)
        if abs(shape - before) <= 1e-14 * shape:
            break
    return max([*ends, (location, shape)], key=lambda end: profile(x, w, *end)[0])


def location_deviation(x: Array, w: Array, location: float, shape: float) -> float:
    """Standard deviation of the location over such samples, roughly where β ≤ 1/2."""
    beta = max(shape, 0.6)
    scale = best_scale(x, w, location, shape)
    information = beta**2 * np.exp(sc.gammaln(2.0 - 1.0 / beta) - sc.gammaln(1.0 / beta))
    return float(scale / np.sqrt(information * len(x)))


def highest_inside(heights: Array) -> int:
    """Position of the highest maximum, the last one's included but not the first's, a spike."""
    after = np.append(heights[2:], -np.inf)
    peaks = 1 + np.flatnonzero((heights[1:] > heights[:-1]) & (heights[1:] >= after))
    return int(peaks[np.argmax(heights[peaks])]) if len(peaks) else 0


def profile(x: Array, w: Array, location: float, shape: float) -> tuple[float, float]:
    """Mean log-likelihood at the best scale, and its slope in the shape."""
    size = np.abs(x - location)
    power = size**shape
    mean = total(w * power)
    tilt = total(w * power * np.log(np.where(size > 0.0, size, 1.0))) / mean
    log_scale = (np.log(shape) + np.log(mean)) / shape
    inverse = 1.0 / shape
    value = -np.log(2.0) - sc.gammaln(1.0 + inverse) - log_scale - inverse
    slope = sc.digamma(1.0 + inverse) * inverse + log_scale - tilt
    return float(value), float(slope * inverse)


def best_shape(x: Array, w: Array, location: float, low: float, high: float) -> float:
    """Root of the profile's slope between two shapes, or the better end."""
    from scipy.optimize import brentq

    at_low, at_high = (profile(x, w, location, shape)[1] for shape in (low, high))
    if at_low <= 0.0 or at_high >= 0.0:
        return low if at_low <= 0.0 else high
    return float(brentq(lambda shape: profile(x, w, location, shape)[1], low, high, xtol=1e-15))


def best_location(x: Array, w: Array, shape: float) -> float:
    """Minimiser of the mean of |x − m|^β: a root for β > 1, else one of the observations."""
    from scipy.optimize import brentq

    if shape > 1.0:

        def slope(m: float) -> float:
            d = m - x
            return float(total(w * np.sign(d) * np.abs(d) ** (shape - 1.0)))

        return float(brentq(slope, x[0], x[-1], xtol=1e-15 * max(abs(x[0]), abs(x[-1]))))
    places = np.arange(len(x))
    stride = max(1, -(-len(x) // N_LOCATIONS))
    tried = places[::stride]
    while True:
        heights = np.array([total(w * np.abs(x - x[place]) ** shape) for place in tried])
        order = np.argsort(heights, kind="stable")
        if stride == 1:
            return float(x[tried[order[0]]])
        # of the neighbourhoods of the best few every so many-th row comes next
        finer = max(1, stride * N_NEIGHBOURHOODS * 2 // N_LOCATIONS)
        steps = np.arange(-stride, stride + 1, finer)
        around = tried[order[:N_NEIGHBOURHOODS], None] + steps
        tried = np.unique(np.clip(around, 0, len(x) - 1))
        stride = finer
