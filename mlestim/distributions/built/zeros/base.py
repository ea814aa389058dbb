"""What families with a probability of 0 of their own have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlestim.distributions.base import Array, Family, Size, Theta
from mlestim.distributions.built.mixing.base import Built
from mlestim.distributions.limit import Limit
from mlestim.distributions.parameter import UNIT, Parameter
from mlestim.distributions.registry import FamilyLike, resolve
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.support import Support
from mlestim.errors import OptionError

# Probabilities of an additional zero that a search begins at.
SHARES = (0.3, 0.05, 0.7)


class WithZeros(Built):
    """What zero-inflated families and hurdles share: an inner family, and ``zero_prob`` besides."""

    inner: Family

    @classmethod
    @abstractmethod
    def _declared(cls, inner: Family) -> tuple[str, str]:
        """Name of the family, and the meaning of ``zero_prob``."""

    @classmethod
    def description(cls, *of: Any) -> dict[str, Any]:
        inner = resolve(of[0])
        if objection := cls._objection(inner):
            raise OptionError(objection)
        name, meaning = cls._declared(inner)
        support = inner.support
        return {
            "inner": inner,
            "name": name,
            "parameters": (*inner.parameters, Parameter("zero_prob", UNIT, meaning=meaning)),
            "support": Support(0.0, support.upper, True, support.upper_closed, support.integers),
            "kind": inner.kind,
            "concentrates": False,
            "starts_with_atom": not support.integers,
            "regular": inner.regular,
        }

    @classmethod
    def _objection(cls, inner: Family) -> str:
        """Say why a family cannot be the inner one; empty if it can."""
        usual = inner.kind in ("continuous", "discrete") and inner.support.lower >= 0.0
        if usual and inner.starts_with_atom:
            return f"{cls.__name__}: {inner.name} has a probability of 0 of its own"
        if usual and inner.support.integers and inner.support.upper <= 1.0:
            return f"{cls.__name__}: {inner.name} has nothing above 1, which zeros are told by"
        if usual and "zero_prob" not in inner.parameter_names:
            return ""
        return f"{cls.__name__} takes a family of counts or of positive values, not {inner.name}"

    def __init__(self, family: FamilyLike, /, *args: ArrayLike, **values: ArrayLike) -> None:
        self.__dict__.update(self.description(family))
        super().__init__(*args, **{**self.inner.values, **values})

    @property
    def made_of(self) -> str | None:
        return repr(self.inner.name) if "inner" in self.__dict__ else None

    @property
    def standardization(self) -> Literal["none"]:
        """Keep the unit: a zero has a probability, which does not change with it."""
        return "none"

    def outside(self, x: Array, theta: Theta) -> NDArray[np.bool_]:
        return (x != 0.0) & self.inner.outside(x, theta[:-1])

    def beyond_known_ends(self, x: Array, theta: Theta) -> NDArray[np.bool_]:
        return (x != 0.0) & self.inner.beyond_known_ends(x, theta[:-1])

    def ends(self, theta: Theta) -> tuple[ArrayLike, ArrayLike]:
        return 0.0, self.inner.ends(theta[:-1])[1]

    def valid(self, theta: Theta) -> NDArray[np.bool_]:
        return self.inner.valid(theta[:-1])

    def _with_zeros(self, limits: Iterable[Limit]) -> Iterator[Limit]:
        """Limits of the inner family to which the zeros can be added too."""
        for limit in limits:
            family = resolve(limit.family)
            if not (limit.shifted or limit.reflected or self._objection(family)):
                parameters = {**limit.parameters, "zero_prob": "zero_prob"}
                yield replace(limit, family=self._declared(family)[0], parameters=parameters)

    def untold(self, window: tuple[float, float]) -> tuple[str, ...]:
        return ("zero_prob",) if window[0] >= 0.0 else ()

    def not_identified(self, sketch: Sketch, free: frozenset[str]) -> NDArray[np.bool_]:
        """Zeros alone say nothing of what else there could be."""
        return sketch.at_most(0.0) & (len(free) == len(self.parameters))

    def estimate_where_open(self, sketch: Sketch) -> dict[str, Array]:
        """Give zeros alone the probability 1, whatever else there could be."""
        return {"zero_prob": np.where(sketch.at_most(0.0), 1.0, np.nan)}

    def estimate_from_sketch(
        self, sketch: Sketch, fixed: Mapping[str, Array]
    ) -> Sequence[Array] | None:
        """Give zeros alone the probability 1, where all else is known."""
        alone = sketch.at_most(0.0)
        if not alone.any() or fixed.keys() != set(self.inner.parameter_names):
            return None
        known = [fixed[name] for name in self.inner.parameter_names]
        return [np.where(alone, value, np.nan) for value in (*known, np.ones_like(sketch.maximum))]

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        rows = sketch.rows
        least = np.min(np.where(rows > 0.0, rows, sketch.maximum[:, None]), axis=-1)
        above = np.sort(np.where(rows > 0.0, rows, least[:, None]), axis=-1)
        starts = []
        for share in SHARES:
            part = Sketch(above, least, sketch.maximum, _moments_without(sketch, share))
            prob = np.full(len(rows), share)
            starts += [(*theta, prob) for theta in self.inner.start(part)]
        return starts

    @staticmethod
    def _not_filled(inner: Iterator[Array], theta: Theta) -> Iterator[Array]:
        """Yield the terms of log(1 − π) + L in the parameters of L and π."""
        prob, q = theta[-1], len(theta) - 1
        yield np.log1p(-prob) + next(inner)
        yield from islice(inner, q)
        yield -1.0 / (1.0 - prob)
        for i in range(q):
            yield from islice(inner, q - i)
            yield np.zeros(())
        yield -1.0 / (1.0 - prob) ** 2

    # ---- the inner family ------------------------------------------------------------------------

    def _member(self, theta: Theta) -> Family:
        names = self.inner.parameter_names
        return self.inner.with_values(dict(zip(names, theta[:-1], strict=True)))

    def _log_first(self, theta: Theta) -> Array:
        """Log probability of 0 under the inner family."""
        if not self.support.integers:
            return np.full(np.broadcast_shapes(*(t.shape for t in theta)), -np.inf)
        return np.asarray(self._member(theta).logpdf(0.0))

    def _sample(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        zero = rng.random(size) < theta[-1]
        return np.where(zero, 0.0, self._drawn(theta, rng, size))

    def _drawn(self, theta: Theta, rng: np.random.Generator, size: Size) -> Array:
        """Draw of what is no additional zero."""
        return self._member(theta).rvs(size, rng)

    def _mode(self, theta: Theta) -> Array:
        mode = np.asarray(self._member(theta).mode(), dtype=float)
        if not self.support.integers:
            return np.zeros_like(mode + theta[-1])
        mode = mode + 0.0 * theta[-1]
        candidates = [np.zeros_like(mode), mode, np.maximum(mode, 1.0)]
        heights = [self.terms(x, theta, 0).value for x in candidates]
        return np.choose(np.argmax(heights, axis=0), candidates)

    def _entropy(self, theta: Theta) -> Array:
        # −f(0) log f(0) − Σ c p log(c p) with p the inner probabilities above 0
        log_zero, log_factor = self._logs(theta)
        log_first = self._log_first(theta)
        first, factor = np.exp(log_first), np.exp(log_factor)
        inner = self._member(theta).entropy() + first * np.where(first > 0.0, log_first, 0.0)
        return factor * (inner - (1.0 - first) * log_factor) - np.exp(log_zero) * log_zero

    @abstractmethod
    def _logs(self, theta: Theta) -> tuple[Array, Array]:
        """Log probability of 0, and of the factor of the inner probabilities above 0."""

    def _mean(self, theta: Theta) -> Array:
        return np.exp(self._logs(theta)[1]) * self._member(theta).mean()

    def _variance(self, theta: Theta) -> Array:
        member, factor = self._member(theta), np.exp(self._logs(theta)[1])
        mean = member.mean()
        return factor * (member.var() + (1.0 - factor) * mean**2)


def _moments_without(sketch: Sketch, share: float) -> Callable[[], tuple[Array, Array]]:
    """Mean and variance of a sample from which a share of zeros is taken."""

    def moments() -> tuple[Array, Array]:
        mean, variance = sketch.exact_moments()
        above = mean / (1.0 - share)
        spread = (variance + mean**2) / (1.0 - share) - above**2
        return above, np.maximum(spread, 1e-3 * above)

    return moments
