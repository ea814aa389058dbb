"""Lines of a ranking: what each family reached, in one group or in many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mlestim.estimation.verdict import Verdict
from mlestim.inference.criteria import CRITERIA, TITLES

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]

SET_ASIDE = (
    "these values can be counts, and probabilities of counts have no common unit with densities: "
    "name continuous families alone to rank them"
)


@dataclass(frozen=True)
class Lines:
    """Columns of a ranking before it is ranked: one entry a family and group.

    Attributes
    ----------
    family : list of str
        Names.
    group : list of int
        Position of the group.
    kind : list of str
        What the family's values are.
    regular : list of bool
        Whether no parameter is an end of the support.
    verdict : list of str or None
        None where nothing was fitted.
    n_parameters, n_observations, log_likelihood : list
        What the criteria are made of.
    reason : list of str
        Why there is no place.
    """

    family: list[str]
    group: list[int]
    kind: list[str]
    regular: list[bool | None]
    verdict: list[str | None]
    n_parameters: list[int | None]
    n_observations: list[float]
    log_likelihood: list[float]
    reason: list[str]

    @classmethod
    def refused(
        cls, family: str, reason: str, groups: Sequence[int] | NDArray[np.intp] = (0,)
    ) -> Lines:
        """Lines of a family that was not fitted in some groups."""
        n = len(groups)
        nothing = [np.nan] * n
        return cls(
            [family] * n, [int(group) for group in groups], [""] * n, [None] * n, [None] * n,
            [None] * n, nothing, nothing, [reason] * n,
        )  # fmt: skip

    @classmethod
    def joined(cls, parts: Sequence[Lines]) -> Lines:
        """Lines of several families."""
        return cls(
            **{
                field.name: [entry for part in parts for entry in getattr(part, field.name)]
                for field in fields(cls)
            }
        )


def ranked(lines: Lines, criterion: str) -> pd.DataFrame:
    """Order lines by group and criterion, with differences and weights.

    Parameters
    ----------
    lines : Lines
        What was fitted, and what was not.
    criterion : {"aicc", "aic", "bic"}
        The smallest is best.

    Returns
    -------
    pandas.DataFrame
        Columns family, group, the criterion, delta, weight, verdict, regular, n_parameters,
        log_likelihood, reason; those without a place come last in their group.
    """
    import pandas as pd

    group = np.array(lines.group, dtype=np.intp)
    reason = np.array(lines.reason, dtype=object)
    verdicts = [None if verdict is None else Verdict(verdict) for verdict in lines.verdict]
    holds = np.array([verdict is not None and verdict.holds for verdict in verdicts], dtype=bool)
    for k, verdict in enumerate(verdicts):
        if verdict is not None and not verdict.holds:
            reason[k] = verdict.sentence
    counts = np.array([np.nan if p is None else p for p in lines.n_parameters])
    with np.errstate(invalid="ignore"):  # an unbounded likelihood has no criterion
        value = CRITERIA[criterion](lines.log_likelihood, counts, lines.n_observations)
    small = holds & ~np.isfinite(value)
    reason[small] = f"too few rows for its number of parameters: {TITLES[criterion]} does not exist"
    place = holds & ~small
    counted = np.bincount(group[place & (np.array(lines.kind) == "discrete")], minlength=1)
    aside = place & (np.array(lines.kind) == "continuous")
    aside &= np.isin(group, np.flatnonzero(counted))
    reason[aside] = SET_ASIDE
    value = np.where(place & ~aside, value, np.nan)
    delta, weight = support(value, group)
    table = pd.DataFrame(
        {
            "family": lines.family,
            "group": group,
            criterion: value,
            "delta": delta,
            "weight": weight,
            "verdict": pd.Series(lines.verdict, dtype=object),
            "regular": pd.array(lines.regular, dtype="boolean"),
            "n_parameters": pd.array(lines.n_parameters, dtype="Int64"),
            "log_likelihood": lines.log_likelihood,
            "reason": pd.Series(reason, dtype=object),
        }
    )
    order = np.lexsort((value, group))
    return table.iloc[order].reset_index(drop=True)


def support(value: Array, group: NDArray[np.intp]) -> tuple[Array, Array]:
    """Differences from each group's smallest value, and weights; NaN where there is no value."""
    groups = int(group.max(initial=0)) + 1
    best = np.full(groups, np.inf)
    np.fmin.at(best, group, value)
    with np.errstate(invalid="ignore"):  # groups without any place
        delta = value - best[group]
    has_place = np.isfinite(delta)
    share = np.where(has_place, np.exp(-0.5 * np.where(has_place, delta, 0.0)), 0.0)
    total = np.bincount(group, share, groups)[group]
    weight = np.where(has_place, share / np.where(total > 0.0, total, 1.0), np.nan)
    # of several, a share that rounds to 0 or 1 is still neither
    several = np.bincount(group, has_place, groups)[group] > 1
    inside = np.clip(weight, np.nextafter(0.0, 1.0), np.nextafter(1.0, 0.0))
    return delta, np.where(several, inside, weight)
