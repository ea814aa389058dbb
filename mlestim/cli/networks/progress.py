"""What a training says of its epochs on standard error."""

from __future__ import annotations

import sys
import time
from typing import Any

import click

SECONDS = 0.2


class Progress:
    """Tells where training is: in one line that changes on a terminal, else in ten lines."""

    def __init__(self) -> None:
        self._told = 0.0

    def on_train_begin(self, run: Any) -> None:
        """Begin."""
        self._told = time.monotonic()

    def on_epoch_end(self, run: Any) -> None:
        """Tell of an epoch, unless one was told of a moment ago."""
        if sys.stderr.isatty():
            if time.monotonic() - self._told > SECONDS:
                self._told = time.monotonic()
                click.echo(f"\r\033[K{_line(run)}", err=True, nl=False)
        elif run.epoch == 1 or run.epoch % max(1, run.n_epochs // 10) == 0:
            click.echo(_line(run), err=True)

    def on_train_end(self, run: Any) -> None:
        """Leave the line as the last epoch left it."""
        if sys.stderr.isatty():
            click.echo(f"\r\033[K{_line(run)}", err=True)


def _line(run: Any) -> str:
    losses = {"loss": run.record["loss"], "held out": run.record["validation_loss"]}
    told = ", ".join(f"{name} {value:.4f}" for name, value in losses.items() if value is not None)
    return f"epoch {run.epoch} of at most {run.n_epochs}: {told}"
