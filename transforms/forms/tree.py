"""The lines of a page's element: blocks break, rows keep their cells, what is not shown or not read is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_BLOCKS = (
    "address article aside blockquote body br caption center dd details div dl dt fieldset figcaption figure footer"
    " form h1 h2 h3 h4 h5 h6 header hr legend li main nav ol option p pre section summary table tbody td tfoot th thead"
    " tr ul"
)
BLOCKS = frozenset(_BLOCKS.split())
"""Elements that begin and end a line."""
_UNREAD = "script style noscript template head iframe object svg canvas math select button textarea audio video map"
UNREAD = frozenset(_UNREAD.split())
"""Elements whose text nobody reads as part of a page."""
_APART = frozenset(("nav", "footer", "aside"))
_APART_NAME = re.compile(
    r"(?:^|[-_\s])(?:nav|menu|crumbs?|breadcrumbs?|foot(?:er)?|side(?:bar)?|share|bdshare\w*|relat(?:ed|e)\w*|recommend\w*|"
    r"pre-?next|page-?turn\w*|pagination|toolbar|tools|font-?size|print|qrcode|comments?|copyright|friend-?links?|"
    r"location|position|dqwz|weizhi|sitemap|search|login|banner|top-?bar|xgxx|xgwz|syp|xyp)(?:$|[-_\s\d])",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_PREFORMATTED = re.compile(r"white-space\s*:\s*(?:pre|break-spaces)", re.IGNORECASE)
_WRAPPED = re.compile(r"(?<=[\u2e80-\u9fff\uff00-\uffef“”])[ \t]*[\r\n]\s*(?=[\u2e80-\u9fff\uff00-\uffef“”])")
_SPACE = re.compile(r"[ \t\r\n\f]+")
LONGEST_CELL = 400
"""Characters; a longer cell holds text, and its table is there for the layout."""
_MOST_SPANNED = 64
"""Columns or rows that a cell is believed to span."""
_LINKED = 0.6
"""Share of linked text that makes a block a list of links."""


def squeezed(text: str) -> str:
    """Text as a browser shows it: white space is one space, and none where the source wraps between Han characters."""
    return _SPACE.sub(" ", _WRAPPED.sub("", text)).strip(" ")


def shown_text(node: LexborNode) -> str:
    """All the text of an element, scripts and styles aside, unseparated."""
    return "".join(_texts(node))


def _texts(root: LexborNode) -> Iterator[str]:
    for node, leaving in walk(root):
        if not leaving and node.is_text_node:
            yield node.text_content or ""


def walk(root: LexborNode, skipped: frozenset[int] | set[int] = frozenset()) -> Iterator[tuple[LexborNode, bool]]:
    """Every node below ``root`` in order: (node, False) on entering and, for elements, (node, True) on leaving.

    Elements that are not read, and those whose ``mem_id`` is in ``skipped``, are passed over. Without recursion, so
    that no depth of nesting matters.
    """
    node = root.child
    while node is not None:
        shown = node.is_text_node or (node.is_element_node and node.tag not in UNREAD)
        passed_over = not shown or node.mem_id in skipped
        if not passed_over:
            yield node, False
            child = node.child if node.mem_id not in skipped else None
            if child is not None:
                node = child
                continue
            if node.is_element_node:
                yield node, True
        following = node.next
        while following is None:
            node = node.parent
            if node is None or node.mem_id == root.mem_id:
                return
            yield node, True
            following = node.next
        node = following


def block_lines(root: LexborNode, skipped: set[int]) -> list[str]:
    """The lines of an element, without what is hidden, named as furniture, or a list of links.

    Args:
        root: the element.
        skipped: ``mem_id`` of elements to leave out; those found to be furniture are added.
    """
    half = len(root.text()) / 2
    lines: list[str] = []
    buffer: list[str] = []
    preformatted = _is_preformatted(root)

    def flush() -> None:
        if buffer:
            text = "".join(buffer)
            buffer.clear()
            lines.extend(text.splitlines() if preformatted else [squeezed(text)])

    for node, leaving in walk(root, skipped):
        if node.is_text_node:
            buffer.append(node.text_content or "")
            continue
        tag = node.tag or ""
        if tag in BLOCKS:
            flush()
        if tag == "pre" or _PREFORMATTED.search(node.attributes.get("style") or ""):
            flush()
            preformatted += -1 if leaving else 1
        if leaving:
            continue
        if _is_apart(node, tag, half):
            skipped.add(node.mem_id)
        elif tag == "table" and not _is_layout(node):
            lines.extend(table_lines(node, skipped))
            skipped.add(node.mem_id)
    flush()
    return [line for line in lines if line.strip()]


def _is_preformatted(node: LexborNode | None) -> int:
    """How many of an element and those around it keep the line ends of the source."""
    count = 0
    while node is not None:
        if node.is_element_node:
            count += node.tag == "pre" or _PREFORMATTED.search(node.attributes.get("style") or "") is not None
        node = node.parent
    return count


def _is_apart(node: LexborNode, tag: str, half: float) -> bool:
    """Whether an element is no part of the article; what holds half of it is, whatever it is called."""
    attributes = node.attributes
    if "hidden" in attributes or _HIDDEN.search(attributes.get("style") or ""):
        return not _is_page_of_article(node, tag)
    if tag not in BLOCKS or tag == "br":
        return False
    name = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
    if len(node.text()) >= half:
        return False
    return tag in _APART or (name != " " and _APART_NAME.search(name) is not None) or _is_link_list(node)


def _is_page_of_article(node: LexborNode, tag: str) -> bool:
    """Whether a hidden element is a further page of an article that a script turns: one like it beside it is shown."""
    parent, name = node.parent, node.attributes.get("class")
    text = node.text()
    if parent is None or not name or len(text) < LONGEST_CELL or "。" not in text or _APART_NAME.search(name):
        return False
    beside = parent.child
    shown = False
    while beside is not None:
        if beside.is_element_node and beside.mem_id != node.mem_id and beside.tag == tag:
            attributes = beside.attributes
            if attributes.get("class") == name and not _HIDDEN.search(attributes.get("style") or ""):
                shown = shown or beside.text() != text
        beside = beside.next
    return shown


def _is_link_list(node: LexborNode) -> bool:
    links = node.css("a")
    if len(links) < 3:
        return False
    linked = sum(len(squeezed(link.text())) for link in links)
    return linked > _LINKED * len(squeezed(shown_text(node)))


def _is_layout(table: LexborNode) -> bool:
    """Whether a table only places text on the page: it holds another table, a long cell, or a single column."""
    if len(table.css("table")) > 1:
        return True
    widths = set()
    for row in table.css("tr"):
        cells = row.css("td, th")
        widths.add(len(cells))
        if any(len(shown_text(cell)) > LONGEST_CELL for cell in cells):
            return True
    return not widths or max(widths) < 2


def table_lines(table: LexborNode, skipped: set[int]) -> list[str]:
    """One line a row, cells separated by tabs; a cell that spans several places fills the first of them."""
    lines = []
    for caption in table.css("caption"):
        lines.append(squeezed(shown_text(caption)))
    open_spans: dict[int, int] = {}
    for row in table.css("tr"):
        if row.mem_id in skipped:
            continue
        cells: list[str] = []
        spans = dict(open_spans)
        open_spans = {column: left - 1 for column, left in spans.items() if left > 1}
        for cell in row.css("td, th"):
            while len(cells) in spans:
                cells.append("")
            down, across = _span(cell, "rowspan"), _span(cell, "colspan")
            for column in range(len(cells), len(cells) + across):
                if down > 1:
                    open_spans[column] = down - 1
            cells.append(_cell_text(cell))
            cells.extend([""] * (across - 1))
        lines.append("\t".join(cells).rstrip("\t"))
    return lines


def _span(cell: LexborNode, name: str) -> int:
    value = (cell.attributes.get(name) or "1").strip()
    return min(int(value), _MOST_SPANNED) or 1 if value.isascii() and value.isdigit() else 1


def _cell_text(cell: LexborNode) -> str:
    pieces = []
    for node, leaving in walk(cell):
        if node.is_text_node:
            pieces.append(node.text_content or "")
        elif not leaving and node.tag in BLOCKS:
            pieces.append("\n")
    return squeezed("".join(pieces)).replace("\t", " ")
