"""Starting: `import mlestim` and `mlestim --help` against `import scipy.stats`, whole processes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

from timing import Claim, count, run, side_by_side


def process(*command: str) -> None:
    """Run a program to its end."""
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def claims(scale: float) -> Iterator[Claim]:
    """Less than half of what scipy.stats takes."""
    python = sys.executable
    # What the installed command runs, installed or not.
    command = "from mlestim.cli import main; main()"
    first_fit = "import mlestim; mlestim.fit([1.0, 2.0, 4.0], 'normal')"
    module, fitted, helped, peer = side_by_side(
        lambda: process(python, "-c", "import mlestim"),
        lambda: process(python, "-c", first_fit),
        lambda: process(python, "-c", command, "--help"),
        lambda: process(python, "-c", "import scipy.stats"),
        rounds=count(7, scale, least=1),
    )
    yield Claim("python -c 'import mlestim'", "import scipy.stats", module, peer, 0.45)
    yield Claim("the same with a first fit", "import scipy.stats", fitted, peer)
    yield Claim("mlestim --help", "import scipy.stats", helped, peer, 0.5)


if __name__ == "__main__":
    run(claims)
