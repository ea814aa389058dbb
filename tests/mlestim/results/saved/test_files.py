"""Saved fits: what is written comes back whole; what was tampered with does not come back."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mlestim as ml

rng = np.random.default_rng(20261124)
AMOUNT = rng.gamma(3.0, 2.0, 60)

FITS = {
    "plain": lambda: ml.fit(AMOUNT, "gamma"),
    "fixed": lambda: ml.fit(AMOUNT, "gamma", fixed={"shape": 2.0, "location": -1.0}),
    "free location": lambda: ml.fit(AMOUNT, "gamma", free=["location"]),
    "weighted": lambda: ml.fit(AMOUNT, "weibull", weights=np.full(60, 0.3)),
    "first order": lambda: ml.fit(AMOUNT, "lognormal", method="first_order"),
    "limit": lambda: ml.fit(np.linspace(-1, 1, 50), "student_t"),
    "limit of zeros": lambda: ml.fit([0, 0, 0], "negative_binomial"),
    "edge": lambda: ml.fit([0, 0, 0], "poisson"),
    "labels": lambda: ml.fit(["ä", "<b>", "ä"], "categorical"),
    "level never seen": lambda: ml.fit(pd.Categorical(["a"], categories=["a", "b"]), "categorical"),
    "numbers as labels": lambda: ml.fit([1, 2, 2, 3], "categorical"),
    "unbounded": lambda: ml.fit([3.0] * 4, "normal", on_failure="return"),
    "group": lambda: ml.fit(AMOUNT, "gamma", by=np.arange(60) // 30)[1],
    "censored": lambda: ml.fit(["<2", "3", ">4", "1", None], "gamma", nan_policy="omit"),
    "window": lambda: ml.fit(AMOUNT[AMOUNT < 9], "gamma", truncation=(None, 9)),
    "windows": lambda: ml.fit(AMOUNT, "gamma", truncation=(AMOUNT / 2, None)),
    "design": lambda: ml.fit(
        pd.DataFrame({"amount": AMOUNT}),
        "gamma",
        column="amount",
        weights=AMOUNT,
        weight_type="sampling",
        cluster=np.arange(60) // 3,
    ),
}


def made(name: str) -> ml.FitResult:
    if name.startswith("limit"):
        with pytest.warns(ml.LimitWarning):
            return FITS[name]()
    return FITS[name]()


@pytest.mark.parametrize("name", FITS)
def test_what_is_written_comes_back(name: str, tmp_path: Path) -> None:
    result = made(name)
    path = tmp_path / "fit.json"
    path.write_text(result.to_json(), encoding="utf-8")
    for back in (ml.load(result.to_json()), ml.load(path), ml.load(str(path))):
        pd.testing.assert_series_equal(back.params, result.params, check_exact=True)
        np.testing.assert_array_equal(back.covariance_matrix, result.covariance_matrix)
        pd.testing.assert_frame_equal(back.tidy(), result.tidy(), check_exact=True)
        pd.testing.assert_frame_equal(back.glance(), result.glance(), check_exact=True)
        assert repr(back.evidence) == repr(result.evidence)  # NaN included
        assert back.limit == result.limit
        assert back.fixed == result.fixed
        assert str(back.summary()) == str(result.summary())
        assert back.sample == result.sample
        assert back.observations is None  # the data stay where they are
        assert back.to_json() == result.to_json()
        if result.verdict.holds:
            assert back.distribution == result.distribution


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(1e-140, 1e140), min_size=2, max_size=6))
def test_every_digit_comes_back(data: list[float]) -> None:
    result = ml.fit(data, "exponential")
    back = ml.load(result.to_json())
    assert back.params["scale"] == result.params["scale"]
    assert back.log_likelihood == result.log_likelihood


def test_the_file_tells_what_kinds_of_rows_there_were() -> None:
    back = ml.load(FITS["censored"]().to_json())
    assert dict(back.sample.kinds) == {"exact": 2, "right-censored": 1, "left-censored": 1}
    assert back.sample.n_omitted == 1
    assert "20 clusters" in str(ml.load(FITS["design"]().to_json()).summary())
    assert ml.load(FITS["design"]().to_json()).title == "gamma fitted to amount"
    assert ml.load(FITS["window"]().to_json()).sample.truncation == (-np.inf, 9.0)


def test_files_of_earlier_versions_say_nothing_of_the_sample() -> None:
    whole = json.loads(TEXT)
    del whole["content"]["sample"]
    whole["checksum"] = checksum(whole["content"])
    back = ml.load(json.dumps(whole))
    assert back.title == "gamma fitted to data"
    assert ml.load(back.to_json()).n_observations == 60


def test_the_file_is_plain_json_with_its_version() -> None:
    whole = json.loads(made("limit").to_json(), parse_constant=pytest.fail)  # no NaN, no Infinity
    assert whole["format"] == "mlestim fit"
    assert whole["format_version"] == 1
    assert whole["mlestim_version"] == ml.__version__
    assert whole["content"]["estimates"][0] == "inf"
    assert whole["content"]["covariance"][0][0] == "nan"


# ---- files that are no fit -----------------------------------------------------------------------

TEXT = ml.fit(AMOUNT, "gamma").to_json()

UNREADABLE = {
    "truncated": (TEXT[:-50], "not a JSON file, or a truncated one"),
    "half": (TEXT[: len(TEXT) // 2], "truncated"),
    "not JSON": ("{shape: 2}", "not a JSON file"),
    "deep": ('{"format":' + "[" * 100_000, "not a JSON file"),
    "long number": ('{"format": ' + "9" * 10_000 + "}", "not a JSON file"),
    "another format": ('{"format": "mlestim network"}', "not a saved fit"),
    "no format": ("{}", "not a saved fit"),
    "a list": ("[]", "not a saved fit"),
    "a later version": (TEXT.replace('version": 1', 'version": 2'), "version 2.*reads version 1"),
    "altered verdict": (TEXT.replace('"interior"', '"boundary"'), "checksum.*altered"),
    "altered number": (TEXT.replace("-", "", 1), "checksum.*altered"),
    "no checksum": (TEXT.replace('"checksum"', '"sum"'), "checksum"),
    "no content": (TEXT.replace('"content"', '"contents"'), "checksum"),
    "no such file": ("no_such_file.json", "there is no file 'no_such_file.json'"),
    "a folder": (".", "cannot be read"),
    "an impossible name": ("a\0b", "cannot be read"),
    "a very long name": ("x" * 100_000, "cannot be read|no file"),
    "nothing": ("", "a path or JSON text is needed"),
    "None": (None, "a path or JSON text is needed, not None"),
    "bytes": (b"{}", "a path or JSON text is needed"),
    "a result": (3.5, "a path or JSON text is needed"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_unreadable_files_are_refused(name: str) -> None:
    source, message = UNREADABLE[name]
    with pytest.raises(ml.ModelFileError, match=message) as caught:
        ml.load(source)
    assert len(str(caught.value)) < 500


def test_errors_name_the_file(tmp_path: Path) -> None:
    path = tmp_path / "cut.json"
    path.write_text(TEXT[:-50])
    with pytest.raises(ml.ModelFileError, match=r"cut\.json: not a JSON file, or a truncated one"):
        ml.load(path)
    path.write_text(TEXT.replace('"interior"', '"boundary"'))
    with pytest.raises(ml.ModelFileError, match=r"cut\.json: .* altered"):
        ml.load(str(path))


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "fit.json"
    path.write_text(TEXT, encoding="utf-8-sig")
    assert ml.load(path).to_json() == ml.load("\ufeff" + TEXT).to_json() == TEXT


def test_a_binary_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "fit.json"
    path.write_bytes(b"\x80\x04\x95pickle\xff")
    with pytest.raises(ml.ModelFileError, match="cannot be read"):
        ml.load(path)


# ---- files whose checksum is right and whose claims are not --------------------------------------

SAMPLE = json.loads(TEXT)["content"]["sample"]
HOSTILE: dict[str, dict[str, Any]] = {
    "a family that is code": {"family": "os.system"},
    "a family of another type": {"family": ["gamma"]},
    "an unknown family": {"family": "gama"},
    "levels of numbers": {"family": "categorical", "levels": 3},
    "foreign parameters": {"names": ["shape", "rate"]},
    "a parameter twice": {"names": ["shape", "shape"]},
    "another order": {"names": ["scale", "shape"]},
    "a parameter too few": {"names": ["shape"], "estimates": [2.0], "covariance": [[1.0]]},
    "too many estimates": {"estimates": [1.0, 2.0, 3.0]},
    "estimates of text": {"estimates": ["one", "two"]},
    "estimates of truth": {"estimates": [True, True]},
    "estimates of nothing": {"estimates": None},
    "a negative scale": {"estimates": [2.0, -1.0]},
    "an estimate missing": {"estimates": ["nan", 1.0]},
    "a number beyond all": {"estimates": [10**400, 1.0]},
    "a covariance too small": {"covariance": [[1.0]]},
    "a ragged covariance": {"covariance": [[1.0, 2.0], [3.0]]},
    "a lopsided covariance": {"covariance": [[1.0, 2.0], [3.0, 4.0]]},
    "a negative variance": {"covariance": [[-1.0, 0.0], [0.0, 1.0]]},
    "a foreign fixed one": {"fixed": ["rate"]},
    "fixed of a number": {"fixed": 3},
    "no log-likelihood": {"log_likelihood": None},
    "a log-likelihood of inf": {"log_likelihood": "inf"},
    "a log-likelihood of -inf": {"log_likelihood": "-inf"},
    "a log-likelihood of NaN": {"log_likelihood": "nan"},
    "no observations": {"n_observations": 0},
    "observations of text": {"n_observations": "many"},
    "more observations than numbers": {"n_observations": 10**400},
    "an unknown verdict": {"verdict": "great"},
    "at infinity without a limit": {"verdict": "at_infinity"},
    "a sample of text": {"sample": "amount"},
    "a sample that lacks a part": {"sample": {"column": "a", "title": "a"}},
    "a sample without a name": {"sample": {**SAMPLE, "column": None}},
    "a kind of rows that is none": {"sample": {**SAMPLE, "kinds": {"guessed": 3}}},
    "fewer rows than none": {"sample": {**SAMPLE, "kinds": {"exact": -3}}},
    "kinds of text": {"sample": {**SAMPLE, "kinds": "exact"}},
    "a window of one end": {"sample": {**SAMPLE, "truncation": ["1"]}},
    "a window that is empty": {"sample": {**SAMPLE, "truncation": ["2", "1"]}},
    "a window of text": {"sample": {**SAMPLE, "truncation": "some"}},
    "weights of nothing": {"sample": {**SAMPLE, "weight_type": "relative"}},
    "half a cluster": {"sample": {**SAMPLE, "n_clusters": 0.5}},
    "more of a sample": {"sample": {**SAMPLE, "luck": 1}},
    "no evidence": {"evidence": {}},
    "evidence of a list": {"evidence": [1, 2, 3, 4]},
    "more evidence": {
        "evidence": {
            "scaled_gradient": 0,
            "newton_decrement": 0,
            "smallest_eigenvalue": 1,
            "iterations": 1,
            "luck": 1,
        }
    },
    "endless iterations": {
        "evidence": {
            "scaled_gradient": 0,
            "newton_decrement": 0,
            "smallest_eigenvalue": 1,
            "iterations": "inf",
        }
    },
    "a method of markup": {"method": "<script>"},
    "a limit inside": {"limit": {"family": "normal", "values": {"mean": 0.0, "sd": 1.0}}},
    "a limit that is none": {"verdict": "at_infinity", "limit": 3},
    "a limit that is code": {"verdict": "at_infinity", "limit": {"family": "eval", "values": {}}},
    "a limit without values": {
        "verdict": "at_infinity",
        "limit": {"family": "normal", "values": {"mean": 0.0}},
    },
    "a limit outside": {
        "verdict": "at_infinity",
        "limit": {"family": "normal", "values": {"mean": 0.0, "sd": -1}},
    },
}


def checksum(content: dict[str, Any]) -> str:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def signed(changes: dict[str, Any]) -> str:
    """A file that says something else, with a checksum to match."""
    whole = json.loads(TEXT)
    whole["content"].update(changes)
    whole["checksum"] = checksum(whole["content"])
    return json.dumps(whole)


def test_the_forger_here_knows_the_trade() -> None:
    assert ml.load(signed({"n_observations": 61})).n_observations == 61


@pytest.mark.parametrize("name", HOSTILE)
def test_impossible_claims_are_refused(name: str) -> None:
    with pytest.raises(ml.ModelFileError, match="inconsistent"):
        ml.load(signed(HOSTILE[name]))


@pytest.mark.parametrize("part", sorted(json.loads(TEXT)["content"].keys() - {"sample"}))
def test_a_missing_part_is_refused(part: str) -> None:
    whole = json.loads(TEXT)
    del whole["content"][part]
    whole["checksum"] = checksum(whole["content"])
    with pytest.raises(ml.ModelFileError, match=f"inconsistent.*{part}"):
        ml.load(json.dumps(whole))


# ---- weight --------------------------------------------------------------------------------------


def test_a_fit_of_an_array_loads_no_dataframe_library() -> None:
    """Reading, fitting and judging need numpy and scipy.special alone."""
    program = (
        "import sys, mlestim as ml; r = ml.fit([2.1, 3.4, 1.9, 5.0], 'gamma'); "
        "r.aic, r.distribution.ppf(0.9), str(r.verdict); "
        "print(*[m for m in ('pandas', 'polars', 'pyarrow', 'scipy.stats', 'matplotlib') "
        "if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []
