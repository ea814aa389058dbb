"""One long sample as a short weighted one, as good for any smooth likelihood."""

from __future__ import annotations

import numpy as np

from mlestim.distributions.rows.compressed import two_points
from mlestim.sample.batch import Batch

# Cells of the bulk; the rows beyond it, two in a thousand, are kept.
N_CELLS = 1 << 12
TAIL = 1e-3
BLOCK_ROWS = 1 << 15
# Shorter samples would not become much shorter.
LONG = 1 << 16


def condensed(batch: Batch) -> Batch | None:
    """Replace the rows of each cell by two points that share four moments with them.

    Cells are as wide as a small part of the interquartile range in the middle, and of the distance
    from it farther out. The mean of a function that is smooth over a cell keeps ten digits or so.

    Returns
    -------
    Batch or None
        None where it is not one sample of exact rows without weights, or has no spread.
    """
    if batch.n_problems != 1 or batch.weights is not None or batch.known or not batch.plain:
        return None
    if len(batch.x) < LONG or batch.of_vectors:
        return None
    rows = batch.sketch[0]
    low, first, centre, third, high = np.quantile(rows, [TAIL, 0.25, 0.5, 0.75, 1.0 - TAIL])
    if not first < third:
        return None
    scale = third - first
    begin, end = np.arcsinh([(low - centre) / scale, (high - centre) / scale])
    per_unit = N_CELLS / (end - begin)
    middles = np.sinh(begin + (np.arange(N_CELLS) + 0.5) / per_unit)
    sums, tails = np.zeros((4, N_CELLS)), []
    for start in range(0, len(batch.x), BLOCK_ROWS):
        z = (batch.x[start : start + BLOCK_ROWS] - centre) / scale
        place = np.floor((np.arcsinh(z) - begin) * per_unit)
        inside = (place >= 0.0) & (place < N_CELLS)
        tails.append(batch.x[start : start + BLOCK_ROWS][~inside])
        cell = place[inside].astype(np.intp)
        distance = z[inside] - middles[cell]
        power = np.ones_like(distance)
        for k in range(len(sums)):
            sums[k] += np.bincount(cell, power, minlength=N_CELLS)
            power *= distance
    filled = sums[0] > 0.0
    total, *raw = sums[:, filled]
    mean, square, cube = (line / total for line in raw)
    variance = np.maximum(square - mean * mean, 0.0)
    skew = cube - mean * (3.0 * variance + mean * mean)
    points, weights = two_points(total, middles[filled] + mean, variance, skew)
    x = np.concatenate([centre + scale * points, *tails])
    weights = np.concatenate([weights, np.ones(len(x) - len(points))])
    short = Batch(x, weights, np.zeros(1, dtype=np.intp), np.array([len(x)]))
    short.minimum, short.maximum = batch.minimum, batch.maximum
    return short
