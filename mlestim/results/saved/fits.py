"""What a file says of a fit."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlestim.distributions.base import Family
from mlestim.distributions.built.reflected import Reflected, limit_distribution, unreflected
from mlestim.distributions.registry import resolve
from mlestim.errors import OptionError
from mlestim.estimation.verdict import Verdict
from mlestim.results.result import FitResult
from mlestim.results.saved import parts
from mlestim.results.saved.facts import SampleFacts
from mlestim.results.saved.parts import decoded, encoded, require

METHODS = ("closed_form", "newton", "first_order", "em", "fixed")


def written(result: FitResult) -> dict[str, Any]:
    """Lay out a fit."""
    return {
        "family": result.family.name,
        "levels": getattr(result.family, "labels", None),
        **parts.written(result),
        "covariance_type": result.covariance_type,
        "sample": _facts(result),
        "limit": None
        if result.limit is None
        else {
            "family": unreflected(result.limit).name,
            "reflected": isinstance(result.limit, Reflected),
            # what is known for each row is no part of a file
            "values": {n: encoded(v) for n, v in result.limit.params.items() if not np.ndim(v)},
        },
    }


def _facts(result: FitResult) -> dict[str, Any] | None:
    """What is known of the sample; None of a result whose file said nothing."""
    known = result.observations is not None or result.facts is not None
    return result.sample.content() if known else None


def read(content: dict[str, Any], given: Family | None) -> FitResult:
    """Read a fit, of a family that may be given, and check what the file claims."""
    if given is None:
        family = _family(content["family"], content["levels"])
    else:
        family = given.as_asked((), content["names"])
        require(family.name == content["family"], f"the fit is of {content['family']!r}")
    limit = content["limit"]
    result = FitResult(
        family=family,
        **parts.read(content),
        covariance_type=content["covariance_type"],
        # files of earlier versions do not tell
        facts=None if content.get("sample") is None else SampleFacts.read(content["sample"]),
        limit=None
        if limit is None
        else limit_distribution(
            _family(limit["family"], content["levels"]),
            {name: decoded(value) for name, value in limit["values"].items()},
            reflected=bool(limit["reflected"]),
        ),
    )
    _check(result)
    return result


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
    family, names = result.family, result.names
    own = family.parameter_names
    estimated = tuple(p.name for p in family.parameters if not p.known)  # known row by row
    expected = {own, estimated, *([(*own, "location")] if family.half_line else [])}
    require(names in expected, "the parameters are not the family's")
    parts.check(result)
    require(parts.counts(result.n_observations), "there are no observations")
    require(result.method in METHODS, "the method is unknown")
    at_infinity = result.verdict is Verdict.AT_INFINITY
    require((result.limit is not None) == at_infinity, "verdict and limit contradict each other")
    if result.verdict.holds:
        require(len(result.distribution.params) > 0, "the distribution has no parameters")
