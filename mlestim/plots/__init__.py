"""Pictures of a fit by matplotlib, one file each; a new file in this folder is a new kind."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mlestim.errors import MissingExtraError, OptionError
from mlestim.plots.base import KINDS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mlestim.results.inference import Inference

__all__ = ["KINDS", "draw"]

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")


def draw(result: Inference, kind: str, ax: Axes | None, options: Mapping[str, Any]) -> Axes:
    """Draw one kind of picture of a result, into axes that are given or new."""
    if kind not in KINDS:
        raise OptionError(
            f"kind={kind!r} is unknown. Use one of {', '.join(map(repr, sorted(KINDS)))}."
        )
    result.require_maximum()
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise MissingExtraError(
            "plots need matplotlib. Install it with pip install 'mlestim[plot]'."
        ) from error
    if ax is None:
        _, ax = plt.subplots(layout="constrained")
    try:
        KINDS[kind](result, ax, **options)
    except TypeError as error:
        if "unexpected keyword argument" not in str(error):
            raise
        raise OptionError(f"kind={kind!r} takes no such option: {error}") from None
    return ax
