"""The loss of any family."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlestim.distributions.base import Family
from mlestim.distributions.discrete.bernoulli import Bernoulli
from mlestim.distributions.discrete.categorical import Categorical
from mlestim.distributions.registry import FamilyLike, resolve
from mlestim.errors import OptionError
from nn.losses.base import Loss, RowLikelihood
from nn.losses.bernoulli_rows import BernoulliRows
from nn.losses.categorical_rows import CategoricalRows
from nn.losses.family_rows import FamilyRows


class NegativeLogLikelihood(Loss):
    r"""Mean negative log-likelihood of a family whose parameters are a network's outputs.

    .. math:: L = -\frac1n \sum_i \log p(t_i; \theta_i), \quad \theta_{ij} = g_j(x_{ij}), \qquad
              dx_{ij} = -\frac1n \frac{\partial \log p(t_i; \theta_i)}{\partial \theta_j} g_j'(x_{ij})

    One column of outputs for each parameter that is not fixed, in the family's order. The inverse
    link g maps the line onto the parameter's domain: exp onto the positive numbers, the logistic
    function onto (0, 1), the identity where there is nothing to keep to. Value and score are the
    terms that ``mlestim.fit`` sums, so that a network that sees no features learns its estimates.
    The categorical family is `SoftmaxWithLoss`, the Bernoulli family `SigmoidWithLoss`, and the
    normal with ``fixed={"sd": 1}`` half the squared error and a constant.

    Targets are numbers, or two columns of ends, lower and upper, of which the row's number is only
    known to lie in (lower, upper]; equal ends are exact, an infinite one leaves a tail. Two more
    columns are the ends of the window outside of which it could not have been seen.
    `mlestim.Observations`, ``Observations.right_censored(time, event)`` say, will do as well.

    Parameters
    ----------
    family : str, Family class or instance
        What the targets are distributed as.
    fixed : mapping of str to float, optional
        Parameters that are not learned.

    Attributes
    ----------
    family : Family
        The family.
    n_outputs : int or None
        How many outputs it needs; None for the categorical family, which takes one a class.

    Raises
    ------
    ParameterError, OptionError
        If `fixed` names no parameter, or leaves none.

    Examples
    --------
    Mean and log sd of each row:

    >>> import nn
    >>> loss = nn.NegativeLogLikelihood("normal")
    >>> round(loss.forward([[1.0, 0.0], [2.0, 0.5]], [1.5, 4.0]), 4)
    1.5993
    >>> loss.backward().round(4).tolist()
    [[-0.25, 0.375], [-0.3679, -0.2358]]
    >>> {name: values.round(3).tolist() for name, values in loss.parameters([[1.0, 0.5]]).items()}
    {'mean': [1.0], 'sd': [1.649]}
    """

    def __init__(self, family: FamilyLike, fixed: Mapping[str, float] | None = None) -> None:
        self.family = resolve(family)
        super().__init__(_rows(self.family, dict(fixed or {})))

    @property
    def n_outputs(self) -> int | None:
        return self.rows.n_outputs

    def settings(self) -> dict[str, Any]:
        fixed = getattr(self.rows, "fixed", None)
        return {"family": self.family.name} | ({"fixed": fixed} if fixed else {})


def _rows(family: Family, fixed: dict[str, float]) -> RowLikelihood:
    simple = {Categorical: CategoricalRows, Bernoulli: BernoulliRows}
    if type(family) not in simple:
        return FamilyRows(family, fixed)
    if fixed:
        raise OptionError(f"{family.name}: all parameters are fixed, and none is left to learn")
    return simple[type(family)]()
