"""One long sample as a short weighted one."""

from __future__ import annotations

import numpy as np
import pytest

import mlestim as ml
from mlestim.distributions import resolve
from mlestim.likelihood import Likelihood
from mlestim.sample import condensed as module
from mlestim.sample.batch import Batch
from mlestim.sample.condensed import condensed

N = 100_000
MEMBERS = {
    "johnson_su": (0.3, 1.7, -1.0, 2.0),
    "student_t": (1.0, 0.3, 1.7),
    "generalized_logistic": (0.3, 1.7, 0.3),
    "weibull": (1.5, 2.0),
}


def sample(family: str) -> np.ndarray:
    member = resolve(family)
    values = dict(zip(member.parameter_names, MEMBERS[family], strict=True))
    return np.asarray(member.with_values(values).rvs(N, random_state=0))


@pytest.mark.parametrize("family", MEMBERS)
def test_mean_terms_are_those_of_all_rows(family: str) -> None:
    batch = Batch.single(sample(family))
    short = condensed(batch)
    assert short is not None
    assert len(short.x) < 10_000
    assert short.total_weight == pytest.approx(N)
    theta, only = [np.array([value]) for value in MEMBERS[family]], np.zeros(1, dtype=np.intp)
    terms, all_terms = (
        Likelihood(resolve(family), rows).mean_terms(theta, 2, only) for rows in (short, batch)
    )
    # two points stand for the rows of a cell to about the fifth power of its relative width, which
    # is largest next to 0, where the Weibull's second derivatives have a singular factor
    assert terms == pytest.approx(all_terms, rel=1e-6 if family == "weibull" else 1e-9, abs=1e-9)


def test_what_cannot_be_condensed_is_left_alone() -> None:
    x = np.random.default_rng(0).normal(size=N)
    assert condensed(Batch.single(x[:100])) is None  # short
    assert condensed(Batch.single(x, np.ones(N))) is None  # weighted
    assert condensed(Batch.single(np.where(x > 2.0, x, 0.0))) is None  # no spread in the middle


@pytest.mark.parametrize("family", ["johnson_su", "generalized_logistic"])
def test_a_long_fit_is_the_same_by_way_of_condensed_rows(family: str, monkeypatch) -> None:
    x = np.tile(sample(family), 3) + np.repeat([0.0, 1e-3, 2e-3], N)
    by_condensed = ml.fit(x, family)
    assert by_condensed.evidence.iterations <= 3
    monkeypatch.setattr(module, "LONG", np.inf)
    by_thinned = ml.fit(x, family)
    assert by_condensed.params.to_numpy() == pytest.approx(by_thinned.params.to_numpy(), rel=1e-8)
    assert by_condensed.log_likelihood == pytest.approx(by_thinned.log_likelihood, rel=1e-12)
