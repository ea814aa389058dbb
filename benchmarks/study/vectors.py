"""Is it the best maximum, of vectors, labels and mixtures? Fits against the truth and a search.

The fitted log-likelihood (at infinity: the supremum) must reach, within 1e-6, that of the parameters
which the sample was drawn from, and the best that scipy's BFGS finds from there and from random
starts, on the likelihood as scipy writes it. Mixtures have spikes of infinite height: what the search
finds counts where no component hugs a few rows.
"""

from __future__ import annotations

import argparse
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats
from scipy.optimize import minimize

import mlestim as ml
from mlestim.distributions import resolve
from mlestim.errors import LimitWarning
from mlestim.likelihood import Likelihood
from mlestim.sample.batch import Batch

Array = NDArray[np.float64]

TOLERANCE = 1e-6
SIZES = (20, 50, 200)
TRIALS = 8
HEADER = "| family | fits | verdicts | shortfalls | largest |\n|---|---:|---|---:|---:|"


@dataclass(frozen=True)
class Case:
    """A family in scipy's words.

    Attributes
    ----------
    family : str
        Its name.
    truths : tuple of arrays
        Real numbers that stand for the parameters, from which samples are drawn.
    draw : callable
        Generator, number of rows and these numbers in, a sample out.
    log_likelihood : callable
        Sample and numbers in, the sum of scipy's log densities out.
    counts : callable
        Whether a maximum that is found counts.
    """

    family: str
    truths: tuple[Array, ...]
    draw: Callable[[np.random.Generator, int, Array], Array]
    log_likelihood: Callable[[Array, Array], float]
    counts: Callable[[Array, Array], bool] = lambda *_: True


def matrix(numbers: Array, d: int) -> Array:
    """A positive definite matrix from the entries of a triangular one, its diagonal as logs."""
    root = np.zeros((d, d))
    root[np.tril_indices(d)] = numbers
    root[np.diag_indices(d)] = np.exp(np.diag(root))
    return root @ root.T


def shares(numbers: Array) -> Array:
    """Probabilities that sum to 1."""
    return np.asarray(special.softmax(np.append(numbers, 0.0)))


def normal(numbers: Array, d: int = 3) -> stats.rv_continuous:
    """Mean, then the matrix."""
    return stats.multivariate_normal(numbers[:d], matrix(numbers[d:], d), allow_singular=False)


def student(numbers: Array, d: int = 2) -> stats.rv_continuous:
    """Log of the degrees of freedom, location, then the matrix."""
    return stats.multivariate_t(numbers[1 : 1 + d], matrix(numbers[1 + d :], d), np.exp(numbers[0]))


def parts(numbers: Array) -> tuple[Array, Array, Array]:
    """Weights, means and standard deviations of two components."""
    weight = special.expit(numbers[0])
    return np.array([weight, 1.0 - weight]), numbers[1:3], np.exp(numbers[3:])


def draw_mixture(rng: np.random.Generator, n: int, numbers: Array) -> Array:
    """Draw the component first."""
    weights, means, sds = parts(numbers)
    chosen = rng.choice(2, n, p=weights)
    return rng.normal(means[chosen], sds[chosen])


def mixture(x: Array, numbers: Array) -> float:
    """Sum of the logs of weighted sums."""
    weights, means, sds = parts(numbers)
    logs = np.log(weights) + stats.norm.logpdf(x[:, None], means, sds)
    return float(special.logsumexp(logs, axis=1).sum())


def holds_rows(x: Array, numbers: Array) -> bool:
    """Whether no component of a mixture hugs a few rows."""
    family = resolve("normal_mixture")
    columns = np.transpose(parts(numbers)).ravel()
    sketch = Likelihood(family, Batch.single(x)).sketch
    degenerate = family.degenerate([np.array([v]) for v in columns], sketch, np.array([len(x)]))
    return not np.any(degenerate)


CASES = (
    Case(
        "multivariate_normal",
        (np.array([1.0, -2.0, 0.5, 0.0, 0.6, -0.5, -0.3, 0.2, 0.4]),),
        lambda rng, n, numbers: normal(numbers).rvs(n, random_state=rng),
        lambda x, numbers: float(normal(numbers).logpdf(x).sum()),
    ),
    Case(
        "multivariate_t",
        (np.array([1.0, 0.5, -1.0, 0.0, 0.7, -0.4]), np.array([2.5, 0.0, 0.0, 0.2, -0.5, 0.1])),
        lambda rng, n, numbers: student(numbers).rvs(n, random_state=rng),
        lambda x, numbers: float(student(numbers).logpdf(x).sum()),
    ),
    Case(
        "dirichlet",
        (np.log([0.5, 1.5, 3.0]), np.log([20.0, 5.0, 8.0])),
        lambda rng, n, numbers: rng.dirichlet(np.exp(numbers), n),
        lambda x, numbers: float(stats.dirichlet.logpdf(x.T, np.exp(numbers)).sum()),
    ),
    Case(
        "multinomial",
        (np.array([0.5, -1.0]),),
        lambda rng, n, numbers: rng.multinomial(TRIALS, shares(numbers), n).astype(float),
        lambda x, numbers: float(stats.multinomial.logpmf(x, TRIALS, shares(numbers)).sum()),
    ),
    Case(
        "categorical",
        (np.array([0.5, -1.0]),),
        lambda rng, n, numbers: rng.choice(3, n, p=shares(numbers)).astype(float),
        lambda x, numbers: float(np.log(shares(numbers))[x.astype(int)].sum()),
    ),
    Case(
        "normal_mixture",
        (np.array([0.4, 0.0, 4.0, 0.0, -0.5]), np.array([-1.0, 0.0, 1.5, 0.0, 0.7])),
        draw_mixture,
        mixture,
        holds_rows,
    ),
)


def highest(case: Case, x: Array, truth: Array, seed: int, starts: int) -> float:
    """Log-likelihood of the truth, or the best that BFGS finds from there and from random starts."""
    rng = np.random.default_rng(seed)

    def below(numbers: Array) -> float:
        try:
            value = case.log_likelihood(x, numbers)
        except (ValueError, np.linalg.LinAlgError):  # scipy takes no such matrix
            return 1e10
        return -value if np.isfinite(value) else 1e10

    begun = [truth, *(truth + rng.normal(0.0, 1.0, len(truth)) for _ in range(starts))]
    ends = [minimize(below, start, method="BFGS", options={"gtol": 1e-7}).x for start in begun]
    return max(-below(end) for end in [truth, *ends] if case.counts(x, end))


def study(case: Case, sizes: tuple[int, ...], seeds: int, starts: int) -> None:
    """Print a family's line, and what is wrong."""
    verdicts: Counter[str] = Counter()
    findings: list[str] = []
    largest = 0.0
    for place, truth in enumerate(case.truths):
        for n in sizes:
            for seed in range(seeds):
                x = case.draw(np.random.default_rng(seed), n, truth)
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", LimitWarning)
                    rows = (
                        [f"level {value:g}" for value in x] if case.family == "categorical" else x
                    )
                    result = ml.fit(rows, case.family, on_failure="return")
                verdicts[result.verdict.value] += 1
                short = highest(case, x, truth, seed, starts) - result.log_likelihood
                largest = max(largest, short)
                if short > TOLERANCE or not result.verdict.holds:
                    findings.append(
                        f"- {case.family}, {n} rows of truth {place}, seed {seed}: "
                        f"{result.verdict}, {short:.3g} below"
                    )
    told = ", ".join(f"{verdict} {count}" for verdict, count in verdicts.most_common())
    line = f"| {case.family} | {verdicts.total()} | {told} | {len(findings)} | {largest:.1e} |"
    print(line, *findings, sep="\n", flush=True)


def main() -> None:
    """Read the options."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--starts", type=int, default=5, help="random starts of the search")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    chosen = parser.parse_args()
    print(HEADER, flush=True)
    for case in CASES:
        study(case, tuple(chosen.sizes), chosen.seeds, chosen.starts)


if __name__ == "__main__":
    with np.errstate(all="ignore"):  # far-off places of the search
        main()
