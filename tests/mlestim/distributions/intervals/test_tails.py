"""Terms of the log probabilities of tails, of every family, against 40 digits."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from mlestim.distributions import resolve
from mlestim.distributions.intervals.tail import tail_terms
from tests.mlestim.distributions.cases import NUMERIC, estimated_entries, member, members
from tests.mlestim.distributions.oracles import ORACLES, exact

# The oracle's tails are integrals, or need hundreds of digits: seconds each. `test_intervals` has
# integrals of the density for these.
SLOW = {"pearson3", "log_pearson3", "half_student_t"}
# A family without an oracle fails elsewhere, by name.
EXACT = [n for n in NUMERIC if n not in SLOW and n in ORACLES and ORACLES[n].cdf and ORACLES[n].sf]
FAR, NEAR = 1e-100, 1e-3
DIGITS = 60
MORE_DIGITS = {"exponentiated_weibull": 160}  # its 1 − F loses a hundred far out
# Errors in units of the link scale. Formulas lose a few digits in the tails; derivatives that are
# fourth-order differences (see `numeric`) of a log probability of −230, known to 14 digits, have
# seven left in the curvature.
BY_FORMULA = {"value": 1e-12, "score": 1e-11, "curvature": 1e-10}
BY_DIFFERENCES = {"value": 1e-12, "score": 1e-9, "curvature": 1e-6}


def tails_of(distribution):
    """Values and whether the tail above them is asked for: both tails, near and far."""
    with np.errstate(all="ignore"):
        lower = distribution.ppf(np.array([FAR, NEAR, 0.3]))
        upper = distribution.isf(np.array([FAR, NEAR, 0.3]))
    low, high = distribution.ends(distribution.theta)
    pairs = [*((x, False) for x in lower), *((x, True) for x in upper)]
    if distribution.support.integers:
        return [(float(x), up) for x, up in pairs if low <= x < high]
    inside = [(float(x), up) for x, up in pairs if low < x < high and 1e-100 < abs(x) < 1e100]
    return [(x, up) for x, up in inside if not _at_an_end(distribution, x, upper=up)]


def _at_an_end(distribution, x, *, upper):
    """Say whether the last digits of x are all that tells it from a free end of the support."""
    log_tail = distribution.logsf if upper else distribution.logcdf
    with np.errstate(all="ignore"):
        beside = log_tail(np.array([x * (1.0 - 2.0**-40), x, x * (1.0 + 2.0**-40)]))
    return not np.ptp(beside) < 1e-6


def exact_tail_terms(name, x, theta, *, upper):
    """Packed terms of the log of the oracle's probability, derivatives by mpmath.diff."""
    probability = ORACLES[name].sf if upper else ORACLES[name].cdf
    p, point = len(theta), exact(*theta)

    def log_probability(*parameters):
        return mpmath.log(probability(exact(x)[0], *parameters))

    orders = np.eye(p, dtype=int)
    wanted = [*orders, *(orders[i] + orders[j] for i in range(p) for j in range(i, p))]
    with mpmath.workdps(MORE_DIGITS.get(name, DIGITS)):
        derivatives = [mpmath.diff(log_probability, point, tuple(map(int, n))) for n in wanted]
        return np.array([log_probability(*point), *derivatives], dtype=float)


def in_link_units(distribution):
    """Factor of each packed entry that makes it a derivative on the link scale."""
    slopes = [
        float(parameter.domain.link_derivatives(value)[0])
        for parameter, value in zip(distribution.parameters, distribution.theta, strict=True)
    ]
    p = len(slopes)
    return np.array([1.0, *slopes, *(slopes[i] * slopes[j] for i in range(p) for j in range(i, p))])


@pytest.mark.parametrize("name", EXACT)
def test_terms_agree_with_forty_digits(name):
    distribution = member(name, *members(name, 1))
    p = len(distribution.parameters)
    asked = np.array(estimated_entries(distribution))
    allowed = BY_FORMULA if distribution.has_tail_formula else BY_DIFFERENCES
    limits = np.repeat(list(allowed.values()), (1, p, p * (p + 1) // 2))
    units = in_link_units(distribution)
    theta = [np.atleast_1d(value) for value in distribution.theta]
    wrong = []
    for x, upper in tails_of(distribution):
        truth = exact_tail_terms(name, x, distribution.theta, upper=upper)
        rows = tail_terms(distribution, np.array([x]), theta, 2, upper=upper)
        found = np.array([np.broadcast_to(row, (1,)) for row in rows])[:, 0]
        error = np.abs(found - truth) * units / (1.0 + np.abs(truth) * units)
        wrong += [
            f"entry {k} {'above' if upper else 'up to'} {x:.6g}, theta={distribution.params}: "
            f"{found[k]:.12g}, not {truth[k]:.12g}; error {error[k]:.1e}"
            for k in np.flatnonzero(~(error <= limits) & asked)
        ]
    assert not wrong, "\n".join(wrong)


def test_a_tail_from_just_above_the_end_of_the_support_is_certain_with_all_derivatives() -> None:
    """There e^(−t) and its derivatives underflow, while t and its slopes overflow."""
    theta = [np.array([value]) for value in (0.9, 1.35, 0.9)]
    beyond_end = theta[0] - theta[1] / theta[2] + 1e-6
    family = resolve("generalized_extreme_value")
    assert np.array(tail_terms(family, beyond_end, theta, 2, upper=True)).tolist() == [[0.0]] * 10
