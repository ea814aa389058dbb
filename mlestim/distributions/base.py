"""The family: what one file has to say so that every part of the toolkit can use it.

A family says, for one row ``x`` and parameters ``theta``, what its log density and the first two
derivatives in the parameters are. The formulas work on arrays that broadcast: rows along the last
axis, a leading batch axis where there is one.

Two hooks carry the whole of it:

``statistics(x, theta, order)``
    the *row statistics*: the few functions of the row through which the log density and its
    derivatives are linear. For Weibull these are ``log(x/s)``, ``z = (x/s)^k``, ``z log(x/s)`` and
    ``z log(x/s)²``.
``density_terms(t, theta)``
    a generator that yields value, scores and curvatures (packed as in `terms`) from the statistics.

Because the terms are linear in the statistics, the sum of the terms over a sample is the number of
rows times the terms at the *mean* statistics: the likelihood reduces the statistics alone. Where
they do not depend on the parameters (``sufficient = True``), the data is read once and never again.
A family whose terms have no such form leaves ``statistics`` alone; its terms are summed themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlestim.distributions.distribution import Distribution
from mlestim.distributions.existence import Existence
from mlestim.distributions.intervals.tail import generic_tail_terms
from mlestim.distributions.links import ElementwiseLink, Link
from mlestim.distributions.parameter import Parameter, Unit
from mlestim.distributions.support import Support
from mlestim.distributions.terms import Terms, packed_size

if TYPE_CHECKING:
    from mlestim.distributions.rows.cells import Cells
    from mlestim.distributions.rows.sketch import Sketch

Array = NDArray[np.float64]
Theta = Sequence[Array]
Size = int | tuple[int, ...]
# A row statistic: an array, or a pair of factors whose product it is.
Row = Array | tuple[Array, Array]
Kind = Literal["continuous", "discrete", "categorical", "multivariate"]
How = Literal["closed", "profile", "newton"]


def product_of(row: Row) -> Array:
    """Multiply a pair of factors."""
    return row[0] * row[1] if isinstance(row, tuple) else row


class Family(Existence, Distribution):
    """Base class of all families; an instance with parameter values is a distribution.

    Class attributes that a family declares
    ---------------------------------------
    name : str
        The registered name.
    parameters : tuple of Parameter
        In declared order.
    support : Support
        Where its values lie.
    kind : {"continuous", "discrete", "categorical", "multivariate"}
        What its values are.
    how : {"closed", "profile", "newton"}
        How the estimate from complete data is found.
    half_line : bool
        Whether it owns a ``location`` (fixed at 0 unless freed).
    decreasing : bool
        Whether the density of a half-line family falls from a finite value at 0 whatever the
        parameters: a free location is then estimated by the smallest observation.
    costly : bool
        Whether the terms of a row take so long that long samples are worth condensing first.
    concentrates : bool
        Whether a continuous density of two parameters or more can gather around any one value: a
        constant sample then has no maximum.
    coincide : bool
        Whether parts of it may become the same, which leaves open how much of each there is.
    starts_with_atom : bool
        Whether the lower end of a support of real numbers has a probability of its own: log
        densities of samples that hold it have no common unit with those of other families.
    dispersion : tuple of (str, float)
        Of a dispersion family, with which power of a row's precision each of its parameters is
        multiplied (`built.precise`).
    known_unless_freed : tuple of str
        Parameters that have to be given unless they are named in ``free``.
    regular : bool
        Whether the usual theory of large samples holds; by default, unless some estimate is an
        end of the support that the extremes of the sample show (`edge_estimate`).
    region_is_closed : bool
        Whether the walls of the `regular_region` are edges on which a maximum may lie: what is
        beyond them is left out for another reason than spikes.
    kink : str or None
        Parameter in which the density has a kink, or a cusp, at the observation.
    period : float or None
        Length after which values repeat, of a density on a circle.
    by_differences : bool
        Whether the derivatives of its density are differences.
    sufficient : bool
        Whether its row statistics do not depend on the parameters.
    own_is_upper : bool
        Which of two tails with formulas is the simpler one, the own one.
    of_tail, of_hazard : slice
        Of a family whose own tail is linear, the statistics that its log takes, and those in which
        it and the log density differ; by default all.
    central : tuple of int, or of pairs of int
        Positions of the statistics whose central second moments, and of pairs the central products,
        belong to the sufficient statistics; their means follow the plain statistics in ``t`` (and
        are 0 for one row).
    """

    name: str
    parameters: tuple[Parameter, ...]
    support: Support
    kind: ClassVar[Kind] = "continuous"
    how: ClassVar[How] = "newton"
    half_line: ClassVar[bool] = False
    decreasing: ClassVar[bool] = False
    costly: ClassVar[bool] = False
    concentrates: ClassVar[bool] = True
    coincide: ClassVar[bool] = False
    starts_with_atom: ClassVar[bool] = False
    dispersion: ClassVar[tuple[tuple[str, float], ...]] = ()
    known_unless_freed: ClassVar[tuple[str, ...]] = ()
    regular: ClassVar[bool] = True
    region_is_closed: ClassVar[bool] = False
    kink: ClassVar[str | None] = None
    period: ClassVar[float | None] = None
    by_differences: ClassVar[bool] = False
    sufficient: ClassVar[bool] = False
    own_is_upper: ClassVar[bool] = True
    of_tail: ClassVar[slice] = slice(None)
    of_hazard: ClassVar[slice] = slice(None)
    central: tuple[int | tuple[int, int], ...] = ()

    # ---- the density -------------------------------------------------------------------------

    def prepared(self, x: Array, out: Array | None = None) -> Array:
        """Compute what `statistics` takes, of the rows alone: their logs, say. By default the rows.

        Of samples that are not too long it is computed once. It may be written to `out`, even `x`.
        """
        return x

    def statistics(self, x: Array, theta: Theta, order: int) -> Sequence[Row]:
        """Compute the row statistics from prepared rows; by default the terms are summed.

        A statistic that is only needed summed may be a pair of factors.
        """
        return (x,)

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        """Yield log density, scores and curvatures from the row statistics `t`."""
        raise NotImplementedError(f"{type(self).__name__} declares no density terms")

    def terms(
        self, x: ArrayLike, theta: Sequence[ArrayLike], order: int = 2, out: Array | None = None
    ) -> Terms:
        r"""Compute log density, score and curvature of each row in one pass.

        Parameters
        ----------
        x : array, shape (..., n)
            Observations inside the support.
        theta : sequence of arrays
            The parameters in declared order, each broadcasting against `x`.
        order : {0, 1, 2}
            0 gives the log density, 1 adds the score, 2 the curvature.
        out : array, shape (q, ..., n), optional
            Where to write; see `mlestim.distributions.terms` for the packing.

        Returns
        -------
        Terms
            Views ``value``, ``score`` and ``curvature`` of the packed array.
        """
        x = np.asarray(x, dtype=float)
        parameters = [np.asarray(value, dtype=float) for value in theta]
        size = packed_size(len(self.parameters), order)
        # formulas meet arrays alone: NumPy's scalars cannot be written into
        x, shape = self.rows_of(x)
        if out is None:
            shape = np.broadcast_shapes(shape, *(value.shape for value in parameters))
            out = np.empty((size, *shape))
        entries = out if out.ndim > 1 else out[:, None]
        rows = islice(self.density_terms(self._row(x, parameters, order), parameters), size)
        for entry, row in zip(entries, rows, strict=True):
            entry[...] = row
        return Terms(out, len(self.parameters))

    def rows_of(self, x: Array) -> tuple[Array, tuple[int, ...]]:
        """Give observations as an array of rows, and the shape that they were laid out in."""
        return np.atleast_1d(x), x.shape

    def _row(self, x: Array, theta: Theta, order: int) -> Sequence[Array]:
        """Statistics of single rows: one row has no central moments."""
        rows = self.statistics(self.prepared(x), theta, order)
        return (*map(product_of, rows), *(np.zeros(()),) * len(self.central))

    def log_density(self, x: ArrayLike, theta: Sequence[ArrayLike]) -> Array:
        """Log density of each row."""
        return self.terms(x, theta, 0).value

    def score(self, x: ArrayLike, theta: Sequence[ArrayLike]) -> Array:
        """First derivatives of the log density of each row, parameters along the first axis."""
        return self.terms(x, theta, 1).score

    def curvature(self, x: ArrayLike, theta: Sequence[ArrayLike]) -> Array:
        """Second derivatives of the log density of each row, parameters along the first two."""
        return self.terms(x, theta, 2).curvature

    # ---- sums over rows ----------------------------------------------------------------------

    @property
    def is_linear(self) -> bool:
        """Whether the terms are linear in declared row statistics."""
        return type(self).statistics is not Family.statistics

    def rows_to_sum(self, x: Array, theta: Theta, order: int) -> Sequence[Row]:
        """Give the rows whose means `mean_terms` needs, from prepared ones."""
        if self.is_linear:
            return self.statistics(x, theta, order)
        return list(islice(self.density_terms((x,), theta), packed_size(len(theta), order)))

    def mean_terms(self, means: Sequence[Array], theta: Theta, order: int) -> Array:
        """Turn the means of `rows_to_sum` into the packed mean terms, one column a problem."""
        shape = np.shape(theta[0] if len(theta) else means[0])
        rows: Sequence[Array] = means
        if self.is_linear:
            if shape == (1,):  # numbers are quicker than arrays of one
                means, theta = [mean[0] for mean in means], [value[0] for value in theta]
            rows = list(islice(self.density_terms(means, theta), packed_size(len(theta), order)))
        out = np.empty((len(rows), *shape))
        for entry, row in zip(out, rows, strict=True):
            entry[...] = row
        return out

    # ---- estimation --------------------------------------------------------------------------

    def closed_form(self, t: Sequence[Array], fixed: dict[str, Array]) -> list[Array] | None:
        """Give the estimate from mean statistics, or None where there is no formula.

        `fixed` holds the values of parameters that are not estimated.
        """
        return None

    def edge_estimate(self, minimum: Array, maximum: Array) -> dict[str, Array]:
        """Give estimates that lie on an edge which the extremes of the sample show."""
        return {}

    def estimate_from_rows(
        self, rows: Array, weights: Array, fixed: dict[str, Array]
    ) -> Sequence[Array] | None:
        """Give the exact estimate from sorted rows (medians, say), or None where there is none.

        `rows` and `weights` have shape (problems, m); rows of weight 0 are padding. Problems whose
        maximum is smooth, and so for Newton to find, may be left as NaN.
        """
        return None

    def tail_terms(self, x: Array, theta: Theta, *, upper: bool) -> Iterator[Array]:
        """Yield the terms of log P(X > x) (`upper`) or log P(X ≤ x), packed as in `terms`.

        By default they follow from the density and the distribution function; a formula is faster.
        """
        return generic_tail_terms(self, x, theta, upper=upper)

    def between_terms(self, lower: Array, upper: Array, theta: Theta) -> Iterator[Array] | None:
        """Yield the terms of log P(lower < X ≤ upper), for ends inside the support, by a formula.

        None where there is none: the terms are those of a difference of tails. Rows whose value is
        NaN, because the formula would lose digits, are taken so too.
        """
        return None

    def own_tail_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        """Yield the terms of the log of the own tail from the row statistics `t`, as it is linear.

        Rows that are such tails are then averaged before they are looked at, as exact rows are.
        """
        raise NotImplementedError(f"{type(self).__name__} declares no terms of a tail")

    @property
    def has_linear_tail(self) -> bool:
        """Whether the log of the own tail is linear in the row statistics."""
        return type(self).own_tail_terms is not Family.own_tail_terms

    @property
    def has_tail_formula(self) -> bool:
        """Whether no derivative of a tail is a difference, and tails near certainty are exact."""
        return type(self).tail_terms is not Family.tail_terms

    def cells_in_question(self, cells: Cells) -> NDArray[np.bool_]:
        """Say in which cells of a long sample the rows are that `estimate_from_rows` chooses from.

        The other rows count by number and mean alone.
        """
        return np.ones(len(cells.counts), dtype=bool)

    def expected_information(self, theta: Theta) -> Array | None:
        """Expected information of one row, (p, p, problems), of a density with kinks; else None.

        Where a density has a kink in a parameter, the curvature of the sample's likelihood says
        nothing of the estimate's precision. Infinite information leaves no standard errors.
        """
        return None

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        """Give one or more starting values, the most promising first."""
        raise NotImplementedError(f"{type(self).__name__} declares no starting value")

    def valid(self, theta: Theta) -> NDArray[np.bool_]:
        """Say which parameters satisfy what no single domain says, such as lower < upper."""
        shapes = {np.shape(value) for value in theta}
        return np.ones(shapes.pop() if len(shapes) == 1 else np.broadcast_shapes(*shapes), bool)

    @property
    def link(self) -> Link:
        """The link of the whole parameter vector."""
        return ElementwiseLink(self.parameters)

    def entry_by_entry(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Spell out vectors and matrices of parameters that are given whole."""
        return dict(values)

    def shaped(self, labels: Sequence[Hashable]) -> Self:
        """Return the family with as many entries in its vectors of parameters as labels."""
        return self

    def as_asked(self, freed: Collection[str], given: Collection[str]) -> Family:
        """Return the family with parameters that it has only where they are freed or given."""
        return self

    # ---- units -------------------------------------------------------------------------------

    @property
    def standardization(self) -> Literal["location-scale", "scale", "none"]:
        """Say which change of units the family is closed under."""
        units = {parameter.unit for parameter in self.parameters}
        if not units & {Unit.SCALE, Unit.LOG_SCALE, Unit.SQUARE}:
            return "none"
        return "location-scale" if Unit.LOCATION in units else "scale"

    @property
    def has_density(self) -> bool:
        """Whether its values have a density, which depends on their unit, or probabilities."""
        return not self.support.integers

    @property
    def has_known(self) -> bool:
        """Whether some parameter is never estimated."""
        return any(parameter.known for parameter in self.parameters)

    def parameter_index(self, name: str) -> int:
        """Position of a parameter in declared order."""
        return self.parameter_names.index(name)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "edge_estimate" in cls.__dict__ and "regular" not in cls.__dict__:
            cls.regular = False
        cls._set_signature()
