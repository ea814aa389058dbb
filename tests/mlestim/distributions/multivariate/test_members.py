"""Distributions of vectors: densities, moments, samples and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

import mlestim as ml
from mlestim.distributions import registered, resolve
from tests.mlestim.distributions.cases import (
    VECTORS,
    family_named,
    generator,
    member,
    members,
)
from tests.mlestim.distributions.oracles import ORACLES

N = 20_000


@pytest.fixture(params=VECTORS)
def name(request) -> str:
    return request.param


def test_every_family_of_vectors_is_tested_here_and_has_an_oracle():
    assert set(VECTORS) == {"dirichlet", "multinomial", "multivariate_normal", "multivariate_t"}
    assert ORACLES.keys() >= set(VECTORS)


# ---- densities and moments ---------------------------------------------------------------------


def test_densities_are_scipys(name):
    """To the roundings of a few dozen operations on parameters that are rounded themselves."""
    for theta in members(name):
        distribution, theirs = member(name, theta), ORACLES[name].scipy(*theta)
        x = distribution.rvs(20, random_state=1)
        x = x[~distribution.support.outside(x)]  # shares may round to 0
        expected = [getattr(theirs, "logpdf", getattr(theirs, "logpmf", None))(row) for row in x]
        size = 1.0 + np.abs(expected).max() + np.max(np.abs(theta)) * 1e-3
        np.testing.assert_allclose(distribution.logpdf(x), expected, rtol=0, atol=1e-11 * size)
        np.testing.assert_allclose(distribution.pdf(x), np.exp(distribution.logpdf(x)))


def test_entropies_are_scipys(name):
    for theta in members(name):
        theirs = ORACLES[name].scipy(*theta)
        assert member(name, theta).entropy() == pytest.approx(float(theirs.entropy()), abs=1e-9)


def test_samples_have_the_moments(name):
    """Means within 5 standard errors, and covariances of a sample within 5 % of their size."""
    light = {"multivariate_t": (9.0, 1.0, -2.0, 4.0, 1.0, 2.0)}.get(name, members(name)[0])
    distribution = member(name, light)
    x = distribution.rvs(N, random_state=generator("moments", name))
    error = np.abs(x.mean(axis=0) - distribution.mean())
    assert np.all(error <= 5.0 * distribution.std() / np.sqrt(N))
    spread = np.outer(distribution.std(), distribution.std())
    error = np.abs(np.cov(x.T) - distribution.covariance())
    assert np.all(error <= 0.05 * spread)
    np.testing.assert_array_equal(distribution.var(), np.diag(distribution.covariance()))


def test_samples_have_the_shape_asked_for_and_lie_in_the_support(name):
    distribution = member(name, members(name)[0])
    d = len(distribution.mean())
    for size, shape in ((5, (5,)), ((2, 3), (2, 3)), (0, (0,)), (None, ())):
        x = distribution.rvs(size, random_state=1)
        assert x.shape == (*shape, d)
        assert not np.any(distribution.support.outside(x))
    again = distribution.rvs(5, random_state=1)
    np.testing.assert_array_equal(again, distribution.rvs(5, random_state=1))


def test_modes_are_the_likeliest_of_a_sample(name):
    theta = {"dirichlet": (2.0, 3.0, 4.0)}.get(name, members(name)[0])
    distribution = member(name, theta)
    x = distribution.rvs(500, random_state=2)
    assert np.all(distribution.logpdf(x) <= distribution.logpdf(distribution.mode()) + 1e-12)


def test_densities_are_0_beyond_the_support_and_missing_where_a_component_is():
    shares = ml.Dirichlet(alpha=[1, 2, 3])
    counts = ml.Multinomial(trials=3, probs=[0.5, 0.5])
    outside = [[0.5, 0.5, 0.5], [1.0, 0.0, 0.0], [1.5, -0.25, -0.25]]
    assert shares.pdf(outside).tolist() == [0.0, 0.0, 0.0]
    assert counts.pdf([[1, 1], [1.5, 1.5], [4, -1]]).tolist() == [0.0, 0.0, 0.0]
    assert np.isnan(shares.logpdf([np.nan, 0.5, 0.5]))


def test_moments_that_do_not_exist_are_missing():
    heavy = ml.MultivariateT(df=1.0, location=[1, 2], scatter=np.eye(2))
    assert np.isnan(heavy.mean()).all()
    assert np.isnan(heavy.covariance()).all()
    assert np.isnan(ml.Dirichlet(alpha=[0.5, 2.0]).mode()).all()


def test_multivariate_t_tends_to_the_normal():
    """At df = 1e9 the log densities differ by about δ²/(4 df)."""
    matrix = [[2.0, 0.5], [0.5, 1.0]]
    x = np.array([[0.3, -1.0], [2.0, 1.0]])
    far = ml.MultivariateT(df=1e9, location=[0, 0], scatter=matrix).logpdf(x)
    np.testing.assert_allclose(far, ml.MultivariateNormal([0, 0], matrix).logpdf(x), atol=1e-8)


def test_one_component_is_the_family_of_numbers():
    x = np.array([-1.0, 0.5, 3.0])
    normal, t = ml.MultivariateNormal([1], [[4]]), ml.MultivariateT(3, [1], [[4]])
    np.testing.assert_allclose(normal.logpdf(x[:, None]), ml.Normal(1, 2).logpdf(x), rtol=1e-14)
    np.testing.assert_allclose(t.logpdf(x[:, None]), ml.StudentT(3, 1, 2).logpdf(x), rtol=1e-14)


# ---- construction ------------------------------------------------------------------------------


def test_a_name_a_class_and_an_instance_are_the_same_family(name):
    cls = registered()[name]
    assert resolve(name) == cls() == resolve(cls)
    assert getattr(ml, cls.__name__) is cls


def test_a_member_shows_how_to_make_it_again():
    t = ml.MultivariateT(df=4, location=[0, 0.5], scatter=[[2, 1], [1, 3]])
    assert repr(t) == "MultivariateT(df=4, location=[0, 0.5], scatter=[[2, 1], [1, 3]])"
    assert repr(ml.Multinomial(probs=[0.25, 0.75])) == "Multinomial(probs=[0.25, 0.75])"
    assert repr(ml.Dirichlet()) == "Dirichlet()"


def test_parameters_are_vectors_and_have_a_name_for_each_entry():
    normal = ml.MultivariateNormal(mean=[1, 2], covariance=[[4, 1], [1, 9]])
    assert list(normal.params) == [
        "mean_1", "mean_2", "covariance_11", "covariance_21", "covariance_22",
    ]  # fmt: skip
    assert normal.params["covariance_21"] == 1.0
    np.testing.assert_array_equal(normal.arrays["covariance"], [[4, 1], [1, 9]])
    other = normal.with_values({**normal.params, "mean_1": 5.0})
    np.testing.assert_array_equal(other.arrays["mean"], [5, 2])


def test_entries_of_large_matrices_keep_their_labels_apart():
    names = ml.MultivariateNormal(labels=range(1, 12)).parameter_names
    assert "covariance_11_1" in names
    assert "covariance_1_1" in names
    assert len(set(names)) == len(names) == 11 + 66


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"mean": [0, 0], "covariance": [[1, 2], [2, 1]]}, "the matrix is not positive definite"),
        ({"mean": [0, 0], "covariance": [[1, 0.5], [0.4, 1]]}, "covariance is not symmetric"),
        ({"mean": [0], "covariance": np.eye(2)}, "one length is needed, but mean has 1, cov.* 2"),
        ({"mean": 0.0, "covariance": np.eye(2)}, r"mean is a vector, not an array of shape \(\)"),
        ({"mean": [0, 0], "covariance": [1, 1]}, r"covariance is a square matrix, not .*\(2,\)"),
        ({"mean": ["a", "b"], "covariance": np.eye(2)}, "mean holds no numbers"),
        ({"mean": [0, 0], "covariance": -np.eye(2)}, r"covariance_11 = -1 lies outside \(0, inf\)"),
    ],
)
def test_values_that_make_no_distribution_are_refused(values, message):
    with pytest.raises(ml.ParameterError, match=f"multivariate_normal: {message}"):
        ml.MultivariateNormal(**values)


def test_shares_must_sum_to_one():
    with pytest.raises(ml.ParameterError, match=r"multinomial: probs sum to 0\.9, not to 1"):
        ml.Multinomial(trials=3, probs=[0.4, 0.5])


def test_a_number_alone_does_not_say_how_many_components_there_are():
    with pytest.raises(ml.ParameterError, match="give location or scatter too, whose length says"):
        ml.MultivariateT(df=3)


def test_vectors_of_another_length_are_refused():
    normal = ml.MultivariateNormal(mean=[0, 0], covariance=np.eye(2))
    with pytest.raises(ml.OptionError, match=r"vectors of 2 components are needed, not \(3,\)"):
        normal.logpdf([1, 2, 3])


@pytest.mark.parametrize("question", ["cdf", "sf", "logcdf", "logsf", "ppf", "isf"])
def test_vectors_have_no_order(name, question):
    distribution = family_named(name).with_values(
        dict(zip(family_named(name).parameter_names, members(name)[0], strict=True))
    )
    with pytest.raises(ml.OptionError, match=f"{name}: vectors have no order"):
        getattr(distribution, question)(0.5)
