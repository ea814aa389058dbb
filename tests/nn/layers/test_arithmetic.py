"""Add and Multiply: the notes' numbers, PyTorch's, and sums over broadcast copies."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
from mlestim.errors import DataError

X, Y = [[1], [2]], [[3], [4]]


def test_add_gives_the_notes_numbers() -> None:
    add = nn.Add()
    np.testing.assert_array_equal(add.forward(X, Y), [[4], [6]])
    dx, dy = add.backward([5])
    np.testing.assert_array_equal(dx, [[5], [5]])
    np.testing.assert_array_equal(dy, [[5], [5]])


def test_multiply_gives_the_notes_numbers() -> None:
    multiply = nn.Multiply()
    np.testing.assert_array_equal(multiply.forward(X, Y), [[3], [8]])
    dx, dy = multiply.backward([5])
    np.testing.assert_array_equal(dx, [[15], [20]])
    np.testing.assert_array_equal(dy, [[5], [10]])


def test_broadcast_operands_collect_their_copies_as_in_pytorch(torch: Any) -> None:
    reference = torch["add_multiply_broadcast"]
    a, b = reference.array("a"), reference.array("b")

    add = nn.Add()
    add.forward(a, b)
    da, db = add.backward(1.0)
    np.testing.assert_array_equal(da, reference["add_da_for_ones"])
    np.testing.assert_array_equal(db, reference["add_db_for_ones"])

    multiply = nn.Multiply()
    multiply.forward(a, b)
    da, db = multiply.backward(reference.array("mul_dy"))
    np.testing.assert_array_equal(da, reference["mul_da"])
    np.testing.assert_array_equal(db, reference["mul_db"])


def test_the_two_gradients_of_a_sum_are_arrays_of_their_own() -> None:
    add = nn.Add()
    add.forward(np.ones((2, 2)), np.ones((2, 2)))
    dx, dy = add.backward(np.ones((2, 2)))
    dx += 1
    np.testing.assert_array_equal(dy, np.ones((2, 2)))


@pytest.mark.parametrize("operation", [nn.Add(), nn.Multiply()], ids=repr)
def test_shapes_that_do_not_broadcast_are_named(operation: nn.Add | nn.Multiply) -> None:
    with pytest.raises(DataError, match=r"x of shape \(2, 3\) and y of shape \(2,\)"):
        operation.forward(np.ones((2, 3)), np.ones(2))
