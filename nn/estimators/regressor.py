"""A network that gives the parameters of a family, as a scikit-learn estimator."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import RegressorMixin

from mlestim.distributions.registry import resolve
from mlestim.errors import (
    IdentifiabilityError,
    OptionError,
    SupportError,
)
from mlestim.inference.means import central, expected
from mlestim.sample.censoring.intervals import ROW, Intervals, representatives
from nn.estimators.base import NetworkEstimator
from nn.estimators.linear.bounded import check_bounded
from nn.estimators.reading import read_weights
from nn.estimators.streams.groups import open_groups
from nn.estimators.targets.censored import censored_ends, check_length
from nn.estimators.targets.numbers import as_numbers, refuse_spike, unit_of
from nn.losses.likelihood import NegativeLogLikelihood

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlestim.distributions.base import Family
    from nn.arrays import FloatArray
    from nn.estimators.reading import Sample
    from nn.estimators.streams.training import Stream


@dataclass(eq=False, repr=False)
class Regressor(RegressorMixin, NetworkEstimator):  # type: ignore[misc]  # as its base
    r"""Regression of a number on the other columns of a table by a neural net.

    .. math:: y \mid x \sim \operatorname{family}(\theta(x)), \qquad
              \theta_j(x) = g_j(\operatorname{network}(x)_j)

    The network gives every parameter of the family for each row, on the scale of its link, and
    maximises the likelihood of the targets times a normal prior on its weights: with the default
    family, mean and spread both depend on the row. Targets may be censored, such as lifetimes that
    have not ended; see `fit`. What training does with "auto" is told under `Classifier`.

    Parameters
    ----------
    family : str, Family class or instance, default "normal"
        What the targets are distributed as, such as "normal", "gamma" or "negative_binomial".
    hidden : tuple of int, default (100,)
        Widths of the hidden layers; () makes every parameter linear on its link's scale.
    fixed : dict or None, default None
        Parameters that are known, by name: ``{"sd": 1.0}`` makes the normal least squares.
    embed, activation, batch_norm, dropout, n_networks, penalty, optimizer, epochs, batch_size
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
    strengths = (150.0, 50.0, 5.0, 0.5)
    usual_strength = 5.0
    # From the distribution that fits all rows: parameters at random may be so far off that the
    # first steps run away.
    starts_flat = True

    family: Any = "normal"
    hidden: tuple[int, ...] = (100,)
    _: KW_ONLY
    fixed: Any = None

    # ---- learning ------------------------------------------------------------------------------

    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        validation: Any = None,
        event: Any = None,
    ) -> Self:
        """Learn from a table of features and the number that belongs to each row.

        Parameters
        ----------
        X : data frame of pandas, polars or pyarrow, or array, shape (n, d), or path
            The features; missing values are allowed. The path of a Parquet file, or of a folder
            of them: its row groups are read a few at a time, in another order each epoch.
        y : array, shape (n,), censored targets, or str
            The targets, inside the family's support; of a file, the name of their column. Of which
            only a part is known: a structured array or a table of two columns, one of booleans
            (whether the event was observed) and one of times; or two columns, the ends of the
            interval (lower, upper] that holds the target; or `mlestim.Observations`, which may be
            truncated too: lifetimes that are followed from an age on, say.
        sample_weight : array, shape (n,), or str, optional
            How much each row counts, or the column of a file that says so; 2 is the same as the row twice.
        validation : tuple (X, y) or (X, y, weights), optional
            Rows to stop by, in place of some that are held out; or a second file and names of its
            columns. They are read at once.
        event : array of bool, shape (n,), or str, optional
            True where the target is exact, False where it is known to be larger: right-censored. Of
            a file, the name of the column.

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
            If all targets are the same, and the family can concentrate on one number; or if, without
            hidden layers and penalty, the features explain the targets exactly.
        SeparationError
            If there is no hidden layer and no penalty, and coefficients run to infinity: a count,
            say, is 0 in all rows of a category.
        IdentifiabilityError
            If all targets are censored in the same way, and say nothing of their distribution.
        """
        return self._fit(X, y, sample_weight, validation, event)

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, *, event: Any = None) -> Self:
        """Learn from some more rows, by one pass over them.

        Numbers are standardised by means and standard deviations of all rows so far, those of `fit`
        included, as `StandardScaler.partial_fit` does it. Which categories and gaps have columns
        of their own is settled by the first call, and so is the unit in which the network sees
        targets, ``centre_`` and ``scale_``: let it have rows of ordinary size.

        Parameters
        ----------
        X : data frame or array, shape (n, d), or path
            The features, or the path of a Parquet file, or of a folder of them, as in `fit`.
        y : array, shape (n,), censored targets, or str
            The targets, as in `fit`.
        sample_weight : array, shape (n,), or str, optional
            How much each row counts.
        event : array of bool, shape (n,), or str, optional
            As in `fit`.

        Returns
        -------
        Regressor
            Itself.
        """
        return self._partial_fit(X, y, sample_weight, event)

    def score(self, X: Any, y: Any, sample_weight: Any = None, *, event: Any = None) -> float:
        r"""Say how well the targets are predicted.

        Parameters
        ----------
        X : data frame or array, shape (n, d), or path
            The features of `fit`, in the same order, or a Parquet file that has them.
        y : array, shape (n,), or censored targets, or str
            The targets, as in `fit`.
        sample_weight : array, shape (n,), or str, optional
            How much each row counts.
        event : array of bool, shape (n,), or str, optional
            As in `fit`.

        Returns
        -------
        float
            R² of plain targets, beside the median where a row's distribution has no finite mean. If
            they are given as censored ones, even where none is, the mean of
            a row's log-likelihood in nats, :math:`\log f(y)` of exact rows and
            :math:`\log P(a < Y \le b)` of intervals.
        """
        if isinstance(X, (str, PathLike)):
            rows = open_groups(X, y, sample_weight, event).read_targets()
            # With events, targets are ends.
            y, sample_weight, event = rows.targets.each(), rows.weights, None
        ends = censored_ends(y, event)
        if ends is None:
            from sklearn.metrics import r2_score

            predicted = central(self.predict_distribution(X))
            return float(r2_score(y, predicted, sample_weight=sample_weight))
        outputs = self._outputs(X)
        check_length(ends, outputs.shape[-2])
        weights = read_weights(sample_weight, len(ends))
        return -self.mean_loss(outputs, self.encode_targets(ends), weights)

    def read_targets(self, y: Any, n: int, event: Any = None) -> NDArray[Any]:
        ends = censored_ends(y, event)
        if ends is None:
            return super().read_targets(y, n)
        check_length(ends, n)
        return ends

    def learn_targets(self, y: NDArray[Any], weights: FloatArray) -> None:
        self.centre_, self.scale_ = 0.0, 1.0
        self.loss()  # refuses families and fixed parameters that make none
        numbers, exact = as_numbers(y), np.ones(len(y), bool)
        if y.ndim == 2:
            exact = numbers[:, 0] == numbers[:, 1]
            untold = Intervals(dict(zip(ROW, numbers.T[:2], strict=True))).unsaid
            if untold:
                raise IdentifiabilityError(f"y: {untold}.")
            numbers = representatives(*numbers.T[:2])
        family = self.read_family()
        outside = family.support.without_density(numbers) & exact
        if outside.any():
            raise SupportError(
                f"y: {family.name} takes values in {family.support}; "
                f"{numbers[outside][0]:g} lies outside, in {outside.sum()} of {len(y)} rows",
                outside,
            )
        if family.standardization != "none":
            centred = family.standardization == "location-scale"
            self.centre_, self.scale_ = unit_of(numbers, weights, centred=centred)
        if exact.any() and np.ptp(numbers[exact]) == 0.0:
            refuse_spike(family, self.fixed, as_numbers(y))

    def encode_targets(self, y: NDArray[Any]) -> NDArray[Any]:
        return (as_numbers(y) - self.centre_) / self.scale_

    def decode_target(self, target: Any) -> Any:
        return target * self.scale_ + self.centre_

    def finish(self, rows: Sample | Stream, held_out: Sample) -> None:
        if not self.hidden and self.penalty_ is None:
            check_bounded(self, rows)

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
        if self.read_family().support.integers:
            return mean
        # The density of exact targets is that of the standardised ones over the unit.
        exact = 1.0 if targets.ndim == 1 else targets[:, 0] == targets[:, 1]
        return mean + float(
            np.average(np.broadcast_to(exact, weights.shape), weights=weights) * np.log(self.scale_)
        )

    # ---- predicting ----------------------------------------------------------------------------

    def predict_distribution(self, X: Any) -> Family:
        """Give the distribution of each row's target.

        Parameters
        ----------
        X : data frame or array, shape (n, d), or path
            The features of `fit`, in the same order. The path of a Parquet file, or of a folder of
            them: columns are found by their names, and a part of the rows is read at a time.

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
        X : data frame or array, shape (n, d), or path
            The features of `fit`, in the same order. The path of a Parquet file, or of a folder of
            them: columns are found by their names, and a part of the rows is read at a time.

        Returns
        -------
        array, shape (n,)
            Inf or NaN where the distribution has no finite mean.

        Warns
        -----
        NoMeanWarning
            If it has none in some rows.
        """
        return expected(self.predict_distribution(X))


def _averaged(outputs: FloatArray) -> FloatArray:
    """Average the networks of an ensemble."""
    averaged: FloatArray = outputs if outputs.ndim == 2 else outputs.mean(axis=0)
    return averaged
