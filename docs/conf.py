"""Sphinx settings: pages in Markdown, the reference from the numpydoc docstrings."""

from __future__ import annotations

from pathlib import Path

from mlestim._version import __version__
from mlestim.distributions.registry import registered

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


def write_families_page() -> None:
    """One section for each registered family, so that a new one is documented by being there."""
    sections = (
        f"```{{eval-rst}}\n.. autoclass:: mlestim.{cls.__name__}\n   :no-members:\n```\n"
        for cls in registered().values()
    )
    page = Path(__file__).parent / "generated" / "families.md"
    page.parent.mkdir(exist_ok=True)
    page.write_text("# Families\n\n" + "\n".join(sections), encoding="utf-8")


write_families_page()
