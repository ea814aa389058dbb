"""The report's ranking is the comparison, line by line."""

from __future__ import annotations

import numpy as np

import mlestim
import reports
from reports.model import RankedFamily
from reports.ranking import lines_of

COUNTS = [1, 2, 2, 3, 3, 3, 4, 9]


def test_lines_are_those_of_the_comparison():
    comparison = mlestim.compare(COUNTS, ["poisson", "discrete_uniform", "bernoulli"])
    *ranked, refused = lines_of(comparison)
    for line in ranked:
        row = comparison.table.loc[line.family]
        assert (line.aicc, line.delta, line.weight) == tuple(row[["aicc", "delta", "weight"]])
        assert line.log_likelihood == comparison[line.family].log_likelihood
        assert (line.regular, line.reason) == (line.family != "discrete_uniform", "")
    assert [line.family for line in ranked] == list(comparison.ranking)
    assert refused == RankedFamily(
        "bernoulli", None, *(None,) * 5, reason=comparison.refused["bernoulli"]
    )


def test_a_comparison_can_be_reported_with_the_fit():
    result = mlestim.fit(COUNTS, "poisson", fixed={"mean": 3.0})
    report = reports.build(result, mlestim.compare(COUNTS, ["poisson", "geometric"]))
    lines = {line.family: line for line in report.ranking}
    assert lines["poisson"].chosen
    assert lines["poisson"].n_parameters == 0  # the report's own fit stands for its family
    assert np.isclose(sum(line.weight for line in report.ranking), 1.0)


def test_families_with_an_end_of_the_support_as_parameter_are_marked():
    result = mlestim.fit(COUNTS, "poisson")
    report = reports.build(result, mlestim.compare(COUNTS, ["poisson", "discrete_uniform"]))
    assert report.to_html().count("parameter at an end of the support") == 1
    assert report.to_markdown().count("parameter at an end of the support") == 1
