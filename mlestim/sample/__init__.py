"""Samples: what the user gave, read once and checked, as arrays that the likelihood sums over."""

from __future__ import annotations

from mlestim.sample.groups import Groups
from mlestim.sample.observations import Observations

__all__ = ["Groups", "Observations"]
