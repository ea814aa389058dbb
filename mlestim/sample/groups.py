"""Rows by group: codes into sorted keys, and the order in which groups lie together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    import pandas as pd


class Layout(NamedTuple):
    """Rows in group order: ``values[order]`` holds group g at ``starts[g] : starts[g + 1]``."""

    order: np.ndarray  # intp (n,), stable: rows of a group keep their order
    starts: np.ndarray  # intp (groups,)
    sizes: np.ndarray  # intp (groups,), all positive


@dataclass(frozen=True, eq=False)
class Groups:
    """Which group each row belongs to.

    Parameters
    ----------
    codes
        Group of each row, intp (n,), every group occurring at least once.
    keys
        pandas Index of the groups' keys, a MultiIndex if several columns define them; sorted
        where they can be, else in order of appearance; its ``names`` are the columns.
    emptied
        Keys of the groups none of whose rows is left.
    """

    codes: np.ndarray
    keys: pd.Index
    emptied: tuple[Any, ...] = ()

    @classmethod
    def of(
        cls,
        factors: Sequence[tuple[np.ndarray, Any]],
        names: list[Hashable],
        keep: np.ndarray | None = None,
    ) -> Groups:
        """Combine columns, each given as codes (n,) into its levels, to the groups that occur.

        Rows outside the mask ``keep`` count for nothing but the keys of groups that they empty; a
        row with a missing key, code -1, is outside it.
        """
        if keep is None:
            return cls._combined(factors, names)
        keyed = np.all([codes >= 0 for codes, _ in factors], axis=0)
        whole = cls._combined([(codes[keyed], levels) for codes, levels in factors], names)
        return whole.take(keep[keyed])

    @classmethod
    def _combined(cls, factors: Sequence[tuple[np.ndarray, Any]], names: list[Hashable]) -> Groups:
        import pandas as pd

        codes, found = _observed(*_first(factors))
        positions = [found]
        for more, levels in factors[1:]:
            # one number for each pair of codes; its order is the lexicographic one
            codes, pairs = _observed(codes * len(levels) + more, len(positions[0]) * len(levels))
            positions = [place[pairs // len(levels)] for place in positions]
            positions.append(pairs % len(levels))
        indexes = [pd.Index(levels) for _, levels in factors]
        taken = [index.take(place) for index, place in zip(indexes, positions, strict=True)]
        if len(taken) == 1:
            return cls(codes, _without_unused(taken[0]).rename(names[0]))
        return cls(codes, pd.MultiIndex.from_arrays(taken, names=names))

    @property
    def names(self) -> tuple[Any, ...]:
        """Column names that the keys come from."""
        return tuple(self.keys.names)

    def __len__(self) -> int:
        return len(self.keys)

    def take(self, keep: np.ndarray) -> Groups:
        """Groups of the rows where the mask ``keep`` is true."""
        codes, found = _observed(self.codes[keep], len(self))
        emptied = tuple(self.keys.delete(found)) if len(found) < len(self) else ()
        return Groups(codes, _without_unused(self.keys.take(found)), self.emptied + emptied)

    def sorted_layout(self) -> Layout:
        """Order of rows that brings groups together, where each starts, and its size."""
        return self._layout

    @cached_property
    def _layout(self) -> Layout:
        sizes = np.bincount(self.codes, minlength=len(self))
        starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
        return Layout(_stable_order(self.codes, len(self)), starts, sizes)


def _first(factors: Sequence[tuple[np.ndarray, Any]]) -> tuple[np.ndarray, int]:
    codes, levels = factors[0]
    return codes, len(levels)


def _observed(codes: np.ndarray, n_levels: int) -> tuple[np.ndarray, np.ndarray]:
    """Renumber codes so that every level occurs; also the old numbers of those that do."""
    if n_levels > 4 * codes.size + 1024:  # a table of all levels would outgrow the data
        import pandas as pd

        renumbered, found = pd.factorize(codes)
        order = found.argsort()
        rank = np.empty_like(order)
        rank[order] = np.arange(order.size)
        return rank[renumbered], found[order]
    occurs = np.bincount(codes, minlength=n_levels) > 0
    if occurs.all():
        return codes, np.arange(n_levels)
    return (np.cumsum(occurs) - 1)[codes], np.flatnonzero(occurs)


def _without_unused(index: Any) -> Any:
    """A categorical index without categories that occur in no row."""
    return index.remove_unused_categories() if hasattr(index, "categories") else index


def _stable_order(codes: np.ndarray, n_groups: int) -> np.ndarray:
    """Stable argsort; numpy sorts integers of 16 bits by radix, so wider ones take two rounds."""
    if n_groups <= 2**8:
        return codes.astype(np.uint8).argsort(kind="stable")
    order = codes.astype(np.uint16).argsort(kind="stable")
    if n_groups <= 2**16:
        return order
    by_high_half: np.ndarray = order[_stable_order(codes[order] >> 16, ((n_groups - 1) >> 16) + 1)]
    return by_high_half
