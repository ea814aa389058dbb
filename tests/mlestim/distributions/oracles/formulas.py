"""Textbook formulas in mpmath's functions that entries share or that are long."""

from __future__ import annotations

from functools import cache

from mpmath import mp


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


def triangular_tail(near, far, near_side, far_side):
    """Probability between an end and x, from distances of x and of the mode to both ends."""
    width = near_side + far_side
    return near**2 / (width * near_side) if near < near_side else 1 - far**2 / (width * far_side)


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
    reach = 100 + 15 * int(mp.sqrt(peak))
    ratio = rate * (x / scale) ** shape
    first = max(1, peak - reach)
    power, terms = ratio**first, []
    for j in range(first, peak + reach):
        terms.append(power * compound_weight(j, shape, mp.prec))
        power *= ratio
    return mp.log(mp.fsum(terms)) - rate - x / scale - mp.log(x)


@cache
def compound_weight(j, shape, precision):
    """1 / (j! Γ(j shape)), kept because many values are computed at the same few shapes."""
    with mp.workprec(precision):
        return mp.rgamma(j + 1) * mp.rgamma(j * shape)
