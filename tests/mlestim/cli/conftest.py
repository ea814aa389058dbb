"""Small data files, and the command run in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mlestim.cli import main
from tests.mlestim.cli.flowers import make_flowers

WEATHER = Path(__file__).parents[3] / "examples" / "data" / "seattle_weather.csv"
CLAIMS = """\
region,amount,weight,count
north,2.1,1,0
north,3.4,2,2
north,1.9,1,1
north,5.0,1,7
south,0.7,1,0
south,1.1,3,1
south,2.8,1,4
south,4.4,1,3
"""


@pytest.fixture
def mlestim() -> Callable[..., Result]:
    """Run the command in this process: ``mlestim("fit", file, ..., input=text)``."""

    def run(*arguments: object, input: str | None = None) -> Result:  # noqa: A002 -- click's name
        return CliRunner().invoke(main, [str(argument) for argument in arguments], input)

    return run


@pytest.fixture
def claims(tmp_path: Path) -> Path:
    path = tmp_path / "claims.csv"
    path.write_text(CLAIMS)
    return path


@pytest.fixture
def weather() -> Path:
    return WEATHER


@pytest.fixture
def flowers(tmp_path: Path) -> Path:
    path = tmp_path / "flowers.csv"
    make_flowers(120).to_csv(path, index=False)
    return path


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return tmp_path / "model.safetensors"
