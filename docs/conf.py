"""Sphinx settings: pages in Markdown, the reference from the numpydoc docstrings."""

from __future__ import annotations

from mlestim._version import __version__

project = "mlestim"
author = "The mlestim developers"
release = __version__

extensions = ["myst_parser", "numpydoc", "sphinx.ext.autodoc", "sphinx.ext.autosummary"]
html_theme = "furo"
html_title = f"mlestim {release}"

autodoc_typehints = "none"  # the docstrings say types in words, with shapes and units
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "show-inheritance": True}
numpydoc_show_class_members = False
