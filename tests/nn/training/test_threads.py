"""Threads are limited while a training lasts, and no longer."""

from __future__ import annotations

import numpy as np
import pytest
from threadpoolctl import ThreadpoolController

from mlestim.errors import OptionError
from nn.training import threads
from nn.training.threads import TRIALS, ThreadLimit


def numbers() -> set[int]:
    return {
        library["num_threads"] for library in ThreadpoolController().select(user_api="blas").info()
    }


def test_the_number_given_holds_and_the_old_one_comes_back() -> None:
    before = numbers()
    with ThreadLimit(1):
        assert numbers() == {1}
    assert numbers() == before


def test_an_error_brings_the_old_number_back_too() -> None:
    before = numbers()
    with pytest.raises(KeyError), ThreadLimit(1):
        raise KeyError
    assert numbers() == before


@pytest.mark.parametrize(("one", "all_of_them"), [(1.0, 2.0), (2.0, 1.0)])
def test_the_faster_of_one_and_all_is_kept(
    one: float, all_of_them: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = numbers()
    clock, seen = np.zeros(()), []
    monkeypatch.setattr(threads.time, "perf_counter", lambda: float(clock))
    with ThreadLimit(None) as limit:
        for step in range(2 * TRIALS + 3):
            seen.append(max(numbers()))
            clock += one if step < TRIALS else all_of_them
            limit.after_step()
        assert limit.threads == (1 if one < all_of_them else max(before))
        assert seen == [1] * TRIALS + [max(before)] * TRIALS + [limit.threads] * 3
    assert numbers() == before


def test_small_networks_get_one_thread_without_a_trial() -> None:
    assert ThreadLimit(None, largest=1000).threads == 1
    assert ThreadLimit(3, largest=1000).threads == 3
    assert ThreadLimit(None, largest=10**9).threads is None


def test_a_number_is_at_least_one() -> None:
    with pytest.raises(OptionError, match="threads=0"):
        ThreadLimit(0)
