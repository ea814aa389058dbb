"""Regressions without hidden layer and prior whose likelihood no finite coefficients maximise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mlestim.distributions.parameter import Unit
from mlestim.errors import UnboundedLikelihoodError
from mlestim.estimation.verdict import Verdict
from mlestim.fitting import fit
from nn.estimators.linear.coefficients import FAR, names_of, separation_error
from nn.estimators.linear.coefficients import ROUNDING as SOLVED
from nn.estimators.linear.everywhere import everywhere
from nn.estimators.linear.separation import rising_direction
from nn.estimators.reading import Sample

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nn.arrays import FloatArray
    from nn.estimators.regressor import Regressor
    from nn.estimators.streams.training import Stream

# So far out on the link scale, a parameter is at the end of its domain, where the log-probability
# of a row that becomes certain differs from 0 by rounding.
END, CERTAIN = 40.0, 1e-9
# What is left of targets of unit size that the features explain exactly.
ROUNDING, ROUNDING_OF_SINGLE = 1e-12, 1e-5


def check_bounded(regressor: Regressor, rows: Sample | Stream) -> None:
    """Refuse coefficients that are as large as the optimizer got, where no finite ones are best.

    Raises
    ------
    SeparationError
        If rows become certain as a parameter goes to an end of its domain, the others unchanged.
    UnboundedLikelihoodError
        If the features explain the targets exactly, and the family can concentrate on one number.
    """
    _check_spread(regressor, rows)
    _check_not_separated(regressor, rows)


def _check_not_separated(regressor: Regressor, rows: Sample | Stream) -> None:
    family = regressor.read_family()
    some = rows.chosen
    if isinstance(rows, Sample) and not _certain(regressor, rows, _outputs(regressor, rows)).any():
        return
    free = [p.name for p in family.parameters if p.name not in (regressor.fixed or {})]
    for column, name in enumerate(free):

        def find(part: Sample, column: int = column) -> FloatArray | None:
            return rising_direction(part.inputs, _signs(regressor, part, column))

        def against(direction: FloatArray, part: Sample, column: int = column) -> FloatArray:
            return _fall(direction, part, _signs(regressor, part, column))

        direction = everywhere(rows, find, against)
        if direction is not None:
            signs = _signs(regressor, some, column)
            raise separation_error(
                f"the targets are separated in {name}",
                f"its coefficients for {name}",
                direction,
                names_of(regressor, rows),
                some.inputs,
                lambda x, signs=signs: rising_direction(x, signs),  # type: ignore[misc]
            )


def _outputs(regressor: Regressor, rows: Sample) -> FloatArray:
    outputs = regressor.network_.predict(rows.inputs)
    return outputs if outputs.ndim == 2 else outputs.mean(axis=0)


def _certain(
    regressor: Regressor, rows: Sample, outputs: FloatArray, within: float = FAR
) -> NDArray[np.bool_]:
    """Say which rows are as good as certain; a density has no upper end."""
    t = rows.targets
    integers = regressor.read_family().support.integers
    uncertain = np.full(len(t), integers) if t.ndim == 1 else t[:, 0] < t[:, 1]
    found: NDArray[np.bool_] = uncertain & (regressor.loss().rows.terms(t, outputs)[0] > -within)
    return found


def _signs(regressor: Regressor, rows: Sample, column: int) -> FloatArray:
    """Say to which end of a parameter's line each row becomes certain; 0 to none, or to both."""
    ends = []
    for end in (END, -END):
        outputs = _outputs(regressor, rows).copy()
        outputs[:, column] = end
        ends.append(_certain(regressor, rows, outputs, CERTAIN).astype(float))
    signs: FloatArray = ends[0] - ends[1]
    return signs


def _fall(direction: FloatArray, rows: Sample, signs: FloatArray) -> FloatArray:
    """Say by how much rows become less likely along coefficients."""
    change = direction[0] + rows.inputs @ direction[1:]
    size: FloatArray = np.where(signs == 0, np.abs(change), -signs * change)
    return size - SOLVED * (1.0 + np.abs(rows.inputs).max(axis=1, initial=0.0))


def _check_spread(regressor: Regressor, rows: Sample | Stream) -> None:
    """Refuse targets that are a function of the features, up to rounding."""
    sample = rows.chosen
    family, fixed, t = regressor.read_family(), regressor.fixed or {}, sample.targets
    if t.ndim > 1 or family.support.integers or family.standardization == "none":
        return
    located = family.standardization == "location-scale"
    moving = {Unit.LOCATION} if located else {Unit.SCALE, Unit.LOG_SCALE, Unit.SQUARE}
    if any(p.unit in moving and p.name in fixed for p in family.parameters):
        return
    if not (located or (t > 0).all()):
        return

    def values_of(part: Sample) -> FloatArray:
        with np.errstate(divide="ignore"):
            values: FloatArray = part.targets if located else np.log(part.targets)
        return values

    def left_over(function: FloatArray, part: Sample) -> FloatArray:
        rounding = ROUNDING if part.inputs.dtype == np.float64 else ROUNDING_OF_SINGLE
        lost = 16.0 * np.finfo(float).eps * abs(regressor.centre_) / regressor.scale_
        explained = function[0] + part.inputs.astype(np.float64) @ function[1:]
        left: FloatArray = np.abs(values_of(part) - explained) - rounding - lost
        return left

    def find(part: Sample) -> FloatArray | None:
        X = np.column_stack([np.ones(part.n_rows), part.inputs]).astype(np.float64)
        function: FloatArray = np.linalg.lstsq(X, values_of(part))[0]
        return function if (left_over(function, part) <= 0).all() else None

    if everywhere(rows, find, left_over) is None:
        return
    n_rows = rows.n_rows + (0 if rows.held_out is None else rows.held_out.n_rows)
    # What is left beside the function is the same in all rows.
    left: Any = np.full(len(t), regressor.centre_ if located else regressor.scale_)
    alone = fit(left, family, fixed=fixed, on_failure="return")
    if alone.verdict is Verdict.UNBOUNDED:
        raise UnboundedLikelihoodError(
            f"the features explain y exactly in all {n_rows} rows: the likelihood of {family.name} "
            "grows without bound as it concentrates there. Fix a parameter (fixed=…), give a "
            "penalty, or leave out what explains y.",
            alone,
        )
