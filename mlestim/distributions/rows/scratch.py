"""Work arrays that are allocated once a thread and written over again and again.

Fresh temporaries of a block of rows cost page faults, which take longer than the arithmetic.
"""

from __future__ import annotations

import math
import threading
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


_broadcast = lru_cache(256)(np.broadcast_shapes)  # the blocks of a sample have few shapes


class Scratch(threading.local):
    """Work arrays of the current thread.

    Examples
    --------
    >>> u, z = Scratch().rows(2, (3, 4))
    >>> z.shape
    (3, 4)
    """

    def __init__(self) -> None:
        self._buffer = np.empty(0)

    def rows(self, k: int, *shapes: tuple[int, ...]) -> Array:
        """Give `k` arrays of the shape that `shapes` broadcast to, valid until the next call."""
        shape = shapes[0] if len(shapes) == 1 else _broadcast(*shapes)
        size = k * math.prod(shape)
        if size > len(self._buffer):
            self._buffer = np.empty(size)
        return self._buffer[:size].reshape(k, *shape)


# For functions of rows and parameters.
WORK = Scratch()

# Freed once, an array of this size (24 MB, of which no page is ever touched) tells glibc to keep as
# much freed memory for later arrays. Else it gives the temporaries of a block of rows back to the
# system after every operation, only to fault their pages in again.
_KEPT = 3 << 20
np.empty(_KEPT)
