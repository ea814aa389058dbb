"""Run all benchmarks, each in a process of its own, and print one Markdown table."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from timing import HEADER

PROGRAMS = (
    "weibull",
    "numerical_families",
    "every_family",
    "censored",
    "closed_forms",
    "groups",
    "small_fit",
    "start_up",
    "networks/training",
)
# Settings that some systems make for all programs and that choose slower matrix kernels.
SETTINGS = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


def main() -> None:
    """Print the table and the machine it holds for; further arguments go to every program."""
    folder = Path(__file__).parent
    environment = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    environment["PYTHONPATH"] = str(folder)  # programs in folders find `timing`
    print(HEADER, flush=True)
    for program in PROGRAMS:
        path = folder / f"{program}.py"
        subprocess.run([sys.executable, path, *sys.argv[1:]], check=True, env=environment)
    versions = ", ".join(f"{name} {version(name)}" for name in ("mlestim", "numpy", "scipy"))
    print(
        f"\nPython {platform.python_version()}, {versions}; {platform.machine()}, "
        f"{os.cpu_count()} cores. Median times of both in one run, taken in turn; of networks, "
        "the least."
    )


if __name__ == "__main__":
    main()
