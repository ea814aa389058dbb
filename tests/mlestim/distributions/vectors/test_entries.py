"""Vectors and matrices laid out entry by entry, with the units of their components."""

from __future__ import annotations

import numpy as np
import pytest

from mlestim.distributions import Parameter, Unit
from mlestim.distributions.parameter import Shape
from mlestim.distributions.vectors.entries import entries, symmetric

CENTRE, SCALE = np.array([[10.0, -2.0]]), np.array([[4.0, 0.5]])
VECTOR = Parameter("mean", unit=Unit.LOCATION, shape=Shape.VECTOR)
MATRIX = Parameter("covariance", unit=Unit.SQUARE, shape=Shape.MATRIX)


def test_entries_follow_the_units_of_their_components():
    moved = [e.rescale(np.array([3.0]), CENTRE, SCALE)[0] for e in entries(VECTOR, (1, 2))]
    assert moved == [10.0 + 4.0 * 3.0, -2.0 + 0.5 * 3.0]
    moved = [e.rescale(np.array([3.0]), CENTRE, SCALE)[0] for e in entries(MATRIX, (1, 2))]
    assert moved == [16.0 * 3.0, 2.0 * 3.0, 0.25 * 3.0]


@pytest.mark.parametrize("parameter", [VECTOR, MATRIX, Parameter("df")], ids=str)
def test_standardizing_undoes_rescaling(parameter):
    for entry in entries(parameter, (1, 2)):
        moved = entry.rescale(np.array([0.3]), CENTRE, SCALE)
        assert entry.standardize(moved, CENTRE, SCALE) == pytest.approx(0.3, rel=1e-13)


def test_the_diagonal_of_a_matrix_is_positive():
    diagonal, off, _ = entries(MATRIX, (1, 2))
    assert not diagonal.domain.contains(-1.0)
    assert off.domain.contains(-1.0)


def test_a_triangle_makes_a_symmetric_matrix():
    matrix = symmetric([np.array([1.0, 2.0]), 0.5, 3.0])
    np.testing.assert_array_equal(matrix[1], [[2.0, 0.5], [0.5, 3.0]])
