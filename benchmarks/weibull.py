"""A whole Weibull fit of 5 million rows against one evaluation of scipy's log density."""

from __future__ import annotations

from collections.abc import Iterator

from scipy import stats
from timing import Claim, count, run, side_by_side

import mlestim as ml


def claims(scale: float) -> Iterator[Claim]:
    """Estimates, standard errors and verdict in at most half of scipy's single evaluation."""
    n = count(5e6, scale)
    x = stats.weibull_min.rvs(1.7, scale=3.0, size=n, random_state=1)
    seconds, peer = side_by_side(
        lambda: ml.fit(x, "weibull"),
        lambda: stats.weibull_min.logpdf(x, 1.7, scale=3.0).sum(),
    )
    yield Claim(f"weibull, {n:.0e} rows", "scipy logpdf(x).sum()", seconds, peer, 0.5)


if __name__ == "__main__":
    run(claims)
