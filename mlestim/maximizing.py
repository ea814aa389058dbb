"""`maximize`: any log-likelihood of named parameters."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np

from mlestim.distributions.parameter import Domain, domain_of
from mlestim.errors import OptionError, ParameterError
from mlestim.estimation.general import maximum_of
from mlestim.problem import named
from mlestim.results.maximum import MaximumResult
from mlestim.sample.rows import shown


def maximize(
    log_likelihood: Callable[..., float],
    start: Mapping[str, float],
    domains: Mapping[str, Domain] | None = None,
    *,
    fixed: Mapping[str, float] | None = None,
    n_observations: float | None = None,
    on_failure: Literal["raise", "return"] = "raise",
) -> MaximumResult:
    r"""Maximise a log-likelihood that is no sum over the rows of one family.

    Finds the parameters θ with the largest :math:`\ell(\theta)` by Newton's method with numerical
    derivatives. Standard errors come from the second derivatives at the maximum, confidence
    intervals from the scale on which the search moves: logarithms of positive parameters, logits
    of those between two ends.

    Parameters
    ----------
    log_likelihood : callable
        Takes the parameters by name, returns the total log-likelihood; −inf or NaN where it is
        not defined.
    start : mapping
        Names of the parameters and where to begin; the log-likelihood has to be finite there.
    domains : mapping, optional
        ``"real"`` (the default), ``"positive"``, ``"unit"`` or a pair of ends, by name; None leaves
        an end open.
    fixed : mapping, optional
        Known parameters.
    n_observations : float, optional
        For AICc and BIC, which are NaN without it.
    on_failure : {"raise", "return"}
        Whether to raise where no maximum was found.

    Returns
    -------
    MaximumResult
        With the names that a fit has: ``params``, ``standard_errors``, ``covariance``,
        ``confidence_intervals()``, ``estimate()``, ``likelihood_ratio_test()``,
        ``log_likelihood``, ``aic``, ``verdict``, ``summary()``, ``plot()``, ``to_json()``, …

    Raises
    ------
    OptionError, ParameterError
        If start, domains and fixed do not go together.
    UnboundedLikelihoodError, IdentifiabilityError, ConvergenceError
        If there is no maximum (with ``on_failure="raise"``).

    Examples
    --------
    A straight line through the origin with normal errors:

    >>> x, y = np.array([1.0, 2.0, 3.0, 4.0]), np.array([2.1, 3.9, 6.2, 7.8])
    >>> def line(slope, sd):
    ...     return np.sum(-np.log(sd) - 0.5 * ((y - slope * x) / sd) ** 2)
    >>> result = maximize(line, {"slope": 1.0, "sd": 1.0}, {"sd": "positive"})
    >>> result.params.round(6).to_dict()
    {'slope': 1.99, 'sd': 0.155724}
    >>> result.verdict.value
    'interior'
    """
    if on_failure not in ("raise", "return"):
        raise OptionError(f"on_failure={on_failure!r} is unknown. Use 'raise' or 'return'.")
    size = _size(n_observations)
    known = {name: _number(name, value) for name, value in named(fixed, "fixed").items()}
    begin = {n: _number(n, value) for n, value in named(start, "start").items() if n not in known}
    _check_signature(log_likelihood, [*begin, *known])
    said = named(domains, "domains")
    places = {name: domain_of(name, said.get(name, "real")) for name in (*begin, *known)}
    for name in said:
        if name not in places:
            raise ParameterError(f"domains: {name} has no start; they are {', '.join(places)}")
    for name, value in (*begin.items(), *known.items()):
        on_end = name in known and math.isfinite(value) and places[name].on_edge(value)
        if not (places[name].contains(value) or on_end):
            option = "fixed" if name in known else "start"
            raise ParameterError(f"{option}: {name} = {value:g} lies outside {places[name]}")

    def function(theta: np.ndarray) -> float:
        return _value(log_likelihood(**dict(zip(begin, theta.tolist(), strict=True)), **known))

    first = np.array(list(begin.values()))
    at_start = function(first)
    if not math.isfinite(at_start):
        raise ParameterError(f"start: the log-likelihood is {at_start} there. Begin elsewhere.")
    found = maximum_of(function, first, [places[name] for name in begin])
    result = MaximumResult(
        name=getattr(log_likelihood, "__name__", type(log_likelihood).__name__).strip("<>"),
        names=tuple(places),
        estimates=np.array([*found.theta, *known.values()]),
        covariance_matrix=np.pad(found.covariance, (0, len(known)), constant_values=np.nan),
        fixed=tuple(known),
        log_likelihood=found.value,
        n_observations=size,
        verdict=found.verdict,
        evidence=found.evidence,
        domains=places,
        function=function,
        way=found.path,
    )
    return result.require_maximum() if on_failure == "raise" else result


def _number(name: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ParameterError(f"{name} = {value!r} is not a number") from None


def _size(n_observations: Any) -> float:
    if n_observations is None:
        return math.nan
    if isinstance(n_observations, float | int | np.number) and 0.0 < n_observations < math.inf:
        return float(n_observations) if isinstance(n_observations, np.number) else n_observations
    raise OptionError(f"n_observations={n_observations!r} is no number of observations")


def _check_signature(function: Any, names: list[str]) -> None:
    """Refuse a function that does not take these parameters by name."""
    if not callable(function):
        raise OptionError(f"the log-likelihood has to be a function, not {shown(function)}")
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # compiled functions may have none
        return
    try:
        signature.bind(**dict.fromkeys(names))
    except TypeError as error:
        raise ParameterError(
            f"start and fixed give {', '.join(names) or 'nothing'}; the log-likelihood takes "
            f"{', '.join(signature.parameters) or 'nothing'}: {error}"
        ) from None


def _value(returned: Any) -> float:
    """Read what the user's function returned: a number, or an array without a dimension."""
    if isinstance(returned, float):
        return returned
    if np.ndim(returned) or np.asarray(returned).dtype.kind not in "fiu":
        raise OptionError(
            f"the log-likelihood has to be one number, not {type(returned).__name__}"
            + (f" of shape {np.shape(returned)}: sum it over the rows" if np.ndim(returned) else "")
        )
    return float(returned)
