"""Ten thousand Weibull fits from a shuffled frame against a loop over scipy's fit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy import stats
from timing import Claim, count, once, run, side_by_side

import mlestim as ml

ROWS = 100
# The loop is timed on this many groups and its time multiplied up.
LOOP_GROUPS = 200


def claims(scale: float) -> Iterator[Claim]:
    """A quarter of a second with standard errors and verdicts in a table, 100 times the loop."""
    groups = count(1e4, scale, least=20)
    keys = np.repeat(np.arange(groups), ROWS)
    x = stats.weibull_min.rvs(1.7, scale=3.0, size=len(keys), random_state=1)
    frame = pd.DataFrame({"x": x, "number": keys}).sample(frac=1.0, random_state=2)
    frame["word"] = "group " + frame["number"].astype(str)
    looped = min(LOOP_GROUPS, groups)
    part = frame[frame["number"] < looped]

    def loop() -> list[tuple[float, ...]]:
        return [stats.weibull_min.fit(own, floc=0.0) for _, own in part.groupby("number")["x"]]

    numbers, words = side_by_side(
        lambda: ml.fit(frame, "weibull", column="x", by="number").table,
        lambda: ml.fit(frame, "weibull", column="x", by="word").table,
    )
    peer = once(loop) * groups / looped
    for kind, seconds in (("integer", numbers), ("string", words)):
        yield Claim(
            f"weibull, {groups:,} groups × {ROWS} rows, {kind} keys",
            f"scipy's fit in a loop ({looped} groups, scaled)",
            seconds,
            peer,
            0.01,
            0.25,
        )


if __name__ == "__main__":
    run(claims)
