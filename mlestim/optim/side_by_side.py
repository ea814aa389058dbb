"""L-BFGS for several functions at once, each with a line search of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.floating[Any]]
Objectives = Callable[[Matrix], tuple[Matrix, Matrix]]
# A step has to bring this share of what the slope promises; else a shorter one is tried.
SUFFICIENT = 1e-4
# Steps that are tried in one direction: the last of them is too short to change anything.
MOST_TRIALS = 20


def minimize_each(
    objectives: Objectives, starts: Matrix, *, tolerance: float, memory: int, max_steps: int
) -> tuple[Matrix, Matrix]:
    """Minimise k functions of d numbers by L-BFGS, all of them evaluated by one call.

    Where one function needs a shorter step, only it goes back; the others go on.

    Parameters
    ----------
    objectives : callable
        ``objectives(points) -> (values, gradients)`` of shapes (k, d), (k,), (k, d).
    starts : array, shape (k, d)
        Not changed.
    tolerance : float
        A function is left alone when no entry of its gradient is larger.
    memory : int
        Number of steps that the estimate of the inverse Hessian is made of.
    max_steps : int
        The most steps for each function.

    Returns
    -------
    points : array, shape (k, d)
    values : array, shape (k,)

    References
    ----------
    Nocedal and Wright (2006), Numerical optimization, algorithms 3.1 and 7.4. Chen, Wang, Zhou
    (2014), Large-scale L-BFGS using MapReduce, NeurIPS: the two loops on coefficients.
    """
    points = np.array(starts)
    values, gradients = objectives(points)
    lengths = np.linalg.norm(gradients, axis=1, keepdims=True)
    directions = -gradients / np.maximum(lengths, np.finfo(np.float64).tiny)
    steps, trials, taken = np.ones(len(points)), np.zeros(len(points)), np.zeros(len(points))
    hessians = _InverseHessians(points, memory)
    active = np.isfinite(values) & (np.abs(gradients).max(axis=1) > tolerance)
    while active.any():
        moves = np.where(active, steps, 0.0).astype(points.dtype)
        tried = points + moves[:, None] * directions
        new_values, new_gradients = objectives(tried)
        promised = steps * _products(gradients, directions)
        change = new_values - values
        good = active & np.isfinite(change) & (change <= SUFFICIENT * promised)
        bad = active & ~good
        steps[bad] *= _shorter(promised[bad], change[bad])
        trials[bad] += 1
        active &= trials < MOST_TRIALS
        if not good.any():
            continue
        # A function that goes back has a pair of zeros here, which changes nothing for it.
        s = np.where(good[:, None], tried - points, 0)
        y = np.where(good[:, None], new_gradients - gradients, 0)
        points[good], values[good] = tried[good], new_values[good]
        gradients[good] = new_gradients[good]
        directions[good] = hessians.directions(s, y, gradients)[good]
        steps[good], trials[good] = 1.0, 0
        taken += good
        active &= (taken < max_steps) & (np.abs(gradients).max(axis=1) > tolerance)
    return points, values


def _products(a: Matrix, b: Matrix) -> Matrix:
    """Multiply rows with rows."""
    products: Matrix = np.einsum("kd,kd->k", a, b)
    return products


def _shorter(promised: Matrix, change: Matrix) -> Matrix:
    """Factors by which steps shrink: to the minimum of a parabola, by a tenth to a half."""
    with np.errstate(all="ignore"):  # far off, values are not finite
        factors = -promised / (2.0 * (change - promised))
    shorter: Matrix = np.clip(np.where(np.isfinite(factors), factors, 0.1), 0.1, 0.5)
    return shorter


class _InverseHessians:
    """Estimates H of the inverse Hessians of k functions, made of the last steps.

    Steps s, changes of gradient y, and the gradient are rows of one array for each function. The
    two loops over pairs need but the products of these rows, of which each step changes a few.
    """

    def __init__(self, points: Matrix, memory: int) -> None:
        k, d = points.shape
        self.memory = memory
        self.n_pairs = 0
        self.rows = np.zeros((k, 2 * memory + 1, d), points.dtype)
        self.products = np.zeros((k, 2 * memory + 1, 2 * memory + 1))
        self.inverses = np.zeros((memory, k))
        self.scales = np.ones(k)

    def directions(self, s: Matrix, y: Matrix, gradients: Matrix) -> Matrix:
        """Take one more pair for each function; give −H g."""
        place = self.n_pairs % self.memory
        self.n_pairs += 1
        new = [place, self.memory + place, 2 * self.memory]
        self.rows[:, new] = np.stack([s, y, gradients], axis=1)
        products = self.rows @ self.rows[:, new].swapaxes(1, 2)
        self.products[:, :, new] = products
        self.products[:, new, :] = products.swapaxes(1, 2)
        self._look_at_curvature(place)
        parts = self._coefficients().astype(self.rows.dtype)
        directions: Matrix = (parts[:, None] @ self.rows)[:, 0]
        return directions

    def _look_at_curvature(self, place: int) -> None:
        """Keep 1/(s·y), which is 0 where the curvature along s is not positive."""
        other = self.memory + place
        ss, yy, sy = (
            self.products[:, a, b] for a, b in ((place, place), (other, other), (place, other))
        )
        positive = sy > 1e-10 * np.sqrt(ss * yy)
        safe = np.where(positive, sy, 1.0)
        self.inverses[place] = np.where(positive, 1.0 / safe, 0.0)
        self.scales = np.where(positive, safe / np.where(positive, yy, 1.0), self.scales)

    def _coefficients(self) -> Matrix:
        """Give each row's part in −H g."""
        n, last = self.memory, self.n_pairs - 1
        places = [k % n for k in range(last, max(last - n, -1), -1)]
        parts = np.zeros((len(self.rows), 2 * n + 1))
        parts[:, -1] = -1.0
        shares = []
        for place in places:
            shares.append(self.inverses[place] * _products(self.products[:, place], parts))
            parts[:, n + place] -= shares[-1]
        parts *= self.scales[:, None]
        for place in reversed(places):
            back = self.inverses[place] * _products(self.products[:, n + place], parts)
            parts[:, place] += shares.pop() - back
        return parts
