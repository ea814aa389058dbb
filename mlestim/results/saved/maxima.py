"""What a file says of the maximum of a function: all but the function."""

from __future__ import annotations

import math
from typing import Any

from mlestim.distributions.base import Family
from mlestim.distributions.parameter import Interval
from mlestim.estimation.verdict import Verdict
from mlestim.results.maximum import MaximumResult
from mlestim.results.saved import parts
from mlestim.results.saved.parts import decoded, encoded, require


def written(result: MaximumResult) -> dict[str, Any]:
    """Lay out a maximum."""
    domains = {name: result.domain(name) for name in result.names}
    return {
        "name": result.name,
        **parts.written(result),
        "domains": {name: [encoded(d.lower), encoded(d.upper)] for name, d in domains.items()},
    }


def read(content: dict[str, Any], given: Family | None) -> MaximumResult:
    """Read a maximum, and check what the file claims."""
    require(given is None, "the maximum of a function has no family")
    domains = {}
    for name, (lower, upper) in content["domains"].items():
        domains[name] = Interval(decoded(lower), decoded(upper))
        require(domains[name].lower < domains[name].upper, "a domain is empty")
    result = MaximumResult(name=content["name"], **parts.read(content), domains=domains)
    _check(result)
    return result


def _check(result: MaximumResult) -> None:
    names = result.names
    require(all(type(name) is str for name in (result.name, *names)), "a name is none")
    require(tuple(result.domains) == names, "there is not one domain a parameter")
    parts.check(result)
    n = result.n_observations
    require(parts.counts(n) or (type(n) is float and math.isnan(n)), "there are no observations")
    require(result.method == "newton", "the method is unknown")
    require(result.verdict is not Verdict.AT_INFINITY, "a function has no limit family")
    if result.verdict.holds:
        inside = (
            result.domain(name).lower <= value <= result.domain(name).upper
            for name, value in zip(names, result.estimates, strict=True)
        )
        require(all(inside), "an estimate lies outside its domain")
