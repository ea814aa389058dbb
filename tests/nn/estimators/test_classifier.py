"""Classifiers of rows of tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import statsmodels.api as sm
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.exceptions import ConvergenceWarning

import nn
from mlestim.errors import DataError, OptionError, SeparationError, UnseenValueWarning
from mlestim.optim import Adam
from mlestim.penalties import Ridge
from nn.estimators.calibration import fitted_temperature


@pytest.fixture(scope="module")
def penguins() -> pd.DataFrame:
    """Three made-up species that differ in mass, and in the islands they live on."""
    rng = np.random.default_rng(0)
    species = rng.choice(["Adelie", "Chinstrap", "Gentoo"], 240)
    mass = pd.Series(species).map({"Adelie": 3700, "Chinstrap": 3750, "Gentoo": 5100})
    islands = {"Adelie": "Torgersen", "Chinstrap": "Dream", "Gentoo": "Biscoe"}
    island = pd.Series(species).map(islands).where(rng.random(240) < 0.9, "Dream")
    frame = pd.DataFrame(
        {"mass": mass + rng.normal(0, 300, 240), "island": island, "species": species}
    )
    frame.loc[rng.random(240) < 0.05, "mass"] = np.nan
    frame.loc[rng.random(240) < 0.05, "island"] = None
    return frame


@pytest.fixture(scope="module")
def learned(penguins) -> nn.Classifier:
    return nn.Classifier(hidden=(10,), penalty=0.5, random_state=0).fit(
        penguins[["mass", "island"]], penguins["species"]
    )


def test_tables_of_mixed_columns_with_gaps_come_as_they_are(penguins, learned) -> None:
    assert learned.score(penguins[["mass", "island"]], penguins["species"]) > 0.85
    assert learned.classes_.tolist() == ["Adelie", "Chinstrap", "Gentoo"]


def test_polars_gives_the_same_network(penguins, learned) -> None:
    table = pl.from_pandas(penguins)
    again = nn.Classifier(hidden=(10,), penalty=0.5, random_state=0)
    again.fit(table[["mass", "island"]], table["species"])
    np.testing.assert_array_equal(again.network_.parameters, learned.network_.parameters)


@pytest.mark.parametrize(
    "y",
    [
        pd.Series(["u", "v"] * 10, dtype="category"),
        pd.Series(["u", "v"] * 10, dtype="string"),
        pl.Series(["u", "v"] * 10),
        pa.array(["u", "v"] * 10),
        pd.Series([False, True] * 10, dtype="boolean"),
        pd.Series([3, 7] * 10, dtype="Int64"),
        np.array(["u", "v"] * 10, dtype=object),
    ],
    ids=lambda y: str(getattr(y, "dtype", "arrow")),
)
def test_classes_come_from_any_library_as_plain_values(y) -> None:
    X = np.arange(20.0)[:, None]
    classifier = nn.Classifier(hidden=(), penalty=1.0).fit(X, y)
    assert classifier.classes_.tolist() == sorted(set(np.asarray(y).tolist()))
    assert classifier.classes_.dtype.kind in "UbiO"


@pytest.mark.parametrize("y", [pd.Series(["u", None, "v"]), np.array(["u", None, "v"], object)])
def test_a_missing_class_is_refused_by_its_row(y) -> None:
    with pytest.raises(DataError, match="no value in row 1"):
        nn.Classifier().fit([[1.0], [2.0], [3.0]], y)


def test_a_new_category_is_predicted_with_a_warning(learned) -> None:
    new = pd.DataFrame({"mass": [5200.0], "island": ["Anvers"]})
    with pytest.warns(UnseenValueWarning, match="island"):
        assert learned.predict(new).tolist() == ["Gentoo"]


def test_other_features_are_refused(penguins, learned) -> None:
    with pytest.raises(ValueError, match="feature names should match"):
        learned.predict(penguins[["mass", "species"]])


def test_logistic_regression_agrees_with_statsmodels() -> None:
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    X = X[["mean texture", "mean smoothness", "mean symmetry"]]
    ours = nn.Classifier(hidden=(), penalty=None).fit(X, y)
    theirs = sm.Logit(y, sm.add_constant(X)).fit(disp=False, tol=1e-12)
    np.testing.assert_allclose(ours.coef_[0], theirs.params[1:], rtol=1e-6)
    np.testing.assert_allclose(ours.intercept_, theirs.params[:1], rtol=1e-6)


def test_logistic_regression_has_the_likelihoods_maximum_on_larger_tables_too() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(5000, 3))
    y = rng.random(5000) < nn.sigmoid(X @ [1.0, -0.5, 0.0])
    ours = nn.Classifier(hidden=(), penalty=None).fit(X, y)
    theirs = sm.Logit(y, sm.add_constant(X)).fit(disp=False, tol=1e-12)
    np.testing.assert_allclose(ours.coef_[0], theirs.params[1:], rtol=1e-6)


def test_coefficients_of_several_classes_give_the_probabilities() -> None:
    X, y = load_iris(return_X_y=True)
    classifier = nn.Classifier(hidden=(), penalty=1.0).fit(X, y)
    logits = X @ classifier.coef_.T + classifier.intercept_
    # Features of order 1 to 10, in double precision.
    np.testing.assert_allclose(nn.softmax(logits), classifier.predict_proba(X), atol=1e-12)


def test_separated_classes_are_recognised_and_said() -> None:
    X, y = load_iris(return_X_y=True, as_frame=True)
    first_two = y < 2
    with pytest.raises(SeparationError, match=r"separated, by 'petal length \(cm\)'"):
        nn.Classifier(hidden=(), penalty=None).fit(X[first_two], y[first_two])
    penalised = nn.Classifier(hidden=(), penalty=1.0).fit(X[first_two], y[first_two])
    assert np.isfinite(penalised.coef_).all()


def test_classes_that_overlap_are_not_called_separated() -> None:
    x = np.array([[0.0], [1.0], [2.0], [3.0], [2.5]])
    y = [0, 0, 1, 1, 0]
    assert np.isfinite(nn.Classifier(hidden=(), penalty=None).fit(x, y).coef_).all()


def test_a_held_out_tenth_sets_the_temperature_of_large_tables() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(8000, 5))
    y = rng.random(8000) < nn.sigmoid(3.0 * X[:, 0])
    classifier = nn.Classifier(hidden=(64,), epochs=10, random_state=0).fit(X[:4000], y[:4000])
    assert classifier.network_.parameters.dtype == np.float32
    assert classifier.temperature_ != 1.0
    claimed = classifier.predict_proba(X[4000:]).max(axis=1).mean()
    # The share of 4000 rows that are right has a standard error of 0.007.
    assert claimed == pytest.approx(classifier.score(X[4000:], y[4000:]), abs=0.03)


def test_the_temperature_of_calibrated_logits_is_1() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (20_000, 3))
    labels = (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)
    weights = np.ones(len(labels))
    # The standard error of the estimate from 20,000 rows is about 0.01.
    assert fitted_temperature(logits, labels, weights) == pytest.approx(1.0, abs=0.04)
    assert fitted_temperature(3 * logits, labels, weights) == pytest.approx(3.0, abs=0.12)


def test_an_ensemble_averages_the_probabilities_of_its_networks() -> None:
    X, y = load_iris(return_X_y=True)
    five = nn.Classifier(hidden=(5,), penalty=1.0, n_networks=5, random_state=0).fit(X, y)
    logits = five.network_.predict(five.encoder_.transform(X))
    assert logits.shape == (5, 150, 3)
    np.testing.assert_allclose(five.predict_proba(X), nn.softmax(logits).mean(axis=0))
    np.testing.assert_allclose(five.predict_log_proba(X), np.log(five.predict_proba(X)))
    assert five.score(X, y) > 0.95


def test_the_priors_strength_is_chosen_by_cross_validation() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(150, 4))
    noise = nn.Classifier(hidden=(20,), random_state=0).fit(X, rng.integers(2, size=150))
    signal = nn.Classifier(hidden=(20,), random_state=0).fit(X, X[:, 0] > 0)
    assert noise.penalty_.strength > signal.penalty_.strength


def test_equal_rows_may_be_weighted_instead_of_repeated() -> None:
    X, y = load_iris(return_X_y=True)
    weights = np.random.default_rng(0).integers(0, 3, len(X))
    settings = {"hidden": (5,), "penalty": 1.0, "random_state": 0}
    weighted = nn.Classifier(**settings).fit(X, y, sample_weight=weights)
    repeated = nn.Classifier(**settings).fit(X.repeat(weights, axis=0), y.repeat(weights))
    np.testing.assert_array_equal(weighted.predict_proba(X), repeated.predict_proba(X))


def test_partial_fit_learns_on_and_on() -> None:
    X, y = load_iris(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(X))
    classifier = nn.Classifier(hidden=(20,), optimizer=Adam(1e-2), random_state=0)
    for _ in range(15):
        for part in np.array_split(order, 3):
            classifier.partial_fit(X[part], y[part], classes=[0, 1, 2])
    assert classifier.score(X, y) > 0.9
    assert classifier.optimizer_.state_dict()["step"] == 15 * 3 * 2
    with pytest.raises(DataError, match="none of the classes"):
        classifier.partial_fit(X, np.full(len(X), 7))


def test_warm_start_goes_on_with_the_optimizers_state() -> None:
    X, y = load_iris(return_X_y=True)
    classifier = nn.Classifier(hidden=(5,), epochs=3, warm_start=True, random_state=0).fit(X, y)
    before = classifier.optimizer_.state_dict()["step"]
    classifier.fit(X, y)
    assert classifier.optimizer_.state_dict()["step"] == 2 * before


def test_own_validation_rows_stop_and_calibrate() -> None:
    X, y = load_iris(return_X_y=True)
    classifier = nn.Classifier(hidden=(20,), epochs=40, random_state=0)
    classifier.fit(X[::2], y[::2], validation=(X[1::2], y[1::2]))
    assert classifier.history_["validation_loss"].notna().all()
    assert classifier.temperature_ != 1.0


def test_classes_have_weights_by_their_labels() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 2))
    y = np.where(rng.random(300) < 0.9, "usual", "rare")
    plain = nn.Classifier(hidden=(), penalty=1.0).fit(X, y)
    weighted = nn.Classifier(hidden=(), penalty=1.0, class_weight={"rare": 100.0}).fit(X, y)
    assert (plain.predict(X) == "usual").all()
    assert (weighted.predict(X) == "rare").all()


def test_only_the_features_that_matter_are_important() -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(300, 3)), columns=["signal", "noise", "other"])
    X["letter"] = rng.choice(["a", "b"], 300)
    y = (X["signal"] > 0) ^ ((X["letter"] == "b") & (X["signal"] > -1))
    classifier = nn.Classifier(hidden=(20,), penalty=0.5, random_state=0).fit(X, y)
    importance = classifier.permutation_importance(X, y, random_state=0)
    assert set(importance.index[:2]) == {"signal", "letter"}
    assert importance["importance"].iloc[1] > 5 * importance["importance"].iloc[2]


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"activation": "step"}, "activation='step'"),
        ({"n_networks": 0}, "n_networks=0"),
        ({"penalty": -1.0}, "penalty=-1.0"),
        ({"penalty": None, "epochs": 0}, "epochs=0"),
        ({"calibrate": "no"}, "calibrate='no' is neither True nor False"),
        ({"warm_start": 2}, "warm_start=2"),
        ({"compiled": "yes"}, "compiled='yes'"),
        ({"checkpoint": 5}, "checkpoint=5 is neither a path"),
    ],
)
def test_wrong_settings_are_named(settings, problem) -> None:
    X, y = load_iris(return_X_y=True)
    with pytest.raises(OptionError, match=problem):
        nn.Classifier(**settings).fit(X, y)


def test_one_class_is_not_enough() -> None:
    with pytest.raises(DataError, match="one class alone"):
        nn.Classifier().fit([[1.0], [2.0]], ["a", "a"])


def test_penalties_are_shared_with_mlestim() -> None:
    X, y = load_iris(return_X_y=True)
    settings = {"hidden": (), "random_state": 0}
    number = nn.Classifier(penalty=2.0, **settings).fit(X, y)
    record = nn.Classifier(penalty=Ridge(2.0), **settings).fit(X, y)
    np.testing.assert_array_equal(number.coef_, record.coef_)


def test_labels_of_dtype_object_are_what_they_hold() -> None:
    X = np.arange(8.0)[:, None]
    labels = np.array([1, 2, 1, 2, 2, 1, 2, 1], dtype=object)
    classifier = nn.Classifier(hidden=(), penalty=1.0).fit(X, labels)
    assert classifier.classes_.tolist() == [1, 2]
    assert classifier.classes_.dtype.kind == "i"


@pytest.mark.parametrize("kind", [list, pd.Series, lambda y: np.array(y, dtype=object)])
def test_labels_that_mix_text_and_numbers_are_refused(kind) -> None:
    with pytest.raises(DataError, match="y mixes text, such as 'a'"):
        nn.Classifier(hidden=()).fit(np.arange(8.0)[:, None], kind([1, "a"] * 4))


def test_infinite_features_are_named() -> None:
    X, y = load_iris(return_X_y=True)
    classifier = nn.Classifier(hidden=(), penalty=1.0).fit(X, y)
    X[7, 2] = np.inf
    for ask in (lambda: classifier.fit(X, y), lambda: classifier.predict(X)):
        with pytest.raises(DataError, match=r"infinity \(inf\) in column 2, in row 7"):
            ask()


def test_files_are_for_fitting_and_predicting(learned) -> None:
    for ask in (learned.predict, learned.predict_proba, lambda X: learned.score(X, "species")):
        with pytest.raises(DataError, match="no Parquet file at nowhere"):
            ask("nowhere.parquet")
    with pytest.raises(DataError, match="y='species' names a column, as is done for files"):
        nn.Classifier().fit([[1.0], [2.0]], "species")
    with pytest.raises(DataError, match="predictions read files, and nothing else does"):
        learned.permutation_importance("penguins.parquet", ["Adelie"])


@pytest.mark.parametrize("class_weight", [{0: 1.0, 1: 7.0}, "balanced"])
def test_weights_of_classes_are_weights_of_their_rows(class_weight) -> None:
    rng = np.random.default_rng(0)
    # Few different rows, so that equal ones are merged.
    X = rng.integers(0, 4, (200, 2)).astype(float)
    y = (X[:, 0] + rng.normal(size=200) > 2).astype(int)
    by_class = {0: 1.0, 1: 7.0} if class_weight != "balanced" else 200 / (2 * np.bincount(y))
    of_rows = np.array([by_class[label] for label in y])
    settings = {"hidden": (), "penalty": 1.0}
    ours = nn.Classifier(class_weight=class_weight, **settings).fit(X, y)
    theirs = nn.Classifier(**settings).fit(X, y, sample_weight=of_rows)
    # Weights are added in another order, which rounds.
    np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=1e-6)


def test_weights_are_of_classes_that_there_are() -> None:
    X, y = load_iris(return_X_y=True)
    with pytest.raises(OptionError, match="class_weight names 'no such', which is none"):
        nn.Classifier(class_weight={"no such": 2.0}).fit(X, y)


MIXED = pd.DataFrame(
    {
        "size": [1.0, 2.5, None, 4.0, 0.5, 3.0] * 10,
        "port": ["Cork", "Riga", "Cork", None, "Oslo", "Riga"] * 10,
    }
)
HARBOURS = [0, 1, 0, 1, 0, 1] * 10


def test_arrays_of_objects_are_tables_without_names() -> None:
    named = nn.Classifier(penalty=1.0, random_state=0).fit(MIXED, HARBOURS)
    for rows in (MIXED.to_numpy(), MIXED.to_numpy().tolist()):
        nameless = nn.Classifier(penalty=1.0, random_state=0).fit(rows, HARBOURS)
        np.testing.assert_array_equal(nameless.predict_proba(rows), named.predict_proba(MIXED))
    with pytest.warns(UserWarning, match="feature names"):
        np.testing.assert_array_equal(
            named.predict_proba(MIXED.to_numpy()), named.predict_proba(MIXED)
        )


def test_text_that_cannot_be_learned_from_is_said() -> None:
    numbers = nn.Classifier(penalty=1.0).fit(np.arange(60.0)[:, None], HARBOURS)
    with pytest.raises(DataError, match="Pass a data frame, or an array of objects"):
        nn.Classifier().fit(np.array([["Cork", "1.5"]] * 60), HARBOURS)
    with pytest.raises(DataError, match="'x0' holds text, such as 'two', in row 1; training had"):
        numbers.predict(np.array([[1.0], ["two"]], dtype=object))


def test_a_column_without_a_value_is_passed_over(tmp_path) -> None:
    table = MIXED.assign(depth=np.nan, flag=pd.Categorical([None] * 60))
    with pytest.warns(UnseenValueWarning, match="no row holds a value of 'depth', 'flag': nothing"):
        model = nn.Classifier(penalty=1.0, random_state=0).fit(table, HARBOURS)
    nn.save(model, tmp_path / "model")
    expected = model.predict_proba(table)
    with pytest.warns(UnseenValueWarning, match="'depth' holds a value in rows"):
        deep = nn.load(tmp_path / "model").predict_proba(table.assign(depth=1e6))
    np.testing.assert_array_equal(deep, expected)


def test_a_maximum_that_is_not_reached_is_said() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 5))
    y = (X[:, 0] + rng.logistic(size=300) > 0.0).astype(int)
    with pytest.warns(ConvergenceWarning, match="short of the maximum of the likelihood"):
        nn.Classifier(hidden=(), penalty=None, epochs=2, random_state=0).fit(X, y)
