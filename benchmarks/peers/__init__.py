"""Each family in the words of somebody else, so that its likelihood shares no formula with ours."""

from __future__ import annotations

from peers.base import Peer, Theta
from peers.continuous import CONTINUOUS
from peers.discrete import DISCRETE
from peers.plain import PLAIN

PEERS: dict[str, Peer] = {**CONTINUOUS, **DISCRETE, **PLAIN}

__all__ = ["PEERS", "Peer", "Theta"]
