"""Is it the best maximum, of rows of any kind? Fits against the truth, SurPyval and a search.

For every family, and rows that are right-, left- or interval-censored, truncated or a mix, the fitted
log-likelihood (at infinity: the supremum) must reach, within 1e-6, that of the parameters which the
sample was drawn from, that of SurPyval's fit where it has the family, and that of a search by scipy
from random starts on the same likelihood; no verdict may say that there is no maximum where the
search found one, or say nothing. scipy's log-likelihood at the truth has to agree where it has one.
"""

from __future__ import annotations

import argparse
import warnings
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from optimality import PEER_TOLERANCE, covered, judge
from peers import PEERS, family_of
from study.kinds import KINDS, CensoredSample, censored_samples
from study.kinds_search import KindsSearch, searched
from study.lifetimes import has_lifetimes, surpyval_fit
from study.search import Reference

from mlestim.distributions import resolve
from mlestim.errors import LimitWarning, OptionError, ParameterError

SIZES = (20, 50, 200)
# Relative: scipy's distribution functions lose digits in their tails.
AGREEMENT = 1e-6
HEADER = (
    "| family | fits | verdicts | shortfalls | largest | SurPyval short |\n"
    "|---|---:|---|---:|---:|---:|"
)


@dataclass
class Tally:
    """What is told of a family."""

    family: str
    ends: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)
    farthest: float = 0.0
    surpyval_short: int = 0

    def __str__(self) -> str:
        ends = ", ".join(f"{end} {n}" for end, n in self.ends.most_common())
        short = str(self.surpyval_short) if has_lifetimes(self.family) else "–"
        columns = (self.ends.total(), ends, len(self.findings), f"{self.farthest:.1e}", short)
        return " | ".join(map(str, (self.family, *columns)))


def examine(sample: CensoredSample, tally: Tally, starts: int) -> None:
    """Fit a sample, and note what is wrong."""
    search = KindsSearch(resolve(family_of(sample.family)), PEERS[sample.family], sample.rows)
    own = surpyval_fit(sample.family, sample.rows) if has_lifetimes(sample.family) else None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", LimitWarning)
            result = sample.rows.fit(sample.family)
    except (OptionError, ParameterError):  # of what such rows do not show, by name
        tally.ends["refused"] += 1
        return
    tally.ends[result.verdict.value] += 1
    height, theta = searched(search, (sample.truth, own), sample.seed, starts)
    theirs, at_truth = search.height(own), search.height(sample.truth)
    best = Reference(max(height, theirs), tuple(theta or ()), theirs, at_truth, 0.0)
    highest = max(best.best, result.log_likelihood)
    tally.surpyval_short += not theirs > highest - PEER_TOLERANCE
    problem, shortfall = judge(result, best, 0.0)
    tally.farthest = max(tally.farthest, shortfall)
    if search.disagreement(sample.truth) > AGREEMENT:
        problem += f" scipy's log-likelihood differs by {search.disagreement(sample.truth):.1e}"
    if problem:
        tally.findings.append(f"- {sample}: {problem}")


def study(
    families: Iterable[str], sizes: tuple[int, ...], seeds: int, starts: int, kinds: tuple[str, ...]
) -> None:
    """Print the table, each family followed by its findings."""
    print(HEADER, flush=True)
    for family in families:
        tally = Tally(family)
        for sample in censored_samples(family, sizes, seeds, kinds):
            examine(sample, tally, starts)
        print(f"| {tally} |", *tally.findings, sep="\n", flush=True)


def main() -> None:
    """Read the options."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("families", nargs="*", help="by default all")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--starts", type=int, default=4, help="random starts of the search")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--kinds", nargs="*", default=tuple(KINDS))
    chosen = parser.parse_args()
    study(
        chosen.families or covered(),
        tuple(chosen.sizes),
        chosen.seeds,
        chosen.starts,
        tuple(chosen.kinds),
    )


if __name__ == "__main__":
    with np.errstate(all="ignore"):  # far-off places of the search
        main()
