"""Each family in the words of somebody else, so that its likelihood shares no formula with ours."""

from __future__ import annotations

from peers.base import Peer, Theta, family_of
from peers.continuous import CONTINUOUS
from peers.discrete import DISCRETE
from peers.plain import PLAIN
from peers.zeros import ZEROS

PEERS: dict[str, Peer] = {**CONTINUOUS, **DISCRETE, **PLAIN, **ZEROS}

__all__ = ["PEERS", "Peer", "Theta", "family_of"]
