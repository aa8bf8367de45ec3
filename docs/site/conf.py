"""The documentation as a site: the pages of the repository as they lie there, with notebooks and references."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import sim  # noqa: E402 - of this repository, whatever is installed

project = "peakshift"
author = "the developers of peakshift"
version = release = sim.__version__
html_title = f"peakshift {release}"

# The repository is the source, so that links between pages are the same here as where the files lie.
root_doc = "docs/index"
include_patterns = [
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "docs/**",
    "notebooks/*.ipynb",
    "networks/*/SOURCE.md",
]
exclude_patterns = ["docs/recipes/**"]

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx-mathjax-offline", "sphinx_click"]
myst_enable_extensions = ["dollarmath", "deflist"]
myst_heading_anchors = 3

# Notebooks are run while the site is built, on a small scenario unless SIM_FAST is 0.
os.environ.setdefault("SIM_FAST", "1")
nb_execution_mode = "force"
nb_execution_timeout = 120
nb_execution_raise_on_error = True
nb_merge_streams = True

autodoc_typehints = "none"
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_rtype = False
# Types in docstrings are words for people ("sequence of str"), not names of classes to link to.
nitpick_ignore_regex = [(r"py:.*", r".*")]

html_theme = "furo"
html_theme_options = {"light_css_variables": {"color-brand-primary": "#0072b2", "color-brand-content": "#0072b2"}}
html_show_sphinx = False
