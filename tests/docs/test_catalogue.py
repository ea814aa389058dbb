"""The catalogue shows every family, by pictures that follow from what the family declares."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from mlestim.distributions.registry import registered, resolve

DOCS = Path(__file__).resolve().parents[2] / "docs"
NAMES = tomllib.loads((DOCS / "names.toml").read_text(encoding="utf-8"))

sys.path.insert(0, str(DOCS))
pictures = pytest.importorskip("pictures", reason="pictures need matplotlib")
catalogue = pytest.importorskip("catalogue", reason="pictures need matplotlib")
sys.path.remove(str(DOCS))


@pytest.mark.parametrize("family", ["gamma", "poisson", "categorical", "multinomial"])
def test_a_picture_is_the_same_file_every_time(family: str) -> None:
    drawn = pictures.picture(resolve(family))
    assert drawn == pictures.picture(resolve(family))
    assert "<svg" in drawn


@pytest.mark.parametrize(
    "name", [n for n, cls in registered().items() if cls.kind in ("continuous", "discrete")]
)
def test_members_of_every_family_can_be_drawn(name: str) -> None:
    family = resolve(name)
    shown = list(pictures.members(family))
    assert 1 <= len(shown) <= len(pictures.COLOURS)
    assert all(any(one != other for other in shown) for one in shown if len(shown) > 1)
    for values in shown:
        member = family.with_values(values)
        assert np.isfinite(member.pdf(member.rvs(3, 1))).all()


def test_other_names_are_of_families_and_known_to_scipy() -> None:
    assert set(NAMES["scipy"]) | set(NAMES["R"]) <= set(registered())
    assert [
        name for name in NAMES["scipy"].values() if not hasattr(stats, name.split("(")[0])
    ] == []


@pytest.mark.parametrize("name", ["levy", "lognormal", "pareto", "tweedie", "gamma"])
def test_pictures_are_no_wider_than_their_curves_can_be_told_apart(name: str) -> None:
    family = resolve(name)
    shown = [family.with_values(values) for values in pictures.members(family)]
    ends = np.array([pictures._in_sight(member) for member in shown])
    low, high = pictures._window(ends)
    assert np.all(high - low <= 7.0 * np.min(np.diff(ends)))  # 3 times to either side
    halves = [member.ppf(0.75) - member.ppf(0.25) for member in shown]
    assert high - low < 15.0 * np.min(halves)


@pytest.mark.parametrize(
    ("name", "ends"),
    [
        ("pareto", "x ≥ `minimum`"),
        ("power_function", "0 < x ≤ `upper`"),
        ("uniform", "`lower` ≤ x ≤ `upper`"),
        ("triangular", "`lower` ≤ x ≤ `upper`"),
        ("binomial", "whole numbers from 0 to `trials`"),
        ("gamma", ""),
    ],
)
def test_ends_that_are_parameters_are_named(name: str, ends: str) -> None:
    assert catalogue._ends(resolve(name)) == ends
