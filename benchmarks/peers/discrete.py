"""Counts in scipy's words. Its fits of counts are global searches between bounds: slow."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import stats

from peers.base import Array, Numbers, Peer, same

TRIALS = 12.0


def whole_trials(trials: float, *rest: float) -> Numbers:
    """Give the number of trials as the integer that scipy's sampler wants."""
    return int(trials), *rest


def fit_negative_binomial(x: Array) -> Numbers:
    """Fit by scipy's global search between bounds."""
    found = stats.fit(stats.nbinom, x, {"n": (1e-3, 1e4), "p": (1e-9, 1.0)}, optimizer=_seeded)
    return found.params.n, found.params.p


def _seeded(function: Callable[[Array], float], *, bounds: Array, **_: object) -> object:
    from scipy.optimize import differential_evolution

    return differential_evolution(function, bounds, seed=1, maxiter=60)


DISCRETE: dict[str, Peer] = {
    "bernoulli": Peer(stats.bernoulli, same, same, ((0.3,),), lambda x: (float(np.mean(x)),)),
    "binomial": Peer(
        stats.binom,
        whole_trials,
        same,
        ((TRIALS, 0.2),),
        lambda x: (TRIALS, float(np.mean(x)) / TRIALS),
        fixed={"trials": TRIALS},
    ),
    "beta_binomial": Peer(
        stats.betabinom,
        whole_trials,
        same,
        ((TRIALS, 0.6, 0.8), (TRIALS, 20.0, 50.0)),
        fixed={"trials": TRIALS},
    ),
    "poisson": Peer(stats.poisson, same, same, ((0.3,), (20.0,)), lambda x: (float(np.mean(x)),)),
    "geometric": Peer(
        stats.geom,
        lambda prob: (prob, -1),
        lambda prob, _: (prob,),
        ((0.1,), (0.7,)),
        lambda x: (1.0 / (1.0 + float(np.mean(x))), -1),
    ),
    "discrete_uniform": Peer(
        stats.randint,
        lambda lower, upper: (lower, upper + 1.0),
        lambda low, high: (low, high - 1.0),
        ((-2.0, 9.0),),
        lambda x: (float(np.min(x)), float(np.max(x)) + 1.0),
    ),
    "negative_binomial": Peer(
        stats.nbinom,
        lambda size, mean: (size, size / (size + mean)),
        lambda size, prob: (size, size * (1.0 - prob) / prob),
        ((0.3, 2.0), (3.0, 10.0), (100.0, 5.0)),
        fit_negative_binomial,
    ),
    "logarithmic": Peer(stats.logser, same, same, ((0.3,), (0.95,))),
    "zeta": Peer(stats.zipf, same, same, ((1.6,), (3.5,))),
    "yule_simon": Peer(stats.yulesimon, same, same, ((1.2,), (5.0,))),
    "skellam": Peer(stats.skellam, same, same, ((3.0, 1.0), (20.0, 15.0))),
}
