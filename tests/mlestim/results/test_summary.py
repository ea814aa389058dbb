"""Summaries: the expected pages are kept beside the tests, so that a change shows in review."""

from __future__ import annotations

import html
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mlestim as ml
from mlestim.results.summary import digits_of, number

EXPECTED = Path(__file__).parent / "expected"
SERVINGS = Path(__file__).parents[1] / "reference" / "data" / "02_gamma_groundbeef" / "data.csv"

HOSTILE = {
    "tags": "<script>alert('x')</script>",
    "quotes": "\" onmouseover='alert(1)",
    "entities": "&lt;b&gt;",
    "new lines": "claim\n\nverdict  interior",
    "terminal colours": "\x1b[31mclaim\x07",
    "right to left": "\u202egamma",
}


def servings() -> pd.DataFrame:
    return pd.read_csv(SERVINGS)


def test_the_text_is_as_expected() -> None:
    text = str(ml.fit(servings(), "gamma").summary())
    assert text + "\n" == (EXPECTED / "gamma.txt").read_text(encoding="utf-8")


def test_the_text_of_a_limit_is_as_expected() -> None:
    table = pd.DataFrame({"speed": np.arange(1.0, 102.0)})
    table.loc[101] = np.nan
    with pytest.warns(ml.LimitWarning):
        result = ml.fit(table, "student_t", nan_policy="omit")
    expected = (EXPECTED / "student_t_at_infinity.txt").read_text(encoding="utf-8")
    assert str(result.summary()) + "\n" == expected


def test_a_notebook_shows_the_same_cells() -> None:
    result = ml.fit(servings(), "gamma", fixed={"location": -1.0})
    text, page = str(result.summary()), result._repr_html_()
    cells = cells_of(page)
    assert page == result.summary()._repr_html_()
    assert "gamma fitted to serving" in cells
    for word in ("shape", "scale", "location", "fixed", "newton", "254"):
        assert word in cells
        assert word in text


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_column_name_stays_text(name: str) -> None:
    table = servings().rename(columns={"serving": HOSTILE[name]})
    summary = ml.fit(table, "gamma").summary()
    page = summary._repr_html_()
    assert "<script" not in page
    assert tags_of(page) <= {"h4", "table", "thead", "tbody", "tr", "th", "td", "p"}
    title, _, facts = str(summary).partition("\n")
    assert title.startswith("gamma fitted to ")
    assert title.isprintable()
    assert facts.startswith("=")  # the name fills one line and no more
    if HOSTILE[name].isprintable():
        assert HOSTILE[name] in html.unescape(page)


@pytest.mark.parametrize("name", ["tags", "terminal colours"])
def test_a_hostile_label_stays_text(name: str) -> None:
    summary = ml.fit([HOSTILE[name], "b", "b"], "categorical").summary()
    assert "<script" not in summary._repr_html_()
    assert all(line.isprintable() for line in str(summary).splitlines())


def test_the_level_of_the_intervals_is_said_as_it_is() -> None:
    result = ml.fit(servings(), "gamma")
    for level, words in ((0.9, "90 % lower"), (0.57, "57 % lower"), (0.99999999, "99.999999 %")):
        assert words in str(result.summary(level))


def test_sizes_are_written_out() -> None:
    result = ml.fit([0, 1, 2], "poisson", weights=[1e6, 234_567, 1.5])
    assert "observations    1234568.5" in str(result.summary())


def test_digits_reach_the_standard_error() -> None:
    """A level of a million known to 0.03 is shown to three digits of that 0.03."""
    rng = np.random.default_rng(0)
    text = str(ml.fit(1e6 + rng.normal(size=1000), "normal").summary())
    assert " 999999.95197 " in text


@pytest.mark.parametrize(
    ("estimate", "error", "digits"),
    [
        (3.2, 0.4, 5),
        (1e6, 0.03, 11),
        (1e6, 1e-30, 15),
        (0.0, 1.0, 5),
        (2.0, np.nan, 5),
        (np.inf, np.nan, 5),
        (1.0, np.inf, 5),
    ],
)
def test_the_number_of_digits(estimate: float, error: float, digits: int) -> None:
    assert digits_of(estimate, error) == digits


def test_missing_numbers_are_dashes() -> None:
    assert [number(v) for v in (np.nan, np.inf, 0.1, 123456.0)] == ["–", "inf", "0.1", "1.2346e+05"]


def test_failed_fits_have_a_summary_too() -> None:
    result = ml.fit([3.0] * 4, "normal", on_failure="return")
    text = str(result.summary())
    assert "unbounded – the likelihood grows without bound" in " ".join(text.split())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.cells: list[str] = []

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.cells.append(data)


def _read(page: str) -> _Reader:
    reader = _Reader()
    reader.feed(page)
    return reader


def tags_of(page: str) -> set[str]:
    return _read(page).tags


def cells_of(page: str) -> list[str]:
    return _read(page).cells
