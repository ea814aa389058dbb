"""Estimation reports: from a fit to one page that says what was found and how far it holds.

>>> import reports
>>> sorted(name for name in dir(reports) if not name.startswith("_"))[:2]
['Report', 'build']
"""

from __future__ import annotations

from reports.build import build
from reports.model import RankedFamily, Report
from reports.outputs import write
from reports.ranking import rank

__all__ = ["RankedFamily", "Report", "build", "rank", "write"]
