"""Is it the best maximum? Fits against the truth, scipy's fit and a restarted search.

For every family and sample the fitted log-likelihood (at infinity: the supremum) must reach, within
1e-6, that of the parameters which the sample was drawn from, that of scipy's fit, and that of a
search from 20 random starts on the likelihood as scipy writes it, inside the family's regular
region; no verdict may say that there is no maximum where the search found one, or say nothing. Samples are
fitted in several units; the likelihoods of others transform with them exactly.
"""

from __future__ import annotations

import argparse
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from peers import PEERS, Theta, family_of
from study.samples import hard_samples
from study.search import Reference, reference

import mlestim as ml
from mlestim.distributions import resolve
from mlestim.distributions.registry import registered
from mlestim.errors import LimitWarning
from mlestim.estimation.verdict import Verdict

Array = NDArray[np.float64]

SIZES = (20, 50, 500, 5000)
SCALES = (1.0, 1e-6, 1e6)
SHIFTS = (0.0, 10.0, 1e6)
TOLERANCE = 1e-6
# Relative, for log-likelihoods of millions.
ROUNDING = 1e-12
# How far scipy may be off before it is counted.
PEER_TOLERANCE = 1e-3


@dataclass(frozen=True)
class Sample:
    """Rows to fit, and where they come from."""

    family: str
    name: str
    x: Array
    truth: Theta | None = None
    seed: int = 0


@dataclass(frozen=True)
class Finding:
    """One fit that is not what it should be."""

    sample: Sample
    units: str
    problem: str
    shortfall: float


@dataclass
class Line:
    """What is told of a family."""

    verdicts: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    largest: float = 0.0
    samples: int = 0
    peer_short: int = 0
    has_peer: bool = False

    def __str__(self) -> str:
        told = ", ".join(f"{verdict} {n}" for verdict, n in self.verdicts.most_common())
        return (
            f"{self.samples} | {self.verdicts.total()} | {told} | {len(self.findings)} | "
            f"{self.largest:.1e} | {self.peer_short if self.has_peer else '–'}"
        )


HEADER = (
    "| family | samples | fits | verdicts | shortfalls | largest | scipy's fit short |\n"
    "|---|---:|---:|---|---:|---:|---:|"
)


def covered() -> list[str]:
    """Registered families of numbers; the peers say those that scipy lacks in plain words."""
    names = set(registered())
    return sorted(name for name in PEERS if family_of(name) in names)


def samples(
    family: str, sizes: tuple[int, ...], seeds: int, hard_seeds: int = 1
) -> Iterator[Sample]:
    """Draw from the family itself, then the hard ones that lie in its support."""
    for sample in _samples(family, sizes, seeds, hard_seeds):
        if resolve(family_of(family)).standardization != "location-scale":
            yield sample
            continue
        # rows that the largest shift leaves exact, so that likelihoods are comparable
        yield replace(sample, x=(sample.x + SHIFTS[-1]) - SHIFTS[-1])


def _samples(family: str, sizes: tuple[int, ...], seeds: int, hard_seeds: int) -> Iterator[Sample]:
    peer = PEERS[family]
    for truth in peer.truths:
        for n in sizes:
            for seed in range(seeds):
                name = f"{n} rows of {', '.join(f'{value:g}' for value in truth)}, seed {seed}"
                yield Sample(family, name, peer.simulate(truth, n, seed), truth, seed)
    for seed in range(hard_seeds):
        for name, x in hard_samples(kind_of(family), seed):
            if not np.any(resolve(family_of(family)).support.outside(x)):
                yield Sample(family, f"{name}, seed {seed}", x, None, seed)


def kind_of(family: str) -> str:
    """Which hard samples a family takes: unlimited, from 0, from 1, or between 0 and an end."""
    chosen = resolve(family_of(family))
    if chosen.kind == "discrete":
        if PEERS[family].fixed or chosen.support.upper == 1:
            return "few counts"
        return "counts from one" if chosen.support.lower == 1 else "counts"
    if chosen.period is not None:
        return "angles"
    if PEERS[family].fixed or chosen.support.upper == 1:
        return "shares"
    if chosen.support.lower == 0:
        return "from zero" if chosen.starts_with_atom else "positive"
    return "real"


def variants(sample: Sample) -> Iterator[tuple[str, Array, float]]:
    """The sample in other units: description, rows, and what the log-likelihood changes by."""
    standardization = resolve(family_of(sample.family)).standardization
    if standardization == "none" or PEERS[sample.family].fixed:
        yield "as drawn", sample.x, 0.0
        return
    n = len(sample.x)
    for scale in SCALES:
        yield f"× {scale:g}", scale * sample.x, -n * np.log(scale)
    if standardization == "location-scale":
        for shift in SHIFTS[1:]:
            yield f"+ {shift:g}", sample.x + shift, 0.0


def examine(sample: Sample, line: Line, starts: int) -> None:
    """Fit a sample in all its units, and note what is wrong."""
    family, peer = resolve(family_of(sample.family)), PEERS[sample.family]
    best = reference(family, peer, sample.x, sample.truth, sample.seed, starts)
    line.samples += 1
    line.has_peer = peer.fit is not None
    line.peer_short += best.peer < best.best - PEER_TOLERANCE
    for units, x, change in variants(sample):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", LimitWarning)
            options = {"fixed": peer.fixed or None, "free": peer.free or None}
            result = ml.fit(x, family, **options, on_failure="return")
        line.verdicts[result.verdict.value] += 1
        problem, shortfall = judge(result, best, change)
        line.largest = max(line.largest, shortfall)
        if problem:
            line.findings.append(Finding(sample, units, problem, shortfall))


def judge(result: ml.FitResult, best: Reference, change: float) -> tuple[str, float]:
    """What is wrong with a fit, or nothing, and by how much it falls short."""
    if result.verdict is Verdict.NOT_CONVERGED:
        return "no verdict", np.inf
    if not result.verdict.holds:
        level = abs(best.restarted + change - result.log_likelihood) <= TOLERANCE
        if result.verdict is Verdict.NOT_IDENTIFIED and level:
            return "", 0.0  # the maximum found is one of many that are as high
        if np.isfinite(best.restarted):
            found = f"a maximum of {best.restarted + change:.9g} at {best.theta}"
            return f"{result.verdict}, but there is {found}", np.inf
        return "", 0.0
    shortfall = best.best + change - result.log_likelihood
    rounding = ROUNDING * abs(result.log_likelihood) + 2.0 * best.noise
    if shortfall > TOLERANCE + rounding:
        return f"{result.verdict}, {shortfall:.3g} below {best.theta or 'the truth'}", shortfall
    return "", max(shortfall, 0.0)


def main() -> None:
    """Print the table, family by family, then every finding."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("families", nargs="*", help="by default all")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--hard-seeds", type=int, default=2)
    parser.add_argument("--starts", type=int, default=20, help="random starts of the search")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    chosen = parser.parse_args()
    print(HEADER, flush=True)
    findings: list[Finding] = []
    for family in chosen.families or covered():
        line = Line()
        for sample in samples(family, tuple(chosen.sizes), chosen.seeds, chosen.hard_seeds):
            examine(sample, line, chosen.starts)
        findings += line.findings
        print(f"| {family} | {line} |", flush=True)
    for finding in findings:
        print(
            f"- {finding.sample.family}, {finding.sample.name}, {finding.units}: {finding.problem}"
        )


if __name__ == "__main__":
    main()
