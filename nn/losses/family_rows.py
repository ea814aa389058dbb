"""Rows of numbers: any family's log-likelihood, with link values for its parameters."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from mlestim.distributions.base import Family
from mlestim.distributions.intervals.rows import row_terms
from mlestim.distributions.links import hold
from mlestim.distributions.terms import Terms
from mlestim.errors import LimitWarning, OptionError, ParameterError, SupportError
from mlestim.estimation.verdict import Verdict
from mlestim.fitting import fit
from nn.losses.base import RowLikelihood
from nn.losses.targets import as_data, end_targets, first_rows, number_targets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nn.arrays import FloatArray


class FamilyRows(RowLikelihood):
    r"""Numbers, or the ends of intervals that hold them, given one link value for each parameter.

    With :math:`\theta_j = g_j(x_j)`, g being the inverse link of the parameter's domain, the score
    in an output is that in its parameter times :math:`g_j'(x_j)`. An impossible row has a
    log-likelihood of −inf, and a score of 0.

    Parameters
    ----------
    family : Family
        Supplies the terms.
    fixed : mapping of str to float
        Parameters that are the same known number in all rows.
    """

    def __init__(self, family: Family, fixed: Mapping[str, float]) -> None:
        if family.kind == "multivariate":
            raise OptionError(
                f"{family.name} cannot be a loss: its rows are vectors, and a network's targets "
                "are numbers. Train a network for each component."
            )
        self.family = family
        self.fixed = {name: self._checked(name, value) for name, value in fixed.items()}
        self.free = [p for p in family.parameters if p.name not in self.fixed]
        never = {*family.known_unless_freed, *(p.name for p in self.free if p.known)}
        known = [parameter.name for parameter in self.free if parameter.name in never]
        if known:
            raise OptionError(
                f"{family.name}: {', '.join(known)} is never estimated; "
                f"give it as fixed={{{known[0]!r}: …}}"
            )
        ends = family.edge_estimate(np.ones(1), np.ones(1))
        moving = [parameter.name for parameter in self.free if parameter.name in ends]
        if moving:
            raise OptionError(
                f"{family.name} cannot be a loss: its support depends on its parameters, and its "
                f"likelihood jumps where {' or '.join(moving)} passes a target. Fix it "
                f"(fixed={{{moving[0]!r}: …}}), or choose another family."
            )
        if not self.free:
            raise OptionError(f"{family.name}: all parameters are fixed, and none is left to learn")
        self._check_apart()
        self.n_outputs = len(self.free)

    def _check_apart(self) -> None:
        """Refuse parameters that depend on one another: each output has a link of its own."""
        names = [parameter.name for parameter in self.free]
        free = np.array([p.name not in self.fixed for p in self.family.parameters])
        _, kept = hold(self.family.link, self.family.parameters, free)
        if kept.sum() < len(names):
            raise OptionError(
                f"{self.family.name} cannot be a loss: of its parameters {', '.join(names)}, some "
                "depend on others, such as weights that sum to 1, and each output stands by itself. "
                "Fix those (fixed=…), or choose another family."
            )
        start = [self.fixed.get(p.name, p.domain.from_link(0.0)) for p in self.family.parameters]
        if (
            self.family.link.size < free.size
            and not self.family.valid([np.asarray(v) for v in start]).all()
        ):
            raise ParameterError(f"{self.family.name}: fixed={self.fixed} do not go together")

    def _checked(self, name: str, value: float) -> float:
        domains = {parameter.name: parameter.domain for parameter in self.family.parameters}
        if name not in domains:
            raise ParameterError(
                f"{self.family.name} has no parameter {name!r} to fix; it has {', '.join(domains)}"
            )
        if not domains[name].contains(value).all():
            raise ParameterError(f"{self.family.name}: {name}={value} is not in {domains[name]}")
        return float(value)

    def read(self, t: Any, shape: tuple[int, int]) -> NDArray[Any]:
        ends = end_targets(t, shape[0])
        if ends is None:
            targets = number_targets(t, shape[0])
            self._check_support(targets, np.ones(len(targets), bool))
            return targets
        self._check_support(ends[:, 0], ends[:, 0] == ends[:, 1])
        return ends

    def _check_support(self, targets: NDArray[np.float64], exact: NDArray[np.bool_]) -> None:
        """Refuse exact values that the family cannot produce."""
        outside = self.family.support.without_density(targets) & exact
        if outside.any():
            raise SupportError(
                f"t: the values of {self.family.name} are {self.family.support}; "
                f"{first_rows(np.flatnonzero(outside), targets)}",
                outside,
            )

    def terms(self, t: NDArray[Any], x: FloatArray) -> tuple[FloatArray, FloatArray]:
        values = self.parameters(x)
        theta: list[Any] = [values[parameter.name] for parameter in self.family.parameters]
        # A step that went too far may overflow; training sees that the sum is not finite.
        with np.errstate(all="ignore"):
            if t.ndim == 1:
                terms = self.family.terms(t, theta, 1)
            else:
                window = (t[:, 2], t[:, 3]) if t.shape[1] == 4 else None
                ends = (t[:, 0], t[:, 1])
                packed = row_terms(self.family, ends[0], ends, window, theta, 1)
                terms = Terms(packed, len(theta))
            score = np.empty_like(x)
            for column, parameter in enumerate(self.free):
                slope, _ = parameter.domain.link_derivatives(values[parameter.name])
                index = self.family.parameter_index(parameter.name)
                np.multiply(terms.score[index], slope, out=score[:, column], casting="same_kind")
        # Outside of a support that the parameters end, and where parameters overflow, formulas
        # have no value. Such a row is impossible, and no slope says which way leads back.
        value = np.where(np.isnan(terms.value), -np.inf, terms.value)
        score[np.isneginf(value)] = 0.0
        return value, score

    def constant(
        self, t: NDArray[Any], weights: FloatArray | None, n_outputs: int
    ) -> FloatArray | None:
        with warnings.catch_warnings():
            # The estimate is a place to start from, and a limit is none.
            warnings.simplefilter("ignore", LimitWarning)
            estimate = fit(
                **as_data(t),
                family=self.family,
                weights=weights,
                fixed=self.fixed,
                on_failure="return",
            )
        if estimate.verdict is not Verdict.INTERIOR:
            return None
        return np.array([float(p.domain.to_link(estimate.params[p.name])) for p in self.free])

    def parameters(self, x: FloatArray) -> dict[str, FloatArray]:
        columns = iter(x.astype(np.float64, copy=False).T)
        values: dict[str, FloatArray] = {}
        with np.errstate(over="ignore"):  # as in `terms`
            for parameter in self.family.parameters:
                if parameter.name in self.fixed:
                    values[parameter.name] = np.full(len(x), self.fixed[parameter.name])
                else:
                    values[parameter.name] = parameter.domain.from_link(next(columns))
        return values
