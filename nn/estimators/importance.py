"""How much the features matter to the predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlestim.errors import OptionError

if TYPE_CHECKING:
    import pandas as pd

    from nn.estimators.base import NetworkEstimator
    from nn.estimators.reading import Sample


def permutation_importance(
    estimator: NetworkEstimator, sample: Sample, n_repeats: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Measure the rise of the mean loss when a feature's columns are shuffled between rows.

    Parameters
    ----------
    estimator : NetworkEstimator
        A fitted one.
    sample : Sample
        Rows to predict.
    n_repeats : int
        Number of shuffles.
    rng : numpy.random.Generator
        Shuffles.
    """
    import pandas as pd

    if n_repeats < 1:
        raise OptionError(f"n_repeats={n_repeats!r} is not allowed; give an integer of at least 1")

    def loss() -> float:
        outputs = estimator.network_.predict(sample.inputs).astype(np.float64)
        return estimator.mean_loss(outputs, sample.targets, sample.weights)

    before = loss()
    rises = np.empty((len(estimator.encoder_.features), n_repeats))
    for feature, columns in enumerate(estimator.encoder_.slices):
        kept = sample.inputs[:, columns].copy()
        for repeat in range(n_repeats):
            sample.inputs[:, columns] = kept[rng.permutation(sample.n_rows)]
            rises[feature, repeat] = loss() - before
        sample.inputs[:, columns] = kept
    frame = pd.DataFrame(
        {"importance": rises.mean(axis=1), "sd": rises.std(axis=1)},
        index=pd.Index(estimator.encoder_.names_in, name="feature"),
    )
    return frame.sort_values("importance", ascending=False)
