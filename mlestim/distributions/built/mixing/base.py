"""A family that is built from others: it takes its description from them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mlestim.distributions.base import Array, Family, Row, Theta, product_of
from mlestim.distributions.terms import Terms, packed_size


class Built(Family):
    """A family whose name, parameters and support follow from those it is built from.

    A registered one is a class with the description (``class …(Mixture, of=…)``); others have it as
    instances.
    """

    name = "built"

    def __init_subclass__(cls, of: Any = None, **options: Any) -> None:
        if of is not None:
            for attribute, value in cls.description(*of).items():
                setattr(cls, attribute, value)
        super().__init_subclass__(**options)

    @classmethod
    def description(cls, *of: Any) -> dict[str, Any]:
        """Attributes that follow from what the family is built from."""
        raise NotImplementedError

    def term_rows(self, x: Array, theta: Theta, order: int) -> Sequence[Row]:
        """Packed row terms up to an order; pairs of factors stand for their products."""
        raise NotImplementedError

    # ---- terms that know up to which order they are asked for ------------------------------------

    def density_terms(self, t: Sequence[Array], theta: Theta) -> Iterator[Array]:
        return map(product_of, self.term_rows(t[0], theta, 2))

    def rows_to_sum(self, x: Array, theta: Theta, order: int) -> Sequence[Row]:
        return self.term_rows(x, theta, order)

    def terms(
        self, x: ArrayLike, theta: Sequence[ArrayLike], order: int = 2, out: Array | None = None
    ) -> Terms:
        x = np.asarray(x, dtype=float)
        parameters = [np.asarray(value, dtype=float) for value in theta]
        rows, shape = self.rows_of(x)
        if out is None:
            shape = np.broadcast_shapes(shape, *(value.shape for value in parameters))
            out = np.empty((packed_size(len(parameters), order), *shape))
        entries = out if out.ndim > 1 else out[:, None]
        for entry, row in zip(entries, self.term_rows(rows, parameters, order), strict=True):
            entry[...] = product_of(row)
        return Terms(out, len(parameters))

    @property
    def has_tail_formula(self) -> bool:
        """Whether both tails keep their digits near certainty; those of sums do not."""
        return False

    # ---- showing ---------------------------------------------------------------------------------

    @property
    def made_of(self) -> str | None:
        """What the family is built from, as the call says it; None for a registered class."""
        raise NotImplementedError

    def __repr__(self) -> str:
        whole = super().__repr__()
        if self.made_of is None:
            return whole
        name, values = whole.split("(", 1)
        return f"{name}({self.made_of}{', ' if values != ')' else ''}{values}"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Built):
            return NotImplemented
        mine, theirs = self.params, other.params
        return (self.name, mine.keys()) == (other.name, theirs.keys()) and all(
            np.array_equal(mine[name], theirs[name]) for name in mine
        )

    __hash__ = None  # type: ignore[assignment]  # holds arrays; compares by value
