"""A table of flowers, and a short training on it."""

from __future__ import annotations

import numpy as np
import pandas as pd


def make_flowers(n: int) -> pd.DataFrame:
    """Three species that differ in two lengths and a colour, with gaps."""
    rng = np.random.default_rng(0)
    species = rng.choice(["iris", "rose", "tulip"], n)
    means = pd.Series(species).map({"iris": 1.0, "rose": 3.0, "tulip": 5.0})
    colours = pd.Series(species).map({"iris": "blue", "rose": "red", "tulip": "red"})
    flowers = pd.DataFrame(
        {
            "petal": means + rng.normal(0, 0.4, n),
            "stem": rng.normal(30, 5, n),
            "colour": colours.where(rng.random(n) < 0.9),
            "species": species,
        }
    )
    flowers["height"] = 10 + 2 * flowers["petal"] + rng.normal(0, 1, n)
    flowers.loc[::19, "petal"] = np.nan
    return flowers


def train(mlestim, flowers, model, *options: object, target: str = "species"):
    fast = ("--hidden", "8", "--penalty", 1, "--epochs", 40)
    return mlestim("train", flowers, "--target", target, "-o", model, *fast, *options)
