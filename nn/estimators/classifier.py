"""A network that gives the probabilities of classes, as a scikit-learn estimator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets

from mlestim.errors import DataError, OptionError
from mlestim.sample.columns import label_list
from nn.estimators.base import NetworkEstimator
from nn.estimators.calibration import (
    ensemble_log_probabilities,
    ensemble_probabilities,
    fitted_temperature,
    mean_negative_log,
)
from nn.estimators.linear.coefficients import (
    LinearCoefficients,
    check_not_separated,
    watch_separation,
)
from nn.estimators.reading import Sample
from nn.estimators.streams.groups import open_groups
from nn.losses.softmax_with_loss import SoftmaxWithLoss
from nn.training.rows import class_weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nn.arrays import FloatArray
    from nn.estimators.streams.training import Stream


@dataclass(eq=False, repr=False)
class Classifier(LinearCoefficients, ClassifierMixin, NetworkEstimator):  # type: ignore[misc]  # as its base
    r"""Classifier of the rows of a table by a neural net.

    .. math:: p(y = k \mid x) = \operatorname{softmax}(\operatorname{network}(x) / T)_k

    The network maximises the likelihood of the classes, the categorical family's, times a normal
    prior on its weights. Data frames come as they are: numbers are standardised, categories become
    columns or vectors, missing values are marked, and new categories have a place.

    Settings that are left to "auto" depend on the number of rows. Below 2000, all rows are learned
    from at once by L-BFGS, under a prior whose strength is chosen by cross-validation. With more, or
    if the loss is random (dropout, batch normalization), Adam learns from batches and stops where a
    held-out tenth of the rows, from 2000 on, is likeliest; these then calibrate the probabilities by
    the temperature T. Without hidden layers L-BFGS is used up to 200,000 rows.

    Parameters
    ----------
    hidden : tuple of int, default (100,)
        Widths of the hidden layers; () is logistic regression.
    embed : "auto", int or None, default "auto"
        From how many categories on a column becomes a vector: 100; never without hidden layers.
    activation : {"relu", "tanh", "gelu", "sigmoid"}, default "relu"
        What stands behind each hidden layer.
    batch_norm : bool, default False
        Whether to normalize over the batch before each activation.
    dropout : float, default 0
        Share of the entries dropped behind each activation in training, in [0, 1).
    n_networks : int, default 1
        Networks of an ensemble, trained at once; their probabilities are averaged.
    penalty : "auto", None, float or penalty, default "auto"
        −log prior of the weights, a number λ for ½λΣw², added to the sum of the rows' losses. Two
        classes have two outputs that share a weight: without hidden layers, λ is C = 2/λ of
        scikit-learn's `LogisticRegression`, of standardised features.
    optimizer : "auto" or optimizer, default "auto"
        One of `mlestim.optim`.
    epochs : "auto" or int, default "auto"
        Passes over the rows at most: 200, or 50 steps of L-BFGS.
    batch_size : "auto", int or None, default "auto"
        Rows of a batch; None means all.
    early_stopping : "auto", bool or nn.EarlyStopping, default "auto"
        Whether rows are held out, to stop where they are likeliest.
    class_weight : None, "balanced" or dict, default None
        Weight of each class, by its label.
    label_smoothing : float, default 0
        Share of each label's probability that is spread over all classes, in [0, 1).
    mixup : float, default 0
        α of the Beta(α, α) by which pairs of rows are mixed; 0 mixes none.
    max_gradient_norm : float or None, default None
        Length to which longer gradients are cut.
    averaging : None or nn.WeightAveraging, default None
        Whether to average the weights of the last epochs.
    calibrate : bool, default True
        Whether held-out rows, if there are any, set the temperature.
    callbacks : sequence of nn.Callback, default ()
        What is told of each epoch.
    checkpoint : path, nn.Checkpoint or None, default None
        Where the state of training is kept.
    resume : bool, default False
        Whether to go on from the checkpoint.
    warm_start : bool, default False
        Whether `fit` goes on with the network that is there, and with its optimizer.
    threads : int or None, default None
        Threads of matrix products; None takes one, so that a seed gives the same bits again.
    compiled : bool or None, default None
        Whether one compiled loop trains by batches, as `nn.train` has it; None where it pays, if
        the extra ``compiled`` is installed, False where the bits of a seed are to be the same with
        and without it.
    random_state : int, RandomState or None, default None
        Seed of the first weights and of all draws.

    Attributes
    ----------
    classes_ : array
        The labels, sorted; columns of `predict_proba` have their order.
    network_ : nn.Sequential
        The network; its input is what ``encoder_`` makes of the features.
    encoder_ : TableEncoder
        What training saw of the features.
    penalty_ : penalty or None
        The penalty that was used.
    temperature_ : float
        T.
    history_ : pandas.DataFrame
        Losses of each epoch.
    n_features_in_, feature_names_in_
        Number and names of the features.

    References
    ----------
    Guo, Pleiss, Sun, Weinberger (2017), On calibration of modern neural networks, ICML.
    Lakshminarayanan, Pritzel, Blundell (2017), Simple and scalable predictive uncertainty
    estimation using deep ensembles, NeurIPS.

    Examples
    --------
    >>> import nn
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> classifier = nn.Classifier(random_state=0).fit(X[::2], y[::2])
    >>> bool(classifier.score(X[1::2], y[1::2]) > 0.9)
    True
    >>> classifier.predict_proba(X[:1]).round(1)
    array([[1., 0., 0.]])
    """

    # For classes that are mostly noise, that overlap, and that can be told apart.
    strengths = (16.0, 2.0, 0.5)
    usual_strength = 1.0
    # Rows of the last calls of `partial_fit` without a wrong one among them.
    n_right_ = 0

    hidden: tuple[int, ...] = (100,)
    _: KW_ONLY
    class_weight: Any = None
    label_smoothing: float = 0.0
    mixup: float = 0.0
    calibrate: bool = True
    compiled: bool | None = None

    # ---- learning ------------------------------------------------------------------------------

    def fit(self, X: Any, y: Any, sample_weight: Any = None, *, validation: Any = None) -> Self:
        """Learn from a table of features and the classes of its rows.

        Parameters
        ----------
        X : data frame of pandas, polars or pyarrow, or array, shape (n, d), or path
            The features; missing values are allowed. An array that mixes text and numbers has
            dtype object. The path of a Parquet file, or of a folder
            of them: its row groups are read a few at a time, in another order each epoch.
        y : array, shape (n,), or str
            The classes; of a file, the name of their column.
        sample_weight : array, shape (n,), or str, optional
            How much each row counts, or the column of a file that says so; 2 is the row twice.
        validation : tuple (X, y) or (X, y, weights), optional
            Rows to stop and to calibrate by, in place of some that are held out; or a second file
            and names of its columns. They are read at once.

        Returns
        -------
        Classifier
            Itself.

        Raises
        ------
        DataError
            If features or classes cannot be read, or there is one class alone.
        SeparationError
            If there is no hidden layer and no penalty, and a hyperplane separates the classes: no
            finite coefficients maximise the likelihood then.
        """
        return self._fit(X, y, sample_weight, validation)

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """Learn from some more rows, by one pass over them.

        Numbers are standardised by means and standard deviations of all rows so far, those of `fit`
        included, as `StandardScaler.partial_fit` does it. Which categories and gaps have columns
        of their own is settled by the first call.

        Parameters
        ----------
        X : data frame or array, shape (n, d), or path
            The features, or the path of a Parquet file, or of a folder of them, as in `fit`.
        y : array, shape (n,), or str
            The classes; of a file, the name of their column.
        classes : array, optional
            All classes there are, needed in the first call if `y` does not hold them all.
        sample_weight : array, shape (n,), or str, optional
            How much each row counts, or the column of a file that says so.

        Returns
        -------
        Classifier
            Itself.

        Warns
        -----
        SeparationWarning
            If there is no hidden layer and no penalty, and so many rows came one after the other
            that are all on the side of their class that the classes seem to be separated. Whether
            they are cannot be known, as rows of before are not kept.
        """
        if classes is not None and not hasattr(self, "network_"):
            self._announced = np.unique(classes)
        elif classes is not None and not np.array_equal(np.unique(classes), self.classes_):
            raise DataError(
                f"classes={label_list(np.unique(classes).tolist())} differ from those of the first "
                f"call, {label_list(self.classes_.tolist())}. The network has outputs for these."
            )
        return self._partial_fit(X, y, sample_weight)

    def learn_targets(self, y: NDArray[Any], weights: FloatArray) -> None:
        check_classification_targets(y)
        announced = self.__dict__.pop("_announced", None)
        self.classes_ = np.unique(y) if announced is None else announced
        self.temperature_, self.n_right_ = 1.0, 0
        if len(self.classes_) < 2:
            raise DataError(
                f"y holds one class alone, {self.classes_.tolist()[0]!r}; a classifier needs two classes"
            )

    def encode_targets(self, y: NDArray[Any]) -> NDArray[Any]:
        places = np.searchsorted(self.classes_, y).clip(max=len(self.classes_) - 1)
        unknown = self.classes_[places] != y
        if unknown.any():
            raise DataError(
                f"y holds {y[unknown].tolist()[0]!r}, which is none of the classes that are known: "
                f"{', '.join(map(repr, self.classes_.tolist()[:10]))}"
            )
        return places

    def decode_target(self, target: Any) -> Any:
        return self.classes_[target]

    def loss(self) -> SoftmaxWithLoss:
        return SoftmaxWithLoss()

    def n_outputs(self) -> int:
        return len(self.classes_)

    def training_options(self) -> dict[str, Any]:
        names = ("label_smoothing", "mixup", "compiled")
        return {name: getattr(self, name) for name in names}

    def learn_row_weights(self, y: NDArray[Any], weights: FloatArray) -> None:
        given = self.class_weight
        if isinstance(given, Mapping):
            places = {label: place for place, label in enumerate(self.classes_.tolist())}
            unknown = [label for label in given if label not in places]
            if unknown:
                raise OptionError(
                    f"class_weight names {unknown[0]!r}, which is none of the classes: "
                    f"{label_list(self.classes_.tolist())}"
                )
            given = {places[label]: value for label, value in given.items()}
        self._class_weights = (
            None
            if given is None
            else class_weights(self.encode_targets(y), given, len(self.classes_), weights)
        )

    def row_weights(self, y: NDArray[Any], weights: FloatArray) -> FloatArray:
        if self._class_weights is None:
            return weights
        weighted: FloatArray = weights * self._class_weights[self.encode_targets(y)]
        return weighted

    @property
    def draws_in_training(self) -> bool:
        """Whether the loss of the same weights differs from step to step."""
        return super().draws_in_training or bool(self.mixup)

    def finish(self, rows: Sample | Stream, held_out: Sample) -> None:
        if not self.hidden and self.penalty_ is None:
            check_not_separated(self, rows)
        if self.calibrate and held_out.n_rows:
            logits = self.network_.predict(held_out.inputs).astype(np.float64)
            self.temperature_ = fitted_temperature(logits, held_out.targets, held_out.weights)

    def watch(self, rows: Sample | Stream) -> None:
        if not self.hidden and self.penalty_ is None:
            watch_separation(self, rows)

    def mean_loss(self, outputs: FloatArray, targets: NDArray[Any], weights: FloatArray) -> float:
        """Compute the mean negative log-likelihood of encoded targets, as predictions give it."""
        return mean_negative_log(outputs, self.temperature_, targets, weights)

    # ---- predicting ----------------------------------------------------------------------------

    def predict_proba(self, X: Any) -> FloatArray:
        """Compute the probabilities of the classes.

        Parameters
        ----------
        X : data frame or array, shape (n, d), or path
            The features of `fit`, in the same order. The path of a Parquet file, or of a folder of
            them: columns are found by their names, and a part of the rows is read at a time.

        Returns
        -------
        array, shape (n, K)
            One column for each of ``classes_``.

        Raises
        ------
        DataError
            If the features are others, or cannot be read.

        Warns
        -----
        UnseenValueWarning
            If rows hold a category, or lack a value, and no row in training did.
        """
        return ensemble_probabilities(self._outputs(X), self.temperature_)

    def predict_log_proba(self, X: Any) -> FloatArray:
        """Compute the logarithms of `predict_proba`."""
        return ensemble_log_probabilities(self._outputs(X), self.temperature_)

    def predict(self, X: Any) -> NDArray[Any]:
        """Give the likeliest class of each row.

        Parameters
        ----------
        X : data frame or array, shape (n, d), or path
            The features of `fit`, in the same order. The path of a Parquet file, or of a folder of
            them: columns are found by their names, and a part of the rows is read at a time.

        Returns
        -------
        array, shape (n,)
        """
        probabilities = self.predict_proba(X)
        return self.classes_[probabilities.argmax(axis=1)]

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Give the share of rows whose likeliest class is right.

        Parameters
        ----------
        X, y, sample_weight : as in `fit`
            Rows of a table, or of a Parquet file and the names of its columns.
        """
        if isinstance(X, (str, PathLike)):
            rows = open_groups(X, y, sample_weight).read_targets()
            y, sample_weight = rows.targets.each(), rows.weights
        return float(super().score(X, y, sample_weight))
