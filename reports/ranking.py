"""Several families fitted to the same observations, the best by AICc first."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from mlestim.distributions.registry import registered
from mlestim.errors import DataError, EstimationError, LimitWarning, OptionError, ParameterError
from mlestim.estimation.verdict import Verdict
from mlestim.fitting import fit
from reports.model import RankedFamily
from reports.verdicts import explain

# What can be wrong with a family for given data; anything else is a defect and must be seen.
_REASONS = (DataError, EstimationError, ParameterError, OptionError)


def rank(
    observations: Any,
    families: Iterable[str] | None = None,
    *,
    kind: str = "continuous",
    fitted: Any = None,
) -> tuple[RankedFamily, ...]:
    r"""Fit every family and rank them by the small-sample Akaike criterion.

    :math:`\Delta_i = \mathrm{AICc}_i - \min_j \mathrm{AICc}_j` and
    :math:`w_i = e^{-\Delta_i/2} / \sum_j e^{-\Delta_j/2}`.

    Parameters
    ----------
    observations
        What :func:`mlestim.fit` takes: values or prepared observations.
    families
        Names of the families; all registered ones of the kind when not given.
    kind
        ``"continuous"``, ``"discrete"`` or ``"categorical"``.
    fitted : FitResult, optional
        A fit to the same observations that stands for its family as it is.

    Returns
    -------
    tuple of RankedFamily
        First the families that can hold the data, best first, then the others, each with the
        reason why it cannot.

    References
    ----------
    Burnham, K. P. and Anderson, D. R. (2002). Model Selection and Multimodel Inference, ch. 2.
    """
    names = families_of(kind) if families is None else tuple(families)
    entries = [
        entry_of(fitted, name)
        if fitted is not None and fitted.family.name == name
        else _entry(observations, name)
        for name in names
    ]
    return weighted(entries)


def families_of(kind: str) -> tuple[str, ...]:
    """Return the names of all registered families of a kind."""
    return tuple(name for name, family in registered().items() if family.kind == kind)


def weighted(entries: Iterable[RankedFamily]) -> tuple[RankedFamily, ...]:
    """Return entries in the order of their criterion, with differences and weights filled in."""
    everything = list(entries)
    ranked = sorted((e for e in everything if e.aicc is not None), key=lambda e: e.aicc or 0.0)
    if not ranked:
        return tuple(everything)
    criteria = np.array([entry.aicc for entry in ranked], dtype=float)
    deltas = criteria - criteria[0]
    weights = np.exp(-deltas / 2)
    weights /= weights.sum()
    if len(ranked) > 1:  # a share that rounds to 0 or 1 is still neither
        weights = np.clip(weights, np.nextafter(0.0, 1.0), np.nextafter(1.0, 0.0))
    return (
        *(
            replace(entry, delta=float(delta), weight=float(weight))
            for entry, delta, weight in zip(ranked, deltas, weights, strict=True)
        ),
        *(entry for entry in everything if entry.aicc is None),
    )


def _entry(observations: Any, family: str) -> RankedFamily:
    try:
        with warnings.catch_warnings():
            # The ranking itself shows who is at infinity; a warning for each would say it twice.
            warnings.simplefilter("ignore", LimitWarning)
            result = fit(observations, family, on_failure="return")
    except _REASONS as error:
        return _without_place(family, reason=str(error))
    return entry_of(result, family)


def entry_of(result: Any, family: str) -> RankedFamily:
    """Return the ranking's line for one fit."""
    verdict = str(result.verdict)
    if not Verdict(verdict).holds:
        return _without_place(family, verdict, explain(verdict).headline)
    if not math.isfinite(result.aicc):
        return _without_place(
            family, verdict, "too few rows for its number of parameters: AICc does not exist"
        )
    return RankedFamily(
        family=family,
        verdict=verdict,
        n_parameters=int(result.n_parameters),
        log_likelihood=float(result.log_likelihood),
        aicc=float(result.aicc),
        delta=None,
        weight=None,
    )


def _without_place(family: str, verdict: str | None = None, reason: str = "") -> RankedFamily:
    return RankedFamily(family, verdict, None, None, None, None, None, reason=reason)
