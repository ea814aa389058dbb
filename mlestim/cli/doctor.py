"""`mlestim doctor`: whether the installation is whole, and computes what it should."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from mlestim._version import __version__
from mlestim.cli.output import Column, print_table

if TYPE_CHECKING:
    from mlestim.results.result import FitResult

DEVELOPERS_EXTRAS = {"bench", "docs", "lint", "test"}
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")

# Forty-digit maximum of the gamma likelihood for this sample, by mpmath.
SAMPLE = (0.7, 1.1, 1.9, 2.4, 2.6, 3.3, 3.8, 5.2, 6.9, 9.4)
GAMMA = {"shape": 2.072241442039645439, "scale": 1.799983305192792719}
TOLERANCE = 1e-9  # relative; Newton's last step leaves less than 1e-12


@dataclass(frozen=True)
class Finding:
    """One line of the report: what was looked at, what was found, and whether that is right."""

    what: str
    found: str
    right: bool = True


@click.command("doctor")
def doctor() -> None:
    """Check the installation: versions, extras, threads, and a fit whose answer is known.

    The exit code is 1 if something is wrong. An extra that is not installed is not wrong.
    """
    findings = [
        *_requirements(),
        *_or_what_went_wrong("NumPy", _machine),
        *_or_what_went_wrong("self-check", _self_check),
    ]
    wrong = [finding.what for finding in findings if not finding.right]
    print_table(
        [
            Column("check", [finding.what for finding in findings]),
            Column("", ["ok" if finding.right else "WRONG" for finding in findings]),
            Column("found", [finding.found for finding in findings]),
        ]
    )
    click.echo()
    click.echo(f"Wrong: {', '.join(wrong)}." if wrong else "Everything is in order.")
    if wrong:
        raise click.exceptions.Exit(1)


def _or_what_went_wrong(what: str, look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from look()
    except Exception as error:  # noqa: BLE001 -- what is broken may break in any way: it is reported
        yield Finding(what, f"{type(error).__name__}: {error}", right=False)


# ---- packages ----------------------------------------------------------------------------------


def _requirements() -> Iterator[Finding]:
    """Compare what the package's own metadata ask for with what is installed."""
    yield Finding("python", platform.python_version())
    try:
        package = importlib.metadata.distribution("mlestim")
    except importlib.metadata.PackageNotFoundError:
        yield Finding("mlestim", f"{__version__}, run from its folder")
        return
    yield Finding("mlestim", package.version)
    for requirement in package.requires or ():
        name, least, extra = _parsed(requirement)
        if extra is None:
            yield _required(name, least)
        elif extra not in DEVELOPERS_EXTRAS and name != "mlestim":
            yield _optional(name, extra)


def _parsed(requirement: str) -> tuple[str, str, str | None]:
    """Split a requirement into name, lowest version and extra.

    Examples
    --------
    >>> _parsed('matplotlib>=3.9; extra == "plot"')
    ('matplotlib', '3.9', 'plot')
    """
    name = re.match(r"[\w.-]+", requirement)
    least = re.search(r">=([\w.]+)", requirement)
    extra = re.search(r"extra == ['\"](\w+)['\"]", requirement)
    return (
        name.group() if name else requirement,
        least.group(1) if least else "0",
        extra.group(1) if extra else None,
    )


def _required(name: str, least: str) -> Finding:
    version = _version(name)
    if version is None:
        return Finding(name, f"missing: pip install '{name}>={least}'", right=False)
    if _numbers(version) < _numbers(least):
        return Finding(name, f"{version} is too old: pip install '{name}>={least}'", right=False)
    return Finding(name, version)


def _optional(name: str, extra: str) -> Finding:
    return Finding(name, _version(name) or f"optional: pip install 'mlestim[{extra}]'")


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])


# ---- machine -----------------------------------------------------------------------------------


def _machine() -> Iterator[Finding]:
    import numpy as np

    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    yield Finding("BLAS", f"{blas.get('name')} {blas.get('version')}")
    yield Finding("processors", str(os.cpu_count()))
    for variable in THREAD_VARIABLES:
        if variable in os.environ:
            yield Finding(variable, os.environ[variable])


# ---- self-check --------------------------------------------------------------------------------


def _fitted(family: str, method: Any) -> FitResult:
    import mlestim

    return mlestim.fit(SAMPLE, family, method=method)


def _self_check() -> Iterator[Finding]:
    """Fit a sample whose maximum is known, by formula and by search."""
    gamma = _fitted("gamma", "auto")
    error = max(abs(gamma.params[name] / value - 1.0) for name, value in GAMMA.items())
    yield Finding(
        "gamma fit",
        f"{gamma.verdict}, error {error:.0e}",
        right=error < TOLERANCE and gamma.verdict == "interior",
    )
    mean = sum(SAMPLE) / len(SAMPLE)
    for method in ("closed_form", "newton"):
        normal = _fitted("normal", method)
        error = abs(normal.params["mean"] / mean - 1.0)
        yield Finding(f"normal fit, {method}", f"error {error:.0e}", right=error < TOLERANCE)
