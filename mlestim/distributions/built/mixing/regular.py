"""Which maxima of a mixture's likelihood count: those at which no component hugs a few rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mlestim.distributions.base import Array, Theta
from mlestim.distributions.parameter import Unit
from mlestim.distributions.rows.sketch import Sketch
from mlestim.distributions.vectors.elliptical import Elliptical

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
    if mixture.kind != "continuous":
        return _of_components(mixture, sketch)
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


def _of_components(mixture: Mixture, sketch: Sketch) -> dict[str, tuple[Array, Array]]:
    """What the components bound themselves."""
    return {
        mixture.parameters[place].name: bounds
        for component, (_, *places) in zip(mixture.components, mixture.places, strict=True)
        for name, bounds in component.regular_region(sketch).items()
        for place in places[component.parameter_index(name) :][:1]
    }


def degenerate(mixture: Mixture, theta: Theta, sketch: Sketch, weight: Array) -> NDArray[np.bool_]:
    """Say which maxima belong to a few rows; `weight` is the number of rows of each problem.

    A component that shares a parameter with the others cannot gather around rows alone.
    """
    if mixture.kind == "multivariate":
        return _few_or_flat(mixture, theta, sketch, weight)
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


# ---- vectors ---------------------------------------------------------------------------------------

# Rows around which neighbourhoods are looked at, and among which their members are found.
CENTRES, MEMBERS = 64, 512
# A neighbourhood whose volume is this small a part of the sample's lies flat: its rows are tied.
FLAT = 1e-10


def narrowest_volume(sketch: Sketch) -> Array:
    """Log of the least volume of a component: that of √n rows next to one another.

    A volume is the root of the determinant of a covariance matrix; half its d-th root is allowed.
    """
    rows = sketch.rows[:, :: max(sketch.rows.shape[1] // MEMBERS, 1)]
    m, d = rows.shape[1:]
    n = min(max(int(np.ceil(np.sqrt(m))), 2 * d + 1), m)
    scaled = rows / np.maximum(rows.std(axis=1, keepdims=True), 1e-300)
    centres = scaled[:, :: max(m // CENTRES, 1)]
    gaps = np.square(centres).sum(axis=-1)[:, :, None] + np.square(scaled).sum(axis=-1)[:, None]
    gaps = gaps - 2.0 * centres @ scaled.swapaxes(1, 2)
    members = np.argpartition(gaps, n - 1, axis=-1)[..., :n]
    near = rows[np.arange(len(rows))[:, None, None], members]
    near = near - near.mean(axis=2, keepdims=True)
    volumes = _log_volume(near.swapaxes(2, 3) @ near / n)
    whole = np.log(np.maximum(rows.std(axis=1), 1e-300)).sum(axis=-1)
    usual = volumes - whole[:, None] > np.log(FLAT)
    least = np.where(usual, volumes, np.inf).min(axis=1)
    return np.where(np.isfinite(least), least + d * np.log(LEAST_SHARE), -np.inf)


def _log_volume(matrices: Array) -> Array:
    sign, log = np.linalg.slogdet(matrices)
    return np.where(sign > 0.0, 0.5 * log, -np.inf)


def _few_or_flat(
    mixture: Mixture, theta: Theta, sketch: Sketch, weight: Array
) -> NDArray[np.bool_]:
    """Say where a component holds hardly more rows than its vectors have entries, or lies flat."""
    d = sketch.rows.shape[2]
    least = narrowest_volume(sketch) if mixture.has_density else None
    found = np.zeros(len(weight), dtype=bool)
    for k, (place, *places) in enumerate(mixture.places):
        if mixture.asked and any(j >= mixture.first_shared for j in places):
            continue
        found |= ~(theta[place] * weight > 2 * d + ROWS_TO_SPARE)
        component = mixture.components[k]
        if least is not None and isinstance(component, Elliptical):
            matrix = component.ellipse(mixture.component_theta(k, theta)).matrix
            finite = np.isfinite(matrix).all(axis=(-2, -1), keepdims=True)
            safe = np.where(finite, matrix, 0.0)
            found |= _log_volume(safe) < least
    return found
