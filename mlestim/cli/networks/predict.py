"""`mlestim predict`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlestim.cli.networks.tables import known_features
from mlestim.cli.options import read_data
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
    frame = read_data(file, separator)
    table = predictions(estimator, known_features(frame, estimator.encoder_.names_in))
    if as_json:
        print_records(table, "json")
    elif output == STANDARD_OUTPUT:
        print_records(table, "csv")
    elif Path(output).suffix.lower() == ".parquet":
        table.to_parquet(output, index=False)
        remark(f"{len(table)} rows in {output}")
    else:
        Path(output).write_text(to_csv(table), encoding="utf-8")
        remark(f"{len(table)} rows in {output}")


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
