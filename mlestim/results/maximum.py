"""`MaximumResult`: what is known of the maximum of a user's own log-likelihood."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.parameter import Interval
from mlestim.errors import DataError, OptionError, ParameterError
from mlestim.estimation.general import maximum_of, unit_of
from mlestim.estimation.verdict import Evidence, Verdict
from mlestim.results.inference import Inference

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Array = NDArray[np.float64]

# Where a search begins whose parameter is known to be at an end, on the scale of logs.
NEAR_END = 10.0
LIKELIHOOD_PICTURES = ("log_likelihood", "contour")


@dataclass(frozen=True, eq=False, repr=False)
class MaximumResult(Inference):
    """The maximum of a log-likelihood, with its uncertainty, verdict and evidence.

    Attributes
    ----------
    name : str
        Name of the function.
    names : tuple of str
        Its parameters, in the order of the start; fixed ones last.
    estimates : array, shape (p,)
        Their values.
    covariance_matrix : array, shape (p, p)
        Inverse of the observed information; NaN for fixed parameters, those on an edge, and
        those in which there is a kink or no curvature: all these are held for the others'.
    fixed : tuple of str
        Parameters that were not estimated.
    log_likelihood : float
        The maximum.
    n_observations : float
        As the user gave it, for AICc and BIC; NaN where not given.
    verdict : Verdict
        What kind of maximum this is.
    evidence : Evidence
        The numbers behind the verdict; its iterations count values of the function.
    method : str
        ``"newton"``.
    domains : dict of str to Interval
        Where the parameters may lie.
    function : callable or None
        The log-likelihood of the estimated parameters, shape (q,), with the fixed ones in their
        places; None for a result loaded from a file.
    way : array, shape (steps, q)
        Estimated parameters at the points that the search went through; none of a file.

    Examples
    --------
    >>> import numpy as np
    >>> import mlestim as ml
    >>> x, y = np.array([1.0, 2.0, 3.0, 4.0]), np.array([2.1, 3.9, 6.2, 7.8])
    >>> def line(slope, sd):
    ...     return np.sum(-np.log(sd) - 0.5 * ((y - slope * x) / sd) ** 2)
    >>> result = ml.maximize(line, {"slope": 1.0, "sd": 1.0}, {"sd": "positive"})
    >>> result.confidence_intervals(method="profile").round(3)
           lower  upper
    slope  1.918  2.062
    sd     0.089  0.382
    >>> result.estimate(lambda slope: 10 * slope).round(3)
    estimate          19.900
    standard_error     0.284
    lower             19.343
    upper             20.457
    dtype: float64
    >>> round(result.likelihood_ratio_test({"slope": 2.0}).p_value, 3)
    0.727
    """

    name: str
    names: tuple[str, ...]
    estimates: Array
    covariance_matrix: Array
    fixed: tuple[str, ...]
    log_likelihood: float
    n_observations: float
    verdict: Verdict
    evidence: Evidence
    method: str = "newton"
    domains: Mapping[str, Interval] = field(default_factory=dict)
    function: Callable[[Array], float] | None = None
    way: Array = field(default_factory=lambda: np.empty((0, 0)))

    @property
    def model_name(self) -> str:
        """Name of the function."""
        return self.name

    @property
    def subject(self) -> str:
        """The function."""
        return "maximize"

    @property
    def title(self) -> str:
        """Heading of the summary."""
        return f"maximum of {self.name}"

    @property
    def way_out(self) -> str:
        """What to do where there is no maximum."""
        return {
            Verdict.UNBOUNDED: "Narrow a domain (domains=…) or fix a parameter (fixed=…)",
            Verdict.NOT_IDENTIFIED: "Fix one of the parameters (fixed=…), or drop it",
            Verdict.NOT_CONVERGED: "Give another start, narrow a domain (domains=…), or fix a "
            "parameter (fixed=…)",
        }[self.verdict]

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks under the summary."""
        if not self.verdict.holds:
            return super().notes
        rough = [
            name
            for name in self.estimated
            if np.isnan(self.standard_errors[name])
            and not self.domain(name).on_edge(self.params[name])
        ]
        if not rough:
            return super().notes
        remark = (
            f"{', '.join(rough)}: no standard error, for the log-likelihood has a kink or no "
            "curvature at its maximum; those of the others hold for this value"
        )
        return (*super().notes, remark)

    def domain(self, name: str) -> Interval:
        """Domain of a parameter."""
        return self.domains[name]

    @property
    def path(self) -> pd.DataFrame:
        """Points that the search went through, from the start to the maximum, by parameter."""
        import pandas as pd

        return pd.DataFrame(self.way, columns=pd.Index(self.estimated))

    def to_json(self) -> str:
        """Write the result as JSON text, which `mlestim.load` reads back.

        The function is not written: what is read back can show its numbers, but compute no profile.
        """
        from mlestim.results.saved.files import to_json

        return to_json(self)

    def plot(self, kind: str = "log_likelihood", *, ax: Axes | None = None, **options: Any) -> Axes:
        """Draw the log-likelihood around its maximum with matplotlib (the extra `plot`).

        Parameters
        ----------
        kind : {"log_likelihood", "contour"}
            The profile of one parameter (``parameter=``) or of two (``parameters=``), with the way
            of the search there: ``path=result.path``.
        ax : matplotlib Axes, optional
            Where to draw; a new figure when not given.
        **options
            As the kind takes them.

        Returns
        -------
        matplotlib Axes
            With the drawing; ``ax.figure.savefig("maximum.png")`` writes it.

        Raises
        ------
        MissingExtraError
            If matplotlib is not installed.
        OptionError
            If the kind does not exist, or shows observations.
        DataError
            If the result was loaded from a file.
        """
        from mlestim.plots import draw

        if kind not in LIKELIHOOD_PICTURES:
            raise OptionError(
                f"kind={kind!r} is none of a maximum. Use one of "
                f"{', '.join(map(repr, LIKELIHOOD_PICTURES))}: a function has no observations to show."
            )
        return draw(self, kind, ax, options)

    @property
    def height_cost(self) -> float:
        """How many row terms a height of the profile is worth: that of two others is a search."""
        return 1e4 if len(self.estimated) <= 2 else 1e5

    def _heights(self, held: Mapping[str, Array]) -> Array:
        if self.function is None:
            raise DataError(
                f"a file does not keep the function {self.name}, which this needs; call maximize again"
            )
        own = [k for k, name in enumerate(self.names) if name not in self.fixed]
        return _heights_of(
            self.function,
            self.estimates[own],
            self.covariance_matrix[np.ix_(own, own)],
            [self.domain(name) for name in self.estimated],
            {self.estimated.index(name): values for name, values in held.items()},
        )

    def _value_of(self, function: Callable[..., Any], theta: Array) -> Any:
        values = dict(zip(self.names, theta.tolist(), strict=True))
        try:
            taken = inspect.signature(function).parameters.values()
        except (TypeError, ValueError):  # compiled functions may have none
            return function(**values)
        if any(p.kind is p.VAR_KEYWORD for p in taken):
            return function(**values)
        needed = [p.name for p in taken if p.default is p.empty and p.name not in values]
        if needed:
            raise ParameterError(
                f"the function takes {needed[0]!r}, which is no parameter of {self.name}; they are "
                f"{', '.join(values)}"
            )
        return function(**{p.name: values[p.name] for p in taken if p.name in values})


# ---- where some parameters are held --------------------------------------------------------------


def _heights_of(
    function: Callable[[Array], float],
    maximum: Array,
    covariance: Array,
    domains: Sequence[Interval],
    held: Mapping[int, Array],
) -> Array:
    """Maximise a function over the parameters that are not held, at each of many points.

    Parameters
    ----------
    function : callable
        As for `maximum_of`.
    maximum, covariance : array, shapes (p,) and (p, p)
        Where its maximum is, and its covariance there: each search begins where the others are
        expected to be.
    domains : sequence of Interval
        One a parameter.
    held : mapping of int to array, shape (points,)
        Values of some of the parameters, by their place.

    Returns
    -------
    array, shape (points,)
        NaN where no maximum was found.
    """
    places = np.array(list(held))
    others = np.setdiff1d(np.arange(len(maximum)), places)
    inner = [domains[k] for k in others]
    begin, unit = _expected(maximum, covariance, domains, places, others)
    heights = []
    for values in np.array(list(held.values())).T:
        rest = partial(_with_values, function, places, others, values)
        start = [d.from_link(e) for d, e in zip(inner, begin(values), strict=True)]
        found = maximum_of(rest, np.array(start), inner, unit)
        heights.append(found.value if found.verdict.holds else np.nan)
    return np.where(np.isfinite(heights), heights, np.nan)


def _with_values(
    function: Callable[[Array], float],
    places: NDArray[np.intp],
    others: NDArray[np.intp],
    values: Array,
    theta: Array,
) -> float:
    whole = np.empty(len(places) + len(others))
    whole[places], whole[others] = values, theta
    return function(whole)


def _expected(
    maximum: Array,
    covariance: Array,
    domains: Sequence[Interval],
    places: NDArray[np.intp],
    others: NDArray[np.intp],
) -> tuple[Callable[[Array], Array], Array | None]:
    """Say where the others are expected, on the link scale, and in which unit they are climbed."""
    with np.errstate(divide="ignore"):  # some are on an edge, at an infinite link value
        eta = np.array([d.to_link(value) for d, value in zip(domains, maximum, strict=True)])
    if not np.isfinite(covariance).all():
        inside = np.where(np.isfinite(eta), eta, np.clip(eta, -NEAR_END, NEAR_END))
        return lambda _: inside[others], None
    slope = [d.link_derivatives(value)[0] for d, value in zip(domains, maximum, strict=True)]
    information = np.linalg.inv(covariance / np.outer(slope, slope))
    follow = np.linalg.solve(
        information[np.ix_(others, others)], -information[np.ix_(others, places)]
    )
    linked = np.array([domains[k].link_name != "identity" for k in others], dtype=bool)
    errors = 1.0 / np.sqrt(np.diag(information)[others])

    def begin(values: Array) -> Array:
        there = [domains[k].to_link(value) for k, value in zip(places, values, strict=True)]
        return eta[others] + follow @ (np.array(there) - eta[places])

    return begin, unit_of(errors, linked)
