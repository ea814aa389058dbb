"""Mixtures of families of vectors."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlestim.distributions.base import Array, Family, Size, Theta
from mlestim.distributions.built.mixing.mixture import Mixture
from mlestim.distributions.built.mixing.names import mixture_name
from mlestim.distributions.parameter import Shape
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.vectors.entries import Entry, laid_out
from mlestim.distributions.vectors.family import Multivariate
from mlestim.errors import OptionError


class VectorMixture(Mixture, Multivariate):
    """What `Mixture` makes of families of vectors.

    Parameters of components are vectors and matrices, as in ``mean_1=[0, 0]``, and entry by entry
    those of the components, each with its component last: ``mean_2_1`` of the first one's
    second mean.
    """

    components: tuple[Multivariate, ...]

    @classmethod
    def description(cls, *of: Any) -> dict[str, Any]:
        components, asked = of
        labels = {component.labels for component in components}
        if len(labels) > 1:
            raise OptionError("Mixture: the families have vectors of different lengths")
        described = super().description(components, _entries_of(components, asked))
        return {
            **described,
            "name": mixture_name(components, asked),
            "asked": tuple(asked),
            "parameters": tuple(
                p
                if isinstance(p, Entry)
                else Entry(p.name, p.domain, p.unit, p.meaning, p.known, p.shape)
                for p in described["parameters"]
            ),
            "labels": components[0].labels,
            "support": components[0].support,
            "fewest": max(component.fewest for component in components),
        }

    def _told_apart(
        self, components: tuple[Family, ...], shared: tuple[str, ...], values: dict[str, ArrayLike]
    ) -> tuple[tuple[Family, ...], dict[str, ArrayLike]]:
        return _with_own(components, shared, values)

    # ---- vectors and matrices of parameters --------------------------------------------------------

    def shaped(self, labels: Sequence[Hashable]) -> Self:
        if self.labels is not None:
            return Multivariate.shaped(self, labels)
        member: Self = type(self).__new__(type(self))
        components = tuple(component.shaped(labels) for component in self.components)
        member.__dict__.update(self.__dict__)
        member.__dict__.update(self.description(components, self.asked))
        return member

    def _declared_of(self, k: int) -> Iterator[tuple[str, str]]:
        """Give the name of each parameter that a component declares, in the mixture and its own."""
        for parameter in type(self.components[k]).parameters:
            shared = parameter.name in self.asked or parameter.known
            yield parameter.name if shared else f"{parameter.name}_{k + 1}", parameter.name

    def entry_by_entry(self, values: Mapping[str, Any]) -> dict[str, Any]:
        left = dict(values)
        found: dict[str, Any] = {}
        for k, component in enumerate(self.components):
            for name, own in self._declared_of(k):
                shape = component._declared(own).shape  # noqa: SLF001 -- a class of this package
                if name in left and shape is not Shape.NUMBER:
                    suffix = name.removeprefix(own)
                    entries = component.entry_by_entry({own: left.pop(name)})
                    found |= {f"{entry}{suffix}": value for entry, value in entries.items()}
        return {**left, **found}

    @property
    def arrays(self) -> dict[str, float | Array]:
        found: dict[str, float | Array] = {}
        for k, (component, places) in enumerate(zip(self.components, self.places, strict=True)):
            weight, *names = (self.parameters[place].name for place in places)
            if weight in self.values:
                found[weight] = float(self.values[weight])
            own = {
                inner: self.values[name]
                for inner, name in zip(component.parameter_names, names, strict=True)
                if name in self.values
            }
            arrays = component.with_values(own).arrays
            found |= {name: arrays[d] for name, d in self._declared_of(k) if d in arrays}
        return found

    def __repr__(self) -> str:
        whole = Multivariate.__repr__(self).removeprefix(f"{type(self).__name__}(")
        return f"Mixture({self.made_of}{', ' if whole != ')' else ''}{whole}"

    # ---- vectors -----------------------------------------------------------------------------------

    def _inner_vector(self, x: Array) -> Array:
        return self.components[0]._inner_vector(x)  # noqa: SLF001 -- a class of this package

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        place = rng.random(size)[..., None]
        reached, drawn = np.zeros(()), np.zeros(())
        for weight, member in zip(self.weights, self._members(theta), strict=True):
            drawn = np.where(place >= reached, member.rvs(size, rng), drawn)
            reached = reached + theta[weight]
        return drawn

    def _covariance(self, theta: Theta) -> Array:
        mean, members = self._mean(theta), self._vector_members(theta)
        gaps = [member.mean() - mean for member in members]
        spreads = [
            member.covariance() + gap[..., :, None] * gap[..., None, :]
            for member, gap in zip(members, gaps, strict=True)
        ]
        return self._mixed(spreads, theta)

    def _vector_members(self, theta: Theta) -> list[Multivariate]:
        return self._members(theta)  # type: ignore[return-value]  # components are of vectors

    def _mode(self, theta: Theta) -> Array:
        raise OptionError(f"{self.name}: the mode has no formula")

    def _entropy(self, theta: Theta) -> Array:
        raise OptionError(f"{self.name}: the entropy has no formula")

    # ---- estimation --------------------------------------------------------------------------------

    def first_known(self, x: Array) -> dict[str, Array]:
        return self.components[0].first_known(x)

    def n_dependent(self, held: Collection[str]) -> int:
        own = [
            component.n_dependent({name.removesuffix(f"_{k}") for name in held})
            for k, component in enumerate(self.components, 1)
        ]
        return Mixture.n_dependent(self, held) + sum(own)

    def without_maximum(self, sketch: Sketch, free: frozenset[str]) -> NDArray[np.bool_] | None:
        whole = frozenset(self.components[0].parameter_names)
        return self.components[0].without_maximum(sketch, whole)

    def explain_unbounded(self, x: Array, weights: Array | None, columns: Sequence[str]) -> str:
        return self.components[0].explain_unbounded(x, weights, columns)


def _entries_of(components: Sequence[Multivariate], asked: Sequence[str]) -> tuple[str, ...]:
    """Names of the entries of parameters that are shared, vectors and matrices spelled out."""
    first = components[0]
    declared = {parameter.name: parameter for parameter in type(first).parameters}
    names: list[str] = []
    for name in asked:
        if name in declared and first.labels is not None:
            names += [entry.name for entry in laid_out((declared[name],), first.labels)]
        else:
            names.append(name)
    return tuple(names)


def _with_own(
    components: Sequence[Family], shared: Sequence[str], values: Mapping[str, ArrayLike]
) -> tuple[tuple[Multivariate, ...], dict[str, ArrayLike]]:
    """Give components the vectors and matrices among the values, and the values that are left."""
    left, made = dict(values), []
    for k, component in enumerate(components, 1):
        own: dict[str, ArrayLike] = {}
        for parameter in type(component).parameters:
            name = parameter.name
            if name in shared or parameter.known:
                own |= {name: values[name]} if name in values else {}
            elif f"{name}_{k}" in left:
                own[name] = left.pop(f"{name}_{k}")
        arrays = component.arrays  # type: ignore[attr-defined]  # of vectors
        made.append(type(component)(**{**arrays, **own}) if own else component)
    for name in (*shared, *(p.name for c in components for p in type(c).parameters if p.known)):
        left.pop(name, None)
    return tuple(made), left  # type: ignore[arg-type]  # of vectors
