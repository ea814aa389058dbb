"""Independent definitions of every family, at any number of digits, from the textbook formula.

A family is tested against its oracle here: nothing else has to be written for it. An entry gives

``log_density``
    the textbook formula, in mpmath's functions, written without looking at the family's own file;
``cdf``, ``sf``
    where mpmath has the special function; without them the probabilities are still tested against
    integrals or sums of the density, but not far in the tails;
``scipy``
    the same distribution in scipy.stats, where it has one;
``parts``
    size of the parts that cancel in the family's own sum for the log density, where it is larger
    than 1 by design: with log x, or log x!, as a sufficient statistic the data are read only once,
    at the price of the digits that x log x has more than the sum;
``roundings``
    of the terms, that are allowed: a formula of a few dozen operations on inputs that are rounded
    themselves has 64; derivatives that are differences have more;
``kink``
    where the log density has a kink in the parameters, and so no derivative;
``hard``
    parameter values at which formulas tend to lose digits, beside the random ones;
``hard_terms``
    more of them for the log density and its derivatives alone: scipy's incomplete gamma function
    stops after 2000 terms, so that tails of a gamma with shape 1e6 have but five digits, and its
    incomplete beta function has nine at a size of 1e8;
``members``
    only where random values of the declared domains are no good: the values to test.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from mpmath import mp, mpf
from scipy import stats
from scipy.special import gammaln

Number = Any  # mpmath's numbers
Member = tuple[float, ...]


@dataclass(frozen=True)
class Oracle:
    """What is known of a family from elsewhere; numbers are mpmath's."""

    log_density: Callable[..., Number]
    cdf: Callable[..., Number] | None = None
    sf: Callable[..., Number] | None = None
    scipy: Callable[..., Any] | None = None
    parts: Callable[..., float] = lambda *_: 1.0
    roundings: float = 64.0
    kink: Callable[..., float] = lambda *_: np.nan
    hard: Sequence[Member] = ()
    hard_terms: Sequence[Member] = ()
    members: Sequence[Member] = ()


def upper_angle(z):
    """Probability that a standard Cauchy variable exceeds z."""
    return mp.atan2(1, z) / mp.pi


def normal_log_density(x, mean, sd):
    return -mp.log(sd * mp.sqrt(2 * mp.pi)) - ((x - mean) / sd) ** 2 / 2


def normal_cdf(z):
    return mp.erfc(-z / mp.sqrt(2)) / 2


def log_one_plus_over(shape, z):
    """log(1 + ξz)/ξ, and its limit z."""
    return mp.log1p(shape * z) / shape if shape else z


def gev_y(x, location, scale, shape):
    return log_one_plus_over(shape, (x - location) / scale)


def gev_log_density(x, location, scale, shape):
    y = gev_y(x, location, scale, shape)
    return -mp.log(scale) - (1 + shape) * y - mp.exp(-y)


def student_log_density(x, df, location, scale):
    z = (x - location) / scale
    constant = mp.loggamma((df + 1) / 2) - mp.loggamma(df / 2) - mp.log(df * mp.pi) / 2
    return constant - mp.log(scale) - (df + 1) / 2 * mp.log1p(z**2 / df)


def student_sf(z, df):
    tail = incomplete_beta(df / 2, mp.mpf(1) / 2, df / (df + z**2)) / 2
    return tail if z > 0 else 1 - tail


def incomplete_gamma(shape, lower, upper):
    return mp.gammainc(shape, lower, upper, regularized=True)


def incomplete_beta(a, b, upper):
    return mp.betainc(a, b, 0, upper, regularized=True)


def logarithmic_sf(x, p):
    """∫₀ᵖ tˣ/(1 − t) dt over the whole, −log(1 − p)."""
    integral = p ** (x + 1) / (x + 1) * mp.hyp2f1(1, x + 1, x + 2, p)
    return integral / -mp.log1p(-p)


def poisson_inverse_gaussian_log_density(x, mean, dispersion):
    alpha = mp.sqrt(1 / dispersion**2 + 2 * mean / dispersion)
    return (
        mp.log(2 * alpha / mp.pi) / 2
        + x * mp.log(mean)
        + 1 / dispersion
        + mp.log(mp.besselk(x - mp.mpf(1) / 2, alpha))
        - x * mp.log(alpha * dispersion)
        - mp.loggamma(x + 1)
    )


def negative_binomial_log_density(x, size, mean):
    return (
        mp.loggamma(size + x)
        - mp.loggamma(size)
        - mp.loggamma(x + 1)
        + size * mp.log(size / (size + mean))
        + x * mp.log(mean / (size + mean))
    )


def burr12_log_density(x, c, k, scale):
    z = (x / scale) ** c
    return mp.log(c * k / x) + mp.log(z) - (k + 1) * mp.log1p(z)


def dagum_log_density(x, c, k, scale):
    z = (x / scale) ** -c
    return mp.log(c * k / x) + mp.log(z) - (k + 1) * mp.log1p(z)


def generalized_gamma_log_density(x, shape, power, scale):
    z = (x / scale) ** power
    return mp.log(power / x) + shape * mp.log(z) - z - mp.loggamma(shape)


def exponentiated_weibull_log_density(x, exponent, shape, scale):
    z = (x / scale) ** shape
    inner = (exponent - 1) * mp.log(-mp.expm1(-z))
    return mp.log(exponent * shape / x) + mp.log(z) - z + inner


def skew_normal_log_density(x, location, scale, shape):
    z = (x - location) / scale
    tilt = mp.log(mp.erfc(-shape * z / mp.sqrt(2)))
    return normal_log_density(z, 0, 1) - mp.log(scale) + tilt


def generalized_logistic_y(x, location, scale, kappa):
    return log_one_plus_over(-kappa, (x - location) / scale)


def generalized_logistic_log_density(x, location, scale, kappa):
    y = generalized_logistic_y(x, location, scale, kappa)
    return -mp.log(scale) - (1 - kappa) * y - 2 * mp.log1p(mp.exp(-y))


def exponentially_modified_log_density(x, location, sd, decay):
    z, r = (x - location) / sd, sd / decay
    return -mp.log(decay) + r * r / 2 - r * z + mp.log(normal_cdf(z - r))


def johnson_su_log_density(x, location, scale, gamma, delta):
    z = (x - location) / scale
    constant = mp.log(delta / scale) - mp.log1p(z**2) / 2
    return constant + normal_log_density(gamma + delta * mp.asinh(z), 0, 1)


def pearson3_log_density(x, location, scale, skew):
    z = (x - location) / scale
    if not skew:
        return normal_log_density(x, location, scale)
    a = 4 / skew**2
    y = a + 2 * z / skew
    return mp.log(2 / (scale * abs(skew))) + (a - 1) * mp.log(y) - y - mp.loggamma(a)


def pearson3_tail(z, skew, *, lower):
    """Probability on one side of z."""
    if not skew:
        return normal_cdf(z if lower else -z)
    a = 4 / skew**2
    y = a + 2 * z / skew
    return incomplete_gamma(a, 0, y) if lower == (skew > 0) else incomplete_gamma(a, y, mp.inf)


def bessel_k1(u):
    """∫ exp(−u cosh t) cosh t dt over t > 0: the trapezoidal rule with this step has 60 digits."""
    step, total, t = 1 / (15 * mp.sqrt(1 + u / 25)), mp.exp(-u) / 2, mp.mpf(0)
    while u * (mp.cosh(t) - 1) < 150:
        t += step
        total += mp.exp(-u * mp.cosh(t)) * mp.cosh(t)
    return step * total


def normal_inverse_gaussian_log_density(x, location, scale, tail, skewness):
    z = (x - location) / scale
    q, gamma = mp.sqrt(1 + z**2), mp.sqrt(tail**2 - skewness**2)
    return mp.log(tail * bessel_k1(tail * q) / (mp.pi * scale * q)) + gamma + skewness * z


def skew_t_log_density(x, location, scale, alpha, df):
    z = (x - location) / scale
    w = alpha * z * mp.sqrt((df + 1) / (df + z**2))
    return student_log_density(x, df, location, scale) + mp.log(2 * student_sf(-w, df + 1))


def chi_log_density(z, df):
    half = mp.mpf(df) / 2
    return (1 - half) * mp.log(2) - mp.loggamma(half) + (df - 1) * mp.log(z) - z**2 / 2


def inverse_gaussian_tail(x, mean, shape, sign):
    """Probability below x (sign 1) or above it (sign −1)."""
    root = mp.sqrt(shape / x)
    beyond = mp.exp(2 * shape / mean) * normal_cdf(-root * (x / mean + 1))
    return normal_cdf(sign * root * (x / mean - 1)) + sign * beyond


def laplace_tail(z, kappa):
    """Probability below z of a standard asymmetric Laplace variable."""
    share = kappa**2 / (1 + kappa**2)
    return share * mp.exp(z / kappa) if z < 0 else 1 - (1 - share) * mp.exp(-kappa * z)


def tweedie_log_density(x, mean, phi, p):
    """The compound sum itself: Poisson weights of gamma densities."""
    rate = mean ** (2 - p) / (phi * (2 - p))
    shape, scale = (2 - p) / (p - 1), phi * (p - 1) * mean ** (p - 1)
    if not x:
        return -rate
    peak = int(x ** (2 - p) / ((2 - p) * phi))
    logs = [
        j * mp.log(rate)
        - mp.loggamma(j + 1)
        + (j * shape - 1) * mp.log(x / scale)
        - mp.loggamma(j * shape)
        for j in range(max(1, peak - 150), peak + 150)
    ]
    return mp.log(mp.fsum(map(mp.exp, logs))) - rate - x / scale - mp.log(scale)


ORACLES: dict[str, Oracle] = {
    "burr12": Oracle(
        burr12_log_density,
        cdf=lambda x, c, k, s: -mp.expm1(-k * mp.log1p((x / s) ** c)),
        sf=lambda x, c, k, s: mp.exp(-k * mp.log1p((x / s) ** c)),
        scipy=lambda c, k, s: stats.burr12(c, k, scale=s),
        hard=[(1.5, 1e4, 1e3), (1e3, 2e-3, 1.7), (0.1, 3.0, 2.0), (40.0, 1.0, 2.0)],
        # scipy's quantiles lose digits where k is small
        members=[(2.3, 0.8, 1.7), (0.9, 3.4, 0.6)],
    ),
    "exponentially_modified_normal": Oracle(
        exponentially_modified_log_density,
        scipy=lambda location, sd, decay: stats.exponnorm(decay / sd, location, sd),
        hard=[(0.3, 1.0, 0.2), (0.3, 1.0, 30.0)],
        hard_terms=[(0.3, 1.0, 1e-3)],
    ),
    "generalized_logistic": Oracle(
        generalized_logistic_log_density,
        cdf=lambda *x: 1 / (1 + mp.exp(-generalized_logistic_y(*x))),
        sf=lambda *x: 1 / (1 + mp.exp(generalized_logistic_y(*x))),
        hard=[(0.3, 1.7, shape) for shape in (0.0, 1e-12, -1e-6, 0.05, -0.2, 0.9)],
        # as wide as shapes of real samples are, and well inside the regular region
        members=[(0.7, 2.5, -0.34), (-3.1, 0.4, 0.27)],
    ),
    "skew_normal": Oracle(
        skew_normal_log_density,
        scipy=lambda location, scale, shape: stats.skewnorm(shape, location, scale),
        hard=[(0.3, 1.7, shape) for shape in (0.0, 1e-3, -5.0, 20.0)],
        hard_terms=[(0.3, 1.7, 1e3)],
    ),
    "pearson3": Oracle(
        pearson3_log_density,
        cdf=lambda x, location, scale, skew: pearson3_tail(
            (x - location) / scale, skew, lower=True
        ),
        sf=lambda x, location, scale, skew: pearson3_tail(
            (x - location) / scale, skew, lower=False
        ),
        scipy=lambda location, scale, skew: stats.pearson3(skew, location, scale),
        hard=[(0.3, 1.7, skew) for skew in (0.1, -0.5, 1.9)],
        hard_terms=[(0.3, 1.7, skew) for skew in (1e-12, -1e-6, 1e-3, -0.03)],
        # as wide as skews of real samples are, and well inside the regular region
        members=[(0.7, 2.5, 0.8), (-3.1, 0.4, -1.4)],
    ),
    "log_pearson3": Oracle(
        lambda x, mean, sd, skew: pearson3_log_density(mp.log(x), mean, sd, skew) - mp.log(x),
        cdf=lambda x, mean, sd, skew: pearson3_tail((mp.log(x) - mean) / sd, skew, lower=True),
        sf=lambda x, mean, sd, skew: pearson3_tail((mp.log(x) - mean) / sd, skew, lower=False),
        members=[(0.7, 0.5, 0.8), (-3.1, 0.4, -1.4)],
    ),
    "von_mises": Oracle(
        lambda x, mu, kappa: kappa * mp.cos(x - mu) - mp.log(2 * mp.pi * mp.besseli(0, kappa)),
        # scipy cuts the circle opposite to the mean direction: as we do if that is 0
        scipy=lambda mu, kappa: stats.vonmises(kappa, mu),
        members=[(0.0, 0.7), (0.0, 4.0)],
        hard=[(2.0, 1.3), (-3.0, 0.05), (0.5, 30.0)],
        hard_terms=[(0.5, 1e3)],
    ),
    "normal_inverse_gaussian": Oracle(
        normal_inverse_gaussian_log_density,
        scipy=lambda location, scale, tail, skewness: stats.norminvgauss(
            tail, skewness, location, scale
        ),
        members=[(0.3, 1.2, 2.0, 0.7), (-1.5, 0.6, 0.8, -0.5)],
        # the curvature of log K₁ cancels by u² before its series begins at u = 25
        roundings=2e3,
    ),
    "skew_t": Oracle(
        skew_t_log_density,
        members=[(0.3, 1.2, 2.0, 5.0), (-1.5, 0.6, -0.8, 3.0)],
        # derivatives in df are differences over steps of 2e-3: 1e-12 and, twice, 1e-9
        roundings=1e7,
    ),
    "generalized_normal": Oracle(
        lambda x, location, scale, beta: (
            mp.log(beta / (2 * scale)) - mp.loggamma(1 / beta) - (abs(x - location) / scale) ** beta
        ),
        scipy=lambda location, scale, beta: stats.gennorm(beta, location, scale),
        hard=[(0.3, 1.7, beta) for beta in (2.0, 8.0)],  # below 2 a kink at the median
    ),
    "tweedie": Oracle(
        tweedie_log_density,
        # 0 has a probability too small to see here; test_tweedie.py has those with an atom
        members=[(4.0, 0.02, 1.5), (0.7, 0.01, 1.3)],
        # sums of logs of gamma functions of a hundred
        parts=lambda x, mean, phi, p: 30.0 / phi,
        # curvatures in p are small beside j² of a hundred gamma variables, of which they are sums
        roundings=1e5,
    ),
    "categorical": Oracle(
        lambda x, *probs: mp.log(probs[int(x)]),
        cdf=lambda x, *probs: mp.fsum(probs[: int(x) + 1]),
        sf=lambda x, *probs: mp.fsum(probs[int(x) + 1 :]),
    ),
    "cauchy": Oracle(
        lambda x, location, scale: -mp.log(mp.pi * scale * (1 + ((x - location) / scale) ** 2)),
        cdf=lambda x, location, scale: upper_angle((location - x) / scale),
        sf=lambda x, location, scale: upper_angle((x - location) / scale),
        scipy=stats.cauchy,
    ),
    "dagum": Oracle(
        dagum_log_density,
        cdf=lambda x, c, k, s: mp.exp(-k * mp.log1p((x / s) ** -c)),
        sf=lambda x, c, k, s: -mp.expm1(-k * mp.log1p((x / s) ** -c)),
        scipy=lambda c, k, s: stats.burr(c, k, scale=s),
        hard=[(1.5, 1e4, 1e-3), (1e3, 2e-3, 1.7), (0.1, 3.0, 2.0), (40.0, 1.0, 2.0)],
        # scipy's entropies lose digits where the density is infinite at 0
        members=[(2.3, 0.8, 1.7), (4.1, 3.4, 0.6)],
    ),
    "exponential": Oracle(
        lambda x, scale: -mp.log(scale) - x / scale,
        cdf=lambda x, scale: -mp.expm1(-x / scale),
        sf=lambda x, scale: mp.exp(-x / scale),
        scipy=lambda scale: stats.expon(scale=scale),
    ),
    "exponentiated_weibull": Oracle(
        exponentiated_weibull_log_density,
        cdf=lambda x, a, k, s: (-mp.expm1(-((x / s) ** k))) ** a,
        sf=lambda x, a, k, s: -mp.expm1(a * mp.log(-mp.expm1(-((x / s) ** k)))),
        scipy=lambda a, k, s: stats.exponweib(a, k, scale=s),
        hard=[(1e3, 0.4, 1e-3), (0.02, 80.0, 1.7), (1.0, 2.0, 3.0), (0.2, 1.0, 1.5)],
        # scipy's probabilities and moments lose digits where the density is infinite at 0
        members=[(2.3, 0.8, 1.7), (0.9, 3.4, 0.6)],
    ),
    "gamma": Oracle(
        lambda x, shape, scale: (
            (shape - 1) * mp.log(x) - x / scale - mp.loggamma(shape) - shape * mp.log(scale)
        ),
        cdf=lambda x, shape, scale: incomplete_gamma(shape, 0, x / scale),
        sf=lambda x, shape, scale: incomplete_gamma(shape, x / scale, mp.inf),
        scipy=lambda shape, scale: stats.gamma(shape, scale=scale),
        parts=lambda x, shape, scale: abs(gammaln(shape)) + shape * abs(np.log(x)),
        hard=[(shape, 1.0) for shape in (1e-3, 0.03, 30.0, 1e3, 1e4)],
        hard_terms=[(1e6, 1.0)],
    ),
    "generalized_extreme_value": Oracle(
        gev_log_density,
        cdf=lambda *x: mp.exp(-mp.exp(-gev_y(*x))),
        sf=lambda *x: -mp.expm1(-mp.exp(-gev_y(*x))),
        scipy=lambda location, scale, shape: stats.genextreme(-shape, location, scale),
        hard=[
            (0.3, 1.7, shape)
            for shape in (0.0, 1e-12, -1e-12, 1e-6, -1e-6, 0.05, -0.05, 0.2, -0.2, 0.9, -0.9)
        ],
        # as wide as shapes of real maxima are, and well inside the regular region
        members=[(0.7, 2.5, 0.34), (-3.1, 0.4, -0.27)],
    ),
    "generalized_gamma": Oracle(
        generalized_gamma_log_density,
        cdf=lambda x, a, d, s: incomplete_gamma(a, 0, (x / s) ** d),
        sf=lambda x, a, d, s: incomplete_gamma(a, (x / s) ** d, mp.inf),
        scipy=lambda a, d, s: stats.gengamma(a, d, scale=s),
        hard=[(30.0, 0.2, 1e-6), (0.05, 40.0, 1.7), (1.0, 2.0, 3.0)],
        hard_terms=[(1e3, 0.1, 1e-30)],
    ),
    "generalized_pareto": Oracle(
        lambda x, scale, shape: -mp.log(scale) - (1 + shape) * log_one_plus_over(shape, x / scale),
        cdf=lambda x, scale, shape: -mp.expm1(-log_one_plus_over(shape, x / scale)),
        sf=lambda x, scale, shape: mp.exp(-log_one_plus_over(shape, x / scale)),
        scipy=lambda scale, shape: stats.genpareto(shape, scale=scale),
        hard=[
            (1.7, shape)
            for shape in (0.0, 1e-12, -1e-12, 1e-6, -1e-6, 0.05, -0.05, 0.2, -0.2, 0.9, -0.9)
        ],
        # as wide as shapes of real excesses are, and well inside the regular region
        members=[(2.5, 0.34), (0.4, -0.27)],
    ),
    "gompertz": Oracle(
        lambda x, a, s: mp.log(a / s) + x / s - a * mp.expm1(x / s),
        cdf=lambda x, a, s: -mp.expm1(-a * mp.expm1(x / s)),
        sf=lambda x, a, s: mp.exp(-a * mp.expm1(x / s)),
        scipy=lambda a, s: stats.gompertz(a, scale=s),
        hard=[(1e-6, 1.0), (1e6, 1e6), (30.0, 2.0)],
    ),
    "gumbel": Oracle(
        lambda x, mu, s: -mp.log(s) - (x - mu) / s - mp.exp(-(x - mu) / s),
        cdf=lambda x, mu, s: mp.exp(-mp.exp(-(x - mu) / s)),
        sf=lambda x, mu, s: -mp.expm1(-mp.exp(-(x - mu) / s)),
        scipy=stats.gumbel_r,
    ),
    "gumbel_min": Oracle(
        lambda x, mu, s: -mp.log(s) + (x - mu) / s - mp.exp((x - mu) / s),
        cdf=lambda x, mu, s: -mp.expm1(-mp.exp((x - mu) / s)),
        sf=lambda x, mu, s: mp.exp(-mp.exp((x - mu) / s)),
        scipy=stats.gumbel_l,
    ),
    "hyperbolic_secant": Oracle(
        lambda x, mu, s: -mp.log(mp.pi * s * mp.cosh((x - mu) / s)),
        cdf=lambda x, mu, s: 2 / mp.pi * mp.atan(mp.exp((x - mu) / s)),
        sf=lambda x, mu, s: 2 / mp.pi * mp.atan(mp.exp((mu - x) / s)),
        scipy=stats.hypsecant,
    ),
    "johnson_su": Oracle(
        lambda x, location, scale, gamma, delta: (
            mp.log(delta / scale)
            - mp.log1p(((x - location) / scale) ** 2) / 2
            + normal_log_density(gamma + delta * mp.asinh((x - location) / scale), 0, 1)
        ),
        cdf=lambda x, location, scale, gamma, delta: normal_cdf(
            gamma + delta * mp.asinh((x - location) / scale)
        ),
        sf=lambda x, location, scale, gamma, delta: normal_cdf(
            -gamma - delta * mp.asinh((x - location) / scale)
        ),
        scipy=lambda location, scale, gamma, delta: stats.johnsonsu(gamma, delta, location, scale),
    ),
    "logistic": Oracle(
        lambda x, mu, s: -(x - mu) / s - mp.log(s) - 2 * mp.log1p(mp.exp(-(x - mu) / s)),
        cdf=lambda x, mu, s: 1 / (1 + mp.exp(-(x - mu) / s)),
        sf=lambda x, mu, s: 1 / (1 + mp.exp((x - mu) / s)),
        scipy=stats.logistic,
    ),
    "loglogistic": Oracle(
        lambda x, k, s: mp.log(k / x) + k * mp.log(x / s) - 2 * mp.log1p((x / s) ** k),
        cdf=lambda x, k, s: 1 / (1 + (x / s) ** -k),
        sf=lambda x, k, s: 1 / (1 + (x / s) ** k),
        scipy=lambda k, s: stats.fisk(k, scale=s),
        hard=[(0.1, 1.0), (50.0, 3.0), (500.0, 3.0)],
    ),
    "lognormal": Oracle(
        lambda x, mu, s: normal_log_density(mp.log(x), mu, s) - mp.log(x),
        cdf=lambda x, mu, s: normal_cdf((mp.log(x) - mu) / s),
        sf=lambda x, mu, s: normal_cdf((mu - mp.log(x)) / s),
        scipy=lambda mu, s: stats.lognorm(s, scale=np.exp(mu)),
        hard=[(0.0, 1e-3), (2.0, 5.0)],
    ),
    "lomax": Oracle(
        lambda x, shape, scale: mp.log(shape / scale) - (shape + 1) * mp.log1p(x / scale),
        cdf=lambda x, shape, scale: -mp.expm1(-shape * mp.log1p(x / scale)),
        sf=lambda x, shape, scale: mp.exp(-shape * mp.log1p(x / scale)),
        scipy=lambda shape, scale: stats.lomax(shape, scale=scale),
        hard=[(0.05, 1.0), (1e3, 1e3), (1e6, 1e6)],
    ),
    "normal": Oracle(
        normal_log_density,
        cdf=lambda x, mean, sd: normal_cdf((x - mean) / sd),
        sf=lambda x, mean, sd: normal_cdf((mean - x) / sd),
        scipy=stats.norm,
        hard=[(1e6, 1e-3)],
    ),
    "student_t": Oracle(
        student_log_density,
        cdf=lambda x, df, location, scale: student_sf((location - x) / scale, df),
        sf=lambda x, df, location, scale: student_sf((x - location) / scale, df),
        scipy=stats.t,
        hard=[(df, 0.3, 1.7) for df in (0.3, 1.0, 2.5, 30.0, 1e3, 1e5, 1e8)],
    ),
    "weibull": Oracle(
        lambda x, k, s: mp.log(k / s) + (k - 1) * mp.log(x / s) - (x / s) ** k,
        cdf=lambda x, k, s: -mp.expm1(-((x / s) ** k)),
        sf=lambda x, k, s: mp.exp(-((x / s) ** k)),
        scipy=lambda k, s: stats.weibull_min(k, scale=s),
        hard=[(0.1, 1.0), (50.0, 3.0)],
    ),
    "rayleigh": Oracle(
        lambda x, s: chi_log_density(x / s, 2) - mp.log(s),
        cdf=lambda x, s: -mp.expm1(-((x / s) ** 2) / 2),
        sf=lambda x, s: mp.exp(-((x / s) ** 2) / 2),
        scipy=lambda s: stats.rayleigh(scale=s),
    ),
    "half_normal": Oracle(
        lambda x, s: chi_log_density(x / s, 1) - mp.log(s),
        cdf=lambda x, s: mp.erf(x / s / mp.sqrt(2)),
        sf=lambda x, s: mp.erfc(x / s / mp.sqrt(2)),
        scipy=lambda s: stats.halfnorm(scale=s),
    ),
    "maxwell": Oracle(
        lambda x, s: chi_log_density(x / s, 3) - mp.log(s),
        cdf=lambda x, s: incomplete_gamma(mp.mpf(3) / 2, 0, (x / s) ** 2 / 2),
        sf=lambda x, s: incomplete_gamma(mp.mpf(3) / 2, (x / s) ** 2 / 2, mp.inf),
        scipy=lambda s: stats.maxwell(scale=s),
    ),
    "levy": Oracle(
        lambda x, s: mp.log(s / (2 * mp.pi)) / 2 - 3 * mp.log(x) / 2 - s / (2 * x),
        cdf=lambda x, s: mp.erfc(mp.sqrt(s / (2 * x))),
        sf=lambda x, s: mp.erf(mp.sqrt(s / (2 * x))),
        scipy=lambda s: stats.levy(scale=s),
        parts=lambda x, s: np.abs(np.log(x)),
    ),
    "inverse_gaussian": Oracle(
        lambda x, m, shape: (
            mp.log(shape / (2 * mp.pi * x**3)) / 2 - shape * (x - m) ** 2 / (2 * m**2 * x)
        ),
        cdf=lambda x, m, shape: inverse_gaussian_tail(x, m, shape, 1),
        sf=lambda x, m, shape: inverse_gaussian_tail(x, m, shape, -1),
        scipy=lambda m, shape: stats.invgauss(m / shape, scale=shape),
        # the parts of (x − m)²/x, whose means are the sufficient statistics
        parts=lambda x, m, shape: np.abs(np.log(x)) + shape * (x / m + 1) / m + shape / x,
        hard=[(1.0, 1e-3), (1.0, 50.0)],
    ),
    "pareto": Oracle(
        lambda x, a, m: mp.log(a / x) + a * mp.log(m / x),
        cdf=lambda x, a, m: 1 - (m / x) ** a,
        sf=lambda x, a, m: (m / x) ** a,
        scipy=lambda a, m: stats.pareto(a, scale=m),
        parts=lambda x, a, m: (1 + a) * np.abs(np.log(x)),
    ),
    "power_function": Oracle(
        lambda x, a, u: mp.log(a / x) + a * mp.log(x / u),
        cdf=lambda x, a, u: (x / u) ** a,
        sf=lambda x, a, u: 1 - (x / u) ** a,
        scipy=lambda a, u: stats.powerlaw(a, scale=u),
        parts=lambda x, a, u: (1 + a) * np.abs(np.log(x)),
    ),
    "uniform": Oracle(
        lambda x, lower, upper: -mp.log(upper - lower),
        cdf=lambda x, lower, upper: (x - lower) / (upper - lower),
        sf=lambda x, lower, upper: (upper - x) / (upper - lower),
        scipy=lambda lower, upper: stats.uniform(lower, upper - lower),
        members=[(-0.3, 2.1), (1.5, 1.8)],  # the ends must be in order
    ),
    "inverse_gamma": Oracle(
        lambda x, a, s: a * mp.log(s) - mp.loggamma(a) - (a + 1) * mp.log(x) - s / x,
        cdf=lambda x, a, s: incomplete_gamma(a, s / x, mp.inf),
        sf=lambda x, a, s: incomplete_gamma(a, 0, s / x),
        scipy=lambda a, s: stats.invgamma(a, scale=s),
        parts=lambda x, a, s: np.abs(gammaln(a)) + (1 + a) * np.abs(np.log(x)),
        hard=[(0.3, 1.0), (30.0, 1.0), (1e3, 1.0)],
        hard_terms=[(1e6, 1e6)],
    ),
    "frechet": Oracle(
        lambda x, k, s: mp.log(k / s) - (k + 1) * mp.log(x / s) - (x / s) ** -k,
        cdf=lambda x, k, s: mp.exp(-((x / s) ** -k)),
        sf=lambda x, k, s: -mp.expm1(-((x / s) ** -k)),
        scipy=lambda k, s: stats.invweibull(k, scale=s),
        hard=[(0.3, 1.0), (50.0, 3.0)],
    ),
    "chi_squared": Oracle(
        lambda x, df: (df / 2 - 1) * mp.log(x) - x / 2 - df / 2 * mp.log(2) - mp.loggamma(df / 2),
        cdf=lambda x, df: incomplete_gamma(df / 2, 0, x / 2),
        sf=lambda x, df: incomplete_gamma(df / 2, x / 2, mp.inf),
        scipy=stats.chi2,
        parts=lambda x, df: (1 + df) * np.abs(np.log(x)),
        hard=[(0.1,), (60.0,), (1e3,)],
    ),
    "nakagami": Oracle(
        lambda x, m, spread: (
            mp.log(2)
            + m * mp.log(m / spread)
            - mp.loggamma(m)
            + (2 * m - 1) * mp.log(x)
            - m * x**2 / spread
        ),
        cdf=lambda x, m, spread: incomplete_gamma(m, 0, m * x**2 / spread),
        sf=lambda x, m, spread: incomplete_gamma(m, m * x**2 / spread, mp.inf),
        scipy=lambda m, spread: stats.nakagami(m, scale=np.sqrt(spread)),
        parts=lambda x, m, spread: (1 + m) * np.abs(np.log(x)),
        hard=[(0.1, 1.0), (30.0, 2.0), (1e3, 1.0)],
    ),
    "birnbaum_saunders": Oracle(
        lambda x, a, b: (
            mp.log((x + b) / (2 * a * x * mp.sqrt(2 * mp.pi * b * x)))
            - (x - b) ** 2 / (2 * a**2 * b * x)
        ),
        cdf=lambda x, a, b: normal_cdf((x - b) / (a * mp.sqrt(b * x))),
        sf=lambda x, a, b: normal_cdf((b - x) / (a * mp.sqrt(b * x))),
        scipy=lambda a, b: stats.fatiguelife(a, scale=b),
        hard=[(1e-3, 1.0), (5.0, 2.0)],
    ),
    "beta": Oracle(
        lambda x, a, b: (a - 1) * mp.log(x) + (b - 1) * mp.log1p(-x) - mp.log(mp.beta(a, b)),
        cdf=lambda x, a, b: incomplete_beta(a, b, x),
        # 1 − x of a tiny x would take all of the digits
        sf=lambda x, a, b: (
            incomplete_beta(b, a, 1 - x) if x > 0.5 else 1 - incomplete_beta(a, b, x)
        ),
        scipy=stats.beta,
        parts=lambda x, a, b: (1 + a) * np.abs(np.log(x)) + (1 + b) * np.abs(np.log1p(-x)),
        hard=[(0.1, 3.0), (40.0, 60.0)],
        hard_terms=[(2.0, 1e6), (1e6, 3.0), (1e5, 1e5)],
        members=[(2.3, 1.4), (1.7, 5.2)],  # with one mode
    ),
    "kumaraswamy": Oracle(
        lambda x, a, b: mp.log(a * b) + (a - 1) * mp.log(x) + (b - 1) * mp.log1p(-(x**a)),
        cdf=lambda x, a, b: -mp.expm1(b * mp.log1p(-(x**a))),
        sf=lambda x, a, b: (1 - x**a) ** b,
        hard=[(0.2, 3.0), (3.0, 0.4)],
        hard_terms=[(2.0, 1e6), (30.0, 0.5)],
        members=[(2.3, 1.4), (1.7, 5.2)],  # with one mode
    ),
    "laplace": Oracle(
        lambda x, mu, s: -mp.log(2 * s) - abs(x - mu) / s,
        cdf=lambda x, mu, s: laplace_tail((x - mu) / s, mp.mpf(1)),
        sf=lambda x, mu, s: laplace_tail((mu - x) / s, mp.mpf(1)),
        scipy=stats.laplace,
        kink=lambda mu, s: mu,
    ),
    "asymmetric_laplace": Oracle(
        lambda x, mu, s, k: (
            -mp.log(s * (k + 1 / k)) - (k * (x - mu) if x > mu else (mu - x) / k) / s
        ),
        cdf=lambda x, mu, s, k: laplace_tail((x - mu) / s, k),
        sf=lambda x, mu, s, k: laplace_tail((mu - x) / s, 1 / k),
        scipy=lambda mu, s, k: stats.laplace_asymmetric(k, mu, s),
        hard=[(0.3, 1.7, 0.01), (0.3, 1.7, 30.0)],
    ),
    "bernoulli": Oracle(
        lambda x, prob: mp.log(prob) if x else mp.log(1 - prob),
        cdf=lambda x, prob: 1 if x else 1 - prob,
        sf=lambda x, prob: 0 if x else prob,
        scipy=stats.bernoulli,
    ),
    "binomial": Oracle(
        lambda x, trials, prob: (
            mp.log(mp.binomial(trials, x)) + x * mp.log(prob) + (trials - x) * mp.log(1 - prob)
        ),
        cdf=lambda x, n, prob: incomplete_beta(n - x, x + 1, 1 - prob) if x < n else 1,
        sf=lambda x, n, prob: incomplete_beta(x + 1, n - x, prob) if x < n else 0,
        scipy=stats.binom,
    ),
    "discrete_uniform": Oracle(
        lambda x, lower, upper: -mp.log(upper - lower + 1),
        cdf=lambda x, lower, upper: (x - lower + 1) / (upper - lower + 1),
        sf=lambda x, lower, upper: (upper - x) / (upper - lower + 1),
        scipy=lambda lower, upper: stats.randint(lower, upper + 1),
        members=[(2.0, 7.0), (-3.0, 40.0)],  # whole numbers
    ),
    "geometric": Oracle(
        lambda x, prob: x * mp.log(1 - prob) + mp.log(prob),
        cdf=lambda x, prob: 1 - (1 - prob) ** (x + 1),
        sf=lambda x, prob: (1 - prob) ** (x + 1),
        scipy=lambda prob: stats.geom(prob, loc=-1),
    ),
    "logarithmic": Oracle(
        lambda x, p: x * mp.log(p) - mp.log(-x * mp.log1p(-p)),
        sf=logarithmic_sf,
        scipy=stats.logser,
        parts=lambda x, p: x * abs(np.log(p)),
        hard=[(1e-6,), (0.999,)],
    ),
    "zeta": Oracle(
        lambda x, s: -s * mp.log(x) - mp.log(mp.zeta(s)),
        sf=lambda x, s: mp.zeta(s, x + 1) / mp.zeta(s),
        scipy=stats.zipf,
        hard=[(2.5,), (30.0,)],
        hard_terms=[(1.0001,), (1.1,)],
        members=[(6.0,), (7.0,)],  # light enough tails for sums over them
    ),
    "yule_simon": Oracle(
        lambda x, shape: mp.log(shape) + mp.log(mp.beta(x, shape + 1)),
        cdf=lambda x, shape: 1 - x * mp.beta(x, shape + 1),
        sf=lambda x, shape: x * mp.beta(x, shape + 1),
        scipy=stats.yulesimon,
        hard=[(1.2,), (30.0,), (1e4,)],
        hard_terms=[(0.03,), (0.5,)],
        members=[(4.0,), (5.5,)],  # light enough tails for sums over them
    ),
    "discrete_weibull": Oracle(
        lambda x, q, b: mp.log(q ** (x**b) - q ** ((x + 1) ** b)),
        cdf=lambda x, q, b: 1 - q ** ((x + 1) ** b),
        sf=lambda x, q, b: q ** ((x + 1) ** b),
        hard=[(0.999, 0.5), (0.99, 3.0)],
        hard_terms=[(0.5, 0.1)],
        members=[(0.6, 1.3), (0.9, 0.8)],  # light enough tails for sums over them
    ),
    "generalized_poisson": Oracle(
        lambda x, m, d: (
            mp.log(m * (1 - d))
            + (x - 1) * mp.log(m * (1 - d) + d * x)
            - (m * (1 - d) + d * x)
            - mp.loggamma(x + 1)
        ),
        hard=[(3.0, 1e-6), (200.0, 0.5), (2.0, 0.95)],
    ),
    "negative_binomial": Oracle(
        negative_binomial_log_density,
        cdf=lambda x, size, mean: incomplete_beta(size, x + 1, size / (size + mean)),
        sf=lambda x, size, mean: incomplete_beta(x + 1, size, mean / (size + mean)),
        scipy=lambda size, mean: stats.nbinom(size, size / (size + mean)),
        parts=lambda x, size, mean: gammaln(x + 1.0),
        hard=[(size, 3.0) for size in (1e-3, 0.1, 15.0, 17.0, 1e3)],
        hard_terms=[(1e5, 3.0), (1e8, 3.0)],
    ),
    "poisson_inverse_gaussian": Oracle(
        poisson_inverse_gaussian_log_density,
        parts=lambda x, mean, dispersion: gammaln(x + 1.0),
        hard=[(3.0, 1e-3), (40.0, 0.2), (2.0, 5.0)],
    ),
    "beta_binomial": Oracle(
        lambda x, n, a, b: (
            mp.log(mp.binomial(n, x)) + mp.log(mp.beta(x + a, n - x + b)) - mp.log(mp.beta(a, b))
        ),
        scipy=stats.betabinom,
        hard=[(20.0, 0.2, 0.3), (12.0, 100.0, 300.0)],
    ),
    "skellam": Oracle(
        lambda x, a, b: (
            -(a + b) + x / 2 * mp.log(a / b) + mp.log(mp.besseli(abs(x), 2 * mp.sqrt(a * b)))
        ),
        scipy=stats.skellam,
        hard=[(1e-4, 3.0), (20.0, 15.0), (1.0, 1e-3)],
    ),
    "poisson": Oracle(
        lambda x, mean: x * mp.log(mean) - mean - mp.loggamma(x + 1),
        cdf=lambda x, mean: incomplete_gamma(x + 1, mean, mp.inf),
        sf=lambda x, mean: incomplete_gamma(x + 1, 0, mean),
        scipy=stats.poisson,
        parts=lambda x, mean: gammaln(x + 1.0) + x * abs(np.log(mean)),
        hard=[(1e-8,), (1e3,)],
    ),
}


def exact(*numbers: float) -> tuple[Number, ...]:
    """Floats as mpmath numbers of exactly the same value."""
    return tuple(mpf(float(number)) for number in numbers)
