"""Sample quantiles against fitted quantiles."""

from __future__ import annotations

from reports.charts.agreement import agreement, band_shares
from reports.charts.base import ChartInput, chart, table, thin
from reports.model import Chart


@chart(order=3)
def quantiles(sample: ChartInput) -> Chart:
    """Draw each value against the fitted quantile of its rank; a good fit lies on the diagonal."""
    kept = thin(sample.points.size)
    expected = sample.ppf(sample.middle_shares)
    band = band_shares(sample, kept)
    title = f"Quantiles of {sample.variable} (Q-Q)"
    return agreement(
        identifier="quantiles",
        title=title,
        description=(
            f"Each point sets a value of {sample.variable} (vertical) against the value that the "
            f"fitted {sample.family} distribution has at the same rank (horizontal). Points on "
            "the diagonal mean agreement; a bend at an end means that a tail is too light or too "
            "heavy." + sample.note
        ),
        x=expected[kept],
        y=sample.points[kept],
        band=None if band is None else (sample.ppf(band[0]), sample.ppf(band[1])),
        x_title=f"fitted {sample.axis_title}",
        y_title=f"observed {sample.axis_title}",
        scale=sample.scale,
        numbers=table(["fitted", "observed"], expected, sample.points),
    )
