"""Data files for the command line: what is read, and how damaged files are refused."""

from __future__ import annotations

import builtins
import gzip
import hashlib
import io
import sys
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from mlestim.errors import DataError, MissingExtraError
from mlestim.sample import Observations
from mlestim.sample.files import fingerprint, read_table

TEXT = 'region,amount\n"north, old",1.5\nsouth,2.25\n'
FRAME = pd.DataFrame({"region": ["north, old", "south"], "amount": [1.5, 2.25]})


@pytest.fixture
def write(tmp_path):
    """Writes a file and returns its path."""

    def written(name, content):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return written


READABLE = {
    "claims.csv": TEXT,
    "CLAIMS.CSV": TEXT,
    "bom.csv": "\ufeff" + TEXT,
    "windows.csv": TEXT.replace("\n", "\r\n"),
    "blank lines.csv": "\n" + TEXT.replace("\n", "\n\n"),
    "trailing separators.csv": TEXT.replace("1.5", "1.5,").replace("2.25", "2.25,"),
    "claims.tsv": 'region\tamount\n"north, old"\t1.5\nsouth\t2.25\n',
    "claims.csv.gz": gzip.compress(TEXT.encode()),
}


def require_same_cells(found, expected):
    pd.testing.assert_frame_equal(found.reset_index(drop=True), expected)


@pytest.mark.parametrize(("name", "content"), READABLE.items(), ids=READABLE)
def test_text_files_are_read_by_their_suffix(write, name, content):
    require_same_cells(read_table(write(name, content)), FRAME)


LINES = {
    "plain": ("a,b\n1,2\n3,4\n", [2, 3]),
    "no last line end": ("a,b\n1,2\n3,4", [2, 3]),
    "windows": ("a,b\r\n1,2\r\n3,4\r\n", [2, 3]),
    "old mac": ("a,b\r1,2\r3,4\r", [2, 3]),
    "blank lines": ("\na,b\n\n1,2\n\n3,4\n\n", [4, 6]),
    "lines of blanks": ("a,b\n  \n1,2\n", [3]),
    "quoted line ends": ('a,b\n"1\n1",2\n3,4\n', [2, 4]),
    "quoted head": ('"a\nc",b\n1,2\n3,4\n', [3, 4]),
    "one column": ("\na\n1\n\n3\n\n", [3, 4, 5]),
}


@pytest.mark.parametrize(("content", "lines"), LINES.values(), ids=LINES)
def test_rows_are_called_by_the_line_on_which_they_begin(write, content, lines):
    index = read_table(write("lines.csv", content)).index
    assert index.tolist() == lines
    assert index.name == "line"


def test_rows_are_counted_where_lines_cannot_be_told(write, monkeypatch):
    monkeypatch.setattr("mlestim.sample.files._records", lambda *_: iter([(1, ["a", "b"])]))
    frame = read_table(write("lines.csv", 'a,b\n"1\n1",2\n3,4\n'))
    assert frame.index.tolist() == [1, 2]
    assert frame.index.name is None


def test_blank_lines_of_one_column_are_missing_values_except_at_the_end(write):
    frame = read_table(write("a.csv", "a\n1\n\n3\nNA\n5\n\n\n"))
    np.testing.assert_array_equal(frame["a"], [1.0, np.nan, 3.0, np.nan, 5.0])


def test_faulty_cells_are_named_by_line_and_value(write):
    text = "a\n" + "1.5\n" * 10 + "1,5\n".replace(",", ";") + "n/m\n2\n"
    with pytest.raises(
        DataError,
        match=r"'a': 2 of 13 values are no number: lines 12 and 13, with values '1;5' and 'n/m'",
    ):
        Observations.of(read_table(write("a.csv", text)))


def test_another_separator_is_said(write):
    text = TEXT.replace('"north, old"', "north, old").replace("n,a", "n;a")
    path = write("claims.txt", text.replace(",1.5", ";1.5").replace("h,2", "h;2"))

    require_same_cells(read_table(path, separator=";"), FRAME)


def test_parquet_keeps_types(tmp_path):
    frame = FRAME.assign(exact=[Decimal("1.10"), None], day=pd.to_datetime(["2026-01-01"] * 2))
    frame["region"] = frame["region"].astype("category")
    frame.to_parquet(tmp_path / "claims.parquet")

    found = read_table(tmp_path / "claims.parquet")
    require_same_cells(found, frame)
    assert found.index.tolist() == [1, 2]


def test_parquet_keeps_large_integers_exact_beside_missing_values(tmp_path):
    large = pd.DataFrame({"x": pd.array([2**53 + 1, None], dtype="Int64")})
    large.to_parquet(tmp_path / "large.parquet")

    with pytest.raises(DataError, match=r"beyond 2\*\*53"):
        Observations.of(read_table(tmp_path / "large.parquet"), nan_policy="omit")


def test_standard_input_is_csv(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))

    frame = read_table("-")

    require_same_cells(frame, FRAME)
    assert frame.attrs["source"] == "standard input"


def test_numbers_are_read_as_python_reads_them(write):
    texts = [repr(x) for x in np.random.default_rng(3).lognormal(0, 30, 1000).tolist()]
    frame = read_table(write("numbers.csv", "x\n" + "\n".join(texts)))

    # exact with pandas 3.1; at extreme exponents the reader of pandas 2.2 is up to 4e-13 off
    np.testing.assert_allclose(frame["x"], [float(text) for text in texts], rtol=1e-12)


def test_the_fingerprint_is_that_of_the_bytes_in_the_file(write):
    path = write("claims.csv.gz", gzip.compress(TEXT.encode()))
    expected = hashlib.sha256(path.read_bytes()).hexdigest()

    assert read_table(path).attrs == {"source": str(path), "sha256": expected}
    assert fingerprint(path) == expected


PACKED = gzip.compress(TEXT.encode() * 100)

UNREADABLE = {
    "empty.csv": ("", ["empty.csv is empty"]),
    "blank.csv": ("\n \n\n".replace(" ", ""), ["only blank lines"]),
    "header.csv": ("region,amount\n", ["no rows"]),
    "long.csv": ("a,b\n1,2\n3,4,5\n", ["line 3", "3 fields", "2 columns"]),
    "all long.csv": ("a,b\n1,2,3\n4,5,6\n", ["line 2", "3 fields", "2 columns"]),
    "short.csv": ("a,b\n1,2\n3\n", ["line 3", "1 field,", "2 columns"]),
    "long after quotes.csv": ('a,b\n"1\n1",2\n3,4,5\n', ["line 4", "3 fields"]),
    "quote.csv": ('a,b\n1,"2\n3,4\n', ["quotation mark"]),
    "duplicates.csv": ("a,b,a\n1,2,3\n", ["duplicate column names: 'a'", "Rename"]),
    "semicolons.csv": ("a;b\n1,5;2\n", ["semicolons", "'a;b'", "';'"]),
    "latin.csv": ("a\nKöln\n".encode("latin-1"), ["not UTF-8", "0xf6"]),
    "binary.csv": (b"\x93NUMPY\x01\x00", ["not UTF-8"]),
    "cut.csv.gz": (PACKED[: len(PACKED) // 2], ["gzip", "truncated"]),
    "plain.csv.gz": (TEXT, ["gzip"]),
    "cut.parquet": (b"PAR1" + b"\0" * 20, ["Parquet", "truncated"]),
    "table.xlsx": ("", ["suffix", ".csv", ".parquet"]),
    "no suffix": (TEXT, ["suffix"]),
    "table.parquet.gz": (b"", ["suffix"]),
}


@pytest.mark.parametrize(("name", "case"), UNREADABLE.items(), ids=UNREADABLE)
def test_damaged_or_ambiguous_files_are_refused(write, name, case):
    content, says = case
    with pytest.raises(DataError) as caught:
        read_table(write(name, content))

    text = str(caught.value)
    assert [words for words in [name, *says] if words not in text] == [], text
    assert "\n" not in text


def test_what_is_no_file_is_refused(tmp_path):
    with pytest.raises(DataError, match="there is no file"):
        read_table(tmp_path / "claims.csv")
    folder = tmp_path / "folder.csv"
    folder.mkdir()
    with pytest.raises(DataError, match="is a folder"):
        read_table(folder)
    with pytest.raises(DataError, match="there is no file"):
        read_table("https://example.com/claims.csv")


def test_parquet_without_pyarrow_names_the_extra(write, monkeypatch):
    imported = builtins.__import__

    def without_pyarrow(name, *arguments):
        if name.partition(".")[0] == "pyarrow":
            raise ImportError(name)
        return imported(name, *arguments)

    path = write("claims.parquet", b"PAR1")
    monkeypatch.setattr(builtins, "__import__", without_pyarrow)

    with pytest.raises(MissingExtraError, match=r"mlestim\[arrow\]"):
        read_table(path)
