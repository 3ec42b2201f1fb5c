"""Formulas as inline SVG, drawn by matplotlib: no network, no LaTeX, no scripts."""

import html
import io
import re

import matplotlib as mpl
from docutils import nodes
from matplotlib import mathtext
from matplotlib.font_manager import FontProperties

_SIZE = 12
_POINTS_PER_EM = 10.8
"""Somewhat less than the size, for letters as tall as those of the text."""
_SPELLINGS = (
    (r"\\[dt]?frac(\w)(\w)", r"\\frac{\1}{\2}"),
    (r"\\[dt]?frac(\w)\{", r"\\frac{\1}{"),
    (r"\\mathcal (\w)", r"\\mathcal{\1}"),
    (r"\\[lr]Vert\b", r"\\Vert "),
    (r"\\[lr]vert\b", "|"),
    (r"\\[bB]igg?[lr]?\b", ""),
)
"""LaTeX that matplotlib does not know, and how it knows it."""


def svg(tex: str) -> str:
    """Draw a formula in the colour of the text around it, on its base line."""
    plain = " ".join(tex.split())
    for unknown, known in _SPELLINGS:
        plain = re.sub(unknown, known, plain)
    file = io.BytesIO()
    with mpl.rc_context({"mathtext.fontset": "cm", "svg.hashsalt": plain}):
        font = FontProperties(size=_SIZE)
        depth = mathtext.math_to_image(f"${plain}$", file, prop=font, format="svg")
    drawn = file.getvalue().decode()
    drawn = drawn[drawn.index("<svg") :]
    drawn = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", drawn, flags=re.DOTALL)
    drawn = re.sub(r'<g id="patch_1">.*?</g>', "", drawn, count=1, flags=re.DOTALL)
    drawn = re.sub(r' id="(figure|text)_1"', "", drawn)
    drawn = re.sub(r'(width|height)="([\d.]+)pt"', _in_em, drawn)
    label = html.escape(" ".join(tex.split()), quote=True)
    style = f"vertical-align:{-depth / _POINTS_PER_EM:.3f}em;fill:currentColor"
    return drawn.replace("<svg", f'<svg role="img" aria-label="{label}" style="{style}"', 1)


def _in_em(match: re.Match) -> str:
    return f'{match[1]}="{float(match[2]) / _POINTS_PER_EM:.3f}em"'


def visit_inline(translator, node):
    translator.body.append(f'<span class="math">{svg(node.astext())}</span>')
    raise nodes.SkipNode


def visit_block(translator, node):
    tall = node.astext().replace(r"\frac", r"\dfrac")
    translator.body.append(f'<div class="math">{svg(tall)}</div>')
    raise nodes.SkipNode


def setup(app):
    app.add_html_math_renderer("mathtext", (visit_inline, None), (visit_block, None))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
