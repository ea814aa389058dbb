"""Estimation reports: from a fit to one page that says what was found and how far it holds.

``reports.write(reports.build(result), "report.html")`` writes the page of a fit; a result's own
``report(path)`` does the same.
"""

from __future__ import annotations

from reports.build import build
from reports.model import RankedFamily, Report
from reports.outputs import write

__all__ = ["RankedFamily", "Report", "build", "write"]
