"""The table of families."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlestim.distributions.registry import registered

if TYPE_CHECKING:
    import pandas as pd


def families() -> pd.DataFrame:
    """List the registered families.

    Returns
    -------
    pandas.DataFrame
        Indexed by name, with columns class, parameters, support, kind and method.

    Examples
    --------
    >>> families().loc["gamma", "parameters"]
    'shape, scale'
    """
    import pandas as pd

    known = registered()
    return pd.DataFrame(
        {
            "class": [cls.__name__ for cls in known.values()],
            "parameters": [
                ", ".join(parameter.name for parameter in cls.parameters) for cls in known.values()
            ],
            "support": [_support(cls) for cls in known.values()],
            "kind": [cls.kind for cls in known.values()],
            "method": [cls.how for cls in known.values()],
        },
        index=pd.Index(list(known), name="name"),
    )


def _support(cls: type) -> str:
    return "labels" if cls.kind == "categorical" else str(cls.support)  # type: ignore[attr-defined]
