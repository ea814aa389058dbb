"""Families of vectors: two components, or three shares."""

from __future__ import annotations

from mpmath import mp
from scipy import stats

from .oracle import Oracle


def distance(x, centre, a, b, c):
    """Squared distance by the matrix of rows (a, b) and (b, c), and its determinant."""
    u, v = x[0] - centre[0], x[1] - centre[1]
    determinant = a * c - b**2
    return (c * u**2 - 2 * b * u * v + a * v**2) / determinant, determinant


def normal_log_density(x, m1, m2, a, b, c):
    squared, determinant = distance(x, (m1, m2), a, b, c)
    return -mp.log(2 * mp.pi) - mp.log(determinant) / 2 - squared / 2


def t_log_density(x, df, m1, m2, a, b, c):
    # Γ(ν/2 + 1)/Γ(ν/2) = ν/2 in two dimensions
    squared, determinant = distance(x, (m1, m2), a, b, c)
    whole = (df + 2) / 2 * mp.log1p(squared / df)
    return -mp.log(2 * mp.pi) - mp.log(determinant) / 2 - whole


def dirichlet_log_density(x, *alpha):
    own = [(a - 1) * mp.log(share) - mp.loggamma(a) for a, share in zip(alpha, x, strict=True)]
    return mp.loggamma(sum(alpha)) + sum(own)


def multinomial_log_density(x, trials, *probs):
    own = [k * mp.log(p) - mp.loggamma(k + 1) for k, p in zip(x, probs, strict=True)]
    return mp.loggamma(trials + 1) + sum(own)


def matrix(a, b, c):
    return [[a, b], [b, c]]


ENTRIES: dict[str, Oracle] = {
    "dirichlet": Oracle(
        dirichlet_log_density,
        scipy=lambda *alpha: stats.dirichlet(alpha),
        hard=[(0.02, 0.5, 3.0), (3000.0, 20.0, 1e5)],
    ),
    "multinomial": Oracle(
        multinomial_log_density,
        scipy=lambda trials, *probs: stats.multinomial(trials, probs),
        # log x! and log n! are larger than what they leave
        parts=lambda x, *_: 10.0,
        hard=[(40.0, 0.01, 0.09, 0.9)],
    ),
    "multivariate_normal": Oracle(
        normal_log_density,
        scipy=lambda m1, m2, *entries: stats.multivariate_normal((m1, m2), matrix(*entries)),
        hard=[(0.0, 1.0, 1.0, 0.999, 1.0), (1e3, -1e-3, 1e6, 1.0, 1e-5)],
    ),
    "multivariate_t": Oracle(
        t_log_density,
        scipy=lambda df, m1, m2, *entries: stats.multivariate_t((m1, m2), matrix(*entries), df),
        hard=[(0.3, 0.0, 1.0, 1.0, 0.9, 1.0), (1e7, 1.0, -1.0, 4.0, 1.0, 2.0)],
    ),
}
