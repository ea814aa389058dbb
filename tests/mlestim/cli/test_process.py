"""The command as a process: standard input, closed pipes, interrupts, terminals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-W", "error", "-m", "mlestim"]
HEAVY = ("numpy", "scipy", "pandas", "narwhals", "jinja2")
FIT = ("fit", "-", "--column", "x", "--distribution", "normal")


def start(*arguments: object, **options: object) -> subprocess.Popen[str]:
    words = [*COMMAND, *(str(argument) for argument in arguments)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(words, text=True, **{**pipes, **options})


def test_standard_input_and_exit_codes() -> None:
    with start(*FIT) as good:
        stdout, stderr = good.communicate("x\n1\n2\n4\n")
    assert (good.returncode, stderr) == (0, "")
    assert "normal fitted to x" in stdout

    with start(*FIT) as constant:
        stdout, stderr = constant.communicate("x\n1\n1\n1\n")
    assert (constant.returncode, stdout) == (3, "")
    assert stderr.startswith("Error: ")

    with start(*FIT) as text:
        stdout, stderr = text.communicate("x\na\nb\n")
    assert (text.returncode, stdout) == (1, "")

    with start("fit") as wrong:
        stdout, stderr = wrong.communicate()
    assert (wrong.returncode, stdout) == (2, "")


def test_a_reader_who_leaves_early_gets_no_traceback(tmp_path: Path) -> None:
    file = tmp_path / "many.csv"
    # more output than a pipe holds
    file.write_text("g,x\n" + "".join(f"{g},1\n{g},2\n{g},{g}.5\n" for g in range(3, 3000)))

    with start("fit", file, *FIT[2:], "--by", "g", "--csv") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith("g,mean,sd")
        process.stdout.close()
        stderr = process.stderr.read()

    assert stderr == ""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_an_interrupt_ends_quietly_with_130() -> None:
    with start(*FIT) as process:
        assert process.stdin is not None
        # Once more than a pipe holds is written, the command is reading.
        process.stdin.write("x\n" + "1.5\n" * 100_000)
        process.stdin.flush()
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate()

    assert process.returncode == 130
    assert stderr.strip() == ""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_colours_only_where_they_are_wanted(claims: Path, no_color: str, coloured: bool) -> None:
    ours, theirs = os.openpty()
    environment = {**os.environ, "NO_COLOR": no_color, "TERM": "xterm"}
    options = ("--column", "amount", "--distribution", "gamma", "--by", "region")

    with start("fit", claims, *options, stdout=theirs, env=environment) as process:
        process.wait()
    os.close(theirs)
    shown = os.read(ours, 65536).decode()
    os.close(ours)

    assert "south" in shown
    assert ("\x1b[32m" in shown) == coloured


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["fit", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    program = (
        "import sys; from mlestim.cli import main; "
        f"main({arguments}, standalone_mode=False); "
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert run.stdout.splitlines()[-1] == "[]"
