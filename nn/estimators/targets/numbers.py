"""Targets as numbers: their unit, and such as no likelihood can be maximised on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from mlestim.errors import DataError, UnboundedLikelihoodError
from mlestim.estimation.verdict import Verdict
from mlestim.fitting import fit
from nn.losses.targets import as_data

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlestim.distributions.base import Family
    from nn.arrays import FloatArray

# The least spread, and the largest, whose square is still a number in full precision.
LEAST, LARGEST = 1e-150, 1e150


def unit_of(
    numbers: NDArray[np.float64], weights: FloatArray, *, centred: bool
) -> tuple[float, float]:
    """Give centre and scale of targets.

    Raises
    ------
    DataError
        If their squares overflow, or vanish.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        centre = float(np.average(numbers, weights=weights)) if centred else 0.0
        size = float(np.abs(numbers - centre).max())
    if not size < LARGEST:
        raise DataError("y holds values too large to average. Rescale it.")
    if numbers.min() == numbers.max():
        return centre, size if size > 1e-14 * abs(centre) else 1.0
    if size < LEAST:
        raise DataError("y holds values so close together that their squares vanish. Rescale it.")
    return centre, float(np.sqrt(np.average((numbers - centre) ** 2, weights=weights)))


def as_numbers(y: NDArray[Any]) -> NDArray[np.float64]:
    """Read targets as numbers.

    Raises
    ------
    DataError
        If they are none.
    """
    try:
        return y.astype(np.float64)
    except (TypeError, ValueError) as error:
        kind = "text" if y.dtype.kind in "US" else f"{y.dtype.name} values"
        raise DataError(
            f"y holds {kind}, such as {y[:1].tolist()[0]!r}; a regression takes numbers"
        ) from error


def refuse_spike(family: Family, fixed: Mapping[str, float] | None, y: NDArray[Any]) -> None:
    """Refuse targets on which the family concentrates, with a likelihood without bound.

    Parameters
    ----------
    family : Family
    fixed : mapping of str to float, or None
        Parameters that are known.
    y : array, shape (n,), (n, 2) or (n, 4)
        Targets, or their ends, of which all that are exact are equal.

    Raises
    ------
    UnboundedLikelihoodError
        If there is no bound.
    DataError
        If that is so because there is one target alone.
    """
    alone = fit(**as_data(y), family=family, fixed=fixed, on_failure="return")
    if alone.verdict is not Verdict.UNBOUNDED:
        return
    if len(y) == 1:
        raise DataError(f"n_samples=1: one target does not show how {family.name} varies")
    exact = y if y.ndim == 1 else y[y[:, 0] == y[:, 1], 0]
    which = f"all {len(y)} rows" if len(exact) == len(y) else f"all {len(exact)} exact rows"
    raise UnboundedLikelihoodError(
        f"y is {exact[0]:g} in {which}: the likelihood of {family.name} grows without bound as it "
        "concentrates there. Fix a parameter (fixed=…), or choose another family.",
        alone,
    )
