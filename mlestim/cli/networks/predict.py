"""`mlestim predict`."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlestim.cli.networks.files import blocks
from mlestim.cli.output import STANDARD_OUTPUT, check_target, print_records, remark, to_csv

if TYPE_CHECKING:
    import pandas as pd


@click.command("predict")
@click.argument("model")
@click.argument("file")
@click.option(
    "-o",
    "--output",
    default=STANDARD_OUTPUT,
    help="File to write, .csv or .parquet; CSV on standard output when not given.",
)
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output.")
@click.option("--separator", metavar="TEXT", help="Between the fields of a text file.")
@click.option("--force", is_flag=True, help="Replace an existing file.")
def predict(
    model: str, file: str, output: str, as_json: bool, separator: str | None, force: bool
) -> None:
    """Predict for the rows of FILE with a MODEL of mlestim train.

    A large Parquet file, or a folder of Parquet files, is read and written a part at a time.

    Of classes, the likeliest and the probability of each are given; of measurements, the expected
    one and the parameters of its distribution. FILE has the columns that the model was trained
    on; others are passed over.

    \b
    Example
      mlestim predict model.safetensors new_flowers.csv > predictions.csv
    """  # noqa: D301 -- \b keeps the lines of a paragraph
    if as_json and output != STANDARD_OUTPUT:
        raise click.UsageError("--json goes to standard output: leave --output out.")
    check_target(output, force=force, inputs=[model, file])
    estimator = load_estimator(model)
    parts = _each(estimator, blocks(file, separator, estimator.encoder_.names_in))
    if as_json:
        import pandas as pd

        print_records(pd.concat(parts), "json")
    elif output == STANDARD_OUTPUT:
        for place, table in enumerate(parts):
            print_records(table, "csv", header=not place)
    else:
        remark(f"{_write(parts, Path(output))} rows in {output}")


def _each(estimator: Any, parts: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    """Predict part after part; what is remarked on in one of them is not said again."""
    told: set[str] = set()
    for X in parts:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            table = predictions(estimator, X)
        for warning in caught:
            what = str(warning.message).partition(" in ")[0]
            if what not in told:
                warnings.warn_explicit(
                    warning.message, warning.category, warning.filename, warning.lineno
                )
            told.add(what)
        yield table


def _write(parts: Iterable[pd.DataFrame], path: Path) -> int:
    """Write all parts, or nothing; give the number of rows."""
    new = path.with_name(f"{path.name}.part")
    rows = 0
    try:
        with ExitStack() as stack:
            write: Callable[[pd.DataFrame], object] | None = None
            for table in parts:
                if write is None:
                    write = _writer(new, path.suffix.lower(), table, stack)
                write(table)
                rows += len(table)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
    return rows


def _writer(
    path: Path, suffix: str, first: pd.DataFrame, stack: ExitStack
) -> Callable[[pd.DataFrame], object]:
    """Open a file for tables like the first, which is closed with the stack."""
    if suffix == ".parquet":
        import pyarrow as pa
        from pyarrow.parquet import ParquetWriter

        schema = pa.Schema.from_pandas(first, preserve_index=False)
        parquet = stack.enter_context(ParquetWriter(path, schema))
        return lambda table: parquet.write_table(pa.Table.from_pandas(table, schema, False))
    text = stack.enter_context(path.open("w", encoding="utf-8"))
    return lambda table: text.write(to_csv(table, header=not text.tell()))


def load_estimator(model: str) -> Any:
    """Load a classifier or a regressor.

    Raises
    ------
    ModelFileError
        If the file holds something else.
    """
    import nn
    from mlestim.errors import ModelFileError

    loaded = nn.load(model)
    if not hasattr(loaded, "encoder_"):
        raise ModelFileError(
            f"{model} holds a bare network, which knows no columns; mlestim train writes models "
            "that do"
        )
    return loaded


def predictions(estimator: Any, X: pd.DataFrame) -> pd.DataFrame:
    """Give what the model says of each row."""
    import pandas as pd

    from mlestim.inference.means import expected

    if hasattr(estimator, "classes_"):
        probabilities = estimator.predict_proba(X)
        columns = {
            f"probability_{label}": probabilities[:, place]
            for place, label in enumerate(estimator.classes_)
        }
        likeliest = estimator.classes_[probabilities.argmax(axis=1)]
        return pd.DataFrame({"prediction": likeliest, **columns})
    rows = estimator.predict_distribution(X)
    parameters = {f"parameter_{name}": values for name, values in rows.params.items()}
    return pd.DataFrame({"prediction": expected(rows), **parameters})
