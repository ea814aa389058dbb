"""Every chart, on samples that are hard to draw."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from reports.charts import ChartInput, draw_all
from reports.charts.base import COLOURS, MAX_POINTS, TABLE_ROWS, thin


def sample(values, distribution, kind="continuous", weights=None):
    return ChartInput(
        values=np.asarray(values, dtype=float),
        weights=weights,
        distribution=distribution,
        kind=kind,
        variable="amount",
        family="fitted",
    )


def counts_with_density(distribution):
    """scipy calls a probability `pmf`; fitted distributions here call it `pdf` throughout."""
    distribution.pdf = distribution.pmf
    return distribution


GAMMA = stats.gamma(2, scale=1.5)

CASES = {
    "ordinary": sample(GAMMA.rvs(300, random_state=1), GAMMA),
    "one row": sample([3.0], stats.norm(3, 1)),
    "constant": sample([3.0] * 20, stats.norm(3, 1e-3)),
    "two rows": sample([1.0, 2.0], stats.norm(1.5, 0.5)),
    "all zero": sample([0.0, 0.0, 0.0], stats.norm(0, 1)),
    "large": sample(GAMMA.rvs(100_000, random_state=1), GAMMA),
    "tiny scale": sample(1e-100 * GAMMA.rvs(200, random_state=1), stats.gamma(2, scale=1.5e-100)),
    "huge scale": sample(1e100 * GAMMA.rvs(200, random_state=1), stats.gamma(2, scale=1.5e100)),
    "far from zero": sample(1e6 + stats.norm.rvs(size=200, random_state=1), stats.norm(1e6, 1)),
    "many decades": sample(stats.lognorm(3).rvs(500, random_state=1), stats.lognorm(3)),
    "pole at zero": sample(stats.gamma(0.1).rvs(300, random_state=1), stats.gamma(0.1)),
    "heavy tails": sample(stats.cauchy.rvs(size=500, random_state=1), stats.cauchy()),
    "values outside the fit": sample([-1.0, 0.5, 2.0], stats.uniform()),
    "weighted": sample(GAMMA.rvs(100, random_state=1), GAMMA, weights=np.arange(100, dtype=float)),
    "censored tails": replace(
        sample(np.linspace(2.0, 5.0, 30), GAMMA), tails=(0.3, 0.2), ends=(1.5, 9.0)
    ),
    "counts": sample(
        stats.poisson(3).rvs(200, random_state=1), counts_with_density(stats.poisson(3)), "discrete"
    ),
    "large counts": sample(
        stats.nbinom(2, 0.001).rvs(500, random_state=1),
        counts_with_density(stats.nbinom(2, 0.001)),
        "discrete",
    ),
}


def layer_rows(chart):
    return [layer["data"]["values"] for layer in chart.spec["layer"]]


@pytest.fixture(params=CASES.values(), ids=CASES.keys())
def case(request):
    return request.param


def test_every_sample_gets_its_four_charts(case):
    first = "counts" if case.is_discrete else "density"
    charts = draw_all(case)
    assert [chart.identifier for chart in charts] == [
        first,
        "cumulative",
        "quantiles",
        "probabilities",
    ]


def test_charts_are_small_finite_and_described(case):
    for chart in draw_all(case):
        json.dumps(chart.spec, allow_nan=False)
        assert chart.spec["description"] == chart.description
        assert chart.spec["title"] == chart.title
        assert len(chart.description) > 80
        for rows in layer_rows(chart):
            assert len(rows) <= MAX_POINTS + 1
            assert all(math.isfinite(number) for row in rows for number in row.values())
        assert 0 < len(chart.table.rows) <= TABLE_ROWS
        assert all(len(row) == len(chart.table.columns) for row in chart.table.rows)


def test_axes_show_numbers_of_ordinary_size(case):
    for chart in draw_all(case):
        numbers = [abs(x) for rows in layer_rows(chart) for row in rows for x in row.values()]
        assert max(numbers) < 1e8


def test_bars_hold_the_whole_sample(case):
    bars = draw_all(case)[0].table
    if len(bars.rows) < TABLE_ROWS:
        assert sum(row[2] for row in bars.rows) == pytest.approx(case.placed, abs=1e-12)


def test_bars_have_the_area_one():
    rows = layer_rows(draw_all(CASES["ordinary"])[0])[0]
    area = sum((row["end"] - row["x"]) * row["height"] for row in rows)
    assert area == pytest.approx(1, abs=1e-4)  # five digits are drawn


def test_a_scale_that_spans_decades_is_logarithmic_and_its_bars_have_the_area_one():
    chart = draw_all(CASES["many decades"])[0]
    assert chart.spec["layer"][0]["encoding"]["x"]["scale"]["type"] == "log"
    rows = layer_rows(chart)[0]
    area = sum(math.log10(row["end"] / row["x"]) * row["height"] for row in rows)
    assert area == pytest.approx(1, abs=1e-3)


def test_censored_tails_are_told_and_not_drawn():
    density, cumulative, *agreements = draw_all(CASES["censored tails"])
    bars, steps = layer_rows(density)[0], layer_rows(cumulative)[0]
    assert (bars[0]["x"], bars[-1]["end"]) == (2.0, 5.0)
    assert (steps[0], steps[-1]) == ({"x": 1.5, "share": 0.3}, {"x": 9.0, "share": 0.8})
    for chart in (density, cumulative, *agreements):
        assert "30 % of the values lie at or below 1.5;" in chart.description
        assert "20 % of the values lie above 9;" in chart.description
    shares = [row["x"] for row in layer_rows(agreements[1])[-1]]
    assert 0.3 < min(shares) < max(shares) < 0.8


def test_unusual_units_are_said_on_the_axis():
    assert CASES["tiny scale"].axis_title == "amount (× 10⁻⁹⁹)"
    assert CASES["ordinary"].axis_title == "amount"


def test_weights_are_repetition():
    values, weights = np.array([1.0, 2.0, 4.0]), np.array([3.0, 1.0, 2.0])
    weighted = sample(values, GAMMA, weights=weights)
    repeated = sample(np.repeat(values, weights.astype(int)), GAMMA)
    for one, other in zip(draw_all(weighted)[1:], draw_all(repeated)[1:], strict=True):
        assert layer_rows(one) == layer_rows(other)


def test_a_perfect_sample_lies_on_the_diagonal():
    n = 50
    values = GAMMA.ppf((np.arange(n) + 0.5) / n)
    *_, quantiles, probabilities = draw_all(sample(values, GAMMA))
    for row in layer_rows(quantiles)[-1] + layer_rows(probabilities)[-1]:
        assert row["x"] == pytest.approx(row["y"], rel=1e-5)


def test_the_band_of_chance_is_that_of_order_statistics():
    """Of 19 uniform values the middle one is Beta(10, 10)."""
    n = 19
    values = (np.arange(n) + 0.5) / n
    band = layer_rows(draw_all(sample(values, stats.uniform()))[3])[0]
    assert [band[9]["low"], band[9]["high"]] == pytest.approx(
        stats.beta(10, 10).ppf([0.025, 0.975]), rel=1e-5
    )


def test_thinning_keeps_both_ends_and_the_order():
    kept = thin(1_000_000)
    assert kept[0] == 0
    assert kept[-1] == 999_999
    assert len(kept) == MAX_POINTS
    assert np.all(np.diff(kept) > 0)


@pytest.mark.parametrize("background", ["#ffffff", "#14171c"])
@pytest.mark.parametrize("colour", COLOURS.values(), ids=COLOURS.keys())
def test_marks_can_be_seen_on_white_and_on_black(colour, background):
    """WCAG 1.4.11: graphics need a contrast of 3 to 1."""
    light, dark = sorted((luminance(colour), luminance(background)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 3


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
