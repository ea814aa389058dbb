"""Distribution families: one file each, found by the registry."""

from mlestim.distributions.base import Family
from mlestim.distributions.parameter import Interval, Parameter, Unit
from mlestim.distributions.registry import registered, resolve
from mlestim.distributions.support import Support
from mlestim.distributions.terms import Terms

__all__ = [
    "Family",
    "Interval",
    "Parameter",
    "Support",
    "Terms",
    "Unit",
    "registered",
    "resolve",
]
