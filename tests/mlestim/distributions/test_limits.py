"""Limits name families that exist, and parameters that both sides have."""

from __future__ import annotations

import pytest

from mlestim.distributions import registered, resolve
from mlestim.distributions.built.shifted import Shifted
from mlestim.distributions.limit import Limit

LIMITS = [
    pytest.param(owner, limit, id=f"{name}-{limit.family}-{place}")
    for name, cls in registered().items()
    if cls.kind != "categorical"
    for owner in (cls(), *((Shifted(cls()),) if cls.half_line else ()))
    for place, limit in enumerate(owner.limits())
]


@pytest.mark.parametrize(("owner", "limit"), LIMITS)
def test_a_limit_is_a_registered_family_with_the_parameters_it_names(owner, limit: Limit) -> None:
    family = resolve(limit.family)
    names = Shifted(family).parameter_names if limit.shifted else family.parameter_names
    assert tuple(limit.parameters) == owner.parameter_names
    assert {target for target in limit.parameters.values() if isinstance(target, str)} <= {*names}
