"""`mlestim evaluate`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mlestim.cli.networks.files import large_files, some_columns, without_rows
from mlestim.cli.networks.predict import load_estimator
from mlestim.cli.networks.tables import (
    column,
    complete,
    events,
    known_features,
    nan_policy_option,
    rounded,
    with_targets,
)
from mlestim.cli.options import read_data
from mlestim.cli.output import Column, plain, print_json, print_table, printable
from mlestim.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

LEVEL = 0.9
# What measures are called where people read them; others by their own names.
TITLES = {
    "accuracy_lower": "accuracy, lower (95 %)",
    "accuracy_upper": "accuracy, upper (95 %)",
    "log_loss": "log-loss (nats)",
    "brier_score": "Brier score",
    "log_likelihood": "log-likelihood (nats a row)",
    "r_squared": "R²",
    "share_inside_interval": f"inside the {LEVEL:.0%} interval",
}


@click.command("evaluate")
@click.argument("model")
@click.argument("file")
@click.option(
    "--target", metavar="NAME", help="Column to compare with; as in training if not given."
)
@click.option(
    "--event",
    metavar="NAME[=CODE]",
    help="Column that is true where the target was observed, false where it is larger.",
)
@click.option("--json", "as_json", is_flag=True, help="JSON.")
@click.option("--separator", metavar="TEXT", help="Between the fields of a text file.")
@nan_policy_option
def evaluate(
    model: str,
    file: str,
    target: str | None,
    event: str | None,
    as_json: bool,
    separator: str | None,
    nan_policy: str,
) -> None:
    """Compare what MODEL predicts for the rows of FILE with what is true there.

    \b
    Example
      mlestim evaluate model.safetensors test_flowers.csv
    """  # noqa: D301 -- \b keeps the lines of a paragraph
    estimator = load_estimator(model)
    target = target or estimator.target_name_
    if target is None:
        raise click.UsageError("the model does not say which column it predicts: give --target.")
    X, truth, observed = _read(estimator, file, target, event, separator, nan_policy)
    if observed is not None:
        measures, classes = _of_censored(estimator, X, truth, observed), None
    elif hasattr(estimator, "classes_"):
        measures, classes = _of_classes(estimator, X, truth)
    else:
        measures, classes = _of_numbers(estimator, X, truth), None
    if as_json:
        told = {name: plain(value) for name, value in measures.items()}
        print_json(told if classes is None else {**told, "classes": classes})
        return
    print_table(
        [
            Column("measure", [TITLES.get(name, name.replace("_", " ")) for name in measures]),
            Column("value", [f"{value:.6g}" for value in measures.values()], right=True),
        ]
    )
    if classes:
        click.echo()
        names = [name for name in classes[0] if name != "class"]
        print_table(
            [
                Column("class", [printable(str(row["class"])) for row in classes]),
                *(
                    Column(name, [f"{row[name]:.4g}" for row in classes], right=True)
                    for name in names
                ),
            ]
        )


def _read(
    estimator: Any,
    file: str,
    target: str,
    event: str | None,
    separator: str | None,
    nan_policy: str,
) -> tuple[Any, pd.Series, pd.Series | None]:
    """Give features, targets and events; of large files, the features stay there."""
    names = estimator.encoder_.names_in
    files = large_files(file) if event is None else None
    if files is not None:
        table = without_rows(files)
        known_features(table, names)
        label = str(column(table, target, "--target").name)
        truth = some_columns(files, [label])[label]
        if nan_policy == "raise" or truth.notna().all():
            return files, complete(truth), None
    frame = read_data(file, separator)
    if nan_policy == "omit":
        frame = with_targets(frame, target, event)
    truth = complete(column(frame, target, "--target"))
    return known_features(frame, names), truth, events(frame, event)


def _of_classes(
    estimator: Any, X: Any, truth: pd.Series
) -> tuple[dict[str, float], list[dict[str, Any]]]:
    """Measure how likely the true classes were, and how often the likeliest was true."""
    import numpy as np
    from statsmodels.stats.proportion import proportion_confint

    known = estimator.classes_
    labels = truth.to_numpy()
    labels = labels.astype(known.dtype) if known.dtype.kind == "U" else labels
    strangers = sorted({str(label) for label in labels} - {str(label) for label in known})
    if strangers:
        raise DataError(
            f"column {truth.name!r} holds classes that the model does not know: "
            f"{', '.join(strangers[:5])}"
        )
    targets = estimator.encode_targets(labels)
    logarithms = estimator.predict_log_proba(X)
    probabilities = np.exp(logarithms)
    guesses = probabilities.argmax(axis=1)
    right = guesses == targets
    lower, upper = proportion_confint(right.sum(), len(right), method="wilson")
    log_loss = -logarithms[np.arange(len(targets)), targets].mean()
    one_hot = np.eye(len(known))[targets]
    measures = {
        "rows": len(right),
        "accuracy": rounded(right.mean()),
        "accuracy_lower": rounded(lower),
        "accuracy_upper": rounded(upper),
        "log_loss": rounded(log_loss),
        "brier_score": rounded(((probabilities - one_hot) ** 2).sum(axis=1).mean()),
    }
    classes = [
        {
            "class": label.item() if hasattr(label, "item") else label,
            "rows": int((targets == place).sum()),
            "predicted": int((guesses == place).sum()),
            "right": int((right & (targets == place)).sum()),
        }
        for place, label in enumerate(known)
    ]
    return measures, classes


def _of_censored(
    estimator: Any, X: pd.DataFrame, truth: pd.Series, event: pd.Series
) -> dict[str, float]:
    """Measure how likely the targets were, or that they are larger than what is known."""
    if hasattr(estimator, "classes_"):
        raise click.UsageError("--event is for measurements, and the model predicts classes.")
    return {
        "rows": len(truth),
        "rows_observed": int(event.astype(float).sum()),
        "log_likelihood": rounded(estimator.score(X, truth, event=event)),
    }


def _of_numbers(estimator: Any, X: Any, truth: pd.Series) -> dict[str, float]:
    """Measure how likely the true numbers were, and how far off the expected ones."""
    import numpy as np
    from pandas.api.types import is_numeric_dtype

    from mlestim.inference.means import central

    if not is_numeric_dtype(truth.dtype):
        raise DataError(f"column {truth.name!r} holds no numbers, and the model predicts numbers")
    y = truth.to_numpy(dtype=float)
    rows = estimator.predict_distribution(X)
    errors = y - central(rows)
    tail = (1.0 - LEVEL) / 2.0
    inside = (y >= rows.ppf(np.full(len(y), tail))) & (y <= rows.ppf(np.full(len(y), 1.0 - tail)))
    return {
        "rows": len(y),
        "log_likelihood": rounded(rows.logpdf(y).mean()),
        "r_squared": rounded(1.0 - np.mean(errors**2) / np.var(y)) if np.var(y) else float("nan"),
        "root_mean_square_error": rounded(np.sqrt(np.mean(errors**2))),
        "mean_absolute_error": rounded(np.abs(errors).mean()),
        "share_inside_interval": rounded(inside.mean()),
    }
