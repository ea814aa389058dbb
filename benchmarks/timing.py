"""Timing two things in turn, and printing what came out as a row of a Markdown table."""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

Job = Callable[[], object]

HEADER = (
    "| job | peer | mlestim | peer's time | ratio | target | met |\n"
    "|---|---|---:|---:|---:|---|---|"
)


@dataclass(frozen=True)
class Claim:
    """One line of the table.

    Attributes
    ----------
    job : str
        What is timed.
    peer : str
        What it is compared with.
    seconds, peer_seconds : float
        Median times of both.
    largest_ratio : float, optional
        Target for the first divided by the second.
    largest_seconds : float, optional
        Target for the first alone.
    """

    job: str
    peer: str
    seconds: float
    peer_seconds: float
    largest_ratio: float | None = None
    largest_seconds: float | None = None

    @property
    def ratio(self) -> float:
        return self.seconds / self.peer_seconds

    @property
    def met(self) -> bool:
        """Whether all targets are met."""
        return (self.largest_ratio is None or self.ratio <= self.largest_ratio) and (
            self.largest_seconds is None or self.seconds <= self.largest_seconds
        )

    @property
    def target(self) -> str:
        """The targets in words."""
        ratio = None if self.largest_ratio is None else f"ratio ≤ {self.largest_ratio:g}"
        seconds = None if self.largest_seconds is None else f"≤ {duration(self.largest_seconds)}"
        return ", ".join(word for word in (ratio, seconds) if word) or "–"

    def __str__(self) -> str:
        verdict = "yes" if self.met else "no"
        return (
            f"| {self.job} | {self.peer} | {duration(self.seconds)} | "
            f"{duration(self.peer_seconds)} | {self.ratio:.2g} | {self.target} | {verdict} |"
        )


def duration(seconds: float) -> str:
    """Write seconds with a unit that suits them.

    >>> duration(0.00025), duration(0.04), duration(12.0)
    ('0.25 ms', '40 ms', '12 s')
    """
    return f"{seconds:.3g} s" if seconds >= 1.0 else f"{1e3 * seconds:.3g} ms"


def side_by_side(
    *jobs: Job, rounds: int = 5, pick: Callable[[list[float]], float] = statistics.median
) -> list[float]:
    """Median seconds of each job, or what else to `pick`; one round runs each of them once.

    Whatever else the machine is doing slows all of them down alike, so that ratios hold on busy
    machines too. A first round warms up caches and is not counted.
    """
    times: list[list[float]] = [[] for _ in jobs]
    for counted in range(rounds + 1):
        for job, own in zip(jobs, times, strict=True):
            took = once(job)
            if counted:
                own.append(took)
    return [pick(own) for own in times]


def once(job: Job) -> float:
    """Seconds that one call takes, for jobs too slow to repeat."""
    begin = time.perf_counter()
    job()
    return time.perf_counter() - begin


def run(claims: Callable[[float], Iterable[Claim]]) -> None:
    """Print the claims of a program, at sizes scaled by the command line's ``--scale``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", type=float, default=1.0, help="factor for all sample sizes")
    for claim in claims(parser.parse_args().scale):
        print(claim, flush=True)


def count(full: float, scale: float, least: int = 1000) -> int:
    """Sample size at a scale."""
    return max(int(full * scale), least)
