"""Rows that lie in a plane are recognised, and the columns that keep them there are named."""

from __future__ import annotations

import numpy as np
import pytest

from mlestim.distributions.vectors.degenerate import explain_flat, lies_flat

RNG = np.random.default_rng(5)
FREE = RNG.normal(size=(40, 3))


def covariance(x):
    return np.cov(x.T, bias=True)


@pytest.mark.parametrize("scale", [1e-100, 1e-6, 1.0, 1e9, 1e100])
def test_scales_and_places_do_not_matter(scale):
    assert not lies_flat(covariance(FREE * [scale, 1.0, 1.0]))
    sums = np.column_stack([FREE[:, :2], FREE[:, 0] * 0.1 + FREE[:, 1] / 3.0])
    assert lies_flat(covariance(sums * [scale, 1.0, 1.0]))


@pytest.mark.parametrize("noise", [1e-5, 1e-3])
def test_columns_that_nearly_depend_on_one_another_are_no_plane(noise):
    x = np.column_stack([FREE[:, :2], FREE[:, 0] + noise * FREE[:, 2]])
    assert not lies_flat(covariance(x))
    assert explain_flat(x, None, "abc") == ""


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (
            np.column_stack([FREE, FREE[:, 0] - 2.0 * FREE[:, 2]]),
            "columns 'a', 'c' and 'd' depend linearly on one another: leave one out",
        ),
        (
            np.column_stack([FREE, 3.0 * FREE[:, 1] + 7.0]),
            "columns 'b' and 'd' depend linearly on one another: leave one out",
        ),
        (np.column_stack([FREE, np.ones(40)]), "column 'd' is constant: leave it out"),
        (FREE[:3], "3 columns need 4 different rows at least, and there are 3"),
        (FREE[[0, 1, 2, 2, 1]], "3 columns need 4 different rows at least, and there are 3"),
    ],
)
def test_the_columns_are_named(x, words):
    assert lies_flat(covariance(x))
    assert explain_flat(x, None, "abcd") == words
