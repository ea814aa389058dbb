"""What is known of a parameter whose curvature lies in the kinks of exact rows, and is not seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.intervals.rows import row_terms
from mlestim.estimation.objective import LinkObjective
from mlestim.sample.censoring.intervals import AFTER, BEFORE, LOWER, UPPER

Array = NDArray[np.float64]

# A slope on one side this small, beside the root of the mean squared slope of a row, is level.
LEVEL = 1e-9
# Distance from a kink, in standard units, at which the slope is that of one side.
BESIDE = 2.0**-50


def outer_products(objective: LinkObjective, theta: Array, name: str) -> Array:
    """Mean products of the scores of each problem's rows, (p, p, problems), in standard units.

    Their expectation is the information, whatever the kinds of rows are. Scores are those on both
    sides of the parameter `name`, so that a row at its kink counts like the others. NaN where there
    is no kink, and 0 where the likelihood is level on one side of it: a ridge begins there.
    """
    family = objective.family
    k = family.parameter_index(name)
    expected = family.expected_information(list(theta))
    each = []
    for problem in range(theta.shape[1]):
        one, column = objective.select(np.array([problem])), theta[:, [problem]]
        sides = [_scores(one, _moved(column, k, side)) for side in (-BESIDE, BESIDE)]
        weights = one.likelihood.batch.weights
        rows = sides[0].shape[1]
        shares = np.full(rows, 1.0 / rows) if weights is None else np.ravel(weights) / weights.sum()
        products = sum(0.5 * (score * shares) @ score.T for score in sides)
        slopes = np.abs([shares @ score[k] for score in sides])
        level = slopes <= LEVEL * np.sqrt(products[k, k])
        if level.any() and not level.all():
            products[k], products[:, k] = 0.0, 0.0
        each.append(products)
    smooth = np.zeros(theta.shape[1]) if expected is None else expected[k, k]
    return np.where(np.isnan(smooth), np.nan, np.stack(each, axis=-1))


def _moved(theta: Array, k: int, step: float) -> Array:
    moved = theta.copy()
    moved[k] += step * (1.0 + np.abs(moved[k]))
    return moved


def _scores(objective: LinkObjective, theta: Array) -> Array:
    likelihood, batch = objective.likelihood, objective.likelihood.batch

    def standard(x: Array) -> Array:
        return (x - likelihood.centre) / likelihood.scale

    x, known, n = standard(batch.x), batch.known, len(batch.x)
    ends = (standard(known[LOWER]), standard(known[UPPER])) if batch.censored else None
    after, before = (
        standard(known.get(name, np.full(n, end)))
        for name, end in zip((AFTER, BEFORE), batch.window, strict=True)
    )
    window = (after, before) if batch.truncated else None
    score = row_terms(objective.family, x, ends, window, list(theta), 1)[1:]
    return np.asarray(score)
