"""Links of positive definite matrices, and matrices that are none."""

from __future__ import annotations

import numpy as np
import pytest

from mlestim.distributions.vectors.cholesky import (
    CholeskyLink,
    cholesky,
    inverse_and_log_root,
    is_positive_definite,
)
from mlestim.distributions.vectors.entries import symmetric

MATRICES = np.array([[[2.0, 1.0], [1.0, 3.0]], [[1.0, 2.0], [2.0, 1.0]], [[0.0, 0.0], [0.0, 1.0]]])


def test_factors_of_matrices_that_are_not_positive_definite_are_missing():
    factors = cholesky(MATRICES)
    np.testing.assert_allclose(factors[0] @ factors[0].T, MATRICES[0], rtol=1e-15)
    assert np.isnan(factors[1:]).all()
    entries = list(MATRICES[:, *np.tril_indices(2)].T)
    assert is_positive_definite(entries).tolist() == [True, False, False]


def test_inverses_and_determinants_come_from_the_factors():
    inverse, log_root = inverse_and_log_root(MATRICES[0])
    np.testing.assert_allclose(inverse @ MATRICES[0], np.eye(2), atol=1e-15)
    assert log_root == pytest.approx(0.5 * np.log(5.0), rel=1e-15)


@pytest.mark.parametrize("d", [1, 2, 3, 5])
def test_every_link_value_gives_a_positive_definite_matrix_and_comes_back(d):
    link = CholeskyLink(d)
    eta = np.random.default_rng(d).normal(size=(link.size, 4))
    theta = link.from_link(eta)
    assert np.all(np.linalg.eigvalsh(symmetric(theta)) > 0.0)
    np.testing.assert_allclose(link.to_link(theta), eta, rtol=1e-10, atol=1e-12)
