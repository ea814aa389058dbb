"""SurPyval's fits of lifetimes, in the parameters of this package."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
from peers import Theta

from study.kinds import Rows

# SurPyval's name of a family, and from its parameters to ours.
FAMILIES: dict[str, tuple[str, Callable[..., tuple[float, ...]]]] = {
    "weibull": ("Weibull", lambda scale, shape: (shape, scale)),
    "exponential": ("Exponential", lambda rate: (1.0 / rate,)),
    "gamma": ("Gamma", lambda shape, rate: (shape, 1.0 / rate)),
    "lognormal": ("LogNormal", lambda mean, sd: (mean, sd)),
    "normal": ("Normal", lambda mean, sd: (mean, sd)),
    "logistic": ("Logistic", lambda location, scale: (location, scale)),
    "loglogistic": ("LogLogistic", lambda scale, shape: (shape, scale)),
    "gumbel": ("GumbelLEV", lambda location, scale: (location, scale)),
    "gumbel_min": ("Gumbel", lambda location, scale: (location, scale)),
    "rayleigh": ("Rayleigh", lambda scale: (scale,)),
    "exponentiated_weibull": (
        "ExpoWeibull",
        lambda scale, shape, power: (power, shape, scale),
    ),
}


def has_lifetimes(family: str) -> bool:
    """Whether SurPyval is installed and has the family."""
    return family in FAMILIES and find_spec("surpyval") is not None


def surpyval_fit(family: str, rows: Rows) -> Theta | None:
    """Parameters of SurPyval's fit, None where it gives up."""
    import surpyval

    name, ours = FAMILIES[family]
    lower, upper = rows.lower, rows.upper
    kind = np.select([lower == upper, np.isposinf(upper), np.isneginf(lower)], [0, 1, -1], 2)
    between = kind == 2
    if np.any(between):
        ends = (
            np.where(np.isfinite(lower), lower, upper),
            np.where(np.isfinite(upper), upper, lower),
        )
        x = np.stack(ends, axis=1)
    else:
        x = np.where(np.isfinite(lower), lower, upper)
    options: dict[str, Any] = {"tl": rows.after, "tr": rows.before} if rows.truncated else {}
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its trouble is what is counted here
            model = getattr(surpyval, name).fit(x=x, c=kind, **options)
        theta = tuple(float(value) for value in ours(*model.params))
    except Exception:  # noqa: BLE001  # giving up in any way is counted
        return None
    return theta if np.all(np.isfinite(theta)) else None
