"""Files as people have them: row groups of any size, gaps, what comes last alone, several parts."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

import nn
from mlestim.errors import DataError, OptionError, UnseenValueWarning
from mlestim.optim import Adam
from nn.estimators.streams import groups, training
from nn.estimators.streams.files import ParquetFiles
from nn.tables.encoder import TableEncoder

SETTINGS: dict[str, Any] = {
    "hidden": (8,),
    "epochs": 2,
    "optimizer": Adam(0.03),
    "random_state": 0,
}
N = 600


@pytest.fixture(autouse=True)
def small_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "ROWS", 250)
    monkeypatch.setattr(training, "PLACES", 4)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rows.parquet"


def made_table(n: int = N) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    x, group = rng.normal(2.0, 3.0, n), rng.choice(["a", "b", "c"], n)
    y = np.where((x > 2.0) ^ (group == "c"), "yes", "no")
    return pd.DataFrame({"x": x, "group": group, "y": y, "w": rng.integers(0, 3, n)})


def fit(table: Any, path: Path, size: int = 100, **settings: Any) -> nn.Classifier:
    table = pa.Table.from_pandas(table) if isinstance(table, pd.DataFrame) else table
    parquet.write_table(table, path, row_group_size=size)
    return nn.Classifier(**(SETTINGS | settings)).fit(path, "y")


def changed(**columns: Any) -> pd.DataFrame:
    return made_table().assign(**columns)


LATE = np.arange(N) >= N - 8


@pytest.mark.parametrize("size", [7, 100, N])
def test_every_row_is_met_once_an_epoch_whatever_the_row_groups(path: Path, size: int) -> None:
    model = fit(made_table().assign(number=np.arange(N)), path, size, early_stopping=False)
    opened = groups.open_groups(path, "y")
    stream = training.open_stream(model, opened, again=True, held_out=False, part=False)
    orders = []
    for seed in range(2):
        portions = list(stream.draw(np.random.default_rng(seed)))
        orders.append(np.concatenate([portion[0][:, -1] for portion in portions]))
        assert max(len(portion[0]) for portion in portions) <= 2 * 250
        assert min(len(portion[0]) for portion in portions) >= 250 // 2
    numbers = TableEncoder.fit(pd.DataFrame({"number": np.arange(N)}), limited=True).transform(
        pd.DataFrame({"number": np.arange(N)}), np.float32
    )
    for order in orders:
        np.testing.assert_array_equal(np.sort(order), numbers[:, 0])
    assert (orders[0] != orders[1]).any()
    # Each portion is drawn from places all over the file.
    assert np.ptp(orders[0][:250]) > 0.5 * np.ptp(numbers)


def test_held_out_rows_are_never_learned_from(path: Path) -> None:
    model = fit(made_table().assign(number=np.arange(N)), path)
    opened = groups.open_groups(path, "y")
    stream = training.open_stream(model, opened, again=True, held_out=True, part=False)
    learned = np.concatenate([p[0] for p in stream.draw(np.random.default_rng(0))])[:, -1]
    held = stream.chosen.inputs[:, -1]
    assert len(learned) + len(held) == N == stream.n_rows + len(held)
    assert not np.isin(held, learned).any()
    assert 30 < len(held) < 90  # a tenth, standard deviation 7


def test_empty_row_groups_are_passed_over(path: Path) -> None:
    table = pa.Table.from_pandas(made_table())
    with parquet.ParquetWriter(path, table.schema) as writer:
        for part in (table[:0], table[:300], table[:0], table[300:], table[:0]):
            writer.write_table(part)
    holes = nn.Classifier(**SETTINGS).fit(path, "y")
    plain = fit(table, path, 300)
    np.testing.assert_array_equal(holes.network_.parameters, plain.network_.parameters)
    with pytest.raises(DataError, match="has no rows"):
        fit(table[:0], path)


def test_what_the_last_row_group_alone_holds_is_known(path: Path) -> None:
    table = made_table()
    late = changed(
        group=np.where(LATE, "late", table["group"]),
        y=np.where(np.arange(N) == N - 1, "maybe", table["y"]),
        x=np.where(LATE, np.nan, table["x"]),
    )
    model = fit(late, path)
    assert model.classes_.tolist() == ["maybe", "no", "yes"]
    assert {"group=late", "x missing"} < set(model.encoder_.names_out)
    assert model.predict_proba(path).shape == (N, 3)


@pytest.mark.parametrize("of", [str, "category", pd.ArrowDtype(pa.large_string())])
def test_text_is_the_same_however_it_is_stored(path: Path, of: Any) -> None:
    table = made_table()
    plain = fit(table, path)
    stored = fit(table.assign(group=table["group"].astype(of), y=table["y"].astype(of)), path)
    np.testing.assert_array_equal(stored.network_.parameters, plain.network_.parameters)
    assert stored.score(path, "y") == plain.score(path, "y")


def test_an_index_of_pandas_is_no_feature(path: Path) -> None:
    table = made_table().sort_values("y")  # its labels would tell the class
    assert fit(table, path).feature_names_in_.tolist() == ["x", "group", "w"]


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"y": made_table()["y"].where(~LATE)}, "'y' of .* no finite value in rows 592, 593 and"),
        ({"x": made_table()["x"].where(~LATE, np.inf)}, "'x' holds infinity .*: rows 592, 593"),
        ({"d": [[1]] * N}, "'d' .* holds values such as .1., not numbers"),
        ({"d": pd.Timestamp("2026-01-01")}, "'d' .* holds dates"),
    ],
)
def test_rows_and_columns_are_named(path: Path, columns: dict[str, Any], told: str) -> None:
    with pytest.raises(DataError, match=told):
        fit(changed(**columns), path)


@pytest.mark.parametrize(
    ("weights", "told"),
    [
        (np.where(LATE, -1.0, 1.0), "negative, missing or infinite in rows 592"),
        (np.where(LATE, np.nan, 1.0), "negative, missing or infinite in rows 592"),
        (np.where(LATE, "one", "two"), "'w' holds no numbers"),
        (np.zeros(N), "zero in all rows"),
    ],
)
def test_weights_are_checked_and_named(path: Path, weights: Any, told: str) -> None:
    changed(w=weights).to_parquet(path, row_group_size=100)
    with pytest.raises(DataError, match=told):
        nn.Classifier(**SETTINGS).fit(path, "y", sample_weight="w")


def test_classes_weigh_by_their_rows_in_the_whole_file(path: Path) -> None:
    # Row groups of one class each: within a portion, balanced weights would be others.
    table = changed(y=np.where(np.arange(N) < 450, "no", "yes")).sort_values("y")
    model = fit(table, path, 50, class_weight="balanced", early_stopping=False)
    opened = groups.open_groups(path, "y")
    stream = training.open_stream(model, opened, again=True, held_out=False, part=False)
    totals = np.zeros(2)
    for _, labels, weights in stream.draw(np.random.default_rng(0)):
        np.testing.assert_allclose(weights, np.array([N / 900, N / 300])[labels], rtol=1e-14)
        totals += np.bincount(labels, weights)
    np.testing.assert_allclose(totals, N / 2, rtol=1e-12)


def test_a_second_file_validates(path: Path) -> None:
    second = path.with_name("second.parquet")
    table = made_table(900)
    table[N:].to_parquet(second)
    table[:N].to_parquet(path, row_group_size=100)
    by_file = nn.Classifier(**SETTINGS).fit(path, "y", "w", validation=(second, "y", "w"))
    rest = table[N:]
    by_table = nn.Classifier(**SETTINGS).fit(
        path, "y", "w", validation=(rest[["x", "group"]], rest["y"], rest["w"])
    )
    assert by_file.history_["validation_loss"].equals(by_table.history_["validation_loss"])
    with pytest.raises(DataError, match="no column 'z'"):
        nn.Classifier(**SETTINGS).fit(path, "y", validation=(second, "z"))
    with pytest.raises(OptionError, match="validation takes"):
        nn.Classifier(**SETTINGS).fit(path, "y", validation=(second,))


def test_files_are_parts_too(path: Path) -> None:
    first, second = made_table(), changed(x=made_table()["x"] + 10.0, group="d")
    model = nn.Classifier(**SETTINGS)
    first.to_parquet(path, row_group_size=100)
    model.partial_fit(path, "y", sample_weight="w")
    assert len(model.history_) == 1
    second.to_parquet(path, row_group_size=100)
    with pytest.warns(UnseenValueWarning, match="'group' holds categories that the first call"):
        model.partial_fit(path, "y", sample_weight="w")
    both = pd.concat([first, second])
    counted = both["w"] > 0
    mean = np.average(both["x"][counted], weights=both["w"][counted])
    assert model.encoder_.features[0].mean == pytest.approx(mean, rel=1e-13)
    regressor = nn.Regressor(**SETTINGS).partial_fit(path, "x").partial_fit(path, "x")
    assert np.isfinite(regressor.score(path, "x"))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda t: t.set_column(0, "x", t["x"].cast("float32")), None),
        (lambda t: t.set_column(1, "group", t["group"].dictionary_encode()), None),
        (lambda t: t.set_column(1, "group", pa.nulls(N)), None),
        (lambda t: t.select(["w", "y", "group", "x"]), None),
        (lambda t: t.set_column(1, "group", t["w"]), "different types"),
        (lambda t: t.rename_columns(["x", "group", "y", "v"]), "different columns"),
        (lambda t: t.append_column("x", t["x"]), "duplicate column names"),
    ],
)
def test_files_of_a_folder_agree(
    tmp_path: Path, change: Callable[[Any], Any], told: str | None
) -> None:
    table = pa.Table.from_pandas(made_table(), preserve_index=False)
    parquet.write_table(table, tmp_path / "1.parquet", row_group_size=100)
    parquet.write_table(change(table), tmp_path / "2.parquet", row_group_size=100)
    if told is None:
        model = nn.Classifier(**SETTINGS).fit(tmp_path, "y")
        assert len(model.predict(tmp_path)) == 2 * N
    else:
        with pytest.raises(DataError, match=told):
            nn.Classifier(**SETTINGS).fit(tmp_path, "y")


def test_decimals_and_booleans_are_numbers(path: Path) -> None:
    table = changed(d=[Decimal(k) for k in range(N)], b=made_table()["x"] > 0)
    assert fit(table, path).encoder_.names_out[-2:] == ["d", "b"]


def test_damaged_files_are_refused(path: Path) -> None:
    made_table().to_parquet(path, row_group_size=100)
    whole = path.read_bytes()
    for damaged in (whole[:-20], whole[:2000], b"x,y\n1,2\n", b""):
        path.write_bytes(damaged)
        with pytest.raises(DataError, match="cannot be read as Parquet"):
            nn.Classifier(**SETTINGS).fit(path, "y")
    parquet.write_table(
        pa.Table.from_pandas(made_table()), path, row_group_size=100, write_page_checksum=True
    )
    content = bytearray(path.read_bytes())
    content[3000] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(DataError, match="cannot be read as Parquet"):
        nn.Classifier(**SETTINGS).fit(path, "y")


def test_a_thousand_files_are_not_open_at_once(tmp_path: Path) -> None:
    made_table(30).to_parquet(tmp_path / "0.parquet")
    for k in range(1, 40):
        shutil.copy(tmp_path / "0.parquet", tmp_path / f"{k}.parquet")
    files = ParquetFiles.of(tmp_path)
    opened = Path("/proc/self/fd")
    if not opened.exists():
        pytest.skip("this system does not list open files")
    before = len(list(opened.iterdir()))
    for _ in files.blocks(["x"], 10):
        assert len(list(opened.iterdir())) <= before + 2
    assert files.n_rows == 40 * 30
