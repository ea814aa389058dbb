"""`mlestim train` and `mlestim resume`."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlestim.cli.networks.progress import Progress
from mlestim.cli.networks.rows import rows_of_files, rows_of_table
from mlestim.cli.networks.tables import holds_classes, nan_policy_option
from mlestim.cli.output import check_target, print_json, printable, remark
from mlestim.errors import ModelFileError

if TYPE_CHECKING:
    import pandas as pd

FORMAT = "mlestim training"


@dataclass(frozen=True)
class Training:
    """What `mlestim train` was asked for; `mlestim resume` reads it back."""

    file: str
    target: str
    output: str
    feature: list[str]
    weights: str | None
    event: str | None
    family: str | None
    hidden: list[int]
    epochs: int | None
    dropout: float
    batch_norm: bool
    networks: int
    penalty: float | None
    seed: int
    checkpoint: str | None
    separator: str | None
    nan_policy: str = "raise"
    embed: int | None = None
    class_weight: list[str] = field(default_factory=list)
    batch_size: int | None = None

    def estimator(self, targets: pd.Series, *, resume: bool) -> Any:
        """Make the estimator that suits the targets."""
        import nn

        settings: dict[str, Any] = {
            "hidden": tuple(self.hidden),
            "embed": self.embed or "auto",
            "epochs": self.epochs or "auto",
            "batch_size": self.batch_size or "auto",
            "dropout": self.dropout,
            "batch_norm": self.batch_norm,
            "n_networks": self.networks,
            "penalty": "auto" if self.penalty is None else self.penalty,
            "random_state": self.seed,
            "checkpoint": self.checkpoint,
            "resume": resume,
            "callbacks": (Progress(),),
        }
        classes, looks = holds_classes(targets)
        if self.class_weight and (self.family is not None or not classes):
            raise click.UsageError("--class-weight goes with classes.")
        if self.family is not None:
            return nn.Regressor(self.family, **settings)
        if looks != "text":
            kind = "classes; for a regression give --family" if classes else "measurements"
            remark(f"{targets.name}: {looks}, read as {kind}.")
        if not classes:
            return nn.Regressor(**settings)
        return nn.Classifier(class_weight=_class_weights(self.class_weight, targets), **settings)


def _class_weights(words: list[str], targets: pd.Series) -> Any:
    """Read "balanced", or weights of the form CLASS=WEIGHT."""
    if not words or words == ["balanced"]:
        return words[0] if words else None
    classes = {str(label): label for label in targets.unique().tolist()}
    weights = {}
    for word in words:
        name, _, text = word.rpartition("=")
        try:
            weights[classes.get(name, name)] = float(text)
        except ValueError:
            raise click.UsageError(
                f"--class-weight {word} is neither balanced nor of the form CLASS=WEIGHT."
            ) from None
    return weights


def _widths(_context: click.Context, _option: click.Parameter, text: str) -> list[int]:
    try:
        widths = [int(word) for word in text.split(",") if word.strip()]
    except ValueError:
        widths = [0]
    if any(width < 1 for width in widths):
        raise click.BadParameter(f"{text!r} is no list of widths, as in 100,50 or '' for none.")
    return widths


def _training_options(command: Callable[..., Any]) -> Callable[..., Any]:
    options = [
        click.option("--target", required=True, metavar="NAME", help="Column to predict."),
        click.option(
            "-o", "--output", default="model.safetensors", show_default=True, help="File to write."
        ),
        click.option(
            "--feature",
            multiple=True,
            metavar="NAME",
            help="Column to learn from; may be repeated. All others when not given.",
        ),
        click.option("--weights", metavar="NAME", help="Column of weights of the rows."),
        click.option(
            "--event",
            metavar="NAME[=CODE]",
            help="Column that is true where the target was observed, false where it is larger; with "
            "--family, such as weibull.",
        ),
        click.option(
            "--family",
            metavar="NAME",
            help="Regression on numbers that are distributed so, such as normal or gamma.",
        ),
        click.option(
            "--hidden",
            default="100",
            show_default=True,
            metavar="WIDTHS",
            callback=_widths,
            help="Widths of the hidden layers, as in 100,50; '' is (logistic) regression.",
        ),
        click.option(
            "--embed",
            type=click.IntRange(1),
            help="From how many categories on a column becomes a vector; 100 when not given.",
        ),
        click.option("--epochs", type=click.IntRange(1), help="Passes over the rows at most."),
        click.option(
            "--batch-size",
            type=click.IntRange(1),
            help="Rows of a step; chosen by their number when not given.",
        ),
        click.option(
            "--class-weight",
            multiple=True,
            metavar="CLASS=WEIGHT",
            help="How much the rows of a class count, may be repeated; or balanced: all classes "
            "count alike.",
        ),
        click.option("--dropout", type=click.FloatRange(0, 1, max_open=True), default=0.0),
        click.option("--batch-norm", is_flag=True, help="Normalize over each batch."),
        click.option(
            "--networks", type=click.IntRange(1), default=1, help="Networks of an ensemble."
        ),
        click.option(
            "--penalty",
            type=click.FloatRange(0),
            help="Strength of the normal prior on the weights; chosen when not given.",
        ),
        click.option("--seed", type=click.IntRange(0), default=0, show_default=True),
        click.option(
            "--checkpoint",
            metavar="FILE",
            help="Keep the state after each epoch, for mlestim resume; trains by batches.",
        ),
        click.option("--separator", metavar="TEXT", help="Between the fields of a text file."),
        nan_policy_option,
    ]
    for option in reversed(options):
        command = option(command)
    return command


@click.command("train")
@click.argument("file")
@_training_options
@click.option("--json", "as_json", is_flag=True, help="Tell the result as JSON.")
@click.option("--force", is_flag=True, help="Replace an existing model.")
def train(*, as_json: bool, force: bool, **options: Any) -> None:
    """Train a network on FILE to predict a column from the others.

    FILE is CSV, TSV or Parquet by its suffix, or - for CSV on standard input. Text and whole
    numbers of few values are classes, other numbers are measurements. Columns of text are read
    as categories; features may be missing. Large Parquet files, and folders of them, are read a part
    at a time in each epoch.

    \b
    Example
      mlestim train flowers.csv --target species -o model.safetensors
    """  # noqa: D301 -- \b keeps the lines of a paragraph
    for repeated in ("feature", "class_weight"):
        options[repeated] = list(options[repeated])
    training = Training(**options)
    if training.target in training.feature:
        raise click.UsageError(
            f"--target {training.target} is also a --feature: it is one of both."
        )
    if training.event is not None and training.family is None:
        raise click.UsageError("--event goes with --family, such as --family weibull.")
    check_target(training.output, force=force, inputs=[training.file])
    if training.checkpoint is not None:
        others = [training.file, training.output]
        check_target(training.checkpoint, force=force, inputs=others)
        Path(training.checkpoint).unlink(missing_ok=True)
        record = {"format": FORMAT, "training": asdict(training)}
        _record_of(training.checkpoint).write_text(json.dumps(record), encoding="utf-8")
    _run(training, as_json=as_json, resume=False)


# Targets are learned in units of their own spread, in which densities are higher or lower.
OF_SCALED = " of the target as it was scaled for training"


@click.command("resume")
@click.argument("checkpoint")
@click.option("--epochs", type=click.IntRange(1), help="Epochs in all; as before when not given.")
@click.option("--json", "as_json", is_flag=True, help="Tell the result as JSON.")
def resume(checkpoint: str, epochs: int | None, as_json: bool) -> None:
    """Go on with the training that kept its state in CHECKPOINT, and write its model.

    The model is the same to the last bit as if nothing had interrupted the training.

    \b
    Example
      mlestim train flowers.csv --target species --checkpoint flowers.checkpoint
      mlestim resume flowers.checkpoint
    """  # noqa: D301 -- \b keeps the lines of a paragraph
    training = _recorded(checkpoint)
    if not Path(checkpoint).exists():
        raise ModelFileError(
            f"there is no {checkpoint}, which holds the state of the training after its last epoch: "
            "begin anew with mlestim train"
        )
    if epochs is not None:
        training = Training(**{**asdict(training), "epochs": epochs})
    _run(training, as_json=as_json, resume=True)


def _recorded(checkpoint: str) -> Training:
    """Read what the training was asked for."""
    path = _record_of(checkpoint)
    if not path.exists():
        _check_is_no_model(checkpoint)
        raise ModelFileError(
            f"there is no {path}, which mlestim train writes beside its --checkpoint"
        )
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        if record["format"] == FORMAT:
            return Training(**{**record["training"], "checkpoint": checkpoint})
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelFileError(f"{path} is damaged: {error}") from error
    raise ModelFileError(f"{path} describes no training")


def _check_is_no_model(checkpoint: str) -> None:
    """Refuse a finished model, which is easily taken for what its training kept."""
    from nn.files.models import FORMAT as MODEL
    from nn.storage import read_arrays

    if Path(checkpoint).is_file() and read_arrays(checkpoint)[1].get("format") == MODEL:
        raise ModelFileError(
            f"{checkpoint} is a model and not a checkpoint: mlestim predict and evaluate take it. "
            "Go on from the file that was --checkpoint of mlestim train"
        )


def _record_of(checkpoint: str) -> Path:
    return Path(f"{checkpoint}.json")


def _run(training: Training, *, as_json: bool, resume: bool) -> None:
    import nn

    rows = rows_of_files(training) or rows_of_table(training)
    estimator = training.estimator(rows.targets, resume=resume)
    censored = {} if rows.event is None else {"event": rows.event}
    try:
        estimator.fit(rows.features, rows.y, sample_weight=rows.weights, **censored)
    except KeyboardInterrupt:
        if training.checkpoint is not None:
            remark(f"interrupted; go on with: mlestim resume {training.checkpoint}")
        raise
    nn.save(estimator, training.output)
    if as_json:
        print_json(_told(estimator, training, len(rows.targets)))
    else:
        click.echo(printable(_words(estimator, training, len(rows.targets))))


def _told(estimator: Any, training: Training, n_rows: int) -> dict[str, Any]:
    told = {
        "model": training.output,
        "target": training.target,
        "n_rows": n_rows,
        "features": estimator.encoder_.names_in,
        "n_parameters": len(estimator.network_.parameters),
        "n_epochs": int(estimator.history_["epoch"].iloc[-1]),
        "loss": float(estimator.history_["loss"].iloc[-1]),
        "penalty": None if estimator.penalty_ is None else estimator.penalty_.strength,
    }
    if hasattr(estimator, "classes_"):
        told["classes"] = estimator.classes_.tolist()
        told["temperature"] = estimator.temperature_
    else:
        told["family"] = estimator.read_family().name
    return told


def _words(estimator: Any, training: Training, n_rows: int) -> str:
    told = _told(estimator, training, n_rows)
    what = (
        f"{len(told['classes'])} classes"
        if "classes" in told
        else f"a {told['family']} distribution"
    )
    return (
        f"{training.target}: {what} from {len(told['features'])} features of {n_rows} rows.\n"
        f"Trained {told['n_parameters']} parameters for {told['n_epochs']} epochs; "
        f"loss {told['loss']:.4f} nats a row{'' if 'classes' in told else OF_SCALED}.\n"
        f"Saved {training.output}. Next: mlestim evaluate {training.output} NEW_FILE"
    )
