"""Networks are scikit-learn estimators: its own checks, and its tools around them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import nn


@pytest.fixture(scope="module")
def iris() -> tuple[pd.DataFrame, pd.Series]:
    return load_iris(return_X_y=True, as_frame=True)


# The checks read many tables of all kinds; some of these are nearly constant, or have columns
# without names, and scikit-learn says so.
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")
@parametrize_with_checks([nn.Classifier(), nn.Regressor()])
def test_all_checks_of_scikit_learn(estimator, check) -> None:
    check(estimator)


def test_pipelines_hand_on_frames(iris) -> None:
    X, y = iris
    pipeline = make_pipeline(StandardScaler(), nn.Classifier(hidden=(8,), random_state=0))
    pipeline.set_output(transform="pandas").fit(X, y)
    assert pipeline[-1].feature_names_in_.tolist() == list(X.columns)
    assert pipeline.score(X, y) > 0.95


def test_settings_are_searched(iris) -> None:
    X, y = iris
    search = GridSearchCV(
        nn.Classifier(hidden=(), random_state=0),
        {"penalty": [1e-2, 1e4]},
        scoring="neg_log_loss",
        cv=3,
    ).fit(X, y)
    # Under a prior that allows no weights, all classes are alike.
    assert search.best_params_ == {"penalty": 1e-2}


def test_sample_weights_are_routed(iris) -> None:
    X, y = iris
    weights = np.where(y == 2, 0.0, 1.0)
    with sklearn.config_context(enable_metadata_routing=True):
        classifier = nn.Classifier(hidden=(), random_state=0)
        classifier.set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        found = cross_validate(
            make_pipeline(StandardScaler().set_fit_request(sample_weight=False), classifier),
            X,
            y,
            params={"sample_weight": weights},
            cv=3,
            return_estimator=True,
        )
    # A class whose rows have weight 0 is not there.
    assert all(len(pipeline[-1].classes_) == 2 for pipeline in found["estimator"])


def test_other_calibrations_go_on_top(iris) -> None:
    X, y = iris
    calibrated = CalibratedClassifierCV(nn.Classifier(hidden=(), random_state=0), cv=3).fit(X, y)
    assert calibrated.score(X, y) > 0.9


def test_without_hidden_layer_it_is_scikit_learns_logistic_regression(iris) -> None:
    X, y = iris
    # Both have a normal prior of precision 1 on the coefficients of standardised features.
    Z = StandardScaler().fit_transform(X)
    ours = nn.Classifier(hidden=(), penalty=1.0, random_state=0).fit(Z, y)
    theirs = LogisticRegression(C=1.0, tol=1e-10, max_iter=10_000).fit(Z, y)
    # Both stop where the slope is about 1e-6.
    np.testing.assert_allclose(ours.predict_proba(Z), theirs.predict_proba(Z), atol=1e-4)
