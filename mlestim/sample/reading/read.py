"""From the user's data, of any library, to what a sample is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlestim.errors import OptionError
from mlestim.sample.censoring.intervals import representatives
from mlestim.sample.censoring.reading import Censoring, Ends, censored_data, gathered, values_of
from mlestim.sample.checks import check_weights, rows_to_keep
from mlestim.sample.columns import Column
from mlestim.sample.design import WEIGHT_TYPES, Design
from mlestim.sample.groups import Groups
from mlestim.sample.readers import factorize, numbers
from mlestim.sample.selection import (
    EndsColumn,
    VectorColumn,
    key_columns,
    key_names,
    one_column,
    open_vectors,
    side_column,
    vector_column,
)

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence


@dataclass(frozen=True)
class Form:
    """What a row is: one number of a column, a label, or a vector."""

    column: Hashable | Sequence[Hashable] | None
    labels: bool
    vectors: bool


@dataclass(frozen=True)
class Sides:
    """What stands beside the values of rows, by column names or as arrays."""

    by: Any
    weights: Any
    weight_type: str
    cluster: Any
    known: Mapping[str, Any]


def _said(sides: Sides, censoring: Censoring) -> dict[str, Any]:
    """Options as they can be said again: names of columns and numbers, ``...`` for arrays."""
    given = {
        "weights": sides.weights,
        "weight_type": None if sides.weight_type == WEIGHT_TYPES[0] else sides.weight_type,
        "cluster": sides.cluster,
        **vars(censoring),
    }
    return {name: repeatable(value) for name, value in given.items() if value is not None}


def repeatable(value: Any) -> Any:
    """Name or number as it is, or ``...`` for an array, which nobody would write down."""
    if isinstance(value, (tuple, list)) and len(value) == 2:
        return tuple(map(repeatable, value))
    return value if value is None or isinstance(value, (str, int, float)) else ...


def read(
    data: Any, form: Form, sides: Sides, censoring: Censoring, nan_policy: str
) -> dict[str, Any]:
    """Read the fields of `Observations`; the options are those of its ``of``."""
    data, censoring = censored_data(data, censoring)
    table = (
        open_vectors(data, exact=censoring.says_nothing) if form.vectors else censoring.open(data)
    )
    weight_column = None
    if sides.weights is not None:
        weight_column = side_column(sides.weights, table, "weights")
    keys = [] if sides.by is None else key_columns(sides.by, table)
    known = {name: side_column(side, table, name) for name, side in sides.known.items()}
    others = (weight_column, *keys, *known.values(), *censoring.columns(table))
    beside = {side.place for side in others if side is not None}
    levels: tuple[Any, ...] | None = None
    ends: Ends | None = None
    chosen: Column
    if censoring.by_ends:
        if form.column is not None:
            raise OptionError(
                "lower=… and upper=… take the place of column=…: leave one or the other out."
            )
        chosen, ends = censoring.ends_of(table, data)
        values = representatives(*ends)
    elif form.vectors:
        chosen = vector_column(table, form.column, beside)
        values = chosen.content
    else:
        chosen = one_column(table, form.column, beside, labels=form.labels)
        values, levels, ends = values_of(chosen, table, censoring, labels=form.labels)
    rows = chosen.rows if ends is None else censoring.rows_of(chosen)
    window, rowwise = censoring.windows(table)
    design = Design.of(sides.weight_type, sides.cluster, table)
    if weight_column is None and not design.counts_weights:
        raise OptionError(
            f"weight_type={design.weight_type!r} says what weights mean, but there are none."
        )
    factors = [factorize(key) for key in keys]
    parts = chosen.parts(values)
    parts += [(key.title, codes) for key, (codes, _) in zip(keys, factors, strict=True)]
    parts += [("truncation", end) for end in rowwise.values()] + design.parts
    parts += [] if ends is None or censoring.event is None else [("event", ends[1])]
    weight_values = None
    if weight_column is not None:
        weight_values = numbers(weight_column)
        check_weights(weight_values, weight_column.title, rows)
        parts.append((weight_column.title, weight_values))
    known_values = {name: numbers(side) for name, side in known.items()}
    parts += [(side.title, known_values[name]) for name, side in known.items()]
    keep, n_omitted = rows_to_keep(parts, weight_values, nan_policy, rows)

    if keep is not None:
        values, rows = values[keep], rows.take(keep)
        ends = None if ends is None else (ends[0][keep], ends[1][keep])
        rowwise = {name: end[keep] for name, end in rowwise.items()}
        weight_values = None if weight_values is None else weight_values[keep]
        known_values = {name: side[keep] for name, side in known_values.items()}
        design = design.take(keep)
    return {
        "values": values,
        "weights": weight_values,
        "groups": Groups.of(factors, key_names(keys), keep) if keys and values.size else None,
        "levels": levels,
        "name": chosen.name,
        "row_labels": rows,
        "n_omitted": n_omitted,
        "dtype_name": chosen.dtype_name,
        "known": known_values,
        "intervals": gathered(values, ends, window, rowwise, chosen.title, rows),
        "design": design,
        "said": _said(sides, censoring),
        "ends_title": chosen.title if isinstance(chosen, EndsColumn) else "",
        "components": chosen.components if isinstance(chosen, VectorColumn) else (),
    }
