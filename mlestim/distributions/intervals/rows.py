"""Terms of rows of any kind: exact or an interval, seen through a window or not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.intervals.between import interval_terms
from mlestim.distributions.intervals.parts import Way, write_parts
from mlestim.distributions.terms import packed_size

if TYPE_CHECKING:
    from mlestim.distributions.base import Family

Array = NDArray[np.float64]
Ends = tuple[Array, Array]


def row_terms(
    family: Family,
    x: Array,
    ends: Ends | None,
    window: Ends | None,
    theta: Sequence[Array],
    order: int,
) -> Array:
    r"""Packed terms of each row: of log f(x), or of log P(lower < X ≤ upper), less its window's.

    .. math:: \log\frac{P(\mathrm{lower} < X \le \mathrm{upper})}{P(\mathrm{after} < X \le
              \mathrm{before})}

    Parameters
    ----------
    x : array, shape (n,) or (problems, n)
        Values of the exact rows.
    ends : pair of arrays, optional
        (lower, upper), of the shape of `x`; equal ones are exact. By default all rows are.
    window : pair of arrays, optional
        (after, before), of the shape of `x`; by default nothing is truncated.
    theta : sequence of arrays
        Parameters, broadcasting against `x`.
    order : {0, 1, 2}
        How many derivatives.
    """
    if ends is None and window is None:
        return family.terms(x, theta, order).packed
    shape = np.broadcast_shapes(x.shape, *(np.shape(value) for value in theta))
    flat = [_flat(value, shape) if np.size(value) > 1 else np.reshape(value, 1) for value in theta]
    out = np.empty((packed_size(len(theta), order), int(np.prod(shape))))
    lower, upper = (_flat(end, shape) for end in (ends or (x, x)))
    exact = lower == upper
    parts: list[tuple[NDArray[np.bool_], Way]] = [
        (exact, lambda value, _a, _b, t: family.terms(value, t, order).packed),
        (~exact, lambda _, a, b, t: interval_terms(family, a, b, t, order)),
    ]
    write_parts(out, parts, (_flat(x, shape), lower, upper), flat)
    if window is not None:
        after, before = (_flat(end, shape) for end in window)
        out -= interval_terms(family, after, before, flat, order)
    return out.reshape(len(out), *shape)


def _flat(values: Array, shape: tuple[int, ...]) -> Array:
    return np.broadcast_to(values, shape).ravel()
