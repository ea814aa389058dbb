"""A family whose rows have known relative precisions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.base import Array, Family, Theta
from mlestim.distributions.parameter import POSITIVE, Parameter
from mlestim.distributions.rows.sketch import Sketch
from mlestim.errors import OptionError

PRECISION = "precision"


class Precise(Family):
    r"""A family of rows with the same mean, whose variances are divided by known precisions.

    Row :math:`i` of precision :math:`w_i` has the parameters :math:`\theta_k w_i^{c_k}`, where the
    family's `dispersion` gives the powers :math:`c_k`: of a normal distribution the sd is divided
    by :math:`\sqrt{w_i}`; of a gamma the shape is multiplied by :math:`w_i` and the scale divided
    by it.

    Parameters
    ----------
    inner : Family
        A dispersion family.

    Raises
    ------
    OptionError
        If the family has no dispersion that precisions could divide.

    Examples
    --------
    >>> from mlestim.distributions import resolve
    >>> Precise(resolve("normal")).parameter_names
    ('mean', 'sd', 'precision')
    """

    name = "precise"
    parameters: tuple[Parameter, ...] = ()

    def __init__(self, inner: Family) -> None:
        if not inner.dispersion:
            raise OptionError(
                f"{inner.name} has no dispersion that precisions divide: weight_type='precision' is "
                "for normal, lognormal, gamma, inverse_gaussian and tweedie. Take "
                "weight_type='frequency' or 'sampling', if the weights are that."
            )
        self.inner = inner
        self.name = f"precise_{inner.name}"
        self.support = inner.support
        known = Parameter(PRECISION, POSITIVE, meaning="relative precision of a row", known=True)
        self.parameters = (*inner.parameters, known)
        super().__init__()

    def _factors(self, precision: Array) -> list[Array]:
        powers = dict(self.inner.dispersion)
        return [precision ** powers.get(p.name, 0.0) for p in self.inner.parameters]

    def _of_rows(self, theta: Theta) -> tuple[list[Array], list[Array]]:
        *shared, precision = theta
        factors = self._factors(precision)
        return [value * factor for value, factor in zip(shared, factors, strict=True)], factors

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        own, factors = self._of_rows(theta)
        return self._chained(iter(self.inner.terms(t[0], own, 2).packed), factors)

    def tail_terms(self, x: Array, theta: Theta, *, upper: bool) -> Iterator[Array]:
        own, factors = self._of_rows(theta)
        return self._chained(self.inner.tail_terms(x, own, upper=upper), factors)

    def _chained(self, terms: Iterator[Array], factors: list[Array]) -> Iterator[Array]:
        """Chain rule: each derivative is multiplied by its row's factors; none is in precisions."""
        nothing = np.zeros(())
        yield next(terms)
        for factor in factors:
            yield next(terms) * factor
        yield nothing
        for i, factor in enumerate(factors):
            for other in factors[i:]:
                yield next(terms) * factor * other
            yield nothing
        yield nothing

    def _logcdf(self, x: Array, theta: Theta) -> Array:
        return self.inner.log_tail(x, self._of_rows(theta)[0], upper=False)

    def _logsf(self, x: Array, theta: Theta) -> Array:
        return self.inner.log_tail(x, self._of_rows(theta)[0], upper=True)

    def not_identified(self, sketch: Sketch, free: frozenset[str]) -> NDArray[np.bool_] | None:
        return self.inner.not_identified(sketch, free)

    def estimate_from_sketch(
        self, sketch: Sketch, fixed: Mapping[str, Array]
    ) -> Sequence[Array] | None:
        shown = self.inner.estimate_from_sketch(sketch, fixed)
        return None if shown is None else [*shown, np.ones(len(sketch.rows))]

    def start(self, sketch: Sketch) -> Sequence[Sequence[Array]]:
        one = np.ones(len(sketch.rows))
        return [(*theta, one) for theta in self.inner.start(sketch)]
