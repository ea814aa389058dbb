"""Every family at a million rows: the whole fit against one sum of its log density by scipy.

What scipy does not have is written plainly in NumPy (`peers/plain.py`). Both are timed in turn a few
times, and the fastest of each counts: other programs on the machine only ever add time.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from peers import PEERS, Peer
from timing import Claim, count, once, run

import mlestim as ml
from mlestim.distributions.registry import registered
from mlestim.errors import LimitWarning

Array = NDArray[np.float64]

ROUNDS = 4


def fastest_side_by_side(
    family: str, peer: Peer, x: Array, rounds: int = ROUNDS
) -> tuple[float, float]:
    """Shortest time of the fit and of the sum, in several rounds; the first is not counted."""
    theta = peer.truths[-1]
    known = peer.fixed or None
    fits, sums = [], []
    for _ in range(rounds + 1):
        fits.append(once(lambda: ml.fit(x, family, fixed=known, on_failure="return")))
        sums.append(once(lambda: peer.log_likelihood(x, theta)))
    return min(fits[1:]), min(sums[1:])


def claims(scale: float) -> Iterator[Claim]:
    """One line a family, in the order of the catalogue."""
    n = count(1e6, scale)
    warnings.simplefilter("ignore", LimitWarning)  # small samples may lie beyond a limit
    for family in registered():
        if family not in PEERS:
            continue
        peer = PEERS[family]
        x = peer.simulate(peer.truths[-1], n, seed=1)
        rounds = ROUNDS if scale >= 1.0 else 1  # a trial of the program, not of the families
        fit, evaluation = fastest_side_by_side(family, peer, x, rounds)
        owner = "log density" if type(peer.distribution).__module__ == "peers.plain" else "scipy"
        yield Claim(f"{family}, {n:.0e} rows", f"{owner}, summed", fit, evaluation)


if __name__ == "__main__":
    run(claims)
