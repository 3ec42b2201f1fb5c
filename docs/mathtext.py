"""Formulas as inline SVG, drawn by matplotlib: no network, no LaTeX, no scripts."""

import html
import io
import re

import matplotlib as mpl
from docutils import nodes
from matplotlib import mathtext
from matplotlib.font_manager import FontProperties

_SIZE = 12
_UNKNOWN = {r"\bigl": "", r"\bigr": "", r"\lVert": r"\Vert ", r"\rVert": r"\Vert ", r"\tfrac": r"\frac"}


def svg(tex: str) -> str:
    """Draw a formula in the colour of the text around it, on its base line."""
    plain = " ".join(tex.split())
    for command, known in _UNKNOWN.items():
        plain = plain.replace(command, known)
    file = io.BytesIO()
    with mpl.rc_context({"mathtext.fontset": "cm", "svg.hashsalt": plain}):
        font = FontProperties(size=_SIZE)
        depth = mathtext.math_to_image(f"${plain}$", file, prop=font, format="svg")
    drawn = file.getvalue().decode()
    drawn = drawn[drawn.index("<svg") :]
    drawn = re.sub(r"<metadata>.*?</metadata>", "", drawn, flags=re.DOTALL)
    drawn = re.sub(r'<g id="patch_1">.*?</g>', "", drawn, count=1, flags=re.DOTALL)
    drawn = re.sub(r'(width|height)="([\d.]+)pt"', _in_em, drawn)
    label = html.escape(" ".join(tex.split()), quote=True)
    style = f"vertical-align:{-depth / _SIZE:.3f}em;fill:currentColor"
    return drawn.replace("<svg", f'<svg role="img" aria-label="{label}" style="{style}"', 1)


def _in_em(match: re.Match) -> str:
    return f'{match[1]}="{float(match[2]) / _SIZE:.3f}em"'


def visit_inline(translator, node):
    translator.body.append(f'<span class="math">{svg(node.astext())}</span>')
    raise nodes.SkipNode


def visit_block(translator, node):
    translator.body.append(f'<div class="math">{svg(node.astext())}</div>')
    raise nodes.SkipNode


def setup(app):
    app.add_html_math_renderer("mathtext", (visit_inline, None), (visit_block, None))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
