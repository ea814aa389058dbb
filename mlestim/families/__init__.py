"""Distribution families: one file each, found by the registry."""

from mlestim.families.base import Family
from mlestim.families.parameter import Interval, Parameter, Unit
from mlestim.families.registry import registered, resolve
from mlestim.families.support import Support
from mlestim.families.terms import Terms

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
