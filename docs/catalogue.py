"""The catalogue of families: formula, parameters, support, limits, other names, and a picture."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from pictures import picture

from mlestim.catalogue import families
from mlestim.distributions.base import Family
from mlestim.distributions.limit import Limit
from mlestim.distributions.registry import at_edges, registered, resolve

FOLDER = Path(__file__).parent
# How the estimate from complete data is found.
METHODS = {
    "closed": "a formula",
    "profile": "Newton's method on statistics of the sample",
    "newton": "Newton's method",
}


def write_catalogue() -> None:
    """Write a page with one section for each registered family, so that a new one is in it."""
    folder = FOLDER / "generated"
    folder.mkdir(exist_ok=True)
    names = tomllib.loads((FOLDER / "names.toml").read_text(encoding="utf-8"))
    table = families()
    sections = ["# Families"]
    for name in registered():
        (folder / f"{name}.svg").write_text(picture(resolve(name)), encoding="utf-8")
        facts = [*_facts(resolve(name), str(table.loc[name, "support"])), *_elsewhere(name, names)]
        sections.append(
            f"```{{eval-rst}}\n.. autoclass:: mlestim.{table.loc[name, 'class']}\n"
            "   :no-members:\n```\n\n"
            f"![{_description(resolve(name))}]({name}.svg)\n\n" + "\n".join(facts)
        )
    (folder / "families.md").write_text("\n\n".join(sections) + "\n", encoding="utf-8")


def _facts(family: Family, support: str) -> Iterator[str]:
    yield f"- Name: `{family.name}`"
    yield f"- Support: {_ends(family) or support}"
    yield f"- Estimated by {METHODS[family.how]}"
    limits = dict.fromkeys(_limit(limit) for limit in family.limits())
    if limits:
        yield f"- Limits: {', '.join(limits)}"


def _ends(family: Family) -> str:
    """Name the ends of the support that are parameters; empty if none are."""
    names = family.parameter_names
    if family.kind == "multivariate" or type(family).ends is Family.ends:
        return ""
    # each parameter a number of its own, so that an end shows which one it is
    marks = {name: 3.0 + place for place, name in enumerate(names)}
    named = {mark: name for name, mark in marks.items()}
    ends = [float(end) for end in family.ends([np.asarray(mark) for mark in marks.values()])]
    low, high = (f"`{named[end]}`" if end in named else f"{end:g}" for end in ends)
    if not any(end in named for end in ends):
        return ""
    if family.kind == "discrete":
        return f"whole numbers from {low} to {high}"
    if np.isinf(ends[1]):
        return f"x ≥ {low}"
    return f"{low} {'≤' if ends[0] in named else '<'} x ≤ {high}"


def _limit(limit: Limit) -> str:
    """Name a limit, and say how its values follow from it."""
    name = resolve(limit.family).name
    ways = [
        word
        for word, holds in (
            ("with a location", limit.shifted),
            ("reflected", limit.reflected),
            ("attained", limit.attained),
        )
        if holds
    ]
    shown = name.replace("_", " ") if name in at_edges() else f"`{name}`"
    return f"{shown} ({', '.join(ways)})" if ways else shown


def _elsewhere(name: str, names: dict[str, dict[str, str]]) -> Iterator[str]:
    for software, known in names.items():
        if name in known:
            yield f"- {software}: `{known[name]}`"


def _description(family: Family) -> str:
    """Say in words what the picture shows."""
    shown = "Densities" if family.kind == "continuous" else "Probabilities"
    shown = "A sample" if family.kind == "multivariate" else shown
    return f"{shown} of the {family.name.replace('_', ' ')} distribution"
