"""Regressions without a prior are refused where columns follow from one another."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import nn
from mlestim.errors import IdentifiabilityError

RNG = np.random.default_rng(0)
N = 200
TABLE = pd.DataFrame(
    {
        "celsius": RNG.normal(15.0, 8.0, N),
        "rain": RNG.gamma(2.0, 3.0, N),
        "city": RNG.choice(["Cork", "Riga", "Oslo", "Bergen"], N),
    }
)
Y = (TABLE["celsius"] + RNG.normal(0.0, 8.0, N) > 15.0).astype(int)
PLAIN = {"hidden": (), "penalty": None}


@pytest.mark.parametrize(
    ("columns", "named"),
    [
        ({"fahrenheit": 1.8 * TABLE["celsius"] + 32.0}, "'celsius', 'fahrenheit' follow"),
        # Far from 0, a sixteenth digit is a millionth of a millionth of the spread.
        ({"julian": 2.4e6 + TABLE["rain"]}, "'rain', 'julian' follow"),
        (
            {"both": TABLE["celsius"] + TABLE["rain"]},
            "'celsius', 'rain', 'both' follow",
        ),
        (
            {"norway": TABLE["city"].isin(["Oslo", "Bergen"]).map({True: "yes", False: "no"})},
            "'city=Cork', 'city=Riga', 'norway=yes' follow",
        ),
    ],
)
@pytest.mark.parametrize("kind", [nn.Classifier, nn.Regressor])
def test_columns_that_follow_from_one_another_are_named(kind, columns, named) -> None:
    table = TABLE.assign(**columns)
    with pytest.raises(IdentifiabilityError, match=rf"the columns {named} from one another"):
        kind(**PLAIN).fit(table, Y)
    kind(hidden=(), penalty=1.0).fit(table, Y)  # a prior tells them apart


def test_few_rows_do_not_tell_many_columns_apart() -> None:
    X = RNG.normal(size=(10, 12))
    with pytest.raises(IdentifiabilityError, match="10 rows cannot tell 12 columns apart"):
        nn.Regressor(fixed={"sd": 1.0}, **PLAIN).fit(X, X[:, 0])


def test_what_encoding_makes_is_no_dependence() -> None:
    table = TABLE.assign(constant=1.0 / 3.0)
    table.loc[::20, ["celsius", "rain", "city"]] = None
    model = nn.Classifier(**PLAIN).fit(table, Y)
    coefficients = dict(zip(model.encoder_.names_out, model.coef_[0], strict=True))
    assert coefficients["constant"] == pytest.approx(0.0, abs=1e-12)  # its mean is rounded
    # Both marks are the same column, which share their weight alike.
    assert coefficients["celsius missing"] == pytest.approx(coefficients["rain missing"], rel=1e-12)


def test_columns_that_almost_follow_are_learned() -> None:
    x = np.linspace(1.0, 2.0, N)
    powers = np.column_stack([x**k for k in range(1, 5)])
    y = RNG.normal(np.sin(3.0 * x))
    model = nn.Regressor(fixed={"sd": 1.0}, **PLAIN).fit(powers, y)
    design = np.column_stack([np.ones(N), powers])
    expected = design @ np.linalg.lstsq(design, y)[0]
    # L-BFGS stops at slopes of 1e-9, which curvatures of 1 make so many digits.
    np.testing.assert_allclose(model.predict(powers), expected, atol=1e-7)


@pytest.mark.parametrize("distance", [1e-4, 1e-6, 1e-8, 3e-9])
def test_a_column_that_nearly_follows_changes_no_prediction(distance: float) -> None:
    a, z = RNG.normal(size=(2, 300))
    y = RNG.random(300) < 1.0 / (1.0 + np.exp(z / 2.0 - a))
    far = nn.Classifier(**PLAIN).fit(np.c_[a, z], y)
    # The sum of both columns holds z to 16 digits less those of the distance.
    near = nn.Classifier(**PLAIN).fit(np.c_[a, a + distance * z], y)
    assert near.coef_[0, 1] * distance == pytest.approx(far.coef_[0, 1], abs=1e-15 / distance)
    np.testing.assert_allclose(
        near.predict_proba(np.c_[a, a + distance * z]),
        far.predict_proba(np.c_[a, z]),
        atol=1e-8 + 1e-15 / distance,
    )


def test_networks_of_an_ensemble_have_the_same_maximum() -> None:
    X = TABLE[["celsius", "rain"]]
    one, three = (nn.Classifier(n_networks=n, **PLAIN).fit(X, Y) for n in (1, 3))
    np.testing.assert_allclose(three.predict_proba(X), one.predict_proba(X), atol=1e-7)
