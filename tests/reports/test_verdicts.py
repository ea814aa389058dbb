"""Every verdict is explained, in sentences."""

import pytest

from reports.verdicts import explain, names


@pytest.mark.parametrize("verdict", names())
def test_a_verdict_says_what_it_means_and_what_to_try_next(verdict):
    words = explain(verdict)
    for sentence in (words.headline, words.meaning, words.advice):
        assert sentence.endswith(".")
        assert sentence[0].isupper()
    assert words.tone in {"good", "caution", "bad"}


def test_every_verdict_of_the_solver_has_words():
    from mlestim.estimation.verdict import Verdict

    assert set(names()) == {str(verdict) for verdict in Verdict}


def test_a_limit_is_named():
    words = explain("at_infinity", limit="poisson")
    assert "poisson" in words.headline
    assert "poisson" in words.advice


def test_an_unknown_verdict_is_a_defect_and_not_a_blank():
    with pytest.raises(KeyError):
        explain("fine")
