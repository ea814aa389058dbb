"""Sphinx settings: pages in Markdown, the reference from the numpydoc docstrings."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # for the programs beside this file

from catalogue import write_catalogue

from mlestim._version import __version__

project = "mlestim"
author = "The mlestim developers"
release = __version__

extensions = ["myst_parser", "numpydoc", "sphinx.ext.autodoc"]
myst_enable_extensions = ["dollarmath"]
html_theme = "furo"
html_title = f"mlestim {release}"

autodoc_typehints = "none"  # the docstrings say types in words, with shapes and units
autodoc_member_order = "bysource"
autodoc_default_options = {
    "members": True,
    "show-inheritance": True,
    # methods that scikit-learn adds, with references into its own documentation
    "exclude-members": ", ".join(
        f"set_{method}_request"
        for method in ("fit", "partial_fit", "predict", "score", "transform")
    ),
}
numpydoc_show_class_members = False


write_catalogue()
