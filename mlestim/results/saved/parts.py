"""What every result has in a file: estimates, verdict, evidence."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import numpy as np

from mlestim.estimation.verdict import Evidence, Verdict
from mlestim.results.estimates import Estimates


def written(result: Estimates) -> dict[str, Any]:
    """Lay out what results have in common; numbers that JSON lacks become "inf", "-inf", "nan"."""
    n = result.n_observations
    return {
        "names": result.names,
        "estimates": encoded(result.estimates),
        "covariance": encoded(result.covariance_matrix),
        "fixed": result.fixed,
        "log_likelihood": encoded(result.log_likelihood),
        "n_observations": None if math.isnan(n) else n,
        "verdict": str(result.verdict),
        "evidence": {name: encoded(value) for name, value in asdict(result.evidence).items()},
        "method": result.method,
    }


def read(content: dict[str, Any]) -> dict[str, Any]:
    """Read what `written` laid out, as the fields of a result."""
    evidence = {name: decoded(value) for name, value in content["evidence"].items()}
    iterations = int(evidence.pop("iterations"))
    n = content["n_observations"]
    return {
        "names": tuple(content["names"]),
        "estimates": np.array([decoded(value) for value in content["estimates"]]),
        "covariance_matrix": np.array(
            [[decoded(value) for value in row] for row in content["covariance"]]
        ),
        "fixed": tuple(content["fixed"]),
        "log_likelihood": decoded(content["log_likelihood"]),
        "n_observations": math.nan if n is None else n,
        "verdict": Verdict(content["verdict"]),
        "evidence": Evidence(**evidence, iterations=iterations),
        "method": content["method"],
    }


def check(result: Estimates) -> None:
    """Refuse claims that no result could make."""
    names, covariance = result.names, result.covariance_matrix
    require(set(result.fixed) <= set(names), "a fixed parameter is not among the parameters")
    require(result.estimates.shape == (len(names),), "there is not one estimate a parameter")
    require(covariance.shape == 2 * (len(names),), "the covariance has another size")
    symmetric = np.allclose(covariance, covariance.T, rtol=1e-9, atol=0.0, equal_nan=True)
    require(symmetric, "the covariance is not symmetric")
    require(not np.any(np.diag(covariance) < 0.0), "a variance is negative")
    if result.verdict.holds:
        require(math.isfinite(result.log_likelihood), "the log-likelihood is not finite")
        require(not np.isnan(result.estimates).any(), "an estimate is missing")


def require(holds: bool, problem: str) -> None:
    """Refuse a claim that does not hold."""
    if not holds:
        raise ValueError(problem)


def counts(n: Any) -> bool:
    """Whether there can be so many observations."""
    return type(n) in (int, float) and 0.0 < n <= 2.0**53


def encoded(value: Any) -> Any:
    """Write a number or an array; what JSON lacks becomes a string."""
    if np.ndim(value):
        return [encoded(entry) for entry in np.asarray(value)]
    number = float(value)
    return number if math.isfinite(number) else str(number)


def decoded(value: Any) -> float:
    """Read a number.

    Raises
    ------
    ValueError
        If it is none.
    """
    if value in ("inf", "-inf", "nan") or type(value) in (int, float):
        return float(value)
    raise ValueError(f"{value!r} is not a number")
