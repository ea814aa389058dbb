"""The version, said once: the build, the citation and ``mlestim.__version__`` take it from here."""

from __future__ import annotations

__version__ = "0.1.0"
