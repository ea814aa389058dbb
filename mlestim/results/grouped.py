"""`GroupedFit`: one fit a group, all from one batch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.rows.tables import tabulated
from mlestim.errors import DataError
from mlestim.estimation.bounds import solve_within
from mlestim.estimation.information.covariances import put_covariance
from mlestim.estimation.solution import Solution
from mlestim.inference.criteria import aic
from mlestim.inference.wald import wald_intervals
from mlestim.problem import Problem, parameter_domain
from mlestim.results.result import FitResult
from mlestim.results.saved.facts import SampleFacts
from mlestim.sample.batch import Batch
from mlestim.sample.groups import Groups

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping
    from pathlib import Path

    import pandas as pd

    from mlestim.sample.observations import Observations

Array = NDArray[np.float64]

# Of the keys of groups that were left out, readers see the first ones.
MOST_NAMED = 5
# Integers below this are exact as floating-point numbers: a group and a count fit in one.
LARGEST_EXACT = 2.0**53


@dataclass(frozen=True, eq=False)
class GroupedFit:
    """The fits of all groups.

    Attributes
    ----------
    problem : Problem
        What was fitted, with all observations.
    solution : Solution
        Arrays with one column a group, in the order of `groups`.
    n_observations : array, shape (groups,)
        Number of observations of each group: the sum of frequency weights.
    covariance_type : {"observed", "expected", "opg", "sandwich"}
        What the covariances are made of.
    """

    problem: Problem
    solution: Solution
    n_observations: Array
    covariance_type: str = "observed"

    @property
    def groups(self) -> Groups:
        """Which group each row belongs to."""
        groups = self.problem.observations.groups
        if groups is None:
            raise DataError("there are no groups")
        return groups

    def keys(self) -> pd.Index:
        """Keys of the groups."""
        return self.groups.keys

    def items(self) -> Iterator[tuple[Hashable, FitResult]]:
        """Keys and fits of the groups."""
        return ((key, self[key]) for key in self.keys())

    def __iter__(self) -> Iterator[Hashable]:
        return iter(self.keys())

    def __contains__(self, key: object) -> bool:
        return key in self.keys()

    def __len__(self) -> int:
        return len(self.groups)

    @property
    def groups_omitted(self) -> tuple[Hashable, ...]:
        """Keys of the groups without a row: all are missing, have weight 0, or can't be held."""
        return self.groups.emptied

    @property
    def n_omitted(self) -> int:
        """Number of rows left out because something in them, a key perhaps, is missing."""
        return self.problem.observations.n_omitted

    @property
    def omissions(self) -> tuple[str, ...]:
        """What was left out, in words; empty where nothing was."""
        return omissions(self.problem.observations)

    @property
    def remarks(self) -> tuple[str, ...]:
        """Kinds of rows and meaning of weights that are not as usual, and what was left out."""
        return (*SampleFacts.of(self.problem.observations).parts, *self.omissions)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters in the table: a known location only where it was set."""
        shown = ("location",) if self.problem.location else ()
        every = self.problem.model.parameter_names
        return (*(every[k] for k in self._shown), *shown)

    @property
    def _shown(self) -> list[int]:
        """Positions of the parameters that groups have a value of."""
        every, known = self.problem.model.parameter_names, self.problem.known_by_row
        return [k for k, name in enumerate(every) if name not in known]

    @property
    def n_parameters(self) -> int:
        """Number of parameters that were estimated in each group."""
        free = len(self._shown) - len(self.problem.fixed)
        return free - self.problem.family.n_dependent(self.problem.fixed)

    @cached_property
    def _estimates(self) -> Array:
        """One line a name, one column a group."""
        theta = self.solution.theta[self._shown]
        return np.pad(
            theta,
            ((0, len(self.names) - len(theta)), (0, 0)),
            constant_values=self.problem.location,
        )

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a group: estimates, standard errors, verdict, log-likelihood, AIC, n.

        A key that is called like one of these columns gets the name ``by_`` and its own.
        """
        import pandas as pd

        solution = self.solution
        columns: dict[str, Any] = dict(zip(self.names, self._estimates, strict=True))
        for name, errors in zip(self.names, self._standard_errors, strict=True):
            columns[f"{name}_standard_error"] = errors
        columns["verdict"] = solution.verdict.astype(str)
        columns["log_likelihood"] = solution.log_likelihood
        criterion = aic(solution.log_likelihood, self.n_parameters, self.n_observations)
        columns["aic"] = np.where(solution.holds, criterion, np.nan)
        columns["n_observations"] = self.n_observations
        keys = self.groups.keys
        names = [f"by_{name}" if name in columns else name for name in keys.names]
        return pd.DataFrame(columns, index=keys.set_names(names))

    @cached_property
    def _standard_errors(self) -> Array:
        errors = np.sqrt(np.einsum("iib->ib", self.solution.covariance))[self._shown]
        return np.pad(errors, ((0, len(self.names) - len(errors)), (0, 0)), constant_values=np.nan)

    def tidy(self, level: float = 0.95) -> pd.DataFrame:
        """One row a group and parameter: estimate, standard error, interval, verdict.

        A key that is called like one of these columns gets the name ``by_`` and its own.
        """
        theta, errors = self._estimates, self._standard_errors
        domains = [parameter_domain(self.problem.family, name) for name in self.names]
        lower, upper = wald_intervals(theta, errors, domains, level)
        p, g = theta.shape
        columns = {
            "parameter": np.tile(np.array(self.names), g),
            "estimate": theta.T.ravel(),
            "standard_error": errors.T.ravel(),
            "lower": lower.T.ravel(),
            "upper": upper.T.ravel(),
            "verdict": np.repeat(self.solution.verdict.astype(str), p),
        }
        keys = self.groups.keys.repeat(p).to_frame(index=False)
        return beside_keys(keys, columns)

    def __getitem__(self, key: Hashable) -> FitResult:
        """Return the fit of one group.

        Raises
        ------
        KeyError
            If there is no such group.
        """
        from pandas.errors import InvalidIndexError

        try:
            position = self.groups.keys.get_loc(key)
        except (KeyError, TypeError, InvalidIndexError):
            left_out = " (all its rows are left out)" if key in self.groups_omitted else ""
            raise KeyError(
                f"{key!r} is not the key of one group{left_out}; .table holds them all"
            ) from None
        if not isinstance(position, int | np.integer):
            raise KeyError(f"{key!r} names several groups; give the whole key")
        sample = replace(self.problem.observations.take(self.groups.codes == position), groups=None)
        problem = replace(self.problem, observations=sample)
        return FitResult.of(problem, self.solution, position, self.covariance_type)

    def report(self, path: str | Path, *, force: bool = False) -> Path:
        """Write an estimation report; the suffix of `path` chooses its form."""
        import reports

        return reports.write(reports.build(self), path, force=force)

    def __repr__(self) -> str:
        counts = self.table["verdict"].value_counts()
        told = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
        noun = "group" if len(self) == 1 else "groups"
        parts = [f"{self.problem.family.name}, {len(self)} {noun}: {told}", *self.remarks]
        return f"GroupedFit({'; '.join(parts)})"


def omissions(sample: Observations) -> tuple[str, ...]:
    """Which groups and how many rows of a sample were left out, in words."""
    told, keys = [], () if sample.groups is None else sample.groups.emptied
    if keys:
        shown = [str(key) for key in keys[:MOST_NAMED]]
        more = f" and {len(keys) - MOST_NAMED} more" if len(keys) > MOST_NAMED else ""
        noun = "group is" if len(keys) == 1 else "groups are"
        told.append(f"{len(keys)} {noun} without a row: {', '.join(shown)}{more}")
    if sample.n_omitted:
        noun = "row is" if sample.n_omitted == 1 else "rows are"
        told.append(f"{sample.n_omitted} {noun} omitted as missing")
    return tuple(told)


def beside_keys(keys: pd.DataFrame, columns: Mapping[Any, Any]) -> pd.DataFrame:
    """Put columns beside the keys of groups; a key that is called like one of them is renamed."""
    table = keys.set_axis([f"by_{name}" if name in columns else name for name in keys], axis=1)
    for name, values in columns.items():
        table.insert(table.shape[1], name, values)
    return table


def fit_groups(
    problem: Problem, search: dict[str, Any], covariance: str = "observed"
) -> GroupedFit:
    """Fit every group; groups of like size become neighbours so that blocks hold little padding."""
    groups = problem.observations.groups
    if groups is None:
        raise DataError("there are no groups")
    batch = _sorted_batch(problem, groups)
    by_size = np.argsort(batch.sizes, kind="stable")
    back = np.empty_like(by_size)
    back[by_size] = np.arange(len(by_size))
    batch = batch.reordered(by_size)
    solution = solve_within(problem, batch, **search)
    solution = solution.select(back)
    put_covariance(problem, solution, covariance)
    total = batch.total_weight[back]
    if not problem.observations.design.counts_weights:
        total = np.bincount(groups.codes, minlength=len(back)).astype(float)
    return GroupedFit(problem, solution, _whole(total), covariance)


def _sorted_batch(problem: Problem, groups: Groups) -> Batch:
    """Rows in the order of their groups; long groups of counts as tables."""
    order, starts, sizes = groups.sorted_layout()
    rows = problem.rows[order]
    weights = problem.weights
    weights = None if weights is None else weights[order]
    span = float(rows.max() - rows.min()) + 1.0
    exact = len(sizes) * span < LARGEST_EXACT
    if problem.tabulates and exact and len(rows) > 64 * len(sizes):
        return _tabulated_groups(rows, weights, groups.codes[order], problem.window)
    beside = {**problem.known_by_row, **problem.ends}
    known = {name: values[order] for name, values in beside.items()}
    return Batch(rows, weights, starts, sizes, known, problem.window)


def _tabulated_groups(
    rows: Array, weights: Array | None, codes: NDArray[np.intp], window: tuple[float, float]
) -> Batch:
    """Table of counts of every group at once: one number stands for a group and a value."""
    low, span = rows.min(), rows.max() - rows.min() + 1.0
    pairs, totals = tabulated(codes * span + (rows - low), weights)
    owner = np.floor(pairs / span)
    sizes = np.bincount(owner.astype(np.intp))
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    return Batch(pairs - owner * span + low, totals, starts, sizes, window=window)


def _whole(total: Array) -> Array:
    """Show whole counts as integers."""
    return total.astype(np.int64) if np.all(total == np.floor(total)) else total
