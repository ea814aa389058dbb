"""The command `mlestim`: its commands, and what becomes of errors, warnings and interrupts."""

from __future__ import annotations

import os
import sys
import warnings
from typing import Any

import click

from mlestim._version import __version__
from mlestim.cli.compare import compare
from mlestim.cli.doctor import doctor
from mlestim.cli.families import families
from mlestim.cli.fit import fit
from mlestim.cli.networks.evaluate import evaluate
from mlestim.cli.networks.predict import predict
from mlestim.cli.networks.train import resume, train
from mlestim.cli.output import as_options, printable, remark
from mlestim.cli.report import report
from mlestim.errors import (
    EstimationError,
    LimitWarning,
    MLEstimError,
    NoMeanWarning,
    OptionError,
    ParameterError,
    UnseenValueWarning,
)

INTERRUPTED = 130
TOLD = (LimitWarning, NoMeanWarning, UnseenValueWarning)


class Failure(click.ClickException):
    """Something that ends the command: one line on standard error, and an exit code."""

    exit_code = 1

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(printable(message).split()))

    def show(self, file: Any = None) -> None:
        label = click.style("Error:", fg="red", bold=True)
        click.echo(f"{label} {self.message}", err=True, color=self.show_color)


class WrongUsage(Failure):
    """The command line asks for what does not exist or does not go together."""

    exit_code = 2


class NoMaximum(Failure):
    """The likelihood has no verified maximum."""

    exit_code = 3


class Program(click.Group):
    """A group of commands that turns every expected end into an exit code."""

    def invoke(self, context: click.Context) -> Any:
        context.color = False if os.environ.get("NO_COLOR") else None
        if hasattr(sys.stdout, "reconfigure"):  # characters that the terminal lacks become "?"
            sys.stdout.reconfigure(errors="replace")
        try:
            with warnings.catch_warnings():
                _tell_own_warnings()
                return super().invoke(context)
        except MLEstimError as error:
            raise _failure_of(error)(as_options(str(error))) from error
        except BrokenPipeError:  # the reader has what it wanted; click ends quietly
            raise
        except OSError as error:
            raise Failure(f"{error.filename or 'standard output'}: {error.strerror}") from error
        except KeyboardInterrupt:
            raise click.exceptions.Exit(INTERRUPTED) from None


def _failure_of(error: MLEstimError) -> type[Failure]:
    if isinstance(error, EstimationError):
        return NoMaximum
    return WrongUsage if isinstance(error, (OptionError, ParameterError)) else Failure


def _tell_own_warnings() -> None:
    """Print the product's own warnings as one line; leave others as they are."""
    usual = warnings.showwarning

    def show(message: Any, category: Any, *where: Any, **options: Any) -> None:
        if issubclass(category, TOLD):
            remark(str(message))
        else:
            usual(message, category, *where, **options)

    for category in TOLD:
        warnings.simplefilter("always", category)
    warnings.showwarning = show


@click.group(
    cls=Program,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
@click.version_option(__version__, message="mlestim %(version)s")
def main() -> None:
    """Fit distributions by maximum likelihood, with a verdict for every fit; train networks.

    Results go to standard output, progress and remarks to standard error.

    \b
    Exit codes
      0    done
      1    failed: the data cannot be used, or a file cannot be read or written
      2    the command line is wrong
      3    no verified maximum of the likelihood was found
      130  interrupted
    """  # noqa: D301 -- \b keeps the lines of a paragraph


for _command in (fit, compare, report, train, resume, predict, evaluate, families, doctor):
    main.add_command(_command)
