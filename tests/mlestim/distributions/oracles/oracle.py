"""What is known of a family from elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from mpmath import mpf

Number = Any  # mpmath's numbers
Member = tuple[float, ...]


@dataclass(frozen=True)
class Oracle:
    """What is known of a family from elsewhere; numbers are mpmath's."""

    log_density: Callable[..., Number]
    cdf: Callable[..., Number] | None = None
    sf: Callable[..., Number] | None = None
    scipy: Callable[..., Any] | None = None
    parts: Callable[..., float] = lambda *_: 1.0
    roundings: float = 64.0
    kink: Callable[..., float] = lambda *_: np.nan
    hard: Sequence[Member] = ()
    hard_terms: Sequence[Member] = ()
    members: Sequence[Member] = ()


def exact(*numbers: float) -> tuple[Number, ...]:
    """Floats as mpmath numbers of exactly the same value."""
    return tuple(mpf(float(number)) for number in numbers)
