"""How the documentation is built: ``make docs``, with warnings fatal and no network."""

import os
import sys
import warnings
from pathlib import Path

# One thread, so that the gallery's figures are the same on every machine; and before torch
# is imported, so that threads that wait do not spin.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
sys.path.insert(0, str(Path(__file__).parent))

import espelho  # noqa: E402

project = "espelho"
author = copyright = "The espelho developers"
version = release = espelho.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.viewcode",
    "numpydoc",
    "myst_parser",
    "sphinx_gallery.gen_gallery",
    "mathtext",
]
exclude_patterns = ["gallery/*.ipynb", "gallery/*.py", "gallery/*.md5", "gallery/*.json"]
default_role = "autolink"
nitpicky = True
nitpick_ignore_regex = [
    # Names of other projects, whose inventories would need the network.
    (r"py:.*", r"(numpy|np|sklearn|torch|nn|matplotlib|pathlib|collections|os|typing|abc)\..*"),
    # Words of numpydoc's type lines, and types that are known by their name alone.
    (r"py:class", r"(array-like|ndarray|optional|callable|mapping|sequence|path|path-like)"),
    (r"py:class", r"(default|fitted autoencoder|matplotlib Axes|RandomState|Path|PathLike)"),
]

autodoc_typehints = "none"
autodoc_member_order = "bysource"
autosummary_generate = True
autosummary_imported_members = False

numpydoc_show_class_members = False
numpydoc_class_members_toctree = False
numpydoc_validation_checks = {
    "GL03", "SS01", "SS02", "SS03", "PR02", "PR03", "PR04", "PR07", "PR10",
}  # fmt: skip
numpydoc_validation_exclude = {r"\.__.*", r"\._"}

myst_enable_extensions = ["dollarmath", "colon_fence", "deflist"]
myst_heading_anchors = 3

html_math_renderer = "mathtext"
html_theme = "furo"
html_title = f"espelho {release}"
html_static_path = ["static"]
html_css_files = ["espelho.css"]
templates_path = ["templates"]

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
    "filename_pattern": r"/plot_",
    "abort_on_example_error": True,
    "doc_module": ("espelho",),
    "backreferences_dir": "api/backreferences",
    "reset_modules": ("matplotlib",),
    "show_memory": False,
    "download_all_examples": False,
    "capture_repr": (),
    "within_subsection_order": "FileNameSortKey",
}

# A warning in an example is a mistake in it, as in the tests.
warnings.filterwarnings("error", module=r"espelho\..*")
