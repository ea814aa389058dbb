"""Networks without hidden layer: their coefficients, and classes that no finite ones tell apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from mlestim.errors import SeparationError
from mlestim.sample.columns import label_list
from nn.estimators.calibration import ensemble_probabilities
from nn.estimators.linear.separation import separating_direction
from nn.layers.affine import Affine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nn.arrays import FloatArray
    from nn.estimators.classifier import Classifier
    from nn.estimators.reading import Sample


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
# Features that are tried one by one.
MOST_TRIED = 30


def check_not_separated(classifier: Classifier, sample: Sample) -> None:
    """Refuse coefficients that are as large as the optimizer got, where no finite ones are best.

    Raises
    ------
    SeparationError
        If a hyperplane separates the classes.
    """
    probabilities = ensemble_probabilities(classifier.network_.predict(sample.inputs), 1.0)
    own = probabilities[np.arange(sample.n_rows), sample.targets]
    if (own < 1 - FAR).all():
        return
    X, labels, n_classes = sample.inputs, sample.targets, len(classifier.classes_)
    direction = separating_direction(X, labels, n_classes)
    if direction is None:
        return
    raise separation_error(
        "the classes are separated",
        "the coefficients",
        direction,
        classifier.encoder_.names_out,
        X,
        lambda x: separating_direction(x, labels, n_classes),
    )


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
