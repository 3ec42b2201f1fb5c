"""Pages of the Python interface: all settings of an estimator, and nothing of other projects."""

import re
from dataclasses import fields
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray
from sphinx.util.typing import stringify_annotation

from espelho.estimators.settings import field_help, field_hints
from espelho.estimators.trained import TrainedEstimator

_NAMES = {
    ArrayLike: "~numpy.typing.ArrayLike",
    DTypeLike: "~numpy.typing.DTypeLike",
    NDArray[Any]: "~numpy.ndarray",
    NDArray[np.float64]: "~numpy.ndarray",
}
"""Annotations that Sphinx would write out in full."""
_SIGNS = {"ge": ">=", "gt": ">", "le": "<=", "lt": "<"}


def show_all_settings(*event):
    """Let the page of an estimator list every setting, those of its bases too."""
    _, what, _, obj, _, lines = event
    if what == "class" and is_estimator(obj):
        if "Parameters" not in lines:  # a preset, which only has other defaults
            first = next(i for i, line in enumerate(lines) if set(line) == {"-"}) - 1
            lines[first:first] = ["Parameters", "----------", ""]
        start = lines.index("Parameters")
        stop = next(i for i in range(start + 2, len(lines)) if set(lines[i]) == {"-"}) - 1
        lines[start + 2 : stop] = [*settings_of(obj), ""]
    # The star of "(n, *sample)" begins no emphasis.
    lines[:] = [re.sub(r"(?<!`)\(n, \*", r"(n, \\*", line) for line in lines]


def settings_of(estimator):
    """Return the settings as numpydoc has them: name, what it may be, default and help."""
    texts, hints = field_help(estimator), field_hints(estimator)
    for field in sorted(fields(estimator), key=lambda field: field.kw_only):
        yield f"{field.name} : {in_words(hints[field.name])}, default={field.default!r}"
        yield f"    {texts[field.name]}"


def in_words(hint):
    """Return what a setting may be, bounds included."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Annotated:
        words = f"{in_words(parts[0])} {bounds_in_words(parts[1:])}"
    elif origin is Literal:
        words = "{" + ", ".join(map(repr, parts)) + "}"
    elif origin in (Union, UnionType):
        words = " or ".join(map(in_words, parts))
    elif origin is tuple:
        words = f"tuple of {in_words(parts[0])}"
    else:
        words = {NoneType: "None", Any: "object"}.get(hint) or (origin or hint).__name__
    return words


def bounds_in_words(bounds):
    found = [(sign, getattr(b, name, None)) for b in bounds for name, sign in _SIGNS.items()]
    return " and ".join(f"{sign} {value}" for sign, value in found if value is not None)


def shorten_signature(*event):
    """Leave the annotations of settings to their list, and give long types their names."""
    _, what, _, obj, _, signature, returns = event
    if what != "class" or not is_estimator(obj):
        return tuple(part and named(part) for part in (signature, returns))
    first = [f"{field.name}={field.default!r}" for field in fields(obj) if not field.kw_only]
    named_only = [f"{field.name}={field.default!r}" for field in fields(obj) if field.kw_only]
    return f"({', '.join([*first, '*', *named_only])})", returns


def named(signature):
    for annotation, name in _NAMES.items():
        signature = signature.replace(stringify_annotation(annotation, "smart"), name)
    return signature


def is_estimator(obj):
    return isinstance(obj, type) and issubclass(obj, TrainedEstimator)


def skip_foreign(*event):
    """Leave out what is inherited from other projects."""
    obj = event[3]
    owner = getattr(getattr(obj, "fget", obj), "__module__", None) or ""
    return None if owner.startswith("espelho") else True


def setup(app):
    # Before numpydoc, which reads docstring and signature at the usual priority of 500.
    app.connect("autodoc-process-docstring", show_all_settings, priority=100)
    app.connect("autodoc-process-signature", shorten_signature, priority=900)
    app.connect("autodoc-skip-member", skip_foreign)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
