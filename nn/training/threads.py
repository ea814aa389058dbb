"""How many threads the matrix multiplications of a training have."""

from __future__ import annotations

import time
from functools import cache
from types import TracebackType
from typing import Any, Self

import numpy as np
from threadpoolctl import ThreadpoolController

from mlestim.errors import OptionError

# Steps that are timed with each number of threads.
TRIALS = 10
# Below this many multiplications a second thread costs more than it does.
SMALL = 1 << 21


@cache
def _controller() -> Any:
    """The libraries of matrix multiplication; to look for them takes milliseconds."""
    return ThreadpoolController().select(user_api="blas")


def forget_libraries() -> None:
    """Look for the libraries anew: one was loaded."""
    _controller.cache_clear()


class ThreadLimit:
    """Limits the library's threads while a ``with`` block lasts.

    Parameters
    ----------
    threads : int or None
        The number; None takes the library's own or one, whichever makes faster steps.
    largest : int
        Multiplications of the largest product; small ones get one thread without a trial.

    Raises
    ------
    OptionError
        If the number is below 1.
    """

    def __init__(self, threads: int | None, largest: int = SMALL) -> None:
        if threads is not None and threads < 1:
            raise OptionError(f"threads={threads!r} is not allowed; give at least 1, or None")
        self.threads = 1 if threads is None and largest < SMALL else threads
        self._controller: Any = None
        self._trials: list[int] = []
        self._seconds: list[float] = []
        self._limit: Any = None
        self._since = 0.0

    def __enter__(self) -> Self:
        self._controller = _controller()
        own = max((library["num_threads"] for library in self._controller.info()), default=1)
        self._trials = [n for n in (1, own) for _ in range(TRIALS)]
        self._set(self.threads or 1)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._limit.restore_original_limits()

    def after_step(self) -> None:
        """Time the step, while the number is not yet settled."""
        if self.threads is not None:
            return
        now = time.perf_counter()
        self._seconds.append(now - self._since)
        done = len(self._seconds)
        if done < len(self._trials):
            if self._trials[done] != self._trials[done - 1]:
                self._set(self._trials[done])
        else:
            # The fastest step of each is the one that was disturbed least.
            few, many = np.reshape(self._seconds, (2, TRIALS)).min(axis=1)
            self.threads = self._trials[0] if few <= many else self._trials[-1]
            self._set(self.threads)
        self._since = time.perf_counter()

    def _set(self, threads: int) -> None:
        if self._limit is None:
            self._limit = self._controller.limit(limits=threads)
        else:
            self._controller.limit(limits=threads)
        self._since = time.perf_counter()
