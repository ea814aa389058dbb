"""Classes that a hyperplane separates: then no finite coefficients maximise the likelihood."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    from scipy.optimize import linprog
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
    margins = differences.tocsr()[:, d:]
    found = linprog(  # type: ignore[call-overload]  # sparse matrices are taken, the stubs forget them
        -np.asarray(margins.sum(axis=0), dtype=np.float64).ravel(),
        A_ub=-margins,
        b_ub=np.zeros(len(differences.rows)),
        bounds=(-1.0, 1.0),
        method="highs",
    )
    # The largest sum of margins is 0 unless something separates; solvers round.
    if found.status != 0 or -found.fun <= 1e-6 * n:
        return None
    coefficients: FloatArray = np.column_stack([np.zeros(d), found.x.reshape(n_classes - 1, d).T])
    return coefficients
