"""How many components a mixture has: by criteria, and by tests."""

from __future__ import annotations

import doctest
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mlestim as ml

RNG = np.random.default_rng(3)
ONE = RNG.normal(0.0, 1.0, 60)
TWO = np.concatenate([RNG.normal(0.0, 1.0, 30), RNG.normal(8.0, 1.0, 30)])


@pytest.mark.parametrize(("sample", "n"), [(ONE, 1), (TWO, 2)])
@pytest.mark.parametrize("by", ["bic", "bootstrap"])
def test_as_many_are_chosen_as_there_are(sample: np.ndarray, n: int, by: str) -> None:
    choice = ml.choose_components(
        sample, "normal", 3, by=by, shared=("sd",), n_bootstrap=19, random_state=1
    )
    assert choice.n_components == n
    assert choice.best.family.name == choice.names[n - 1]
    assert len(choice.tests) == (n if by == "bootstrap" else 0)


def test_components_of_vectors_are_tested_too() -> None:
    rng = np.random.default_rng(1)
    x = np.vstack([rng.normal(0.0, 1.0, (30, 2)), rng.normal(8.0, 1.0, (30, 2))])
    frame = pd.DataFrame(x, columns=["a", "b"])
    choice = ml.choose_components(
        frame, "multivariate_normal", 2, by="bootstrap", n_bootstrap=9, random_state=1
    )
    assert choice.tests[0].n_bootstrap > 0
    assert choice.tests[0].p_value == pytest.approx(1.0 / (1.0 + choice.tests[0].n_bootstrap))


def test_the_table_has_a_row_for_each_number() -> None:
    frame = pd.DataFrame({"wait": TWO})
    choice = ml.choose_components(frame, "normal", 3, by="aicc", column="wait")
    table = choice.table
    assert table.index.tolist() == [1, 2, 3]
    assert table["family"].tolist() == ["normal", "normal_mixture", "normal_mixture_3"]
    assert table["n_parameters"].tolist() == [2, 5, 8]
    assert table["bic"].loc[2] == pytest.approx(choice.comparison["normal_mixture"].bic)
    assert table["p_value"].isna().all()
    assert "2 components" in repr(choice)


def test_what_leaves_no_choice_is_refused() -> None:
    with pytest.raises(ml.OptionError, match="up_to=1 leaves no choice"):
        ml.choose_components(ONE, "normal", 1)
    with pytest.raises(ml.OptionError, match="by='aik' is unknown"):
        ml.choose_components(ONE, "normal", by="aik")
    with pytest.raises(TypeError, match=r"choose_components\(\) got .* 'max_components'"):
        ml.choose_components(ONE, "normal", max_components=4)
    groups = ml.Observations.of(TWO, by=["a", "b"] * 30)
    with pytest.raises(ml.OptionError, match="for one sample"):
        ml.choose_components(groups, "normal")


def test_no_more_are_tried_once_four_in_a_row_are_no_better() -> None:
    choice = ml.choose_components(TWO, "normal", 99, shared=("sd",))
    assert choice.n_components == 2
    assert len(choice.names) == len(choice.table) == 2 + 4
    assert choice.names == ml.choose_components(TWO, "normal", 6, shared=("sd",)).names


def test_the_examples_of_the_guide_run() -> None:
    guide = Path(__file__).parents[2] / "docs" / "mixtures.md"
    found = doctest.testfile(str(guide), module_relative=False, encoding="utf-8")
    assert found.attempted > 0
    assert found.failed == 0


def test_a_seed_moves_the_starts_of_mixtures_and_nothing_else() -> None:
    rng = np.random.default_rng(4)
    y = np.concatenate([rng.normal(0.0, 1.0, 60), rng.normal(5.0, 1.0, 40)])
    usual = ml.fit(y, "normal_mixture")
    for seed in (1, np.random.default_rng(2)):
        other = ml.fit(y, "normal_mixture", random_state=seed)
        assert other.family.seed != usual.family.seed
        np.testing.assert_allclose(other.estimates, usual.estimates, rtol=1e-6)  # one maximum
    again = [ml.fit(y, "normal_mixture", random_state=3).estimates for _ in range(2)]
    np.testing.assert_array_equal(*again)
    assert ml.fit(y, "normal", random_state=3).params.equals(ml.fit(y, "normal").params)
    with pytest.raises(ml.OptionError, match="random_state='a' is no seed"):
        ml.fit(y, "normal", random_state="a")  # type: ignore[call-overload]
