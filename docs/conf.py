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

import espelho

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
    "reference",
]
exclude_patterns = ["gallery/*.ipynb", "gallery/*.py", "gallery/*.md5", "gallery/*.json"]
default_role = "autolink"
nitpicky = True
nitpick_ignore_regex = [
    # Names of other projects, whose inventories would need the network.
    (r"py:.*", r"(numpy|np|sklearn|torch|nn|matplotlib|pathlib|collections|os|typing|abc)\..*"),
    (r"py:class", "Tensor"),
    # What a fitted estimator is to those who only read it, and what a checkpoint holds.
    (r"py:class", r"espelho\.(evaluation\.reconstruction\.Encoder|plots\.losses\.Losses)"),
    (r"py:class", r"espelho\.plots\.generation\.random_variables\.Invertible"),
    (r"py:class", r"espelho\.(data\.stored\.base\.Stored|losses\.discrepancy\.kernels\.Kernel)"),
    # What functions return or are given, described where they are.
    (r"py:class", r"espelho\.(exporting\.result|panel\.result)\..*"),
    (r"py:class", r"espelho\.(plots\.(anomalies\.Reasons|losses\.Mark))"),
    (r"py:class", r"espelho\.(plots\.search\.Study|data\.tables\.table\.Table)"),
    (r"py:class", r"espelho\.(report\.anomalies\.Anomalies|training\.doctor\..*)"),
    (r"py:class", r"espelho\.data\.pairing\.pairs\..*"),
    (r"py:class", r"(Reach|Trouble|0\.5|annotated_types\.Interval)"),
    (r"py:obj", r"(contamination|risk|espelho\.training\.checkup\.translation\.cycles)"),
    (r"py:class", r"espelho\.training\.(batches\.cuts\.Cuts|environment\.processes\.Processes)"),
    (r"py:class", r"jaxtyping\..*"),
    (r"py:class", r"espelho\.(report\.subject\.Estimator|training\.snapshot\.Snapshot)"),
]

autodoc_typehints_format = "short"
maximum_signature_line_length = 90
autodoc_member_order = "bysource"
autosummary_generate = True
autosummary_imported_members = False

numpydoc_show_class_members = False
numpydoc_class_members_toctree = False
numpydoc_validation_checks = {
    # Not PR04: types stand in the signature, once.
    "GL03", "SS01", "SS02", "SS03", "PR02", "PR03", "PR07", "PR10",
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
    "backreferences_dir": "api/generated/backreferences",
    "reset_modules": ("matplotlib",),
    "show_memory": False,
    "write_computation_times": False,
    "download_all_examples": False,
    "capture_repr": (),
    "within_subsection_order": "gallery_order.Order",
    "remove_config_comments": True,
}

# A warning in an example is a mistake in it, as in the tests.
warnings.filterwarnings("error", module=r"espelho\..*")
