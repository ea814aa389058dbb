"""One fit of 100 rows, with standard errors and verdict, against scipy's and SurPyval's."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from timing import Claim, Job, count, run, side_by_side

import mlestim as ml

Array = NDArray[np.float64]
ROWS = 100


def claims(scale: float) -> Iterator[Claim]:
    """Half a millisecond by formula, two by Newton."""
    rounds = count(50, scale, least=3)
    x = stats.weibull_min.rvs(1.7, scale=3.0, size=ROWS, random_state=1)
    heavy = stats.t.rvs(3.0, size=ROWS, random_state=1)
    scipy = "scipy fit (no standard errors)"
    weibull = {scipy: lambda: stats.weibull_min.fit(x, floc=0.0), **surpyval(x)}
    cases: list[tuple[str, Array, float, dict[str, Job]]] = [
        ("normal", x, 0.5e-3, {scipy: lambda: stats.norm.fit(x)}),
        ("weibull", x, 2e-3, weibull),
        ("student_t", heavy, 2e-3, {scipy: lambda: stats.t.fit(heavy)}),
    ]
    for family, rows, limit, peers in cases:
        seconds, *times = side_by_side(
            lambda family=family, rows=rows: ml.fit(rows, family), *peers.values(), rounds=rounds
        )
        for peer, peer_seconds in zip(peers, times, strict=True):
            yield Claim(f"{family}, {ROWS} rows", peer, seconds, peer_seconds, None, limit)


def surpyval(x: Array) -> dict[str, Job]:
    """SurPyval's fit, where it is installed (the ``bench`` extra brings it)."""
    if find_spec("surpyval") is None:
        return {}
    from surpyval import Weibull

    return {"SurPyval fit": lambda: Weibull.fit(x)}


if __name__ == "__main__":
    run(claims)
