"""`FitResult`: what a fit knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.base import Family
from mlestim.distributions.built.reflected import limit_distribution
from mlestim.distributions.parameter import Interval
from mlestim.distributions.registry import resolve
from mlestim.distributions.vectors.family import Multivariate
from mlestim.errors import DataError, OptionError
from mlestim.estimation.solution import Solution
from mlestim.estimation.verdict import Evidence, Verdict
from mlestim.inference.profile import profile_of
from mlestim.problem import Problem, parameter_domain
from mlestim.results.inference import Inference
from mlestim.results.saved.facts import SampleFacts

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

    from mlestim.distributions.distribution import Distribution
    from mlestim.sample.observations import Observations

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class FitResult(Inference):
    """A fitted distribution with its uncertainty, verdict and evidence.

    Attributes
    ----------
    family : Family
        The fitted family.
    names : tuple of str
        Parameters shown, in declared order: free and fixed ones, a location only where it was set.
    estimates : array, shape (p,)
        Their values.
    covariance_matrix : array, shape (p, p)
        Covariance of the estimates; NaN for fixed parameters and those on an edge.
    fixed : tuple of str
        Parameters that were not estimated.
    log_likelihood : float
        Maximum, or supremum, of the log-likelihood.
    n_observations : float
        Number of observations: the sum of frequency weights.
    verdict : Verdict
        What kind of maximum this is.
    evidence : Evidence
        The numbers behind the verdict.
    method : str
        ``"closed_form"``, ``"newton"`` or ``"first_order"``; ``"fixed"`` where nothing was
        estimated.
    limit : Distribution or None
        The fitted limit family, where the maximum is at infinity.
    problem : Problem or None
        What was asked, with the observations; None for a result loaded from a file.
    covariance_type : {"observed", "expected", "opg", "sandwich"}
        What the covariance is made of.
    facts : SampleFacts or None
        What a file says of the sample, for a result loaded from one.
    """

    family: Family
    names: tuple[str, ...]
    estimates: Array
    covariance_matrix: Array
    fixed: tuple[str, ...]
    log_likelihood: float
    n_observations: float
    verdict: Verdict
    evidence: Evidence
    method: str
    limit: Distribution | None = None
    problem: Problem | None = field(default=None, repr=False)
    covariance_type: str = "observed"
    facts: SampleFacts | None = field(default=None, repr=False)

    @classmethod
    def of(
        cls,
        problem: Problem,
        solution: Solution,
        index: int,
        covariance_type: str = "observed",
    ) -> FitResult:
        """Pick one problem out of a solution, and name its parts."""
        every, known = problem.model.parameter_names, problem.known_by_row
        names = [name for name in every if name not in known]
        shown = np.array([name not in known for name in every])
        estimates = solution.theta[shown, index].tolist()
        covariance = solution.covariance[shown, :, index][:, shown]
        fixed = list(problem.fixed)
        if problem.location != 0.0:
            names.append("location")
            estimates.append(problem.location)
            fixed.append("location")
            covariance = np.pad(covariance, (0, 1), constant_values=np.nan)
        limit = None
        if solution.limit[index] is not None:
            values: dict[str, Any] = {**_moved(solution.limit_theta[index], problem.location)}
            values |= {n: v for n, v in problem.observations.known.items() if n in values}
            reached = solution.limit[index]
            limit = limit_distribution(resolve(reached.family), values, reflected=reached.reflected)
        return cls(
            family=problem.family,
            names=tuple(names),
            estimates=np.array(estimates),
            covariance_matrix=covariance,
            fixed=tuple(fixed),
            log_likelihood=float(solution.log_likelihood[index]),
            n_observations=_count(problem.observations.size),
            verdict=solution.verdict_of(index),
            evidence=solution.evidence(index),
            method=solution.method if len(fixed) < len(names) else "fixed",
            limit=limit,
            problem=problem,
            covariance_type=covariance_type,
        )

    # ---- what was fitted -----------------------------------------------------------------------------

    @property
    def observations(self) -> Observations | None:
        """The sample; None for a result loaded from a file."""
        return None if self.problem is None else self.problem.observations

    @property
    def asked(self) -> Problem:
        """What was asked, with the observations.

        Raises
        ------
        DataError
            If the result was loaded from a file.
        """
        if self.problem is None:
            raise DataError("a fit read from a file keeps no observations; fit the data again")
        return self.problem

    @property
    def distribution(self) -> Distribution:
        """The fitted distribution: that of the limit, where the maximum is at infinity."""
        if self.limit is not None:
            return self.limit
        if not self.verdict.holds:
            raise self.failure
        return self._with_values(self.estimates)

    def _with_values(self, theta: Array) -> Distribution:
        known = {} if self.observations is None else self.observations.known
        return self.family.with_values({**known, **dict(zip(self.names, theta, strict=True))})

    @property
    def n_parameters(self) -> int:
        """Number of parameters that were estimated."""
        return super().n_parameters - self.family.n_dependent(self.fixed)

    # ---- files and pages -----------------------------------------------------------------------------

    def to_json(self) -> str:
        """Write the result as JSON text, which `mlestim.load` reads back."""
        from mlestim.results.saved.files import to_json

        return to_json(self)

    def plot(self, kind: str = "density", *, ax: Axes | None = None, **options: Any) -> Axes:
        """Draw the fit with matplotlib (the extra `plot`).

        Parameters
        ----------
        kind : {"density", "cdf", "qq", "pp", "log_likelihood", "contour"}
            Sample and fit as densities, distribution functions, quantiles or probabilities; the
            profile log-likelihood of one parameter (``parameter=``) or of two (``parameters=``,
            with ``path=`` of an optimizer).
        ax : matplotlib Axes, optional
            Where to draw; a new figure when not given.
        **options
            As the kind takes them.

        Returns
        -------
        matplotlib Axes
            With the drawing; ``ax.figure.savefig("fit.png")`` writes it.

        Raises
        ------
        MissingExtraError
            If matplotlib is not installed.
        OptionError
            If the kind does not exist, or does not fit the family.
        """
        from mlestim.plots import draw

        if self.family.kind in ("categorical", "multivariate"):
            raise OptionError(
                f"{self.model_name} fits have no plot; result.report(path) shows them"
            )
        return draw(self, kind, ax, options)

    def report(self, path: str | Path, *, force: bool = False) -> Path:
        """Write an estimation report; the suffix of `path` chooses its form."""
        import reports

        return reports.write(reports.build(self), path, force=force)

    # ---- helpers -------------------------------------------------------------------------------------

    def warn_limit(self) -> None:
        """Warn whoever called `fit` if the result describes a limit family."""
        if self.limit is None:
            return
        import warnings

        from mlestim.errors import LimitWarning

        warnings.warn(
            f"{self.subject}: the likelihood of {self.family.name} rises towards its limit "
            f"{self.limit!r}; the result describes that limit. Fit '{self.limit.name}' instead "
            f"to get standard errors.",
            LimitWarning,
            stacklevel=3,
        )

    @property
    def model_name(self) -> str:
        """Name of the family."""
        return self.family.name

    @cached_property
    def sample(self) -> SampleFacts:
        """Name and make-up of the sample, as far as they are known."""
        if self.observations is not None:
            return SampleFacts.of(self.observations)
        return self.facts or SampleFacts("data", "data", {})

    @property
    def subject(self) -> str:
        """The column, by its name."""
        return self.sample.title

    @property
    def title(self) -> str:
        """Family and column."""
        return f"{self.model_name} fitted to {self.sample.column}"

    @property
    def size(self) -> str:
        """Number of observations, of which kinds, and how many were left out."""
        words = self.sample.words
        return f"{super().size} ({words})" if words else super().size

    @property
    def notes(self) -> tuple[str, ...]:
        """The limit, where there is one, and a covariance that is not the usual one."""
        limit = () if self.limit is None else (f"Limit: {self.limit!r}",)
        made_of = self.covariance_words
        return (*limit, f"Standard errors from {made_of}") if made_of else limit

    @property
    def covariance_words(self) -> str:
        """What the covariance is made of, in words; empty where it is the usual one."""
        if self.covariance_type == "observed":
            return ""
        words = {"opg": "outer products of scores", "expected": "the expected information"}
        return words.get(self.covariance_type, "the sandwich of scores")

    @property
    def way_out(self) -> str:
        """What to do where there is no maximum."""
        if self.method == "first_order" and self.verdict is Verdict.NOT_CONVERGED:
            return (
                f"The optimizer did not get there in {self.evidence.iterations} steps. Give it "
                f"another learning rate and no weight_decay, which pulls it off the maximum, or "
                f"use method='newton'"
            )
        return (
            self._cause
            or {
                Verdict.UNBOUNDED: "Check for constant or tied values, fix a parameter (fixed=…), "
                "or choose a simpler family",
                Verdict.NOT_IDENTIFIED: "Fix one of the parameters (fixed=…) or choose a simpler "
                "family",
                Verdict.NOT_CONVERGED: "Give start=…, fix a parameter, or choose another family",
            }[self.verdict]
        )

    @property
    def _cause(self) -> str:
        """What in the sample leaves the likelihood without a maximum, where that is known."""
        sample = self.observations
        if sample is not None and self.verdict is Verdict.NOT_IDENTIFIED:
            return sample.intervals.unsaid or self._only_value or self._hidden_ends
        if sample is None or self.verdict is not Verdict.UNBOUNDED:
            return ""
        if not isinstance(self.family, Multivariate):
            return ""
        cause = self.family.explain_unbounded(sample.values, sample.weights, sample.components)
        return f"{cause[0].upper()}{cause[1:]}" if cause else ""

    @property
    def _only_value(self) -> str:
        """Say which count is the only one that a window leaves; empty if there are others."""
        window, support = self.sample.truncation, self.family.support
        if not isinstance(window, tuple) or not support.integers:
            return ""
        first = max(np.floor(window[0]) + 1.0, support.lower)
        if first != min(np.floor(window[1]), support.upper):
            return ""
        return (
            f"The window ({window[0]:g}, {window[1]:g}] leaves only the value {first:g}, which has "
            "probability 1 there whatever the parameters: other values must be able to be seen"
        )

    @property
    def _hidden_ends(self) -> str:
        """Say which ends of the support a window may hide; empty where there are none."""
        shown = self.family.edge_estimate(np.ones(1), np.full(1, 2.0))
        names = [name for name in shown if name in self.names and name not in self.fixed]
        if not names or self.sample.truncation is None:
            return ""
        return (
            f"A window hides where the support ends: {' and '.join(names)} may lie anywhere beyond "
            f"it. Give what is known, as in fixed={{{names[0]!r}: …}}"
        )

    def domain(self, name: str) -> Interval:
        """Domain of a parameter."""
        return parameter_domain(self.family, name)

    def require_likelihood(self, purpose: str) -> None:
        """Refuse a purpose that takes rows as independent, where they are not.

        Raises
        ------
        DataError
            If there are clusters or sampling weights.
        """
        if self.sample.n_clusters is not None or self.sample.weight_type == "sampling":
            raise DataError(
                f"{purpose} would take rows as independent and alike, and these have "
                f"{self.sample.design_words}. Use Wald intervals, which the sandwich gives."
            )

    @property
    def height_cost(self) -> float:
        """How many row terms a height of the profile is worth: one for each row."""
        return len(self.asked.observations)

    def _heights(self, held: Mapping[str, Array]) -> Array:
        return profile_of(self.asked, held, dict(zip(self.names, self.estimates, strict=True)))

    def _can_be_held(self, name: str) -> bool:
        return self.family.n_dependent({name}) == self.family.n_dependent(())

    def _value_of(self, function: Callable[..., Any], theta: Array) -> Any:
        if self.limit is not None:
            return function(self.limit)
        return function(self._with_values(theta))


def _count(n: float) -> float:
    """Show whole counts as integers."""
    return int(n) if float(n).is_integer() else float(n)


def _moved(values: dict[str, float], location: float) -> dict[str, float]:
    """Move a limit's parameters by the location that was subtracted from the rows."""
    if location == 0.0:
        return values
    return {n: v + location if n in ("mean", "location") else v for n, v in values.items()}
