"""Tables of grouped fits keep every key, whatever it is called."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mlestim as ml


@pytest.mark.parametrize("key", ["parameter", "estimate", "verdict", "lower"])
def test_keys_called_like_a_column_of_the_table_are_kept(key: str) -> None:
    frame = pd.DataFrame({"x": [1.0, 2.0, 3.0, 5.0, 7.0, 4.0], key: list("aaabbb")})
    tidy = ml.fit(frame, "normal", column="x", by=key).tidy()
    assert tidy[f"by_{key}"].tolist() == ["a", "a", "b", "b"]
    assert tidy["parameter"].tolist() == ["mean", "sd"] * 2
    np.testing.assert_allclose(tidy["estimate"][::2], [2.0, 16.0 / 3.0])
