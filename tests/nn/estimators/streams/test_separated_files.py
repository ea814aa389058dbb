"""Without a prior, files are refused for which no finite coefficients are best, and only these."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import nn
from mlestim.errors import (
    IdentifiabilityError,
    SeparationError,
    SeparationWarning,
    UnboundedLikelihoodError,
)
from mlestim.optim import Adam
from nn.estimators import base
from nn.estimators.linear import everywhere
from nn.estimators.streams import groups

SETTINGS: dict[str, Any] = {
    "hidden": (),
    "penalty": None,
    "epochs": 3,
    "optimizer": Adam(0.05),
    "random_state": 0,
}


@pytest.fixture(autouse=True)
def small_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Search few rows, so that what they do not show has to be found in the file."""
    monkeypatch.setattr(groups, "ROWS", 500)
    monkeypatch.setattr(base, "MOST_LINEAR", 100)
    monkeypatch.setattr(everywhere, "SEARCHED", 60)
    monkeypatch.setattr(everywhere, "AGAINST", 20)


def made_table(n: int = 3000) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    features = {name: rng.normal(size=n) for name in "abc"}
    group = rng.choice(["here", "there"], n)
    group[[20, 500, 900, 1200, 1500, 1800, 2100, 2400, 2700, 2950]] = "rare"
    y = np.where(features["a"] + rng.logistic(size=n) > 0, "yes", "no")
    return pd.DataFrame({**features, "group": group, "y": y})


def fit(table: pd.DataFrame, path: Path, y: str = "y", **settings: Any) -> nn.Classifier:
    table.to_parquet(path / "rows.parquet", row_group_size=400)
    return nn.Classifier(**(SETTINGS | settings)).fit(path / "rows.parquet", y)


def test_separated_classes_are_refused(tmp_path: Path) -> None:
    table = made_table()
    separated = table.assign(y=np.where(table["a"] + 0.5 * table["b"] > 0.1, "yes", "no"))
    with pytest.raises(SeparationError, match="the classes are separated: the likelihood rises"):
        fit(separated, tmp_path)
    assert fit(separated, tmp_path, penalty=1.0).coef_.shape == (1, 6)


@pytest.mark.parametrize("n_overlapping", [2, 5])
def test_few_rows_that_overlap_are_found_among_all(tmp_path: Path, n_overlapping: int) -> None:
    table = made_table()
    table["y"] = np.where(table["a"] > 0, "yes", "no")
    # Two rows of each sign on the wrong side: most samples show a separation that is none.
    last = pd.concat([table[table["a"] > 0.5], table[table["a"] < -0.5]])
    wrong = last.index[[*range(n_overlapping), *range(-n_overlapping, 0)]]
    table.loc[wrong, "y"] = table.loc[wrong, "y"].map({"yes": "no", "no": "yes"})
    table.loc[table["group"] == "rare", "y"] = ["yes", "no"] * 5
    assert fit(table, tmp_path).coef_.shape == (1, 6)


def test_a_rare_category_of_one_class_is_found(tmp_path: Path) -> None:
    table = made_table()
    assert fit(table, tmp_path).coef_.shape == (1, 6)
    table.loc[table["group"] == "rare", "y"] = "yes"
    with pytest.raises(SeparationError, match="separated"):
        fit(table, tmp_path)


def test_columns_that_follow_from_others_in_all_rows_are_refused(tmp_path: Path) -> None:
    table = made_table().drop(columns="group")
    same = table.assign(d=table["b"])
    with pytest.raises(IdentifiabilityError, match="the columns 'b', 'd' follow from one another"):
        fit(same, tmp_path)
    same.loc[2987, "d"] += 1.0  # one row tells them apart
    assert fit(same, tmp_path).coef_.shape == (1, 4)


def test_regressions_are_looked_at_too(tmp_path: Path) -> None:
    table, path = made_table().drop(columns="y"), tmp_path / "rows.parquet"
    rng = np.random.default_rng(1)
    counts = rng.poisson(2.0, len(table))
    for unlucky in (True, False):
        zero = np.where((table["group"] == "rare") & unlucky, 0, np.maximum(counts, 1))
        table.assign(n=zero).to_parquet(path, row_group_size=400)
        regressor = nn.Regressor("poisson", **SETTINGS)
        if unlucky:
            with pytest.raises(SeparationError, match="the targets are separated in mean"):
                regressor.fit(path, "n")
        else:
            regressor.fit(path, "n")
    exact = table.assign(n=2.0 + 3.0 * table["a"] - table["b"])
    exact.to_parquet(path, row_group_size=400)
    with pytest.raises(UnboundedLikelihoodError, match="explain y exactly in all 3000 rows"):
        nn.Regressor(**SETTINGS).fit(path, "n")
    exact.loc[1234, "n"] += 1.0
    exact.to_parquet(path, row_group_size=400)
    nn.Regressor(**SETTINGS).fit(path, "n")


@pytest.mark.parametrize("as_file", [True, False])
def test_parts_that_seem_to_be_separated_are_told_of(tmp_path: Path, as_file: bool) -> None:
    table = made_table()[:1500]
    table["y"] = np.where(table["a"] > 0, "yes", "no")
    table = table[table["a"].abs() > 0.2]
    nn.save(parts(table[:300], tmp_path, as_file), tmp_path / "model")
    loaded = nn.load(tmp_path / "model")
    with pytest.warns(SeparationWarning, match="seems that the classes are separated"):
        parts(table[300:], tmp_path, as_file, loaded)
    overlapping = made_table()[:1500]
    parts(overlapping, tmp_path, as_file)


def parts(
    table: pd.DataFrame, path: Path, as_file: bool, model: nn.Classifier | None = None
) -> nn.Classifier:
    """Learn from all rows, some at a time."""
    if model is None:
        model = nn.Classifier(**SETTINGS)
    for start in range(0, len(table), 150):
        part = table[["a", "b", "c", "y"]][start : start + 150]
        part.to_parquet(path / "part.parquet")
        X, y = (path / "part.parquet", "y") if as_file else (part.drop(columns="y"), part["y"])
        model.partial_fit(X, y)
    return model
