"""Saved maxima of functions: the numbers come back, the function does not."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlestim as ml

X = np.random.default_rng(5).gamma(3.0, 2.0, 50)


def log_likelihood(shape: float, scale: float, share: float = 0.5) -> float:
    return float(ml.Gamma(shape, scale).logpdf(X).sum() - (share - 0.5) ** 2)


START = {"shape": 1.0, "scale": 1.0}
DOMAINS = {"shape": "positive", "scale": "positive", "share": (0, 1)}

MAXIMA = {
    "plain": lambda: ml.maximize(log_likelihood, START, {"shape": "positive", "scale": (0, 1e3)}),
    "with a size": lambda: ml.maximize(
        log_likelihood, {**START, "share": 0.3}, DOMAINS, n_observations=50
    ),
    "fixed": lambda: ml.maximize(
        log_likelihood, START, DOMAINS, fixed={"share": 0.5}, n_observations=50.5
    ),
    "edge": lambda: ml.maximize(lambda p: 3 * np.log(p), {"p": 0.4}, {"p": "unit"}),
    "nothing found": lambda: ml.maximize(lambda a: a, {"a": 0}, on_failure="return"),
}


@pytest.mark.parametrize("name", MAXIMA)
def test_what_is_written_comes_back(name: str, tmp_path: Path) -> None:
    result = MAXIMA[name]()
    path = tmp_path / "maximum.json"
    path.write_text(result.to_json(), encoding="utf-8")
    back = ml.load(path)
    assert isinstance(back, ml.MaximumResult)
    pd.testing.assert_frame_equal(back.tidy(), result.tidy(), check_exact=True)
    pd.testing.assert_frame_equal(back.glance(), result.glance(), check_exact=True)
    pd.testing.assert_frame_equal(back.covariance, result.covariance, check_exact=True)
    assert repr(back.evidence) == repr(result.evidence)  # NaN included
    assert str(back.summary()) == str(result.summary())
    assert dict(back.domains) == dict(result.domains)
    assert back.to_json() == result.to_json()


def test_what_needs_the_function_says_so() -> None:
    back = ml.load(MAXIMA["plain"]().to_json())
    for needy in (
        lambda: back.confidence_intervals(method="profile"),
        lambda: back.profile({"shape": 2.0}),
        lambda: back.likelihood_ratio_test({"shape": 1.0}),
        back.plot,
    ):
        with pytest.raises(ml.DataError, match=r"does not keep the function log_likelihood.*again"):
            needy()
    # what the numbers tell is there
    assert back.estimate(lambda shape, scale: shape * scale)["estimate"] == pytest.approx(X.mean())


def test_the_maximum_of_a_function_has_no_family() -> None:
    with pytest.raises(ml.ModelFileError, match="has no family"):
        ml.load(MAXIMA["plain"]().to_json(), family="gamma")


TEXT = MAXIMA["with a size"]().to_json()

HOSTILE: dict[str, dict[str, Any]] = {
    "a name of nothing": {"name": None},
    "a parameter without a domain": {"domains": {"shape": [0.0, "inf"]}},
    "a domain of one end": {"domains": {"shape": [0.0], "scale": [0.0], "share": [0.0]}},
    "an empty domain": {"domains": {name: [1.0, 1.0] for name in DOMAINS}},
    "an estimate outside": {"estimates": [-1.0, 1.0, 0.5]},
    "a parameter too few": {"names": ["shape", "scale"]},
    "an estimate missing": {"estimates": ["nan", 1.0, 0.5]},
    "a negative variance": {"covariance": np.diag([-1.0, 1.0, 1.0]).tolist()},
    "a log-likelihood of inf": {"log_likelihood": "inf"},
    "observations of text": {"n_observations": "many"},
    "no observations": {"n_observations": 0},
    "a method of markup": {"method": "<script>"},
    "a limit family": {"verdict": "at_infinity"},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_impossible_claims_are_refused(name: str) -> None:
    whole = json.loads(TEXT)
    whole["content"].update(HOSTILE[name])
    canonical = json.dumps(whole["content"], sort_keys=True, separators=(",", ":"))
    whole["checksum"] = hashlib.sha256(canonical.encode()).hexdigest()
    with pytest.raises(ml.ModelFileError, match="inconsistent"):
        ml.load(json.dumps(whole))
