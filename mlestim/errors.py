"""Every error that the toolkit raises on purpose, under one root.

Each message says what was found, where (column, first rows, value) and what to do next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray


def did_you_mean(name: object, known: Iterable[object]) -> str:
    """Ask for a name that is close, whatever its case, to follow a sentence; empty without one.

    Examples
    --------
    >>> did_you_mean("Wind", ["date", "wind"])
    " Did you mean 'wind'?"
    >>> did_you_mean("rain", ["date", "wind"])
    ''
    """
    import difflib

    folded = {str(one).casefold(): one for one in known}
    near = difflib.get_close_matches(str(name).casefold(), folded, n=1)
    return f" Did you mean {folded[near[0]]!r}?" if near else ""


class MLEstimError(Exception):
    """Root of all errors raised on purpose."""


class DataError(MLEstimError, ValueError):
    """The data cannot be read as observations: empty, missing, wrong type, wrong length."""


class SupportError(DataError):
    """Some observations lie outside the support of the family; ``outside`` says which."""

    def __init__(self, message: str, outside: NDArray[np.bool_] | None = None) -> None:
        super().__init__(message)
        self.outside = outside


class ParameterError(MLEstimError, ValueError):
    """A parameter value or name does not belong to the family."""


class OptionError(MLEstimError, ValueError):
    """An option is unknown, out of range, or does not go with the others."""


class EstimationError(MLEstimError):
    """No estimate can be given; ``result`` holds what was found, with its evidence."""

    def __init__(self, message: str, result: object | None = None) -> None:
        super().__init__(message)
        self.result = result


class IdentifiabilityError(EstimationError):
    """Different parameters give the same likelihood: the data cannot tell them apart."""


class UnboundedLikelihoodError(EstimationError):
    """The likelihood grows without bound and has no interior maximum."""


class SeparationError(EstimationError):
    """A regression's classes are separated: coefficients run to infinity."""


class ConvergenceError(EstimationError):
    """No verified maximum was found."""


class DivergenceError(ConvergenceError):
    """A loss is not finite; ``step`` and ``epoch`` say when, and ``result`` which row is why."""

    def __init__(self, message: str, step: int, epoch: int, result: object | None = None) -> None:
        super().__init__(message, result)
        self.step = step
        self.epoch = epoch


class ModelFileError(MLEstimError, ValueError):
    """A saved file is truncated, corrupt, of another format, or hostile."""


class MissingExtraError(MLEstimError, ImportError):
    """An optional dependency is needed; the message names the extra that brings it."""


class LimitWarning(UserWarning):
    """The likelihood has no interior maximum and rises towards a limit family."""


class UnseenValueWarning(UserWarning):
    """A network predicts for rows that hold what its training did not show."""


class SeparationWarning(UserWarning):
    """Classes seem to be separated, or whether they are could not be settled."""


class NoMeanWarning(UserWarning):
    """A network predicts distributions of which some have no finite mean."""
