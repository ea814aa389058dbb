"""Networks without hidden layer: their coefficients, and classes that no finite ones tell apart."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from mlestim.errors import SeparationError, SeparationWarning
from mlestim.sample.columns import label_list
from nn.estimators.calibration import ensemble_probabilities
from nn.estimators.linear.everywhere import everywhere
from nn.estimators.linear.separation import separating_direction
from nn.estimators.reading import Sample
from nn.layers.affine import Affine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nn.arrays import FloatArray
    from nn.estimators.base import NetworkEstimator
    from nn.estimators.classifier import Classifier
    from nn.estimators.streams.training import Stream


def coefficients(classifier: Classifier) -> tuple[FloatArray, FloatArray]:
    """Give coefficients and intercepts of the encoded features in their own units.

    Raises
    ------
    AttributeError
        If there are hidden layers, or several networks.
    """
    layers = classifier.network_.layers
    if len(layers) > 1 or not isinstance(layers[0], Affine) or layers[0].W.ndim > 2:
        raise AttributeError("coef_ and intercept_ belong to one network without hidden layers")
    centre, scale = classifier.encoder_.units
    weights = layers[0].W / scale[:, None] / classifier.temperature_
    bias = layers[0].b.ravel() / classifier.temperature_ - centre @ weights
    if len(classifier.classes_) == 2:
        return (weights[:, 1] - weights[:, 0])[None], bias[1:] - bias[:1]
    return weights.T, bias


class LinearCoefficients:
    """What a classifier without hidden layers has: coefficients, as scikit-learn calls them."""

    @property
    def coef_(self: Any) -> FloatArray:
        """Coefficients of a network without hidden layer, in the features' own units.

        Shape (1, d) for two classes, log odds of the second one; (K, d) for more.
        """
        check_is_fitted(self)
        return coefficients(self)[0]

    @property
    def intercept_(self: Any) -> FloatArray:
        """Intercepts that go with ``coef_``."""
        check_is_fitted(self)
        return coefficients(self)[1]


# Below this, a fitted probability of a row's own class shows that coefficients have not run away.
FAR = 1e-4
# Rows for each coefficient that are right without a wrong one between them.
SURELY = 10
# Linear programs are solved up to this.
ROUNDING = 1e-6
# Features that are tried one by one.
MOST_TRIED = 30


def check_not_separated(classifier: Classifier, rows: Sample | Stream) -> None:
    """Refuse coefficients that are as large as the optimizer got, where no finite ones are best.

    Raises
    ------
    SeparationError
        If a hyperplane separates the classes.
    """
    if isinstance(rows, Sample) and not _is_far(classifier, rows):
        return
    n_classes = len(classifier.classes_)

    def find(some: Sample) -> FloatArray | None:
        return separating_direction(some.inputs, some.targets, n_classes)

    direction = everywhere(rows, find, preference)
    if direction is None:
        return
    some = rows.chosen
    raise separation_error(
        "the classes are separated",
        "the coefficients",
        direction,
        names_of(classifier, rows),
        some.inputs,
        lambda x: separating_direction(x, some.targets, n_classes),
    )


def watch_separation(classifier: Classifier, rows: Sample | Stream) -> None:
    """Say so where rows that come part by part are all on the side of their class.

    Of n rows in d dimensions with classes by chance, hardly any are separated where n > 2d.

    Warns
    -----
    SeparationWarning
        If many times more rows than coefficients in a row were right.
    """
    some = rows.chosen
    probabilities = ensemble_probabilities(classifier.network_.predict(some.inputs), 1.0)
    right = bool((probabilities.argmax(axis=1) == some.targets).all())
    before = classifier.n_right_
    classifier.n_right_ = before + some.n_rows if right else 0
    enough = SURELY * classifier.network_.parameters.size
    if before <= enough < classifier.n_right_:
        warnings.warn(
            f"the last {classifier.n_right_} rows are all on the side of their class: it seems that "
            "the classes are separated, and then coefficients grow without end, as no finite ones "
            "are best. Give a penalty, such as penalty=1.0.",
            SeparationWarning,
            stacklevel=4,
        )


def names_of(estimator: NetworkEstimator, rows: Sample | Stream) -> list[str]:
    """Give the columns that may separate alone; none of a file, of which that is not looked at."""
    return estimator.encoder_.names_out if isinstance(rows, Sample) else []


def _is_far(classifier: Classifier, sample: Sample) -> bool:
    """Whether a row's class is as good as certain, as where coefficients have run away."""
    probabilities = ensemble_probabilities(classifier.network_.predict(sample.inputs), 1.0)
    own = probabilities[np.arange(sample.n_rows), sample.targets]
    return bool((own >= 1 - FAR).any())


def preference(direction: FloatArray, rows: Sample) -> FloatArray:
    """Say by how much rows prefer another class to their own, along coefficients."""
    scores = direction[0] + rows.inputs @ direction[1:]
    places = np.arange(rows.n_rows), rows.targets
    own = scores[places]
    scores[places] = -np.inf
    size: FloatArray = scores.max(axis=1) - own
    return size - ROUNDING * (1.0 + np.abs(rows.inputs).max(axis=1, initial=0.0))


def separation_error(
    what: str,
    growing: str,
    direction: FloatArray,
    names: Sequence[str],
    X: FloatArray,
    find: Callable[[FloatArray], FloatArray | None],
) -> SeparationError:
    """Say what separates, and by which columns alone `find` finds that."""
    columns = zip(names[:MOST_TRIED], X.T, strict=False)
    alone = [name for name, column in columns if find(column[:, None]) is not None]
    by = f", by {label_list(alone)} alone already" if alone else ""
    return SeparationError(
        f"{what}{by}: the likelihood rises as long as {growing} grow, "
        "and no finite ones are best. Give a penalty, such as penalty=1.0, which is a normal "
        "prior; or leave out what separates.",
        direction,
    )
