"""Tweedie distribution with power between 1 and 2: a compound Poisson sum of gamma variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

import numpy as np
import scipy.special as sc
from numpy.typing import NDArray

from mlestim.distributions.base import Array, Family, Size, Theta
from mlestim.distributions.counting.compound import (
    MOST,
    log_density_at_mean,
    sums_over_numbers,
)
from mlestim.distributions.intervals.tail import step_factor
from mlestim.distributions.limit import Limit, Target
from mlestim.distributions.numeric import differentiated_terms
from mlestim.distributions.parameter import POSITIVE, Interval, Parameter, Unit
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import HALF_LINE
from mlestim.distributions.terms import packed_size

# The power above which an estimate is sought: next to 1 the sums are nearly multiples of one number,
# and the likelihood of any few rows has peaks there, as high as one likes, that mean nothing.
LEAST_POWER = 1.1
# Variance over squared mean of samples that are next to normal, whatever the power.
NARROW = 1e-6
# Newton steps to a quantile on the scale of logs; a handful from a gamma's.
QUANTILE_STEPS = 100
# How near the log of the probability has to be before the last step, and how far up a step may go:
# between points that hold nearly all probability hardly anything slopes.
CLOSE, FARTHEST = 1e-8, 3.0
TINY, LEAST = 1e-300, 1e-20


class Tweedie(Family):
    r"""Tweedie distribution with 1 < p < 2: claims that are often 0 and otherwise positive.

    .. math:: P(0) = e^{-\lambda}, \quad f(x) = \frac1x \sum_{j\ge1}
        \frac{z^j}{j!\,\Gamma(j\alpha)}
        \exp\left(\frac1\phi\left(\frac{x\mu^{1-p}}{1-p} - \frac{\mu^{2-p}}{2-p}\right)\right)

    with λ = μ^(2−p)/(φ(2−p)), α = (2−p)/(p−1) and
    z = x^α / ((p−1)^α φ^(1+α) (2−p)): the sum of a Poisson number, with mean λ, of gamma variables
    with shape α. The variance is φμ^p. The density of 0 is its probability. The series is that of
    Dunn and Smyth, summed where x is the mean, and so are its derivatives; the unit deviance is
    added. As p → 2 it becomes the gamma, for samples without zeros. An estimate of p is sought above
    1.1: next to 1, all probability gathers on the multiples of φ, and the likelihood of every sample
    has spikes. Where it rises up to 1.1, that is the estimate, on the boundary.

    Parameters
    ----------
    mean : float
        μ > 0, in the unit of the data.
    dispersion : float
        φ > 0, in the unit of the data to the power 2 − p.
    power : float
        p, between 1 and 2.

    References
    ----------
    Dunn, P. K. and Smyth, G. K. (2005), Series evaluation of Tweedie exponential dispersion model
    densities, Statistics and Computing 15, 267-280.

    Examples
    --------
    >>> Tweedie(mean=2, dispersion=1, power=1.5).pdf(0).round(4)
    np.float64(0.0591)
    """

    name = "tweedie"
    # the unit of the dispersion depends on the power: the data are fitted as they are
    parameters = (
        Parameter("mean", POSITIVE, Unit.NONE, "mean"),
        Parameter("dispersion", POSITIVE, Unit.NONE, "variance over mean^power"),
        Parameter("power", Interval(1.0, 2.0), Unit.NONE, "power of the mean in the variance"),
    )
    support = HALF_LINE
    starts_with_atom = True
    costly = True
    region_is_closed = True
    dispersion = (("dispersion", -1.0),)

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Array]:
        # the terms themselves: rows do not separate from parameters
        zero = x == 0.0
        rows = list(_terms_above_zero(np.where(zero, np.max(x, initial=TINY), x), theta, order))
        if not zero.any():
            return rows
        at_zero = islice(_terms_at_zero(theta), packed_size(len(theta), order))
        return [np.where(zero, atom, row) for row, atom in zip(rows, at_zero, strict=True)]

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        yield from t

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        mean, variance = sketch.exact_moments()
        # of exact rows that are all 0 nothing is told but by censored ones
        zeros = sketch.maximum == 0.0
        mean = np.where(zeros, 1.0, np.maximum(mean, TINY))
        variance = np.where(zeros, 1.0, np.maximum(variance, TINY))
        # λ = μ²/(variance (2 − p)) is minus the log of the share of zeros
        share = (sketch.rows == 0.0).mean(axis=-1)
        at_least = 0.5 / sketch.rows.shape[-1]
        rate = -np.log(np.clip(share, at_least, 1.0 - at_least))
        power = np.clip(2.0 - mean**2 / (variance * rate), 1.2, 1.85)
        other = np.where(power < 1.5, 1.8, 1.25)
        # there the power hardly matters, and rounding ends the climb to the end of the region
        other = np.where(variance < NARROW * mean**2, LEAST_POWER + 0.005, other)
        return [(mean, variance / mean**p, p) for p in (power, other)]

    def regular_region(self, sketch: Sketch) -> dict[str, tuple[Array, Array]]:
        # zeros alone make no spikes
        least = np.where(sketch.maximum > 0.0, LEAST_POWER, -np.inf)
        return {"power": (least, np.full_like(least, np.inf))}

    def without_maximum(self, sketch: Sketch, free: frozenset[str]) -> NDArray[np.bool_]:
        constant: NDArray[np.bool_] = (sketch.minimum == sketch.maximum) & (sketch.maximum > 0.0)
        return constant & ("dispersion" in free)

    def not_identified(self, sketch: Sketch, free: frozenset[str]) -> NDArray[np.bool_] | None:
        # where the mean is 0 or the dispersion infinite there is nothing but zeros, whatever else
        several = len(free) > 1 or "dispersion" in free
        return sketch.at_most(0.0) if several else None

    def estimate_from_sketch(
        self, sketch: Sketch, fixed: Mapping[str, Array]
    ) -> Sequence[Array] | None:
        zeros = sketch.at_most(0.0)
        estimate = dict(fixed)
        if not np.any(zeros) or len(fixed) != 2 or "dispersion" not in fixed:
            return None
        if "mean" in fixed:  # where λ = μ^(2−p)/(φ(2−p)) is least
            estimate["power"] = 2.0 - 1.0 / np.maximum(np.log(fixed["mean"]), 1.0)
        else:
            estimate["mean"] = np.zeros(())
        return [np.where(zeros, estimate[name], np.nan) for name in self.parameter_names]

    def limits(self) -> tuple[Limit, ...]:
        gamma: dict[str, Target] = {
            "mean": lambda gamma: gamma["shape"] * gamma["scale"],
            "dispersion": lambda gamma: 1.0 / gamma["shape"],
            "power": 2.0,
        }
        return (Limit("gamma", gamma),)

    # ---- probabilities -----------------------------------------------------------------------

    @staticmethod
    def _compound(theta: Theta) -> tuple[Array, Array, Array]:
        """Mean number of gamma variables, their shape and scale."""
        mean, phi, p = theta
        rate = mean ** (2.0 - p) / (phi * (2.0 - p))
        return rate, (2.0 - p) / (p - 1.0), phi * (p - 1.0) * mean ** (p - 1.0)

    def _above_zero(self, x: Array, theta: Theta, *, lower: bool, slope: bool) -> list[Array]:
        """Probability of positive values on one side of x, and its slope in log x if asked for.

        The numbers that matter are those of values at x or, where x is on the common side, those
        of all values.
        """
        rate, shape, scale = self._compound(theta)
        rate, shape, z = np.broadcast_arrays(rate, shape, x / scale)
        at_x = _likeliest(rate, shape, z)
        middle = np.maximum(np.minimum(at_x, rate) if lower else np.maximum(at_x, rate), 1.0)
        tail = sc.gammainc if lower else sc.gammaincc
        log_z = np.log(z)

        def of_number(j: Array) -> list[Array]:
            place = j * shape
            values = [tail(place, z)]
            if slope:
                values.append(np.exp(place * log_z - z - sc.gammaln(place)))
            return values

        return sums_over_numbers(of_number, rate, middle, np.sqrt(middle / (1.0 + shape)))

    def _cdf(self, x: Array, theta: Theta) -> Array:
        atom = np.exp(-self._compound(theta)[0])
        positive = x > 0.0
        (below,) = self._above_zero(np.where(positive, x, 1.0), theta, lower=True, slope=False)
        return np.minimum(np.where(positive, below, 0.0) + atom, 1.0)

    def _sf(self, x: Array, theta: Theta) -> Array:
        positive = x > 0.0
        (above,) = self._above_zero(np.where(positive, x, 1.0), theta, lower=False, slope=False)
        return np.where(positive, np.minimum(above, 1.0), -np.expm1(-self._compound(theta)[0]))

    def tail_terms(self, x: Array, theta: Theta, *, upper: bool) -> Iterator[Array]:
        # Nothing changes if values and mean are multiplied by c, the dispersion by c^(2−p): slopes
        # in the mean follow from the density, and from those in the dispersion.
        mean, phi, p = theta
        numeric = differentiated_terms(
            lambda others: self.log_tail(x, (mean, *others), upper=upper),
            self.parameters[1:],
            theta[1:],
            lambda: [step_factor(self, density, theta, k) for k in (1, 2)],
        )
        yield (value := next(numeric))
        density = self.terms(x, theta, 2)
        pull = x * np.exp(density.value - value) * (1.0 if upper else -1.0)
        by_phi, by_p = next(numeric), next(numeric)
        yield (by_mean := (pull - (2.0 - p) * phi * by_phi) / mean)
        yield by_phi
        yield by_p
        phi_phi, phi_p, p_p = numeric
        pull_mean, pull_phi, pull_p = (
            pull * (own - slope)
            for own, slope in zip(density.score, (by_mean, by_phi, by_p), strict=True)
        )
        mean_phi = (pull_phi - (2.0 - p) * (by_phi + phi * phi_phi)) / mean
        yield (pull_mean - (2.0 - p) * phi * mean_phi - by_mean) / mean
        yield mean_phi
        yield (pull_p + phi * by_phi - (2.0 - p) * phi * phi_p) / mean
        yield phi_phi
        yield phi_p
        yield p_p

    @property
    def has_tail_formula(self) -> bool:
        """No: slopes in the dispersion and the power are differences."""
        return False

    def _ppf(self, p: Array, theta: Theta) -> Array:
        atom = np.exp(-self._compound(theta)[0])
        return self._quantile_above_zero(p - atom, theta, lower=True)

    def _isf(self, p: Array, theta: Theta) -> Array:
        return self._quantile_above_zero(p, theta, lower=False)

    def _quantile_above_zero(self, p: Array, theta: Theta, *, lower: bool) -> Array:
        """Find where positive values below x (`lower`), or above it, have probability p.

        By Newton's method on the log of the probability in log x, which bends little, from the
        quantile of a gamma distribution with the moments of positive values.
        """
        p, *theta = np.broadcast_arrays(p, *theta)
        some = -np.expm1(-self._compound(theta)[0])
        inside = (p > 0.0) & (p < some)
        goal, sign = np.log(np.where(inside, p, 0.5 * some)), 1.0 if lower else -1.0
        mean = theta[0] / some
        variance = (self._variance(theta) + theta[0] ** 2) / some - mean**2
        shape = mean**2 / np.maximum(variance, TINY)
        guess = sc.gammaincinv if lower else sc.gammainccinv
        log_x = np.log(np.maximum(mean / shape * guess(shape, np.exp(goal) / some), mean * LEAST))
        low, high = np.full(p.shape, -np.inf), np.full(p.shape, np.inf)
        done = ~inside
        for _ in range(QUANTILE_STEPS):
            with np.errstate(all="ignore"):  # where Newton fails the interval is halved
                reached, slope = self._above_zero(np.exp(log_x), theta, lower=lower, slope=True)
                excess = sign * (np.log(reached) - goal)
                low, high = np.where(excess < 0.0, log_x, low), np.where(excess > 0.0, log_x, high)
                newton = np.minimum(log_x - excess * reached / slope, log_x + FARTHEST)
                middle = 0.5 * low + 0.5 * high
            able = (newton >= low) & (newton <= high)
            middle = np.where(np.isfinite(middle), middle, log_x - np.sign(excess))
            log_x = np.where(done, log_x, np.where(able, newton, middle))
            # the step that was taken then leaves an error of the square of this
            done |= able & (np.abs(excess) < CLOSE)
            if np.all(done):
                break
        beyond = np.where((p > 0.0) == lower, np.inf, 0.0)
        return np.where(inside, np.exp(log_x), beyond)

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        rate, shape, scale = self._compound(theta)
        number = rng.poisson(rate, size)
        return np.where(number > 0, rng.gamma(np.maximum(number, 1) * shape) * scale, 0.0)

    def _mean(self, theta: Theta) -> Array:
        return theta[0] + 0.0 * (theta[1] + theta[2])

    def _variance(self, theta: Theta) -> Array:
        return theta[1] * theta[0] ** theta[2]

    def _mode(self, theta: Theta) -> Array:
        # the highest point of a grid, and the root of the slope beside it; 0 counts as the rest do
        parameters = np.broadcast_arrays(*theta)
        mean, width = parameters[0], 4.0 / 256.0
        steps = np.arange(0.0, 4.0, width).reshape(-1, *(1,) * mean.ndim)
        best = np.argmax(self.terms(mean * steps, parameters, 0).value, axis=0)
        low = mean * width * np.maximum(best - 1.0, 0.0)
        high = mean * width * (best + 1.0)
        for _ in range(60):
            middle = 0.5 * (low + high)
            rises = _slope(middle, parameters) > 0.0
            low, high = np.where(rises, middle, low), np.where(rises, high, middle)
        return np.where(best == 0, 0.0, 0.5 * (low + high))


def _slope(x: Array, theta: Theta) -> Array:
    """Slope of the log density in log x."""
    mean, phi, p = theta
    a, b = p - 1.0, 2.0 - p
    inverse = x**b / phi
    at_mean = log_density_at_mean(inverse / b, p, 1)
    return b * at_mean[1] - inverse * np.expm1(-a * np.log(mean / x)) / a - 1.0


def _terms_above_zero(x: Array, theta: Theta, order: int) -> Iterator[Array]:
    """Yield the terms of the density: at the mean x, and of minus half the deviance from it."""
    mean, phi, p = theta
    a, b, log_x, log_mean = p - 1.0, 2.0 - p, np.log(x), np.log(mean)
    inverse = np.exp(b * log_x) / phi
    at_mean = log_density_at_mean(inverse / b, p, order)
    away = log_mean - log_x
    # ∫ (e^(bt) − e^(−at)) dt from 0 to `away`, in two parts
    falling, rising = np.expm1(-a * away), np.expm1(b * away)
    first, second = falling / a, rising / b
    deviance = inverse * (first + second)
    yield at_mean[0] - deviance - log_x
    if order == 0:
        return
    unit = np.exp(-p * log_mean)
    deviation = (x - mean) * unit
    first_p = (-away * (1.0 + falling) - first) / a
    second_p = (away * (1.0 + rising) - second) / b
    own_p = inverse * (first_p - second_p)
    # log λ and the log of x^(2−p)/φ fall with log φ alike, but in p they part by 1/(2−p)
    slope = deviance - at_mean[1]
    yield deviation / phi
    yield slope / phi
    yield log_x * slope + at_mean[2] + at_mean[1] / b - own_p
    if order == 1:
        return
    yield -(unit + p * deviation / mean) / phi
    yield -deviation / phi**2
    yield -deviation * log_mean / phi
    bend = at_mean[3] - deviance
    yield (bend - slope) / phi**2
    mixed = own_p - at_mean[4] - at_mean[3] / b
    yield (log_x * bend + mixed) / phi
    first_pp = (away**2 * (1.0 + falling) - 2.0 * first_p) / a
    second_pp = (away**2 * (1.0 + rising) - 2.0 * second_p) / b
    own_pp = (at_mean[3] + at_mean[1]) / b**2 + 2.0 * at_mean[4] / b + at_mean[5]
    own_pp = own_pp - inverse * (first_pp + second_pp)
    yield log_x * (log_x * bend + 2.0 * mixed) + own_pp


def _terms_at_zero(theta: Theta) -> Iterator[Array]:
    """Yield the terms of the log probability of 0, which is −λ."""
    mean, phi, p = theta
    b, log_mean = 2.0 - p, np.log(mean)
    rate = np.exp(b * log_mean) / (phi * b)
    in_p = 1.0 / b - log_mean  # of log λ
    yield -rate
    yield -b * rate / mean
    yield rate / phi
    yield -rate * in_p
    yield -b * (b - 1.0) * rate / mean**2
    yield b * rate / (mean * phi)
    yield b * rate * log_mean / mean
    yield -2.0 * rate / phi**2
    yield rate * in_p / phi
    yield -rate * (in_p**2 + 1.0 / b**2)


def _likeliest(rate: Array, shape: Array, z: Array) -> Array:
    """Number of gamma variables, up to 1 or so, that contribute most to the density of z."""
    # j!Γ(jα) ≈ j^(j(1+α)) α^(jα) e^(−j(1+α))
    with np.errstate(divide="ignore"):
        logs = (np.log(rate) + shape * (np.log(z) - np.log(shape))) / (1.0 + shape)
    return np.clip(np.exp(logs), 1.0, MOST)
