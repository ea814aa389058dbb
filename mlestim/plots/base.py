"""What the pictures share: the registry of kinds, and the sample with its fitted distribution."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.continuous.normal import Normal
from mlestim.errors import OptionError
from mlestim.inference.nonparametric import (
    SampleDistribution,
    sample_distribution,
    seen_through_window,
)
from mlestim.plots.scores import normal_scores, own_distributions

if TYPE_CHECKING:
    from mlestim.distributions.distribution import Distribution
    from mlestim.results.result import FitResult

Array = NDArray[np.float64]
Drawing = Callable[..., None]

KINDS: dict[str, Drawing] = {}
# The colours of the reports' charts: both can be read on white and on black.
DATA, FITTED = "#6f86a8", "#d9601a"


def kind(name: str) -> Callable[[Drawing], Drawing]:
    """Enter a drawing under the name that users give."""

    def register(drawing: Drawing) -> Drawing:
        KINDS[name] = drawing
        return drawing

    return register


@dataclass(frozen=True)
class Sample:
    """What a sample says of its values, and the distribution fitted to it.

    Parameters
    ----------
    known : SampleDistribution
        Distinct values and their shares, and the shares of censored rows that have no value.
    distribution : Distribution
        What was fitted.
    size : float
        Number of observations: the sum of frequency weights.
    name, family : str
        What column and family are called.
    discrete : bool
        Whether values are counts.
    """

    known: SampleDistribution
    distribution: Distribution
    size: float
    name: str
    family: str
    discrete: bool

    @classmethod
    def scored(cls, result: FitResult) -> Sample:
        """Take the sample of a fit; the normal scores of rows that have distributions of their own."""
        scores = normal_scores(result) if own_distributions(result.asked) else None
        if scores is None:
            return cls.of(result)
        return cls(
            sample_distribution(scores),
            Normal(mean=0.0, sd=1.0),
            float(result.n_observations),
            f"normal scores of {result.asked.observations.name}",
            "normal",
            discrete=False,
        )

    @classmethod
    def of(cls, result: FitResult) -> Sample:
        """Take the sample of a fit."""
        observations = result.asked.observations
        precise = ("precision",) if observations.design.weight_type == "precision" else ()
        if observations.known or precise:
            raise OptionError(
                f"{', '.join([*observations.known, *precise])}: known for each row, so that there is "
                "not one distribution to draw. Use kind='qq' or kind='pp', of normal scores."
            )
        discrete = result.family.kind == "discrete"
        known = sample_distribution(observations, counts=discrete)
        if not known.values.size:
            raise OptionError(
                f"column {observations.name!r}: its rows tell no value apart from censored ones, so that "
                "there is no sample to draw"
            )
        return cls(
            known,
            seen_through_window(result.distribution, observations),
            float(result.n_observations),
            str(observations.name),
            result.distribution.name,
            discrete,
        )

    def grid(self, points: int = 400) -> Array:
        """Points over which the sample is known; every integer for counts."""
        low, high = self.known.first, self.known.last
        if self.discrete:
            return np.unique(np.round(np.linspace(low, high, min(points, int(high - low) + 1))))
        margin = 0.03 * (high - low) or 0.1 * abs(low) or 1.0
        return np.linspace(low - margin, high + margin, points)


def diagonal(ax: Any, low: float, high: float) -> None:
    """Draw where sample and fit agree."""
    ax.plot([low, high], [low, high], color=FITTED, linewidth=1.5, zorder=1, label="agreement")
