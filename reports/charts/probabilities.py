"""Sample shares against fitted shares."""

from __future__ import annotations

from reports.charts.agreement import agreement, band_shares
from reports.charts.base import ChartInput, chart, table, thin
from reports.model import Chart


@chart(order=4)
def probabilities(sample: ChartInput) -> Chart:
    """Draw each rank against the fitted distribution function; a good fit is the diagonal."""
    kept = thin(sample.points.size)
    fitted = sample.cdf(sample.points)
    observed = sample.cumulative_shares if sample.is_discrete else sample.middle_shares
    title = f"Probabilities of {sample.variable} (P-P)"
    return agreement(
        identifier="probabilities",
        title=title,
        description=(
            f"Each point sets the share of rows up to a value of {sample.variable} (horizontal) "
            f"against the share that the fitted {sample.family} distribution gives it "
            "(vertical). Points on the diagonal mean agreement; a bow away from it means that "
            "the middle of the distribution is fitted badly." + sample.note
        ),
        x=observed[kept],
        y=fitted[kept],
        band=band_shares(sample, kept),
        x_title="share of rows",
        y_title="fitted share",
        scale={"domain": [0, 1]},
        numbers=table(["share of rows", "fitted share"], observed, fitted),
    )
