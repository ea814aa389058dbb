"""Targets that a hyperplane separates: then no finite coefficients maximise the likelihood."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nn.arrays import FloatArray


def separating_direction(
    X: FloatArray, labels: NDArray[np.intp], n_classes: int
) -> FloatArray | None:
    r"""Find coefficients along which the likelihood rises for ever, or None if there are none.

    Coefficients B separate the classes if no row prefers another class to its own,

    .. math:: (B_{t_i} - B_k)^\mathsf{T} (1, x_i) \ge 0 \quad \text{for all rows i and classes k},

    and some row prefers its own. Then the likelihood rises along B without end, and its supremum
    is reached by no finite coefficients; otherwise it has a maximum. A linear program decides.

    Parameters
    ----------
    X : array, shape (n, d)
    labels : array of int, shape (n,)
    n_classes : int

    Returns
    -------
    array, shape (d + 1, n_classes), or None
        B, the intercepts first.

    References
    ----------
    Albert and Anderson (1984), On the existence of maximum likelihood estimates in logistic
    regression models, Biometrika 71. Konis (2007), Linear programming algorithms for detecting
    separated data in binary logistic regression models, chapter 4.

    Examples
    --------
    >>> x = np.array([[1.0], [2.0], [3.0], [4.0]])
    >>> separating_direction(x, np.array([0, 0, 1, 1]), 2) is None
    False
    >>> separating_direction(x, np.array([0, 1, 0, 1]), 2) is None
    True
    """
    from scipy.sparse import lil_matrix

    rows = np.column_stack([np.ones(len(X)), X])
    n, d = rows.shape
    # Class 0 is the reference: its coefficients are 0.
    differences = lil_matrix((n * (n_classes - 1), d * n_classes))
    place = 0
    for own in range(n_classes):
        of_class = np.flatnonzero(labels == own)
        for other in range(n_classes):
            if other != own:
                block = slice(place, place + len(of_class))
                differences[block, own * d : (own + 1) * d] = rows[of_class]
                differences[block, other * d : (other + 1) * d] = -rows[of_class]
                place += len(of_class)
    found = _widest(differences.tocsr()[:, d:], n)
    if found is None:
        return None
    coefficients: FloatArray = np.column_stack([np.zeros(d), found.reshape(n_classes - 1, d).T])
    return coefficients


def rising_direction(X: FloatArray, signs: NDArray[np.floating[Any]]) -> FloatArray | None:
    r"""Find coefficients along which an output lets the likelihood rise for ever, or None.

    Some rows become certain as their output goes to one end of the line; the others must keep
    theirs. With s the sign of that end, and 0 where there is none,

    .. math:: s_i \beta^\mathsf{T} (1, x_i) \ge 0, \qquad
              \beta^\mathsf{T} (1, x_i) = 0 \text{ where } s_i = 0

    must hold, and the first not be 0 in all rows.

    Parameters
    ----------
    X : array, shape (n, d)
    signs : array, shape (n,)
        +1, −1 or 0.

    Returns
    -------
    array, shape (d + 1,), or None
        β, the intercept first.

    Examples
    --------
    >>> x = np.array([[0.0], [0.0], [1.0], [1.0]])
    >>> rising_direction(x, np.array([0, 0, -1, -1])).tolist()
    [0.0, -1.0]
    >>> rising_direction(x, np.array([0, -1, 0, -1])) is None
    True
    """
    from scipy.linalg import null_space
    from scipy.sparse import csr_matrix

    rows = np.column_stack([np.ones(len(X)), X]).astype(np.float64)
    sided = signs != 0
    free = np.eye(rows.shape[1])
    if not sided.all():
        free = null_space(np.linalg.qr(rows[~sided], mode="r"), rcond=1e-9)
    if not sided.any() or not free.size:
        return None
    found = _widest(csr_matrix(signs[sided, None] * (rows[sided] @ free)), int(sided.sum()))
    if found is None:
        return None
    direction: FloatArray = free @ found
    return direction / np.abs(direction).max()


def _widest(margins: Any, n: int) -> FloatArray | None:
    """Give coefficients of which no margin is negative and some is positive; None without such."""
    from scipy.optimize import linprog

    found = linprog(
        -np.asarray(margins.sum(axis=0), dtype=np.float64).ravel(),
        A_ub=-margins,
        b_ub=np.zeros(margins.shape[0]),
        bounds=(-1.0, 1.0),
        method="highs",
    )
    # The largest sum of margins is 0 unless something separates; solvers round.
    if found.status != 0 or found.x is None or found.fun is None or -found.fun <= 1e-6 * n:
        return None
    solution: FloatArray = found.x
    return solution
