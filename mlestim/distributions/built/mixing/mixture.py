"""Mixtures of families."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import reduce
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlestim.distributions.base import Array, Family, Row, Size, Theta, product_of
from mlestim.distributions.built.mixing.base import Built
from mlestim.distributions.built.mixing.description import (
    check_shared,
    components_of,
    hull,
    numbered,
)
from mlestim.distributions.built.mixing.edges import limits_of_components, without_one, zeros_alone
from mlestim.distributions.built.mixing.log_sum import (
    Part,
    log_sum_rows,
    log_weight,
    supported_terms,
    weighted_terms,
)
from mlestim.distributions.built.mixing.names import mixture_name
from mlestim.distributions.built.mixing.regular import degenerate, regular_region
from mlestim.distributions.built.mixing.starts import mixture_starts
from mlestim.distributions.built.mixing.summaries import highest_between, mixed_entropy
from mlestim.distributions.built.shifted import Shifted
from mlestim.distributions.distribution import Distribution
from mlestim.distributions.intervals.tail import tail_terms
from mlestim.distributions.limit import Limit
from mlestim.distributions.links import ElementwiseLink, Link, ProductLink, SoftmaxLink
from mlestim.distributions.registry import FamilyLike
from mlestim.distributions.rows.sketch import Sketch
from mlestim.errors import OptionError, ParameterError

STANDARDIZATIONS = ("none", "scale", "location-scale")
# Weights may miss 1 by this much.
WEIGHTS_SUM = 1e-6


def _joint_links(family: Family) -> list[tuple[Sequence[int], Link]]:
    """Links of several parameters of a family together, with their positions."""
    link = family.link
    parts = link.parts if isinstance(link, ProductLink) else [(range(len(family.parameters)), link)]
    return [(own, part) for own, part in parts if not isinstance(part, ElementwiseLink)]


class Mixture(Built):
    r"""Mixture of K components.

    .. math:: f(x) = \sum_{k=1}^K w_k f_k(x), \qquad \sum_k w_k = 1

    Components are numbered by their means. Continuous ones make the likelihood infinite where one
    of them gathers around a single value: the estimate is the best maximum at which each component
    is held up by more rows than it has parameters, and is no narrower than neighbouring rows are.

    Parameters
    ----------
    of : family or list of families
        One for all components, or one for each; values of instances are kept.
    n_components : int, optional
        How many there are, where one family is given for all; by default 2.
    shared : sequence of str
        Parameters of the components that have one value for all of them, such as ``("sd",)``.
    **values : float
        ``weight_1``, then the parameters of the first component (``mean_1``, …), and so on by
        component; shared parameters come last, under their own names.

    References
    ----------
    McLachlan, G. J. and Peel, D. (2000). Finite Mixture Models. Wiley.

    Examples
    --------
    >>> two = Mixture("poisson", 2, weight_1=0.4, mean_1=1, weight_2=0.6, mean_2=5)
    >>> two.pdf([0, 4]).round(4).tolist()
    [0.1512, 0.1114]
    >>> Mixture("normal", 3, shared=("sd",)).parameter_names
    ('weight_1', 'mean_1', 'weight_2', 'mean_2', 'weight_3', 'mean_3', 'sd')
    """

    coincide = True
    seed = 0  # of the divisions of the sample that the search starts from
    components: tuple[Family, ...]
    asked: tuple[str, ...]  # parameters that are shared because that was said
    shared: tuple[str, ...]  # all that are, known ones included
    places: tuple[tuple[int, ...], ...]  # of each component's weight and parameters

    @classmethod
    def description(cls, *of: Any) -> dict[str, Any]:
        components, shared = of
        kinds = {component.kind for component in components}
        built = any(isinstance(component, Built | Shifted) for component in components)
        if len(components) < 2 or len(kinds) > 1 or built or kinds == {"categorical"}:
            raise OptionError(
                "Mixture takes two plain families or more, all continuous, all of counts or all of "
                f"vectors, not {', '.join(component.name for component in components)}"
            )
        known = [p.name for c in components for p in c.parameters if p.known]
        asked = tuple(name for name in shared if name not in known)
        shared = tuple(dict.fromkeys((*shared, *known)))
        check_shared(components, shared)
        parameters, places = numbered(components, shared)
        return {
            "components": components,
            "shared": shared,
            "asked": asked,
            "name": mixture_name(components, asked),
            "parameters": parameters,
            "places": places,
            "support": hull([component.support for component in components]),
            "kind": components[0].kind,
            "half_line": all(component.half_line for component in components),
            "regular": all(component.regular for component in components),
        }

    def __new__(cls, *given: Any, **named: Any) -> Self:
        of = given[0] if given else named.get("of")
        if cls is Mixture and of is not None:
            from mlestim.distributions.built.mixing.vectors import VectorMixture

            n_components = given[1] if len(given) > 1 else named.get("n_components")
            if all(part.kind == "multivariate" for part in components_of(of, n_components)):
                return super().__new__(VectorMixture)  # type: ignore[return-value]  # one of these
        return super().__new__(cls)

    def __init__(
        self,
        of: FamilyLike | Sequence[FamilyLike],
        n_components: int | None = None,
        *,
        shared: Sequence[str] = (),
        **values: ArrayLike,
    ) -> None:
        names = tuple(shared)
        components, own = self._told_apart(components_of(of, n_components), names, values)
        self.__dict__.update(self.description(components, names))
        Distribution.__init__(self, **{**self._given_to_components(), **own})

    def _told_apart(
        self, components: tuple[Family, ...], shared: tuple[str, ...], values: dict[str, ArrayLike]
    ) -> tuple[tuple[Family, ...], dict[str, ArrayLike]]:
        """Take from the values those that the components need to know themselves."""
        return components, values

    def _given_to_components(self) -> dict[str, ArrayLike]:
        """Values that components have, under the names that they have here."""
        own: dict[str, ArrayLike] = {}
        for component, places in zip(self.components, self.places, strict=True):
            names = [self.parameters[place].name for place in places[1:]]
            own |= {
                name: component.values[inner]
                for name, inner in zip(names, component.parameter_names, strict=True)
                if inner in component.values
            }
        return own

    @property
    def made_of(self) -> str | None:
        if "components" not in self.__dict__:
            return None
        names = [component.name for component in self.components]
        alike = len(set(names)) == 1
        of = f"{names[0]!r}, {len(names)}" if alike else repr(names)
        return of + (f", shared={self.asked!r}" if self.asked else "")

    # ---- structure -------------------------------------------------------------------------------

    @property
    def weights(self) -> list[int]:
        """Positions of the weights."""
        return [places[0] for places in self.places]

    def component_theta(self, k: int, theta: Theta) -> list[Array]:
        """Parameters of a component, its weight left out."""
        return [theta[place] for place in self.places[k][1:]]

    def component(self, k: int, theta: Theta) -> Family:
        """A component with its parameters."""
        component = self.components[k]
        values = self.component_theta(k, theta)
        return component.with_values(dict(zip(component.parameter_names, values, strict=True)))

    @property
    def link(self) -> ProductLink:
        parts: list[tuple[Sequence[int], Link]] = [(self.weights, SoftmaxLink(len(self.places)))]
        linked = {*self.weights}
        for component, (_, *places) in zip(self.components, self.places, strict=True):
            for own, link in _joint_links(component):
                there = [places[j] for j in own]
                shared = {j >= self.first_shared for j in there}
                if linked.isdisjoint(there) and len(shared) == 1:
                    parts.append((there, link))
                    linked.update(there)
        rest = [j for j in range(len(self.parameters)) if j not in linked]
        for known in (False, True):  # of which the terms are NaN
            own = [j for j in rest if self.parameters[j].known is known]
            if own:
                parts.append((own, ElementwiseLink([self.parameters[j] for j in own])))
        return ProductLink(parts)

    @property
    def standardization(self) -> Literal["location-scale", "scale", "none"]:
        kinds = [component.standardization for component in self.components]
        return min(kinds, key=STANDARDIZATIONS.index)

    def outside(self, x: Array, theta: Theta) -> NDArray[np.bool_]:
        return reduce(
            np.logical_and,
            [c.outside(x, self.component_theta(k, theta)) for k, c in enumerate(self.components)],
        )

    def ends(self, theta: Theta) -> tuple[ArrayLike, ArrayLike]:
        ends = [c.ends(self.component_theta(k, theta)) for k, c in enumerate(self.components)]
        lower, upper = zip(*ends, strict=True)
        return reduce(np.minimum, lower), reduce(np.maximum, upper)

    def valid(self, theta: Theta) -> NDArray[np.bool_]:
        return reduce(
            np.logical_and,
            [c.valid(self.component_theta(k, theta)) for k, c in enumerate(self.components)],
            self._whole(theta),
        )

    def _whole(self, theta: Theta) -> NDArray[np.bool_]:
        """Whether the weights sum to 1, as far as they are printed."""
        total = reduce(np.add, [theta[place] for place in self.weights])
        return np.asarray(np.abs(total - 1.0) < WEIGHTS_SUM)

    @property
    def theta(self) -> tuple[Array, ...]:
        """Parameter values in declared order.

        Raises
        ------
        ParameterError
            If some values were not given, or the weights do not sum to 1.
        """
        theta = super().theta
        if not np.all(self._whole(theta)):
            total = float(np.ravel(sum(theta[place] for place in self.weights))[0])
            raise ParameterError(f"{self.name}: the weights sum to {total:.10g}, not to 1")
        return theta

    # ---- terms -----------------------------------------------------------------------------------

    def _parts(self, terms: Sequence[Iterator[Array]], theta: Theta) -> list[Part]:
        """Summands: the components' terms with their weights."""
        return [
            Part(places, weighted_terms(theta[places[0]], own, len(places) - 1))
            for places, own in zip(self.places, terms, strict=True)
        ]

    def density_parts(self, x: Array, theta: Theta, order: int) -> list[Part]:
        """Terms of the log of each weighted component's density."""
        terms = [
            supported_terms(component, x, self.component_theta(k, theta), order)
            for k, component in enumerate(self.components)
        ]
        return self._parts(terms, theta)

    def term_rows(self, x: Array, theta: Theta, order: int) -> Sequence[Row]:
        return log_sum_rows(self.density_parts(x, theta, order), len(self.parameters), order)

    def tail_terms(self, x: Array, theta: Theta, *, upper: bool) -> Iterator[Array]:
        terms = [
            iter(tail_terms(component, x, self.component_theta(k, theta), 2, upper=upper))
            for k, component in enumerate(self.components)
        ]
        rows = log_sum_rows(self._parts(terms, theta), len(self.parameters), 2)
        return map(product_of, rows)

    # ---- probabilities, samples, moments ---------------------------------------------------------

    def _log_mixed(self, logs: Sequence[Array], theta: Theta) -> Array:
        return reduce(
            np.logaddexp,
            [log_weight(theta[w]) + value for w, value in zip(self.weights, logs, strict=True)],
        )

    def _logcdf(self, x: Array, theta: Theta) -> Array:
        return self._log_mixed([m.logcdf(x) for m in self._members(theta)], theta)

    def _logsf(self, x: Array, theta: Theta) -> Array:
        return self._log_mixed([m.logsf(x) for m in self._members(theta)], theta)

    def _members(self, theta: Theta) -> list[Family]:
        return [self.component(k, theta) for k in range(len(self.components))]

    def _quantile_start(self, p: Array, theta: Theta) -> Array:
        quantiles = [np.asarray(member.ppf(p)) for member in self._members(theta)]
        return np.array(sum(quantiles) / len(quantiles), dtype=float)

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        place = rng.random(size)
        reached, drawn = np.zeros(()), np.zeros(())
        for weight, member in zip(self.weights, self._members(theta), strict=True):
            drawn = np.where(place >= reached, member.rvs(size, rng), drawn)
            reached = reached + theta[weight]
        return drawn

    def _mixed(self, values: Sequence[Array], theta: Theta) -> Array:
        parts = [theta[w] * value for w, value in zip(self.weights, values, strict=True)]
        return np.asarray(reduce(np.add, parts))

    def _mean(self, theta: Theta) -> Array:
        return self._mixed([member.mean() for member in self._members(theta)], theta)

    def _variance(self, theta: Theta) -> Array:
        mean, members = self._mean(theta), self._members(theta)
        return self._mixed([m.var() + (m.mean() - mean) ** 2 for m in members], theta)

    def _mode(self, theta: Theta) -> Array:
        modes = np.array(np.broadcast_arrays(*(m.mode() for m in self._members(theta))))
        lines = np.broadcast_arrays(*theta)
        columns = [np.ravel(value)[:, None] for value in lines]
        found = highest_between(
            lambda x: self.log_density(x, columns),
            modes.min(axis=0).ravel(),
            modes.max(axis=0).ravel(),
            integers=self.support.integers,
        )
        return found.reshape(lines[0].shape)

    def _entropy(self, theta: Theta) -> Array:
        if self.support.integers:
            return super()._entropy(theta)
        lines = np.broadcast_arrays(*theta)
        values = []
        for one in zip(*map(np.ravel, lines), strict=True):
            own = [np.asarray(value) for value in one]
            whole = self.with_values(dict(zip(self.parameter_names, own, strict=True)))
            weights = [float(own[place]) for place in self.weights]
            values.append(mixed_entropy(self._members(own), weights, whole.logpdf))
        return np.reshape(values, lines[0].shape)

    # ---- estimation ------------------------------------------------------------------------------

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        return mixture_starts(self, sketch)

    def limits(self) -> tuple[Limit, ...]:
        """Without a component the likelihood may be as high: its weight is 0 then.

        Where all components are alike, any of them stands for the others.
        """
        return (*without_one(self), *zeros_alone(self), *limits_of_components(self))

    def edge_estimate(self, minimum: Array, maximum: Array) -> dict[str, Array]:
        """Say by NaN which parameters are ends of components, which no extremes show."""
        unknown = np.full_like(minimum, np.nan)
        return {
            self.parameters[places[1 + component.parameter_index(name)]].name: unknown
            for component, places in zip(self.components, self.places, strict=True)
            for name in component.edge_estimate(minimum, maximum)
        }

    def regular_region(self, sketch: Sketch) -> dict[str, tuple[Array, Array]]:
        return regular_region(self, sketch)

    def degenerate(self, theta: Theta, sketch: Sketch, weight: Array) -> NDArray[np.bool_] | None:
        """Say where a component holds hardly more rows than parameters, or hugs a few of them."""
        return degenerate(self, theta, sketch, weight) if self.has_density else None

    @property
    def first_shared(self) -> int:
        """Position of the first shared parameter: all before it belong to one component."""
        return len(self.parameters) - len(self.shared)

    def n_dependent(self, held: Collection[str]) -> int:
        """One weight follows from the others."""
        return int(not any(self.parameters[place].name in held for place in self.weights))

    def arranged(self, theta: Array) -> NDArray[np.intp] | None:
        """Order components of the same family by their means."""
        if len({component.name for component in self.components}) > 1:
            return None
        usual = np.isfinite(theta).all(axis=0)
        means = np.zeros((len(self.components), theta.shape[1]))
        if np.any(usual):
            members = self._members([value[usual] for value in theta])
            centres = [member.mean() for member in members]  # of vectors, by their first entry
            means[:, usual] = [c if c.ndim == 1 else c[:, 0] for c in centres]
        order = np.argsort(means, axis=0, kind="stable")
        places = np.array(
            [[place for place in own if place < self.first_shared] for own in self.places]
        )
        arranged = np.repeat(np.arange(len(theta))[:, None], theta.shape[1], axis=1)
        for k, own in enumerate(places):
            arranged[own] = places[order[k]].T
        return arranged
