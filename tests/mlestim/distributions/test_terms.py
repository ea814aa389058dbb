"""Log density, score and curvature of every family against 40 digits."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from mlestim.distributions.terms import Terms, packed_size

from .cases import (
    EPSILON,
    EVERY,
    body_and_tails,
    condition,
    estimated_entries,
    family_named,
    member,
    members,
    members_and_hard_ones,
)
from .oracles import exact

pytestmark = pytest.mark.parametrize("name", EVERY)


def exact_terms(oracle, x: float, theta) -> list[float]:
    """Packed value, scores and curvatures, the derivatives by mpmath.diff at 40 digits."""
    point = exact(*theta)
    p = len(theta)

    def log_density(*parameters):
        row = exact(*np.ravel(x))
        return oracle.log_density(row if np.ndim(x) else row[0], *parameters)

    orders = np.eye(p, dtype=int)
    wanted = [*orders, *(orders[i] + orders[j] for i in range(p) for j in range(i, p))]
    # 40 digits are left even where a location of 1 and an x of 1e100 are subtracted
    with mpmath.workdps(40 + 2 * max(0, int(np.log10(np.max(np.abs(x)) + 1.0)))):
        derivatives = [mpmath.diff(log_density, point, tuple(map(int, n))) for n in wanted]
        return [float(log_density(*point)), *map(float, derivatives)]


def test_terms_agree_with_forty_digits(name, oracle):
    """Errors stay within what rounding the inputs makes unavoidable, there or in the body.

    Terms are summed over rows: an error in the tail that is a rounding of the terms of the body
    changes no sum. The log density may err by a rounding of 1, the density's last digit, or of
    the parts that the oracle names.
    """
    family = family_named(name)
    estimated, wrong = estimated_entries(family), []
    for theta in members_and_hard_ones(name, terms=True):
        distribution = member(name, theta)
        x = body_and_tails(distribution)
        x = x[x != oracle.kink(*theta)] if x.ndim == 1 else x

        def packed(x, *theta):
            # each row on its own line, so that none leans on the size of the others
            columns = (value[:, None] for value in theta)
            return family.terms(x[:, None], list(columns)).packed[..., 0]

        arguments = [x, *(np.full(len(x), value) for value in theta)]
        computed = packed(*arguments)
        truth = np.array([exact_terms(oracle, value, theta) for value in x]).T
        allowed = np.abs(truth) + condition(packed, arguments)
        in_body = np.abs(distribution.cdf(x) - 0.5) < 0.45 if x.ndim == 1 else slice(None)
        allowed += allowed[:, in_body].max(axis=1, keepdims=True, initial=0.0)
        allowed[0] += oracle.parts(x, *theta)
        error = np.abs(computed - truth)
        noise = 1e-30 * np.abs(truth[0]).max()  # of differences at 40 digits, where 0 is exact
        excess = error / np.maximum(allowed * EPSILON * oracle.roundings, noise)
        wrong += [
            f"entry {entry} at x={x[row]}, theta={theta}: {computed[entry, row]!r}, "
            f"not {truth[entry, row]!r}; error is {excess[entry, row]:.3g} times what is allowed"
            for entry, row in np.argwhere(~(excess <= 1.0))
            if estimated[entry]
        ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("order", [0, 1, 2])
def test_lower_orders_are_the_beginning_of_higher_ones(name, order):
    family = family_named(name)
    theta = members(name)[0]
    x = body_and_tails(member(name, theta))
    whole = family.terms(x, theta, 2).packed
    part = family.terms(x, theta, order).packed
    np.testing.assert_array_equal(part, whole[: packed_size(len(theta), order)])


def test_value_score_and_curvature_are_views_of_the_terms(name):
    family = family_named(name)
    theta = members(name)[0]
    x = body_and_tails(member(name, theta))
    terms = family.terms(x, theta)
    np.testing.assert_array_equal(family.log_density(x, theta), terms.value)
    np.testing.assert_array_equal(family.score(x, theta), terms.score)
    np.testing.assert_array_equal(family.curvature(x, theta), terms.curvature)
    np.testing.assert_array_equal(terms.curvature, terms.curvature.swapaxes(0, 1))


def test_terms_are_written_where_the_caller_says(name):
    family = family_named(name)
    theta = members(name)[0]
    x = body_and_tails(member(name, theta))
    out = np.empty((packed_size(len(theta), 2), len(x)))
    terms = family.terms(x, theta, out=out)
    assert isinstance(terms, Terms)
    assert terms.packed is out
    np.testing.assert_array_equal(out, family.terms(x, theta).packed)


def test_a_batch_of_parameters_gives_what_each_gives_alone(name):
    family = family_named(name)
    batch = np.array(members(name)).T
    # the values of one member may be beyond the support of the other
    x = body_and_tails(member(name, members(name)[0]))
    with np.errstate(all="ignore"):
        together = family.terms(x, batch[:, :, None]).packed
        separate = [family.terms(x, theta).packed for theta in batch.T]
    for row, alone in enumerate(separate):
        np.testing.assert_allclose(together[:, row], alone, rtol=1e-14, atol=1e-300)
