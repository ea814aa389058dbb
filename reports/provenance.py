"""What is needed to get the same numbers again: versions, data fingerprint, code."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import scipy

from mlestim._version import __version__
from reports.model import Provenance, Statistic
from reports.recipe import Recipe


def provenance(
    observed: Sequence[Any], recipe: Recipe, created: datetime | None = None
) -> Provenance:
    """Return where a result came from and how to repeat it.

    Parameters
    ----------
    observed
        The observations used, shape (n,), their weights or None, and what else is known of them.
    recipe
        What was fitted, and to what.
    created
        The report's date and time; now, when it is not given.
    """
    moment = datetime.now(UTC) if created is None else created
    return Provenance(
        created=f"{moment:%Y-%m-%d %H:%M %Z}".strip(),
        versions=(
            Statistic("mlestim", __version__),
            Statistic("numpy", np.__version__),
            Statistic("scipy", scipy.__version__),
            Statistic("pandas", pd.__version__),
            Statistic("Python", platform.python_version()),
        ),
        fingerprint=fingerprint(*observed),
        python_code=recipe.python_code(),
        command_line=recipe.command_line(),
    )


def fingerprint(*observed: Any) -> str:
    """Return the SHA-256 of observations, weights and the like, the same on every machine.

    Numbers enter as little-endian doubles, labels as UTF-8 text with their lengths, in the order
    of the rows.

    Examples
    --------
    >>> fingerprint([1.0, 2.0])[:16]
    'dc91ce9a50ddc828'
    """
    digest = hashlib.sha256()
    for array in observed:
        if array is None:
            continue
        column = np.asarray(array)
        if column.dtype.kind in "biuf":
            digest.update(np.ascontiguousarray(column, dtype="<f8").tobytes())
        else:
            for label in column.tolist():
                text = str(label).encode("utf-8", "surrogatepass")
                digest.update(len(text).to_bytes(8, "little") + text)
    return digest.hexdigest()
