"""One temperature for all logits, learned from rows that the network did not learn from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlestim.special import log_softmax, softmax

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nn.arrays import FloatArray

# Rows that are all told apart would ask for a temperature of 0.
LOWEST, HIGHEST = 0.1, 10.0


def ensemble_probabilities(logits: FloatArray, temperature: float) -> FloatArray:
    """Give each row's class probabilities, the mean over networks where there are several.

    Parameters
    ----------
    logits : array, shape (n, K) or (n_networks, n, K)
    temperature : float
        T; the logits are divided by it.
    """
    probabilities: FloatArray = softmax(logits / temperature)
    return probabilities if logits.ndim == 2 else probabilities.mean(axis=0)


def ensemble_log_probabilities(logits: FloatArray, temperature: float) -> FloatArray:
    """Give the logarithms of `ensemble_probabilities`, exact where these round to 0."""
    logs: FloatArray = log_softmax(logits / temperature)
    if logits.ndim == 2:
        return logs
    return np.logaddexp.reduce(logs, axis=0) - np.log(len(logs))


def mean_negative_log(
    logits: FloatArray, temperature: float, labels: NDArray[np.intp], weights: FloatArray
) -> float:
    """Compute the weighted mean of −log p of the labels."""
    logs = ensemble_log_probabilities(logits, temperature)
    return float(-(weights @ logs[np.arange(len(labels)), labels]) / weights.sum())


def fitted_temperature(logits: FloatArray, labels: NDArray[np.intp], weights: FloatArray) -> float:
    r"""Estimate the temperature by maximum likelihood.

    .. math:: \hat T = \arg\max_T \sum_i w_i \log p_{i, t_i}(T) - \tfrac12 (\log T)^2

    The prior on log T, standard normal, keeps a few rows from saying much.

    Parameters
    ----------
    logits : array, shape (n, K) or (n_networks, n, K)
        Of rows held out.
    labels : array of int, shape (n,)
    weights : array, shape (n,)

    References
    ----------
    Guo, Pleiss, Sun, Weinberger (2017), On calibration of modern neural networks, ICML.

    Examples
    --------
    Logits of ±4, right in three rows of four, claim too much:

    >>> logits = np.array([[4.0, 0.0]] * 400)
    >>> labels = np.array([0, 0, 0, 1] * 100)
    >>> round(fitted_temperature(logits, labels, np.ones(400)), 1)
    3.6
    """
    from scipy.optimize import minimize_scalar

    rows = np.arange(len(labels))

    def loss(log_temperature: float) -> float:
        p = ensemble_probabilities(logits, np.exp(log_temperature))[rows, labels]
        return (
            float(-weights @ np.log(np.maximum(p, np.finfo(float).tiny))) + log_temperature**2 / 2
        )

    found = minimize_scalar(loss, bounds=(np.log(LOWEST), np.log(HIGHEST)), method="bounded")
    return float(np.exp(found.x))
