"""Vuong's test of two families that do not contain each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.special as sc
from numpy.typing import NDArray

from mlestim.errors import DataError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class VuongTest:
    """Outcome of Vuong's test.

    Attributes
    ----------
    statistic : float
        Standard normal if both are equally close to the truth; positive where the first is closer.
    p_value : float
        Two-sided.
    preferred : str
        The family that the sign of the statistic favours.
    """

    statistic: float
    p_value: float
    preferred: str


def vuong(
    log_ratio: Array,
    weights: Array | None,
    names: tuple[str, str],
    n_parameters: tuple[int, int],
) -> VuongTest:
    r"""Test two fits by the log density ratios of the rows.

    .. math:: z = \frac{\sum_i m_i - \frac{p_1 - p_2}{2} \log n}{\sqrt{n}\, \omega}, \quad
        m_i = \log \frac{f_1(x_i)}{f_2(x_i)}

    where ω² is the variance of the mᵢ (divisor n), and the second term is Schwarz's correction for
    the number of parameters.

    Raises
    ------
    DataError
        If the two densities are the same at every row.

    References
    ----------
    Vuong, Q. H. (1989), Econometrica 57, 307-333, eqs 3.1, 5.6 and 5.9.
    """
    w = np.ones_like(log_ratio) if weights is None else weights
    n = w.sum()
    mean = np.sum(w * log_ratio) / n
    variance = np.sum(w * (log_ratio - mean) ** 2) / n
    if not variance > 1e-24:
        raise DataError(f"{names[0]} and {names[1]} have the same density at every row")
    penalty = 0.5 * (n_parameters[0] - n_parameters[1]) * np.log(n)
    statistic = float((n * mean - penalty) / np.sqrt(n * variance))
    return VuongTest(
        statistic, float(2.0 * sc.ndtr(-abs(statistic))), names[0] if statistic > 0.0 else names[1]
    )
