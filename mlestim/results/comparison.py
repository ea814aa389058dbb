"""`Comparison`: several families fitted to the same observations, ranked by a criterion."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.base import Family
from mlestim.errors import DataError, EstimationError, OptionError
from mlestim.inference.bootstrap import best_shares
from mlestim.inference.contributions import contributions
from mlestim.inference.likelihood_ratio import LikelihoodRatioTest, bootstrap_likelihood_ratio
from mlestim.inference.vuong import VuongTest, vuong
from mlestim.results.grouped import GroupedFit, omissions
from mlestim.results.ranking import Lines, ranked
from mlestim.results.result import FitResult
from mlestim.results.saved.facts import SampleFacts

if TYPE_CHECKING:
    import pandas as pd

    from mlestim.distributions.distribution import Distribution
    from mlestim.sample.observations import Observations

Array = NDArray[np.float64]


# Of many families without a place, a message names the first ones.
MOST_REASONS = 3


@dataclass(frozen=True, eq=False)
class Comparison:
    r"""Families ranked by a criterion, with the reason for each that has no place.

    :math:`\Delta_i` is a family's criterion minus the smallest one, and its weight
    :math:`w_i = e^{-\Delta_i/2} / \sum_j e^{-\Delta_j/2}`. Where some family gives probabilities
    (counts), densities are not ranked beside it: the two have no common unit.

    Attributes
    ----------
    fits : dict of str to FitResult
        The fits by the family's name, those without a maximum included.
    refused : dict of str to str
        Families that cannot hold the data, and why.
    criterion : {"aicc", "aic", "bic"}
        What they are ranked by.

    References
    ----------
    Burnham, K. P. and Anderson, D. R. (2002). Model Selection and Multimodel Inference, ch. 2.
    """

    fits: Mapping[str, FitResult]
    refused: Mapping[str, str]
    criterion: str

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a family, best first: criterion, delta, weight, verdict, regular, and a reason.

        ``regular`` is false where a parameter is an end of the support: theory then does not
        promise that the criterion's penalty is right. Families without a place come last.
        """
        lines = [_line(name, fit) for name, fit in self.fits.items()]
        lines += [Lines.refused(name, reason) for name, reason in self.refused.items()]
        return ranked(Lines.joined(lines), self.criterion).set_index("family").drop(columns="group")

    @property
    def ranking(self) -> tuple[str, ...]:
        """Names of the families that have a place, best first."""
        return tuple(self.table.index[self.table[self.criterion].notna()])

    @property
    def best(self) -> FitResult:
        """The fit that is ranked first.

        Raises
        ------
        EstimationError
            If no family has a place.
        """
        if not self.ranking:
            reasons = [f"{n}: {why.rstrip('.')}" for n, why in self.table["reason"].items()]
            more = len(reasons) - MOST_REASONS
            if more > 0:
                reasons[MOST_REASONS:] = [f"and {more} more, see the table of the comparison"]
            raise EstimationError(f"no family fits these data. {'; '.join(reasons)}.")
        return self.fits[self.ranking[0]]

    def __getitem__(self, name: str) -> FitResult:
        """Return the fit of one family.

        Raises
        ------
        KeyError
            If it was not compared, or cannot hold the data.
        """
        if name in self.refused:
            raise KeyError(f"{name} was not fitted: {self.refused[name]}")
        if name not in self.fits:
            raise KeyError(f"{name!r} was not compared; the families are {', '.join(self.fits)}")
        return self.fits[name]

    def including(self, fit: FitResult) -> Comparison:
        """Let a fit to the same observations stand for its family."""
        name = fit.family.name
        refused = {other: reason for other, reason in self.refused.items() if other != name}
        return replace(self, fits={**self.fits, name: fit}, refused=refused)

    # ---- how sure the choice is ------------------------------------------------------------------

    def vuong(self, first: str, second: str) -> VuongTest:
        """Test whether one of two families that do not contain each other is closer to the truth.

        Parameters
        ----------
        first, second : str
            Names of two fitted families.

        Returns
        -------
        VuongTest
            Statistic (positive where the first is closer), two-sided p-value, preferred family.
        """
        a, b = self[first].require_maximum(), self[second].require_maximum()
        observations = _independent(a.asked.observations)
        ratio = contributions(a.distribution, observations)
        return vuong(
            ratio - contributions(b.distribution, observations),
            observations.weights,
            (first, second),
            (a.n_parameters, b.n_parameters),
        )

    def selection_frequency(
        self, n_bootstrap: int = 199, random_state: int | np.random.Generator | None = None
    ) -> pd.Series:
        """How often each family would be chosen if the sample were drawn again.

        The families that have a place are fitted to samples drawn with replacement; all samples
        of a family are one batch.

        Parameters
        ----------
        n_bootstrap : int
            Number of samples.
        random_state : int or numpy.random.Generator, optional
            Seed or generator; the same seed gives the same shares.

        Returns
        -------
        pandas.Series
            Share of the samples in which the family has the smallest criterion.
        """
        import pandas as pd

        _check_count(n_bootstrap)
        problems = [self.fits[name].asked for name in self.ranking]
        counts = [self.fits[name].n_parameters for name in self.ranking]
        _independent(problems[0].observations)
        rng = np.random.default_rng(random_state)
        shares = best_shares(problems, counts, self.criterion, n_bootstrap, rng)
        return pd.Series(shares, pd.Index(self.ranking, name="family"), name="selection_frequency")

    def likelihood_ratio(
        self,
        smaller: str,
        larger: str,
        n_bootstrap: int = 99,
        random_state: int | np.random.Generator | None = None,
    ) -> LikelihoodRatioTest:
        """Test a family against a larger one that contains it, by samples from the smaller.

        It holds where χ² does not: for the number of components of a mixture, or zeros in excess.

        Parameters
        ----------
        smaller, larger : str
            Names of two fitted families.
        n_bootstrap : int
            Number of samples; the least p-value is 1/(n_bootstrap + 1).
        random_state : int or numpy.random.Generator, optional
            Seed or generator; the same seed gives the same p-value.

        Returns
        -------
        LikelihoodRatioTest
            Statistic, p-value, and the number of samples that both could be fitted to.

        Examples
        --------
        >>> import mlestim as ml
        >>> claims = [0] * 60 + [1] * 12 + [2] * 14 + [3] * 9 + [4] * 5
        >>> both = ml.compare(claims, ["poisson", "zero_inflated_poisson"])
        >>> both.likelihood_ratio("poisson", "zero_inflated_poisson", random_state=1).p_value
        0.01
        """
        _check_count(n_bootstrap)
        fits = self[smaller].require_maximum(), self[larger].require_maximum()
        if fits[0].n_parameters >= fits[1].n_parameters:
            raise OptionError(
                f"{larger} has no more parameters ({fits[1].n_parameters}) than {smaller} "
                f"({fits[0].n_parameters}), and so cannot contain it"
            )
        statistic = 2.0 * (fits[1].log_likelihood - fits[0].log_likelihood)
        problems = fits[0].asked, fits[1].asked
        _independent(problems[0].observations)
        rng = np.random.default_rng(random_state)
        law = fits[0].distribution
        return bootstrap_likelihood_ratio(statistic, problems, law, n_bootstrap, rng)

    def averaged(self, function: Callable[[Distribution], Any]) -> Any:
        """Average a function of the distribution over the families that have a place.

        Parameters
        ----------
        function : callable
            Takes a fitted distribution, returns a number or an array:
            ``lambda d: d.ppf(0.99)``.

        Returns
        -------
        float or array
            Sum of weight times value.

        Examples
        --------
        >>> import mlestim as ml
        >>> winds = ml.compare([3.1, 4.0, 5.2, 2.2, 6.1, 3.6], ["gamma", "lognormal"])
        >>> winds.averaged(lambda d: d.sf(8.0)).round(3)
        np.float64(0.01)
        """
        weights = self.table["weight"]
        return sum(weights[name] * function(self.fits[name].distribution) for name in self.ranking)

    def __repr__(self) -> str:
        made_of = next((fit.sample.words for fit in self.fits.values()), "")
        told = "; ".join(filter(None, (f"Comparison by {self.criterion}", made_of)))
        return f"{told}\n{self.table.drop(columns='reason')}"

    def _repr_html_(self) -> str:
        return str(self.table.to_html())


@dataclass(frozen=True, eq=False)
class GroupedComparison:
    """Families compared in every group, each family fitted to all groups as one batch.

    Attributes
    ----------
    fits : dict of str to GroupedFit
        The fits by the family's name; groups that a family cannot hold are not in its fit.
    refused : dict of str to str
        Families that cannot hold some groups, and why.
    criterion : {"aicc", "aic", "bic"}
        What they are ranked by.
    observations : Observations
        All groups, those included that some family cannot hold.
    """

    fits: Mapping[str, GroupedFit]
    refused: Mapping[str, str]
    criterion: str
    observations: Observations

    @property
    def keys(self) -> pd.Index:
        """Keys of all groups."""
        groups = self.observations.groups
        if groups is None:
            raise DataError("there are no groups")
        return groups.keys

    def __len__(self) -> int:
        return len(self.keys)

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a group and family, best first in each group; see `Comparison.table`."""
        import pandas as pd

        lines = []
        for name in (*self.fits, *(n for n in self.refused if n not in self.fits)):
            groups = np.arange(len(self.keys))
            if name in self.fits:
                fitted = self._positions(name)
                lines.append(_grouped_lines(name, self.fits[name], fitted))
                groups = np.setdiff1d(groups, fitted)
            if len(groups):
                lines.append(Lines.refused(name, self.refused[name], groups))
        table = ranked(Lines.joined(lines), self.criterion)
        groups = table.pop("group").to_numpy()
        levels = [*_levels(self.keys.take(groups)), table.pop("family")]
        return table.set_index(pd.MultiIndex.from_arrays(levels, names=self._names))

    @cached_property
    def best(self) -> pd.DataFrame:
        """One row a group: the family ranked first, and its line of the table."""
        table = self.table[self.table[self.criterion].notna()].drop(columns="reason")
        table = table.reset_index("family")
        return table[~table.index.duplicated()].reindex(self.keys)

    def __getitem__(self, key: Hashable) -> Comparison:
        """Return the comparison of one group.

        Raises
        ------
        KeyError
            If there is no such group.
        """
        if key not in self.keys:
            raise KeyError(f"{key!r} is not the key of one group; .table holds them all")
        fits = {name: fit[key] for name, fit in self.fits.items() if key in fit.groups.keys}
        refused = {name: reason for name, reason in self.refused.items() if name not in fits}
        return Comparison(fits, refused, self.criterion)

    @property
    def _names(self) -> list[Hashable]:
        return [f"by_{n}" if n == "family" else n for n in self.keys.names] + ["family"]

    def _positions(self, name: str) -> NDArray[np.intp]:
        """Where a fit's groups are among all."""
        return np.asarray(self.keys.get_indexer(self.fits[name].groups.keys), dtype=np.intp)

    def __repr__(self) -> str:
        counts = self.best["family"].value_counts()
        told = [f"{count} {family}" for family, count in counts.items()]
        nowhere = len(self) - int(counts.sum())
        if nowhere:
            told.append(f"no family has a place in {nowhere}")
        noun = "group" if len(self) == 1 else "groups"
        best = f"GroupedComparison by {self.criterion}, {len(self)} {noun}: {', '.join(told)}"
        made_of = SampleFacts.of(self.observations).parts
        return "; ".join([best, *made_of, *omissions(self.observations)])


def _line(name: str, fit: FitResult) -> Lines:
    return Lines(
        family=[name],
        group=[0],
        kind=[fit.family.kind],
        regular=[fit.family.regular],
        verdict=[str(fit.verdict)],
        n_parameters=[fit.n_parameters],
        n_observations=[fit.n_observations],
        log_likelihood=[fit.log_likelihood],
        reason=[""],
    )


def _grouped_lines(name: str, fit: GroupedFit, groups: NDArray[np.intp]) -> Lines:
    family: Family = fit.problem.family
    n = len(groups)
    return Lines(
        family=[name] * n,
        group=groups.tolist(),
        kind=[family.kind] * n,
        regular=[fit.problem.model.regular] * n,
        verdict=[str(verdict) for verdict in fit.solution.verdict],
        n_parameters=[fit.n_parameters] * n,
        n_observations=fit.n_observations.tolist(),
        log_likelihood=fit.solution.log_likelihood.tolist(),
        reason=[""] * n,
    )


def _levels(keys: pd.Index) -> list[Any]:
    return [keys.get_level_values(level) for level in range(keys.nlevels)]


def _check_count(n_bootstrap: object) -> None:
    if not (isinstance(n_bootstrap, int | np.integer) and n_bootstrap >= 1):
        raise OptionError(
            f"n_bootstrap={n_bootstrap!r} is out of range. Use a whole number, at least 1."
        )


def _independent(observations: Observations) -> Observations:
    """Refuse rows that are not independent, or have a weight each, to tests that take them so."""
    if observations.design.usual:
        return observations
    raise DataError(
        "this test takes rows as independent and alike, and these have "
        f"{observations.design.words}. Compare by the criteria alone."
    )
