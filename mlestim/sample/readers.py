"""Turn one column into float64 numbers, or into integer codes and levels."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from importlib.util import find_spec
from numbers import Integral, Real
from typing import Any, NoReturn

import numpy as np

from mlestim.errors import DataError
from mlestim.sample.columns import EXACT_INTEGERS, Column, package
from mlestim.sample.rows import RowLabels, shown, shown_values

WAYS_OUT = {
    "text": "Convert it first, for example with pandas.to_numeric(...)",
    "dates": "Turn it into a duration first, for example (t - t.min()) / pandas.Timedelta(days=1).",
    "durations": "Divide it by a unit first, for example t / pandas.Timedelta(days=1).",
    "complex values": "Pass its real part, imaginary part or modulus.",
}
NUMPY_KINDS = {
    "U": "text",
    "S": "text",
    "T": "text",
    "M": "dates",
    "m": "durations",
    "c": "complex values",
}
NARWHALS_KINDS = {
    "String": "text",
    "Categorical": "text",
    "Enum": "text",
    "Date": "dates",
    "Datetime": "dates",
    "Duration": "durations",
}
OBJECT_KINDS = {
    **dict.fromkeys(("NoneType", "NAType", "NaTType"), "missing"),
    **dict.fromkeys(("complex", "complex64", "complex128", "clongdouble"), "complex values"),
    **dict.fromkeys(("date", "datetime", "datetime64", "Timestamp", "Period"), "dates"),
    **dict.fromkeys(("timedelta", "timedelta64", "Timedelta"), "durations"),
}


def is_numeric(column: Column) -> bool:
    """Whether a column of a table holds numbers, by its type (truth values do not count)."""
    values = column.content
    if package(values) == "narwhals":
        return bool(values.dtype.is_numeric())
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    if values.dtype == object:  # decimals, or integers beside missing values
        present = values.dropna()
        return len(present) > 0 and _role_of(type(present.iloc[0])) == "number"
    return is_numeric_dtype(values.dtype) and not is_bool_dtype(values.dtype)


def numbers(column: Column) -> np.ndarray:
    """Read a column as float64 (n,), C-contiguous, with NaN where a row is missing.

    A contiguous float64 array comes back as it is, without a copy.

    Raises
    ------
    DataError
        If the column holds anything but numbers, or integers that float64 cannot hold exactly.
    """
    present, missing = _split(column)
    if missing is None:
        return _floats(present, column, column.rows)
    values = np.full(len(missing), np.nan)
    values[~missing] = _floats(present, column, column.rows.take(~missing))
    return values


def _split(column: Column) -> tuple[np.ndarray, np.ndarray | None]:
    """Entries that are present as a numpy array, and the mask of null entries if there are any."""
    values = column.content
    if package(values) == "pandas":
        if isinstance(values.dtype, np.dtype):
            return values.to_numpy(), None
        if hasattr(values, "cat"):
            codes = values.cat.codes.to_numpy()
            return values.cat.categories.to_numpy()[codes[codes >= 0]], codes < 0
        import narwhals.stable.v2 as nw

        values = nw.from_native(values, series_only=True)
    if package(values) == "narwhals":
        return _split_narwhals(values, column)
    if isinstance(values, np.ma.MaskedArray):
        missing = np.ma.getmaskarray(values)
        return values.data[~missing], missing
    return values, None


def _split_narwhals(series: Any, column: Column) -> tuple[np.ndarray, np.ndarray | None]:
    import narwhals.stable.v2 as nw

    kind = type(series.dtype).__name__
    if kind in NARWHALS_KINDS:
        _refuse_strangers(column, series.to_list(), column.rows)
        _refuse(column, NARWHALS_KINDS[kind])
    if kind in ("Unknown", "Object"):
        return np.asarray(series.to_native()), None
    if not (series.dtype.is_numeric() or kind == "Boolean"):
        _refuse(column, "values")
    missing = series.is_null().to_numpy()
    present = series.drop_nulls()
    if kind == "Decimal":
        # through text, since Arrow's own cast of decimals is up to one unit off the nearest float
        present = present.cast(nw.String).cast(nw.Float64)
    return present.to_numpy(), missing if missing.any() else None


def _floats(array: np.ndarray, column: Column, rows: RowLabels) -> np.ndarray:
    """Convert entries of any numeric type, each of them exactly or to the nearest float64."""
    kind = array.dtype.kind
    if kind == "f":
        with np.errstate(over="ignore"):  # a longdouble beyond float64 becomes inf, refused later
            return np.ascontiguousarray(array, dtype=np.float64)
    if kind == "b":
        return array.astype(np.float64)
    if kind in "iu":
        return _from_integers(array, column, rows)
    if kind == "O":
        return _from_objects(array, column, rows)
    return _refuse(column, NUMPY_KINDS.get(kind, "values"))


def _from_integers(array: np.ndarray, column: Column, rows: RowLabels) -> np.ndarray:
    values = array.astype(np.float64)
    if array.dtype.itemsize == 8 and array.size:
        top = float(np.iinfo(array.dtype).max)  # rounds up to 2**63 or 2**64, which do not fit
        if max(values.max(), -values.min()) >= EXACT_INTEGERS:
            inside = np.where(values < top, values, 0.0)
            _require_exact(inside.astype(array.dtype) == array, array, column, rows)
    return values


def _from_objects(array: np.ndarray, column: Column, rows: RowLabels) -> np.ndarray:
    """Python numbers, decimals and fractions; None, NaN, NA and NaT are missing."""
    types = {kind: _role_of(kind) for kind in set(map(type, array))}
    strangers = [kind for kind, role in types.items() if role not in ("number", "missing")]
    if strangers:
        _refuse_strangers(column, array.tolist(), rows)
        mask = np.array([type(value) in strangers for value in array])
        role = types[type(array[int(np.argmax(mask))])]
        where = f": {rows.describe(mask)}{shown_values(array[mask][:3])}"
        _refuse(column, role, where)
    values = np.array(
        [np.nan if types[type(value)] == "missing" else _nearest(value) for value in array],
        dtype=np.float64,
    )
    if np.any(np.abs(values) >= EXACT_INTEGERS):
        exact = np.array(
            [
                # Python compares an int with a float exactly, numpy does not
                not isinstance(value, Integral) or int(value) == float(nearest)
                for value, nearest in zip(array, values, strict=True)
            ]
        )
        _require_exact(exact, array, column, rows)
    return values


def _role_of(kind: type) -> str:
    # by name where the type belongs to pandas, which need not be imported
    if kind.__name__ in OBJECT_KINDS:
        return OBJECT_KINDS[kind.__name__]
    if issubclass(kind, (Real, Decimal, np.bool_)):
        return "number"
    if issubclass(kind, (str, bytes)):
        return "text"
    return f"values of type {kind.__name__}"


def _nearest(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:  # an integer or fraction beyond the largest float64
        return float("inf") if value > 0 else float("-inf")
    except ValueError:  # a signalling NaN of decimal
        return float("nan")


def _require_exact(exact: np.ndarray, array: np.ndarray, column: Column, rows: RowLabels) -> None:
    if exact.all():
        return
    lost = ~exact
    count = int(lost.sum())
    raise DataError(
        f"{column.title} holds {count} integer{'s' if count > 1 else ''} beyond 2**53 that "
        f"float64 cannot hold exactly: {rows.describe(lost)}{shown_values(array[lost][:3])}. "
        f"If these are identifiers, choose another column; if rounding them is right, "
        f"convert the column to float64 first."
    )


def _refuse(column: Column, kind: str, where: str = "") -> NoReturn:
    way_out = WAYS_OUT.get(kind, "Pass a column of numbers.")
    way_out += _or_labels(column) if kind == "text" else ""
    example = "" if where else _example(column)
    raise DataError(
        f"{column.title} (dtype {column.dtype_name}) holds {kind}{example}, not numbers{where}. "
        f"{way_out}"
    )


def _or_labels(column: Column) -> str:
    """End of a message about text: observations may be labels, other columns may not."""
    labels = "; for labels choose a family of labels such as 'categorical'."
    return labels if column.role == "x" else "."


def _or_limits(column: Column) -> str:
    return "; what was not detected is written with its limit, '<0.5'" if column.role == "x" else ""


def _refuse_strangers(column: Column, entries: Sequence[Any], rows: RowLabels) -> None:
    """Name the entries that are no numbers, where others read as numbers."""
    text = np.array([isinstance(entry, str) for entry in entries], dtype=bool)
    strange = np.array(
        [is_text and not _is_number(e) for is_text, e in zip(text, entries, strict=True)]
    )
    count = int(strange.sum())
    if not 0 < count < text.sum():
        return
    first = [entries[row] for row in np.flatnonzero(strange)[:3]]
    raise DataError(
        f"{column.title}: {count} of {len(entries)} values {'is' if count == 1 else 'are'} no "
        f"number: {rows.describe(strange)}{shown_values(first)}. Correct "
        f"{'it' if count == 1 else 'them'} or mark {'it' if count == 1 else 'them'} as missing"
        f"{_or_limits(column)}{_or_labels(column)}"
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _example(column: Column) -> str:
    """The first entry that is not missing, where there is one."""
    content = column.content
    if package(content) == "pandas":
        content = content.dropna()
    elif package(content) == "narwhals":
        content = content.drop_nulls()
    return f" such as {shown(next(iter(content)))}" if len(content) else ""


def label_codes(column: Column) -> tuple[np.ndarray, tuple[Any, ...]]:
    """Read a column of labels as int64 codes (n,), -1 where missing, and the levels in order."""
    codes, levels = factorize(column)
    return codes.astype(np.int64, copy=False), tuple(levels.tolist())


def factorize(column: Column) -> tuple[np.ndarray, Any]:
    """Read a column as codes (n,) of type intp, -1 where missing, and its distinct values.

    Declared categories come all and in their order; distinct values come sorted where they can
    be, else in order of appearance. They are an array or a pandas Index.
    """
    values = column.content
    if package(values) == "narwhals":
        values = _to_pandas(values)
    if package(values) == "pandas" and hasattr(values, "cat"):
        import pandas as pd

        categories = pd.CategoricalIndex(values.cat.categories, dtype=values.dtype)
        return values.cat.codes.to_numpy().astype(np.intp), categories
    if package(values) == "pandas" and not isinstance(values.dtype, np.dtype):
        return _factorize_any(values, column)
    present, missing = _split(Column(values))
    codes, levels = _factorize_dense(present) or _factorize_any(present, column)
    if missing is not None:
        codes_of_present, codes = codes, np.full(len(missing), -1, dtype=np.intp)
        codes[~missing] = codes_of_present
    return codes, levels


def _to_pandas(series: Any) -> Any:
    """A pandas Series of a narwhals Series, through Python values where numpy has no such type."""
    import pandas as pd

    kind = type(series.dtype).__name__
    if kind == "Enum":
        categories = list(series.dtype.categories)
        return pd.Series(pd.Categorical(series.to_list(), categories=categories))
    if series.dtype.is_float() or (series.dtype.is_integer() and not series.is_null().any()):
        return pd.Series(series.to_numpy())
    if series.dtype.is_integer():
        return pd.Series(series.to_list(), dtype="Int64")
    if kind == "String" and find_spec("pyarrow") is not None:
        return series.to_native().to_pandas()  # the same as below, several times faster
    return pd.Series(series.to_list())


def _factorize_dense(array: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Codes of integers from a narrow range by counting them, several times faster than hashing."""
    if array.dtype.kind not in "iu" or array.size == 0:
        return None
    low, high = int(array.min()), int(array.max())
    if high - low > 4 * array.size or high > np.iinfo(np.intp).max:
        return None
    offsets = array.astype(np.intp) - low
    present = np.bincount(offsets) > 0
    codes_by_offset = np.cumsum(present) - 1
    levels = (np.flatnonzero(present) + low).astype(array.dtype)
    return codes_by_offset[offsets], levels


def _factorize_any(values: Any, column: Column) -> tuple[np.ndarray, Any]:
    import pandas as pd

    if isinstance(values, np.ndarray):
        # pandas hashes neither half and long floats nor numpy's text
        wanted = {"f": np.float64, "U": object, "S": object, "T": object}.get(values.dtype.kind)
        values = values if wanted is None else values.astype(wanted)
    try:
        codes, found = pd.factorize(values)
    except TypeError as error:
        raise DataError(
            f"{column.title} (dtype {column.dtype_name}) holds values that cannot be labels "
            f"({error}). Pass numbers, text or dates."
        ) from error
    levels = pd.Index(found)
    try:
        order = levels.argsort()
    except TypeError:  # values of several types have no order: keep that of appearance
        return codes, levels
    rank = np.empty(len(levels) + 1, dtype=np.intp)
    rank[order] = np.arange(len(levels))
    rank[-1] = -1  # so that the code -1 of missing rows stays
    return rank[codes], levels[order]
