"""A fit of a Parquet file that is killed and resumed ends as one that was never interrupted."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import nn
from mlestim.errors import DataError, ModelFileError, OptionError
from mlestim.optim import Adam
from nn.estimators.streams import groups
from nn.storage import read_arrays

# With all that draws or remembers. It runs in processes of its own, to be killed.
PROGRAM = """
from mlestim.optim import CosineDecay, NAdam
from nn.estimators.streams import groups

groups.ROWS = 200
rows, path, kind = paths

settings = dict(
    hidden=(8,), batch_norm=True, dropout=0.2, optimizer=NAdam(CosineDecay(0.02, 200)),
    epochs=epochs, early_stopping=nn.EarlyStopping(patience=50), max_gradient_norm=1.0,
    callbacks=(Killer(),), checkpoint=path, resume=True, random_state=0,
)
if kind == "Classifier":
    model = nn.Classifier(class_weight="balanced", label_smoothing=0.05, mixup=0.3, **settings)
    model.fit(rows, "y", sample_weight="w")
else:
    model = nn.Regressor(**settings).fit(rows, "x", event="seen")
"""


def made_table(n: int = 1000) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    x, group = rng.normal(2.0, 3.0, n), rng.choice(["a", "b", "c"], n)
    y = np.where((x > 2.0) ^ (group == "c"), "yes", "no")
    weights = rng.integers(0, 3, n)
    return pd.DataFrame({"x": x, "group": group, "y": y, "w": weights, "seen": weights > 0})


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("rows") / "rows.parquet"
    made_table(450).to_parquet(path, row_group_size=90)
    return path


@pytest.fixture(scope="module")
def train(killable: Any) -> Any:
    return killable(PROGRAM)


@pytest.mark.parametrize("kind", ["Classifier", "Regressor"])
def test_five_epochs_a_kill_and_five_more_are_ten(
    tmp_path: Path, train: Any, rows: Path, kind: str
) -> None:
    whole, path = tmp_path / "whole", tmp_path / "run"
    assert train(rows, whole, kind, epochs=10) == 0
    moment = "before" if kind == "Classifier" else "inside"
    assert train(rows, path, kind, epochs=10, killed_after=5, moment=moment) == -signal.SIGKILL
    assert len(read_arrays(path)[1]["records"]) == 5
    assert train(rows, path, kind, epochs=10) == 0
    assert train.content(path) == train.content(whole)


# ---- in this process ---------------------------------------------------------------------------


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(groups, "ROWS", 300)
    path = tmp_path / "rows.parquet"
    made_table().to_parquet(path, row_group_size=90)
    return path


def fit(path: Path, epochs: int, **settings: Any) -> nn.Classifier:
    common = {"hidden": (4,), "checkpoint": path.with_suffix(".run"), "resume": True}
    model = nn.Classifier(epochs=epochs, optimizer=Adam(0.01), **(common | settings))
    return model.fit(path, "y")


@pytest.mark.parametrize(
    "settings",
    [
        {"random_state": None},  # a fit that goes on takes the seed that its checkpoint holds
        {"early_stopping": False, "averaging": nn.WeightAveraging(0.2), "batch_norm": True},
        {"early_stopping": False, "n_networks": 2},
    ],
)
def test_what_a_fit_gives_goes_on_too(mine: Path, settings: dict[str, Any]) -> None:
    class Interrupt(nn.Callback):
        def on_epoch_end(self, run: Any) -> None:
            if run.epoch == 3:
                raise KeyboardInterrupt

    settings = {"random_state": 0} | settings
    whole = fit(mine, 4, **settings, checkpoint=(mine.parent / "whole"))
    if settings["random_state"] is None:
        seed = int(read_arrays(mine.parent / "whole")[1]["settings"]["seed"])
        assert seed >= 0
    with pytest.raises(KeyboardInterrupt):
        fit(mine, 4, **settings, callbacks=(Interrupt(),))
    resumed = fit(mine, 4, **settings)
    again = fit(mine, 4, **settings)  # what has ended gives the same model
    pairs = [(resumed, again)] + [(whole, resumed)] * (settings["random_state"] is not None)
    for first, second in pairs:
        for name, array in first.network_.state().items():
            np.testing.assert_array_equal(array, second.network_.state()[name])
        assert first.temperature_ == second.temperature_
        assert first.history_["loss"].equals(second.history_["loss"])


def change_a_value(path: Path) -> None:
    table = made_table()
    table.loc[777, "x"] += 1e-3
    table.to_parquet(path, row_group_size=90)


def change_a_class(path: Path) -> None:
    table = made_table()
    table.loc[777, "y"] = {"yes": "no", "no": "yes"}[table.loc[777, "y"]]
    table.to_parquet(path, row_group_size=90)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (change_a_value, "inputs of the file differ"),
        (change_a_class, "targets of the file differ"),
        (lambda path: made_table().to_parquet(path, row_group_size=80), "pieces of the file"),
        (lambda path: made_table(1100).to_parquet(path, row_group_size=90), "of the file differ"),
    ],
)
def test_a_file_that_changed_is_not_gone_on_with(mine: Path, change: Any, named: str) -> None:
    fit(mine, 2, random_state=0)
    change(mine)
    with pytest.raises(OptionError, match=rf"of another training: .*{named}"):
        fit(mine, 4, random_state=0)


def test_the_same_rows_written_again_are_the_same(mine: Path) -> None:
    fit(mine, 2, random_state=0)
    made_table().to_parquet(mine, row_group_size=90, compression=None)
    assert len(fit(mine, 4, random_state=0).history_) == 4


def test_other_settings_are_named(mine: Path) -> None:
    fit(mine, 2, random_state=0)
    for change, named in (({"random_state": 1}, "random_state was 0"), ({"mixup": 0.1}, "mixup")):
        with pytest.raises(OptionError, match=rf"of another training: .*{named}"):
            fit(mine, 4, **({"random_state": 0} | change))
    mine.with_suffix(".run").write_bytes(b"nothing")
    with pytest.raises(ModelFileError):
        fit(mine, 4, random_state=0)


@pytest.mark.parametrize("damage", ["replaced", "cut"])
def test_a_file_that_changes_meanwhile_is_refused(mine: Path, damage: str) -> None:
    class Damage(nn.Callback):
        def on_epoch_end(self, run: Any) -> None:
            if damage == "replaced":
                made_table(1000).iloc[::-1].to_parquet(mine.with_suffix(".new"), row_group_size=90)
                mine.with_suffix(".new").replace(mine)
            else:
                os.truncate(mine, 1000)

    with pytest.raises(DataError, match="was changed while it was read"):
        fit(mine, 3, random_state=0, callbacks=(Damage(),))
