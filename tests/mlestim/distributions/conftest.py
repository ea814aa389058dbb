"""Every registered family, without and with the oracle that it must have."""

from __future__ import annotations

import pytest

from .cases import NAMES
from .oracles import ORACLES, Oracle


@pytest.fixture(params=NAMES)
def name(request) -> str:
    """Name of a registered family; a test narrows the choice by its own parametrization."""
    return request.param


@pytest.fixture
def oracle(name: str) -> Oracle:
    """The independent definition of the family."""
    if name not in ORACLES:
        pytest.fail(
            f"the family '{name}' has no oracle: add to ORACLES in tests/mlestim/distributions/"
            f"oracles/ an entry '{name}': Oracle(log_density=…) with the textbook formula in "
            "mpmath's functions, and cdf, sf and scipy where they exist"
        )
    return ORACLES[name]
