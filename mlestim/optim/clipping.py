"""Gradient clipping by the norm of the whole gradient."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from mlestim.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlestim.optim.optimizer import Vector


def clip_by_global_norm(gradient: Vector | Sequence[Vector], maximum: float) -> float:
    r"""Shrink a gradient, in place, to at most a given Euclidean norm.

    .. math:: g \leftarrow g \cdot \min\left(1, \frac{c}{\lVert g \rVert + 10^{-6}}\right)

    Parameters
    ----------
    gradient : ndarray or sequence of ndarray
        One gradient, in one array or in parts of any shape; the direction is kept.
    maximum : float
        c in (0, inf).

    Returns
    -------
    float
        The norm before clipping. If it is not finite the gradient is left as it was: no multiple
        of it is a direction, and what to do is the caller's choice.

    Raises
    ------
    OptionError
        If ``maximum`` is not in (0, inf).

    Notes
    -----
    The 1e-6 is PyTorch's. Clipping each array by its own norm would turn the gradient.

    References
    ----------
    Pascanu, Mikolov and Bengio (2013), On the difficulty of training recurrent neural networks.

    Examples
    --------
    >>> import numpy as np
    >>> from mlestim.optim import clip_by_global_norm
    >>> gradient = np.array([3.0, 4.0])
    >>> clip_by_global_norm(gradient, maximum=1.0)
    5.0
    >>> print(gradient.round(3))
    [0.6 0.8]
    """
    if not 0 < maximum < math.inf:
        raise OptionError(f"maximum={maximum!r} is not allowed; give a number in (0, inf)")
    parts = [gradient] if isinstance(gradient, np.ndarray) else gradient
    norm = math.hypot(*(_norm(part) for part in parts))
    coefficient = maximum / (norm + 1e-6)
    if math.isfinite(norm) and coefficient < 1:
        for part in parts:
            np.multiply(part, coefficient, out=part)
    return norm


def _norm(array: Vector) -> float:
    squares = float(np.vdot(array, array))
    if 1e-30 < squares < math.inf:
        return math.sqrt(squares)
    # Squares of float32 overflow above 1e19 and vanish below 1e-19: take these few in float64.
    return float(np.linalg.norm(array.astype(np.float64)))
