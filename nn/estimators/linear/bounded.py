"""Regressions without hidden layer and prior whose likelihood no finite coefficients maximise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mlestim.distributions.parameter import Unit
from mlestim.errors import UnboundedLikelihoodError
from mlestim.estimation.verdict import Verdict
from mlestim.fitting import fit
from nn.estimators.linear.coefficients import FAR, separation_error
from nn.estimators.linear.separation import rising_direction

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nn.arrays import FloatArray
    from nn.estimators.reading import Sample
    from nn.estimators.regressor import Regressor

# So far out on the link scale, a parameter is at the end of its domain, where the log-probability
# of a row that becomes certain differs from 0 by rounding.
END, CERTAIN = 40.0, 1e-9
# What is left of targets of unit size that the features explain exactly.
ROUNDING = 1e-12


def check_bounded(regressor: Regressor, sample: Sample) -> None:
    """Refuse coefficients that are as large as the optimizer got, where no finite ones are best.

    Raises
    ------
    SeparationError
        If rows become certain as a parameter goes to an end of its domain, the others unchanged.
    UnboundedLikelihoodError
        If the features explain the targets exactly, and the family can concentrate on one number.
    """
    _check_spread(regressor, sample)
    _check_not_separated(regressor, sample)


def _check_not_separated(regressor: Regressor, sample: Sample) -> None:
    family, rows, t = regressor.read_family(), regressor.loss().rows, sample.targets
    # A density has no upper end.
    uncertain = np.full(len(t), family.support.integers) if t.ndim == 1 else t[:, 0] < t[:, 1]
    outputs = regressor.network_.predict(sample.inputs)
    outputs = outputs if outputs.ndim == 2 else outputs.mean(axis=0)

    def certain(x: FloatArray, within: float) -> NDArray[np.bool_]:
        return uncertain & (rows.terms(t, x)[0] > -within)

    if not certain(outputs, FAR).any():
        return
    free = [p.name for p in family.parameters if p.name not in (regressor.fixed or {})]
    for column, name in enumerate(free):
        at_end = [outputs.copy(), outputs.copy()]
        at_end[0][:, column], at_end[1][:, column] = END, -END
        signs = certain(at_end[0], CERTAIN).astype(float) - certain(at_end[1], CERTAIN)
        direction = rising_direction(sample.inputs, signs)
        if direction is not None:
            raise separation_error(
                f"the targets are separated in {name}",
                f"its coefficients for {name}",
                direction,
                regressor.encoder_.names_out,
                sample.inputs,
                lambda x, signs=signs: rising_direction(x, signs),  # type: ignore[misc]
            )


def _check_spread(regressor: Regressor, sample: Sample) -> None:
    """Refuse targets that are a function of the features, up to rounding."""
    family, fixed, t = regressor.read_family(), regressor.fixed or {}, sample.targets
    if t.ndim > 1 or family.support.integers or family.standardization == "none":
        return
    located = family.standardization == "location-scale"
    moving = {Unit.LOCATION} if located else {Unit.SCALE, Unit.LOG_SCALE, Unit.SQUARE}
    if any(p.unit in moving and p.name in fixed for p in family.parameters):
        return
    if not (located or (t > 0).all()):
        return
    if not _is_linear(sample.inputs, t if located else np.log(t), regressor):
        return
    # What is left beside the function is the same in all rows.
    left: Any = np.full(len(t), regressor.centre_ if located else regressor.scale_)
    alone = fit(left, family, fixed=fixed, on_failure="return")
    if alone.verdict is Verdict.UNBOUNDED:
        raise UnboundedLikelihoodError(
            f"the features explain y exactly in all {len(t)} rows: the likelihood of {family.name} "
            "grows without bound as it concentrates there. Fix a parameter (fixed=…), give a "
            "penalty, or leave out what explains y.",
            alone,
        )


def _is_linear(X: FloatArray, values: NDArray[np.float64], regressor: Regressor) -> bool:
    """Whether values are a linear function of the features, up to rounding."""
    rows = np.column_stack([np.ones(len(X)), X]).astype(np.float64)
    explained = rows @ np.linalg.lstsq(rows, values)[0]
    rounding = ROUNDING + 16.0 * np.finfo(float).eps * abs(regressor.centre_) / regressor.scale_
    return bool(np.abs(values - explained).max() <= rounding)
