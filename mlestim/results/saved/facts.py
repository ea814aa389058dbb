"""What a result keeps of its sample in a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

from mlestim.sample.censoring.intervals import KINDS, ROW_BY_ROW, Truncation, describe_rows
from mlestim.sample.design import WEIGHT_TYPES, describe_design

if TYPE_CHECKING:
    from mlestim.sample.observations import Observations


@dataclass(frozen=True)
class SampleFacts:
    """Name and make-up of a sample.

    Attributes
    ----------
    column : str
        Name of the column.
    title : str
        What messages call it.
    kinds : mapping of str to int
        How many rows are exact, right-, left- and interval-censored.
    truncation : pair of float, "row by row" or None
        Window outside which values could not be seen.
    weight_type : str
        What the weights mean.
    weighted : bool
        Whether there are any.
    n_clusters : int or None
        Number of clusters of rows that depend on each other.
    n_omitted : int
        Number of rows left out as missing.
    """

    column: str
    title: str
    kinds: Mapping[str, int]
    truncation: Truncation = None
    weight_type: str = WEIGHT_TYPES[0]
    n_clusters: int | None = None
    n_omitted: int = 0
    weighted: bool = False

    @classmethod
    def of(cls, sample: Observations) -> Self:
        """Take down what a sample is made of."""
        return cls(
            sample.name,
            sample.title,
            sample.intervals.counts(len(sample)),
            sample.intervals.truncation,
            sample.design.weight_type,
            sample.design.n_clusters,
            sample.n_omitted,
            sample.weights is not None,
        )

    @property
    def parts(self) -> tuple[str, ...]:
        """What the sample is made of, where that is not as usual, each in words."""
        rows = describe_rows(self.kinds, self.truncation)
        return tuple(filter(None, (self._counted, rows, self.design_words)))

    @property
    def words(self) -> str:
        """What is not as usual, in words."""
        omitted = (f"{self.n_omitted} omitted as missing",) if self.n_omitted else ()
        return ", ".join([*self.parts, *omitted])

    @property
    def design_words(self) -> str:
        """What weights mean and clusters, where that is not as usual."""
        return describe_design(self.weight_type, self.n_clusters)

    @property
    def _counted(self) -> str:
        """How many rows frequency weights make observations of: of these the kinds are told."""
        if not self.weighted or self.weight_type != WEIGHT_TYPES[0]:
            return ""
        n = sum(self.kinds.values())
        return f"frequency weights of {n} row{'' if n == 1 else 's'}"

    def content(self) -> dict[str, Any]:
        """Lay out as JSON; numbers that it lacks become strings."""
        ends = self.truncation
        window = [str(end) for end in ends] if isinstance(ends, tuple) else ends
        return {**asdict(self), "kinds": dict(self.kinds), "truncation": window}

    @classmethod
    def read(cls, content: Any) -> Self:
        """Read what `content` wrote.

        Raises
        ------
        ValueError, TypeError
            If no sample could be so.
        """
        window = content["truncation"]
        if isinstance(window, list):
            low, high = map(float, window)
            content = {**content, "truncation": (low, high)}
            _require(low < high, "a window is empty")
        else:
            _require(window in (None, ROW_BY_ROW), "a window is no pair")
        facts = cls(**content)
        counts = (*facts.kinds.values(), facts.n_omitted, facts.n_clusters or 0)
        _require(all(type(count) is int and count >= 0 for count in counts), "a count is none")
        _require(facts.kinds.keys() <= set(KINDS), "a kind of rows is unknown")
        _require(facts.weight_type in WEIGHT_TYPES, "weights mean nothing known")
        _require(type(facts.weighted) is bool, "it is not said whether there are weights")
        names = content["column"], content["title"]
        _require(all(type(name) is str for name in names), "a name is none")
        return facts


def _require(holds: bool, problem: str) -> None:
    if not holds:
        raise ValueError(f"the sample: {problem}")
