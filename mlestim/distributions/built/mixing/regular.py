"""Which maxima of a mixture's likelihood count: those at which no component hugs a few rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.base import Array, Theta
from mlestim.distributions.parameter import Unit
from mlestim.distributions.rows.sketch import Sketch

if TYPE_CHECKING:
    from mlestim.distributions.built.mixing.mixture import Mixture

# A component holds at least so many rows more than it has parameters.
ROWS_TO_SPARE = 0.5
# A component's spread is at least this part of that of neighbouring rows. The search may pass
# through half of that: a scale is the spread of a family up to a factor.
LEAST_SHARE = 0.5


def narrowest(sketch: Sketch) -> Array:
    """Least standard deviation of a component: half that of √n neighbouring rows."""
    m = sketch.rows.shape[-1]
    n = min(max(int(np.ceil(np.sqrt(m))), 3), m)
    ends = sketch.rows[:, : m - n + 1], sketch.rows[:, n - 1 :]
    # rows that pile up at an end were stopped there, and not rounded
    piled = (ends[1] == sketch.rows[:, :1]) | (ends[0] == sketch.rows[:, -1:])
    widths = np.where(piled, np.inf, ends[1] - ends[0]).min(axis=-1)
    widths = np.where(np.isfinite(widths), widths, 0.0)
    gaps = np.diff(sketch.rows, axis=-1, append=np.inf)
    rounding = np.where(gaps > 0.0, gaps, np.inf).min(axis=-1)
    # where so many rows are tied, they were rounded
    return LEAST_SHARE * np.where(widths > 0.0, widths, rounding) / np.sqrt(12.0)


def regular_region(mixture: Mixture, sketch: Sketch) -> dict[str, tuple[Array, Array]]:
    """Bound scales away from 0, where the likelihood is infinite, and what the components bound."""
    if mixture.kind == "discrete":
        return {}
    least = LEAST_SHARE * narrowest(sketch)
    ends = least, np.full_like(least, np.inf)
    region: dict[str, tuple[Array, Array]] = {}
    for component, (_, *places) in zip(mixture.components, mixture.places, strict=True):
        own = component.regular_region(sketch)
        has_location = any(p.unit is Unit.LOCATION for p in component.parameters)
        for place, parameter in zip(places, component.parameters, strict=True):
            name = mixture.parameters[place].name
            if parameter.name in own:
                region[name] = own[parameter.name]
            elif parameter.unit is Unit.SCALE and has_location:
                region[name] = ends
    return region


def degenerate(mixture: Mixture, theta: Theta, sketch: Sketch, weight: Array) -> NDArray[np.bool_]:
    """Say which maxima belong to a few rows; `weight` is the number of rows of each problem.

    A component that shares a parameter with the others cannot gather around rows alone.
    """
    least = narrowest(sketch)
    found = np.zeros(len(weight), dtype=bool)
    for k, (place, *places) in enumerate(mixture.places):
        if any(j >= mixture.first_shared for j in places):
            continue
        found |= ~(theta[place] * weight > len(places) + ROWS_TO_SPARE)
        found |= _spread(mixture, k, theta) < least
    return found


def _spread(mixture: Mixture, k: int, theta: Theta) -> Array:
    """Standard deviation of a component, 0 where its parameters have run away."""
    component, own = mixture.components[k], mixture.component_theta(k, theta)
    usual = np.asarray(component.valid(own))
    for parameter, value in zip(component.parameters, own, strict=True):
        usual = usual & parameter.domain.contains(value)
    spread = np.zeros(usual.shape)
    if np.any(usual):
        spread[usual] = mixture.component(k, [value[usual] for value in theta]).std()
    return spread
