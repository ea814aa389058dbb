"""A network that gives the parameters of a family, as a scikit-learn estimator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import RegressorMixin

from mlestim.distributions.registry import resolve
from mlestim.errors import (
    DataError,
    EstimationError,
    OptionError,
    SupportError,
    UnboundedLikelihoodError,
)
from mlestim.estimation.verdict import Verdict
from mlestim.fitting import fit
from mlestim.sample.rows import RowLabels
from nn.estimators.base import NetworkEstimator
from nn.losses.likelihood import NegativeLogLikelihood

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlestim.distributions.base import Family
    from nn.arrays import FloatArray


class Regressor(RegressorMixin, NetworkEstimator):  # type: ignore[misc]  # as its base
    r"""Regression of a number on the other columns of a table by a neural net.

    .. math:: y \mid x \sim \operatorname{family}(\theta(x)), \qquad
              \theta_j(x) = g_j(\operatorname{network}(x)_j)

    The network gives every parameter of the family for each row, on the scale of its link, and
    maximises the likelihood of the targets times a normal prior on its weights: with the default
    family, mean and spread both depend on the row. What training does with "auto" is told under
    `Classifier`.

    Parameters
    ----------
    family : str, Family class or instance, default "normal"
        What the targets are distributed as, such as "normal", "gamma" or "negative_binomial".
    hidden : tuple of int, default (100,)
        Widths of the hidden layers; () makes every parameter linear on its link's scale.
    fixed : dict or None, default None
        Parameters that are known, by name: ``{"sd": 1.0}`` makes the normal least squares.
    activation, batch_norm, dropout, n_networks, penalty, optimizer, epochs, batch_size
        As those of `Classifier`. Networks of an ensemble are averaged on the links' scale.
    early_stopping, max_gradient_norm, averaging, callbacks, checkpoint, resume, warm_start
        As those of `Classifier`.
    threads, random_state
        As those of `Classifier`.

    Attributes
    ----------
    network_, encoder_, penalty_, history_, n_features_in_, feature_names_in_
        As those of `Classifier`.
    centre_, scale_ : float
        The unit of the targets that the network sees: ``centre_ + scale_ · z``.

    Examples
    --------
    >>> import nn
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> x = rng.uniform(-1, 1, (500, 1))
    >>> y = rng.normal(2 * x[:, 0], np.exp(x[:, 0]))
    >>> regressor = nn.Regressor(hidden=(), penalty=None).fit(x, y)
    >>> at_half = regressor.predict_distribution([[0.5]])
    >>> at_half.mean().round(), at_half.std().round()
    (array([1.]), array([2.]))
    """

    # Parameters that vary with the row, spreads above all, are easily fitted to chance.
    strengths = (50.0, 5.0, 0.5)
    usual_strength = 5.0

    centre_: float
    scale_: float

    def __init__(
        self,
        family: Any = "normal",
        hidden: tuple[int, ...] = (100,),
        *,
        fixed: Any = None,
        activation: str = "relu",
        batch_norm: bool = False,
        dropout: float = 0.0,
        n_networks: int = 1,
        penalty: Any = "auto",
        optimizer: Any = "auto",
        epochs: Any = "auto",
        batch_size: Any = "auto",
        early_stopping: Any = "auto",
        max_gradient_norm: float | None = None,
        averaging: Any = None,
        callbacks: Any = (),
        checkpoint: Any = None,
        resume: bool = False,
        warm_start: bool = False,
        threads: int | None = None,
        random_state: Any = None,
    ) -> None:
        self.family = family
        self.hidden = hidden
        self.fixed = fixed
        self.activation = activation
        self.batch_norm = batch_norm
        self.dropout = dropout
        self.n_networks = n_networks
        self.penalty = penalty
        self.optimizer = optimizer
        self.epochs = epochs
        self.batch_size = batch_size
        self.early_stopping = early_stopping
        self.max_gradient_norm = max_gradient_norm
        self.averaging = averaging
        self.callbacks = callbacks
        self.checkpoint = checkpoint
        self.resume = resume
        self.warm_start = warm_start
        self.threads = threads
        self.random_state = random_state

    # ---- learning ------------------------------------------------------------------------------

    def fit(self, X: Any, y: Any, sample_weight: Any = None, *, validation: Any = None) -> Self:
        """Learn from a table of features and the number that belongs to each row.

        Parameters
        ----------
        X : data frame of pandas, polars or pyarrow, or array, shape (n, d), or path
            The features; missing values are allowed. The path of a Parquet file, or of a folder
            of them: its row groups are read a few at a time, in another order each epoch.
        y : array, shape (n,), or str
            The targets, inside the family's support; of a file, the name of their column.
        sample_weight : array, shape (n,), or str, optional
            How much each row counts, or the column of a file that says so; 2 is the same as the row twice.
        validation : tuple (X, y) or (X, y, weights), optional
            Rows to stop by, in place of some that are held out.

        Returns
        -------
        Regressor
            Itself.

        Raises
        ------
        DataError
            If features or targets cannot be read.
        SupportError
            If targets lie outside the family's support.
        UnboundedLikelihoodError
            If all targets are the same, and the family can concentrate on one number.
        """
        return self._fit(X, y, sample_weight, validation)

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn from some more rows, by one pass over them.

        The first call fixes how features are encoded and the unit of the targets, by the rows
        that it sees.

        Parameters
        ----------
        X : data frame or array, shape (n, d)
            The features.
        y : array, shape (n,)
            The targets.
        sample_weight : array, shape (n,), optional
            How much each row counts.

        Returns
        -------
        Regressor
            Itself.
        """
        return self._partial_fit(X, y, sample_weight)

    def learn_targets(self, y: NDArray[Any], weights: FloatArray) -> None:
        numbers = _numbers(y)
        family = self.read_family()
        outside = family.support.outside(numbers)
        if outside.any():
            raise SupportError(
                f"y: {family.name} takes values in {family.support}; "
                f"{numbers[outside][0]:g} lies outside, in {outside.sum()} of {len(y)} rows",
                outside,
            )
        self.centre_, self.scale_ = 0.0, 1.0
        if family.standardization != "none":
            centred = family.standardization == "location-scale"
            self.centre_, self.scale_ = _unit(numbers, weights, centred=centred)
        if numbers.min() == numbers.max():
            self._refuse_spike(family, numbers)

    def _refuse_spike(self, family: Family, numbers: NDArray[np.float64]) -> None:
        """Refuse equal targets on which the family concentrates, with a likelihood without bound."""
        alone = fit(numbers, family, fixed=self.fixed, on_failure="return")
        if alone.verdict is not Verdict.UNBOUNDED:
            return
        if len(numbers) == 1:
            raise DataError(f"n_samples=1: one target does not show how {family.name} varies")
        raise UnboundedLikelihoodError(
            f"y is {numbers[0]:g} in all {len(numbers)} rows: the likelihood of {family.name} "
            "grows without bound as it concentrates there. Fix a parameter (fixed=…), or choose "
            "another family.",
            alone,
        )

    def encode_targets(self, y: NDArray[Any]) -> NDArray[Any]:
        return (_numbers(y) - self.centre_) / self.scale_

    def read_family(self) -> Family:
        family = resolve(self.family)
        if family.kind == "categorical":
            raise OptionError(f"family={family.name!r} is for classes: use nn.Classifier")
        return family

    def loss(self) -> NegativeLogLikelihood:
        family = self.read_family()
        fixed = {
            p.name: float(p.standardize(np.asarray(self.fixed[p.name]), self.centre_, self.scale_))
            for p in family.parameters
            if p.name in (self.fixed or {})
        }
        unknown = [name for name in self.fixed or {} if name not in fixed]
        if unknown:
            raise OptionError(
                f"fixed: {family.name} has no parameter {unknown[0]!r}; it has "
                f"{', '.join(family.parameter_names)}"
            )
        return NegativeLogLikelihood(family, fixed or None)

    def n_outputs(self) -> int:
        return self.loss().n_outputs or 1

    def mean_loss(self, outputs: FloatArray, targets: NDArray[Any], weights: FloatArray) -> float:
        """Compute the mean negative log-likelihood of encoded targets, as predictions give it."""
        mean = self.loss().forward(_averaged(outputs), targets, weights)
        # The density of the targets is that of the standardised ones over the unit.
        return mean + (0.0 if self.read_family().support.integers else float(np.log(self.scale_)))

    # ---- predicting ----------------------------------------------------------------------------

    def predict_distribution(self, X: Any) -> Family:
        """Give the distribution of each row's target.

        Parameters
        ----------
        X : data frame or array, shape (n, d)
            The features of `fit`, in the same order.

        Returns
        -------
        Family
            A member of the family whose parameters are arrays of n values: ``mean()``, ``ppf(0.9)``
            or ``logpdf(y)`` give one value a row.
        """
        loss = self.loss()
        values = loss.parameters(_averaged(self._outputs(X)))
        family = loss.family
        return family.with_values(
            {
                p.name: p.rescale(values[p.name].astype(np.float64), self.centre_, self.scale_)
                for p in family.parameters
            }
        )

    def predict(self, X: Any) -> FloatArray:
        """Give the expected target of each row.

        Parameters
        ----------
        X : data frame or array, shape (n, d)
            The features of `fit`, in the same order.

        Returns
        -------
        array, shape (n,)

        Raises
        ------
        EstimationError
            If rows have no finite mean.
        """
        rows = self.predict_distribution(X)
        means = np.asarray(rows.mean(), dtype=np.float64)
        without = ~np.isfinite(means)
        if without.any():
            raise EstimationError(
                f"{rows.name} has no finite mean in {RowLabels().describe(without)}. Predict "
                "medians instead: predict_distribution(X).ppf(0.5)."
            )
        return means


def _averaged(outputs: FloatArray) -> FloatArray:
    """Average the networks of an ensemble."""
    averaged: FloatArray = outputs if outputs.ndim == 2 else outputs.mean(axis=0)
    return averaged


# The least spread, and the largest, whose square is still a number in full precision.
LEAST, LARGEST = 1e-150, 1e150


def _unit(
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


def _numbers(y: NDArray[Any]) -> NDArray[np.float64]:
    try:
        return y.astype(np.float64)
    except (TypeError, ValueError) as error:
        kind = "text" if y.dtype.kind in "US" else f"{y.dtype.name} values"
        raise DataError(
            f"y holds {kind}, such as {y[:1].tolist()[0]!r}; a regression takes numbers"
        ) from error
