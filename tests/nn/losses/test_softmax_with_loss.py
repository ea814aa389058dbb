"""Softmax with loss, and cross-entropy of probabilities: one likelihood for every kind of target."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest

import nn
from mlestim.distributions.discrete.categorical import Categorical
from mlestim.errors import DataError

# A few roundings per row, against 15 digits given.
CLOSE = {"rtol": 1e-12, "atol": 1e-14}

LOGITS = np.random.default_rng(5).normal(scale=3, size=(6, 4))
LABELS = np.array([0, 3, 1, 1, 2, 0])
ONE_HOT = np.eye(4)[LABELS]


def both(x: Any, t: Any) -> tuple[float, np.ndarray]:
    """Loss and gradient in the logits."""
    loss = nn.SoftmaxWithLoss()
    return loss.forward(x, t), loss.backward()


def test_labels_agree_with_pytorch(torch: Any) -> None:
    reference = torch["softmax_ce"]
    value, gradient = both(reference["logits"], reference["target"])
    np.testing.assert_allclose(value, reference["mean"]["loss"], **CLOSE)
    np.testing.assert_allclose(gradient, reference["mean"]["dlogits"], **CLOSE)


def test_soft_targets_agree_with_pytorch(torch: Any) -> None:
    reference = torch["softmax_ce"]
    soft = reference["soft_targets"]
    value, gradient = both(reference["logits"], soft["target_probs"])
    np.testing.assert_allclose(value, soft["loss"], **CLOSE)
    np.testing.assert_allclose(gradient, soft["dlogits"], **CLOSE)


def test_extreme_logits_agree_with_pytorch(torch: Any) -> None:
    extreme = torch["softmax_ce"]["extreme_logits"]
    value, gradient = both(extreme["logits"], extreme["target"])
    np.testing.assert_allclose(value, np.mean(extreme["losses"]), **CLOSE)
    np.testing.assert_allclose(2 * gradient, extreme["dlogits_of_sum"], **CLOSE)


def test_the_loss_is_the_categorical_familys_negative_log_likelihood() -> None:
    log_p = [
        Categorical(probs=p).log_density([label], p[:, None])[0]
        for p, label in zip(nn.softmax(LOGITS), LABELS, strict=True)
    ]
    value, _ = both(LOGITS, LABELS)
    np.testing.assert_allclose(value, -np.mean(log_p), **CLOSE)


@pytest.mark.parametrize("targets", [LABELS, ONE_HOT], ids=["labels", "one-hot"])
def test_value_and_gradient_come_from_the_familys_own_terms(
    targets: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    def doubled(
        self: Categorical, *args: Any, link_terms: Any = Categorical.link_terms, **options: Any
    ) -> Any:
        terms = link_terms(self, *args, **options)
        terms.packed *= 2
        return terms

    value, gradient = both(LOGITS, targets)
    monkeypatch.setattr(Categorical, "link_terms", doubled)
    doubled_value, doubled_gradient = both(LOGITS, targets)
    assert doubled_value == pytest.approx(2 * value, rel=1e-15)
    np.testing.assert_allclose(doubled_gradient, 2 * gradient, rtol=1e-15)


def test_a_bias_alone_learns_the_familys_estimate() -> None:
    # With logits that do not depend on the row, the minimum is the family's closed form.
    shares = np.bincount(LABELS) / len(LABELS)
    _, gradient = both(np.tile(np.log(shares), (len(LABELS), 1)), LABELS)
    np.testing.assert_allclose(gradient.sum(axis=0), 0, atol=1e-16)


def test_one_hot_targets_are_labels() -> None:
    value, gradient = both(LOGITS, LABELS)
    same_value, same_gradient = both(LOGITS, ONE_HOT)
    assert value == same_value
    np.testing.assert_array_equal(gradient, same_gradient)


@pytest.mark.parametrize("targets", [LABELS, ONE_HOT], ids=["labels", "one-hot"])
def test_the_gradient_is_softmax_minus_target_over_rows(targets: np.ndarray) -> None:
    _, gradient = both(LOGITS, targets)
    np.testing.assert_allclose(gradient, (nn.softmax(LOGITS) - ONE_HOT) / 6, **CLOSE)


@pytest.mark.parametrize(
    "targets", [LABELS, ONE_HOT, 0.7 * ONE_HOT + 0.075], ids=["labels", "one-hot", "soft"]
)
def test_logits_and_probabilities_give_the_same_cross_entropy(targets: np.ndarray) -> None:
    value, _ = both(LOGITS, targets)
    np.testing.assert_allclose(nn.cross_entropy_error(nn.softmax(LOGITS), targets), value, **CLOSE)


@pytest.mark.parametrize("soft", [False, True], ids=["one-hot", "soft"])
def test_the_loss_agrees_with_forty_digits(soft: bool) -> None:
    targets = 0.9 * ONE_HOT + 0.025 if soft else ONE_HOT
    logits = LOGITS * 50
    with mpmath.workdps(40):
        log_p = [
            [
                z - mpmath.log(mpmath.fsum(mpmath.exp(mpmath.mpf(other)) for other in row))
                for z in row
            ]
            for row in logits.tolist()
        ]
        exact = (
            -mpmath.fsum(
                t * z for i in range(6) for t, z in zip(targets[i].tolist(), log_p[i], strict=True)
            )
            / 6
        )
    assert nn.SoftmaxWithLoss().forward(logits, targets) == pytest.approx(float(exact), rel=1e-14)


def test_a_single_row_may_come_without_its_axis() -> None:
    value, gradient = both(LOGITS[:1], LABELS[:1])
    for target in (int(LABELS[0]), LABELS[:1], ONE_HOT[0]):
        same_value, same_gradient = both(LOGITS[0], target)
        assert same_value == value
        assert same_gradient.shape == (4,)
        np.testing.assert_array_equal(same_gradient, gradient[0])
        assert nn.cross_entropy_error(nn.softmax(LOGITS[0]), target) == pytest.approx(value)


@pytest.mark.parametrize(
    "targets", [LABELS, ONE_HOT, 0.7 * ONE_HOT + 0.075], ids=["labels", "one-hot", "soft"]
)
def test_float32_stays_float32(targets: np.ndarray) -> None:
    value, gradient = both(LOGITS.astype(np.float32), targets)
    assert gradient.dtype == np.float32
    double_value, double_gradient = both(LOGITS, targets)
    assert value == pytest.approx(double_value, rel=1e-6)
    np.testing.assert_allclose(gradient, double_gradient, atol=1e-7)


def test_a_class_ruled_out_by_its_logit_costs_nothing_unless_it_is_observed() -> None:
    x = [[0.0, -np.inf, 0.0]]
    for target in ([0], [[1, 0, 0]], [[0.5, 0, 0.5]]):
        value, gradient = both(x, target)
        assert value == pytest.approx(np.log(2), rel=1e-15)
        assert gradient[0, 1] == 0
    assert both(x, [1])[0] == both(x, [[0, 1, 0]])[0] == np.inf


def test_the_incoming_gradient_scales_it() -> None:
    loss = nn.SoftmaxWithLoss()
    loss.forward(LOGITS, LABELS)
    np.testing.assert_allclose(loss.backward(2.5), 2.5 * loss.backward(), **CLOSE)
    with pytest.raises(DataError, match=r"dy has shape \(2,\)"):
        loss.backward([1, 2])


def test_the_callers_arrays_are_left_as_they_were() -> None:
    logits, soft = LOGITS.copy(), 0.7 * ONE_HOT + 0.075
    for array in (logits, soft):
        array.flags.writeable = False
    both(logits, soft)
    both(logits, LABELS)


def test_backward_needs_a_forward() -> None:
    with pytest.raises(nn.BackwardBeforeForwardError, match=r"SoftmaxWithLoss\(\)"):
        nn.SoftmaxWithLoss().backward()


def test_a_true_class_of_probability_zero_costs_infinity() -> None:
    y = [[0.0, 1.0], [0.5, 0.5]]
    assert nn.cross_entropy_error(y, [0, 1]) == np.inf
    assert nn.cross_entropy_error(y, [[1, 0], [0, 1]]) == np.inf
    assert nn.cross_entropy_error(y, [1, 1]) == pytest.approx(np.log(2) / 2, rel=1e-15)


@pytest.mark.parametrize("y", [[[1.5, -0.5]], [[3.0, 1.0]], [[np.nan, 1.0]]], ids=str)
def test_cross_entropy_of_what_is_no_probability_is_refused(y: Any) -> None:
    with pytest.raises(DataError, match=r"outside \[0, 1\].*SoftmaxWithLoss"):
        nn.cross_entropy_error(y, [0])


BAD_TARGETS = {
    "too few": ([0, 1], r"t has shape \(2,\); for 3 rows and 2 classes .* \(3,\).*\(3, 2\)"),
    "column": ([[0], [1], [0]], r"t has shape \(3, 1\)"),
    "label too large": ([0, 2, 7], r"between 0 and 1, for 2 classes; row 1 holds 2, row 2 holds 7"),
    "label negative": ([0, -1, 0], r"row 1 holds -1"),
    "label not whole": ([0.0, 1.0, 0.0], r"labels of dtype float64; labels are integers 0 to 1"),
    "label text": (["a", "b", "a"], r"labels of dtype <U1.*np\.unique"),
    "row not summing to 1": ([[1, 0], [1, 1], [0, 1]], r"sums to 1; row 1 holds \[1\.0, 1\.0\]"),
    "negative probability": ([[1, 0], [2, -1], [0, 1]], r"row 1 holds \[2\.0, -1\.0\]"),
    "missing": ([[1, 0], [np.nan, 1], [0, 1]], r"row 1 holds \[nan, 1\.0\]"),
    "ragged": ([[1, 0], [1], [0, 1]], r"t is no rectangular array"),
}


@pytest.mark.parametrize(("targets", "message"), BAD_TARGETS.values(), ids=BAD_TARGETS.keys())
def test_targets_that_do_not_fit_are_refused(targets: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        nn.SoftmaxWithLoss().forward(np.zeros((3, 2)), targets)
    with pytest.raises(DataError, match=message):
        nn.cross_entropy_error(np.full((3, 2), 0.5), targets)


@pytest.mark.parametrize("x", [1.0, [], np.zeros((0, 3)), np.zeros((2, 2, 2))], ids=np.shape)
def test_logits_of_a_wrong_shape_are_refused(x: Any) -> None:
    with pytest.raises(DataError, match=r"x has shape .*; it needs \(n, K\) or \(K,\)"):
        nn.SoftmaxWithLoss().forward(x, [0])


def test_many_wrong_rows_are_counted() -> None:
    with pytest.raises(DataError, match=r"row 0 .*, row 1 .*, row 2 holds 9, and 3 more"):
        nn.SoftmaxWithLoss().forward(LOGITS, np.full(6, 9))


def test_probabilities_need_not_sum_to_one():
    assert nn.cross_entropy_error([[0.5, 0.6]], [0]) == pytest.approx(np.log(2))
