"""Every family fits a sample of its own, of exact rows and of all other kinds, and says so."""

from __future__ import annotations

import numpy as np
import pytest

import mlestim as ml
from mlestim.distributions import Family, registered

from .cases import NUMERIC, member, members
from .oracles import Member

pytestmark = pytest.mark.filterwarnings("ignore::mlestim.errors.LimitWarning")

ROWS = 40
# A likelihood that is climbed to the end is above that of any other member but for rounding.
ROUNDING = 1e-9


# Random members of these are so heavy-tailed that they lie outside the region declared regular, or
# produce nothing but ones.
MILD = {"johnson_su": (0.0, 1.0, 0.5, 1.5), "logarithmic": (0.7,), "zeta": (2.5,)}


def chosen(name: str) -> Member:
    """Parameters to draw from."""
    return MILD.get(name) or members(name)[0]


@pytest.fixture
def drawn(name: str) -> tuple[Family, np.ndarray]:
    """A member of the family, and a sample of it."""
    distribution = member(name, chosen(name))
    return distribution, distribution.rvs(ROWS, random_state=1)


def known(distribution: Family) -> dict[str, float] | None:
    """Values of the parameters that are never estimated, unless they are freed."""
    held = {p.name for p in distribution.parameters if p.known}
    held |= set(distribution.known_unless_freed)
    return {name: value for name, value in distribution.params.items() if name in held} or None


def check_verdict(result: ml.FitResult) -> None:
    """Refuse verdicts that the family does not declare."""
    family, declared = result.family, [ml.Verdict.INTERIOR]
    if not family.regular or any(limit.attained for limit in family.limits()):
        declared.append(ml.Verdict.BOUNDARY)
    if family.limits():
        declared.append(ml.Verdict.AT_INFINITY)
    assert result.verdict in declared


@pytest.mark.parametrize("name", NUMERIC)
def test_a_sample_of_its_own_is_fitted_at_least_as_well_as_by_the_truth(drawn) -> None:
    distribution, x = drawn
    result = ml.fit(x, distribution.name, fixed=known(distribution))
    check_verdict(result)
    truth = distribution.logpdf(x).sum()
    assert result.log_likelihood >= truth - ROUNDING * max(1.0, abs(truth))


# Fewer rows are enough where each of them is tried as a kink, or has a series of its own.
FEWER = {"asymmetric_laplace", "triangular", "tweedie"}


def stopped_at_upper_quartile(distribution: Family, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows above a limit known to be so, and which ones were observed."""
    observed = x < (limit := max(np.sort(x)[3 * len(x) // 4], np.unique(x)[1]))
    before = 1.0 if distribution.support.integers else 0.0  # above it is at least the next count
    return np.where(observed, x, limit - before), observed


@pytest.mark.parametrize("name", NUMERIC)
def test_a_censored_sample_of_its_own_is_fitted_too(drawn) -> None:
    distribution, x = drawn
    x = x[:12] if distribution.name in FEWER else x
    stopped, observed = stopped_at_upper_quartile(distribution, x)
    shown = distribution.edge_estimate(np.ones(1), np.full(1, np.nan))
    hidden = {n for n, value in shown.items() if np.isnan(value[0])}
    ends = {n: value for n, value in distribution.params.items() if n in hidden}
    result = ml.fit(
        stopped, distribution.name, event=observed, fixed={**(known(distribution) or {}), **ends}
    )
    check_verdict(result)
    truth = distribution.logpdf(x[observed]).sum() + distribution.logsf(stopped[~observed]).sum()
    assert result.log_likelihood >= truth - ROUNDING * max(1.0, abs(truth))


# Seconds each: limits of the first with a kink at many rows, integrals for the tails of the others.
SLOW = {"asymmetric_laplace", "normal_inverse_gaussian", "skew_t"}


def all_kinds(distribution: Family, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ends of rows of which every fourth is exact, one above its value, one up to it, one near it."""
    count = distribution.support.integers
    spread = np.subtract(*np.quantile(x, [0.75, 0.25]))
    width = 1.0 + np.ceil(spread) if count else 0.5 * spread
    kind = np.arange(len(x)) % 4
    lower = np.select([kind == 1, kind == 2, kind == 3], [x - count, -np.inf, x - width], x)
    upper = np.select([kind == 1, kind == 3], [np.inf, x + width], x)
    return lower, upper


@pytest.mark.parametrize("name", [n for n in NUMERIC if n not in SLOW])
def test_a_sample_of_all_kinds_of_rows_is_fitted_too(drawn) -> None:
    distribution, x = drawn
    lower, upper = all_kinds(distribution, x[:12] if distribution.name in FEWER else x)
    shown = distribution.edge_estimate(np.full(1, np.nan), np.full(1, np.nan))
    ends = {n: distribution.params[n] for n in shown}  # rows that are intervals hide them
    result = ml.fit(
        None,
        distribution.name,
        lower=lower,
        upper=upper,
        fixed={**(known(distribution) or {}), **ends},
    )
    check_verdict(result)
    exact = lower == upper
    between = distribution.cdf(upper[~exact]) - distribution.cdf(lower[~exact])
    truth = distribution.logpdf(lower[exact]).sum() + np.log(between).sum()
    assert result.log_likelihood >= truth - ROUNDING * max(1.0, abs(truth))


@pytest.mark.parametrize("name", [n for n in NUMERIC if registered()[n].how == "closed"])
def test_a_formula_is_used_where_there_is_one(drawn) -> None:
    distribution, x = drawn
    assert ml.fit(x, distribution.name, fixed=known(distribution)).method == "closed_form"


@pytest.mark.parametrize("name", NUMERIC)
def test_an_end_of_the_support_with_a_finite_density_belongs_to_it(drawn) -> None:
    distribution, _ = drawn
    support = distribution.support
    for end, closed in (
        (support.lower, support.lower_closed),
        (support.upper, support.upper_closed),
    ):
        with np.errstate(all="ignore"):
            there = distribution.log_density([end], distribution.theta)[0]
        assert closed or not np.isfinite(end) or not np.isfinite(there)


@pytest.mark.parametrize("name", ["exponential", "rayleigh", "half_normal", "maxwell"])
def test_a_row_censored_where_the_support_begins_says_nothing(drawn) -> None:
    distribution, x = drawn
    assert (distribution.cdf(0.0), distribution.sf(0.0)) == (0.0, 1.0)
    alone = ml.fit(x, distribution.name)
    with_one_more = ml.fit(np.append(x, 0.0), distribution.name, event=[*[True] * ROWS, False])
    assert with_one_more.log_likelihood == pytest.approx(alone.log_likelihood, rel=ROUNDING)
