"""Results as JSON, read back with every claim checked."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from mlestim._version import __version__
from mlestim.distributions.base import Family
from mlestim.distributions.built.reflected import Reflected, limit_distribution, unreflected
from mlestim.distributions.registry import FamilyLike, resolve
from mlestim.errors import ModelFileError, OptionError
from mlestim.estimation.verdict import Evidence, Verdict
from mlestim.results.facts import SampleFacts
from mlestim.results.result import FitResult

FORMAT = "mlestim fit"
FORMAT_VERSION = 1
BYTE_ORDER_MARK = "\ufeff"
METHODS = ("closed_form", "newton", "first_order", "em", "fixed")


def to_json(result: FitResult) -> str:
    """Write a result as JSON; numbers that JSON lacks become the strings "inf", "-inf", "nan"."""
    content = {
        "family": result.family.name,
        "levels": getattr(result.family, "labels", None),
        "names": result.names,
        "estimates": _encode(result.estimates),
        "covariance": _encode(result.covariance_matrix),
        "covariance_type": result.covariance_type,
        "fixed": result.fixed,
        "log_likelihood": _encode(result.log_likelihood),
        "n_observations": result.n_observations,
        "sample": _facts(result),
        "verdict": str(result.verdict),
        "evidence": {name: _encode(value) for name, value in asdict(result.evidence).items()},
        "method": result.method,
        "limit": None
        if result.limit is None
        else {
            "family": unreflected(result.limit).name,
            "reflected": isinstance(result.limit, Reflected),
            # what is known for each row is no part of a file
            "values": {n: _encode(v) for n, v in result.limit.params.items() if not np.ndim(v)},
        },
    }
    return json.dumps(
        {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "mlestim_version": __version__,
            "checksum": _checksum(content),
            "content": content,
        },
        indent=2,
        allow_nan=False,
        default=str,
    )


def _facts(result: FitResult) -> dict[str, Any] | None:
    """What is known of the sample; None of a result whose file said nothing."""
    known = result.observations is not None or result.facts is not None
    return result.sample.content() if known else None


def load(source: str | PathLike[str], family: FamilyLike | None = None) -> FitResult:
    """Read a result from a path or from JSON text.

    Parameters
    ----------
    source : path or str
        The file, or its text.
    family : family, optional
        Of a fit of one's own family, that family: a file does not hold its formulas.

    Raises
    ------
    ModelFileError
        If it is truncated, altered, of another format, or inconsistent.
    """
    name, text = _text(source)
    try:
        return _loaded(text, family)
    except ModelFileError as error:
        raise ModelFileError(f"{name}: {error}") from error.__cause__


def _loaded(text: str, family: FamilyLike | None) -> FitResult:
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ModelFileError(f"not a JSON file, or a truncated one: {error}") from None
    if not isinstance(whole, dict) or whole.get("format") != FORMAT:
        raise ModelFileError(f"this is not a saved fit (its format is not '{FORMAT}')")
    if whole.get("format_version") != FORMAT_VERSION:
        raise ModelFileError(
            f"format version {whole.get('format_version')!r} is not known to mlestim "
            f"{__version__}, which reads version {FORMAT_VERSION}"
        )
    content = whole.get("content")
    if not isinstance(content, dict) or _checksum(content) != whole.get("checksum"):
        raise ModelFileError("the content does not match its checksum: the file was altered")
    try:
        result = _result(content, None if family is None else resolve(family))
        _check(result)
    except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise ModelFileError(f"the file is inconsistent: {error}") from error
    return result


def _text(source: object) -> tuple[str, str]:
    """Name for messages, and text, of a file or of JSON itself."""
    if isinstance(source, str) and source.lstrip(f"{BYTE_ORDER_MARK} \n\r\t").startswith(
        ("{", "[")
    ):
        return "this text", source.removeprefix(BYTE_ORDER_MARK)
    if not isinstance(source, str | PathLike) or not str(source):
        raise ModelFileError(f"a path or JSON text is needed, not {source!r}")
    name = str(source) if len(str(source)) < 200 else f"{str(source)[:200]}…"
    try:
        return name, Path(source).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ModelFileError(f"there is no file {name!r}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ModelFileError(f"{name!r} cannot be read: {reason}") from None


def _result(content: dict[str, Any], given: Family | None = None) -> FitResult:
    if given is None:
        family = _family(content["family"], content["levels"])
    else:
        family = given.as_asked((), content["names"])
        _require(family.name == content["family"], f"the fit is of {content['family']!r}")
    limit = content["limit"]
    evidence = {name: _decode(value) for name, value in content["evidence"].items()}
    iterations = int(evidence.pop("iterations"))
    return FitResult(
        family=family,
        names=tuple(content["names"]),
        estimates=np.array([_decode(value) for value in content["estimates"]]),
        covariance_matrix=np.array(
            [[_decode(value) for value in row] for row in content["covariance"]]
        ),
        fixed=tuple(content["fixed"]),
        log_likelihood=_decode(content["log_likelihood"]),
        n_observations=content["n_observations"],
        verdict=Verdict(content["verdict"]),
        evidence=Evidence(**evidence, iterations=iterations),
        method=content["method"],
        covariance_type=content["covariance_type"],
        # files of earlier versions do not tell
        facts=None if content.get("sample") is None else SampleFacts.read(content["sample"]),
        limit=None
        if limit is None
        else limit_distribution(
            _family(limit["family"], content["levels"]),
            {name: _decode(value) for name, value in limit["values"].items()},
            reflected=bool(limit["reflected"]),
        ),
    )


def _family(name: str, levels: list[Any] | None) -> Family:
    try:
        family = resolve(name)
    except OptionError:
        raise ValueError(
            f"the fit is of {name!r}, a family that is no part of mlestim; a file does not hold its "
            "formulas. Give the family too: load(source, family=…)."
        ) from None
    return family if levels is None else family.shaped(levels)


def _check(result: FitResult) -> None:
    """Refuse claims that no fit could make."""
    family, names, covariance = result.family, result.names, result.covariance_matrix
    own = family.parameter_names
    estimated = tuple(p.name for p in family.parameters if not p.known)  # known row by row
    expected = {own, estimated, *([(*own, "location")] if family.half_line else [])}
    _require(names in expected, "the parameters are not the family's")
    _require(set(result.fixed) <= set(names), "a fixed parameter is not among the parameters")
    _require(result.estimates.shape == (len(names),), "there is not one estimate a parameter")
    _require(covariance.shape == 2 * (len(names),), "the covariance has another size")
    symmetric = np.allclose(covariance, covariance.T, rtol=1e-9, atol=0.0, equal_nan=True)
    _require(symmetric, "the covariance is not symmetric")
    _require(not np.any(np.diag(covariance) < 0.0), "a variance is negative")
    n = result.n_observations
    _require(type(n) in (int, float) and 0.0 < n <= 2.0**53, "there are no observations")
    _require(result.method in METHODS, "the method is unknown")
    at_infinity = result.verdict is Verdict.AT_INFINITY
    _require((result.limit is not None) == at_infinity, "verdict and limit contradict each other")
    if result.verdict.holds:
        _require(math.isfinite(result.log_likelihood), "the log-likelihood is not finite")
        _require(len(result.distribution.params) > 0, "the distribution has no parameters")
        _require(not np.isnan(result.estimates).any(), "an estimate is missing")


def _require(holds: bool, problem: str) -> None:
    if not holds:
        raise ValueError(problem)


def _checksum(content: dict[str, Any]) -> str:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _encode(value: Any) -> Any:
    if np.ndim(value):
        return [_encode(entry) for entry in np.asarray(value)]
    number = float(value)
    return number if math.isfinite(number) else str(number)


def _decode(value: Any) -> float:
    if value in ("inf", "-inf", "nan") or type(value) in (int, float):
        return float(value)
    raise ValueError(f"{value!r} is not a number")
