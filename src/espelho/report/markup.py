"""HTML whose text is escaped by construction."""

import html
from collections.abc import Iterable

VOID = frozenset({"img", "meta", "source"})


class Html(str):
    """Text that is HTML already; all other text is escaped where it enters a page."""

    __slots__ = ()


def element(tag: str, *children: str, **attributes: str) -> Html:
    """Return an element; children and attributes are escaped unless they are HTML.

    A trailing underscore is dropped from the names of attributes, others become
    hyphens.

    Examples
    --------
    >>> element("p", "a < b", element("b", "!"), class_="note")
    '<p class="note">a &lt; b<b>!</b></p>'
    """
    written = "".join(f' {_name(key)}="{html.escape(v)}"' for key, v in attributes.items())
    if tag in VOID:
        return Html(f"<{tag}{written}>")
    return Html(f"<{tag}{written}>{join(children)}</{tag}>")


def join(parts: Iterable[str]) -> Html:
    """Return parts one after the other; what is not HTML is escaped."""
    return Html("".join(part if isinstance(part, Html) else html.escape(part) for part in parts))


def table(head: Iterable[str], rows: Iterable[Iterable[str]], label: str) -> Html:
    """Return a table of text in a box of its own that scrolls where it is too wide.

    The first cell of a row is its heading.
    """
    top = element("tr", *(element("th", cell, scope="col") for cell in head))
    body = (
        element("tr", element("th", first, scope="row"), *(element("td", cell) for cell in rest))
        for first, *rest in rows
    )
    return boxed(element("table", element("thead", top), element("tbody", *body)), label)


def boxed(content: Html, label: str) -> Html:
    """Return content in a box that scrolls, by keyboard too."""
    return element("div", content, class_="box", role="region", tabindex="0", aria_label=label)


def section(key: str, heading: str, *content: str) -> Html:
    """Return a section with a heading that a link can point to."""
    return element("section", element("h2", heading), *content, id=key)


def _name(attribute: str) -> str:
    return attribute.removesuffix("_").replace("_", "-")
