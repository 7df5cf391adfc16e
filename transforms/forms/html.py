"""HTML: the text of a page's article, without its furniture, and what the page says about itself.

The article is where a known content system puts it; otherwise the element that holds most of the page's running text;
otherwise what trafilatura makes of the page. Lines break at block elements only, cells of a table row are separated by
tabs.
"""

from __future__ import annotations

import re
from itertools import accumulate
from typing import TYPE_CHECKING

from transforms.document import Page, Refused
from transforms.forms.carried import carried, documents_of, title_beside, weight
from transforms.forms.metadata import BYLINE, INDEX, Facts, facts_of_index, facts_of_line, is_furniture, parse_date
from transforms.forms.tree import UNREAD, block_lines, shown_text, squeezed, walk
from transforms.limits import DEFAULT, Limits

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

CONTAINERS = (
    # Content systems of government sites: TRS, UCAP, Boda (vsb), Wangzhan qun (wp), Epoint (ewb), Founder, Jpage,
    # Hanweb.
    *(
        "#zoom",
        "#Zoom",
        "#zoomcon",
        ".TRS_Editor",
        ".TRS_UEDITOR",
        ".trs_editor_view",
        "#UCAP-CONTENT",
    ),
    *("#vsb_content", "#vsb_content_2", "#vsb_content_4", ".v_news_content", ".wp_articlecontent", ".ewb-article-info"),
    *(
        ".pages_content",
        "#articleContent",
        "#article_content",
        ".article-content",
        ".article_content",
        ".articleContent",
    ),
    *(
        "#mainText",
        "#BodyLabel",
        "#ContentPlaceHolder1_Label_Content",
        ".xxgk_content",
        ".zwxxgk_content",
        ".gkml_content",
    ),
    *(".detail-content", ".content-detail", ".news_content", ".newsContent", ".con_text", ".zwnr", "#div_zhengwen"),
    *("#content", ".article-con", ".article_con", ".bt-content", "#article", ".article", "article", ".content", "main"),
)
"""Where articles are, the surest first; of several that fit the first with a fair part of the page's text is taken."""
_ANY_CONTAINER = ", ".join(CONTAINERS)
_RANKS = {selector: rank for rank, selector in enumerate(CONTAINERS)}
MOST_CONTAINERS = 20
FAIR_PART = 0.4
"""Share of the page's running text that a container must hold."""
SCANTY = 1_000
THIN = 0.03
"""Han characters, and their share of the page's characters, below which the article may not be what the page shows."""
LEAST = 200
"""Han characters below which a page that leads to a document is a cover for it."""
SHORTEST = 40
"""Characters; a container with less is not the article."""
MOST = 0.7
"""Share of an element's running text that one of its children must hold to be looked into."""
LONGEST_INDEX = 800
"""Characters of an index table, white space aside."""
_OPENING = re.compile(
    r"<(/?)(?!(?:br|hr|img|input|meta|link|p|li|td|th|tr|dd|dt|option|area|base|col|embed|source|wbr|param)\b)[a-zA-Z]",
    re.IGNORECASE,
)
_SITE = re.compile(r"\s*[-_|—–]+\s*")
_RUNNING = re.compile("[，。；、,;]")


def read_markup(markup: str, encoding: str | None, limits: Limits = DEFAULT) -> Page:
    """Read a page that is decoded already; lexbor takes the text as it is, whatever the page declares."""
    from selectolax.lexbor import LexborHTMLParser  # a shared library, for pages only

    _check_nesting(markup, limits)
    tree = LexborHTMLParser(markup)
    body = tree.body
    if body is None:
        raise _empty()
    tree.strip_tags(list(UNREAD - {"head"}))
    article = _Article(tree, body)
    lines = article.lines()
    shown = weight("".join(lines))
    # With everything that was taken out of the other tree.
    whole = LexborHTMLParser(markup) if shown < SCANTY or shown < len(markup) * THIN else None
    fragment = carried(whole, shown) if whole is not None else None
    if fragment is not None:
        lines = _lines_of_fragment(fragment, limits)
        article.facts = article.facts._replace(title=title_beside(markup) or article.facts.title)
    elif sum(map(len, lines)) < SHORTEST:
        lines = max(lines, _by_trafilatura(markup), key=lambda found: sum(map(len, found)))
    if whole is not None and weight("".join(lines)) < LEAST and (documents := documents_of(whole)):
        raise _empty(documents)
    if not any(map(str.strip, lines)):
        raise _empty()
    facts = article.facts
    if facts.title and not _has_title(lines, facts.title):
        lines.insert(0, facts.title)
    return Page("\n".join(lines), "text/html", encoding, facts.title, facts.publisher, facts.published_on)


def read_answer(title: str | None, article: str, encoding: str | None, limits: Limits = DEFAULT) -> Page:
    """Read the article of an answer in JSON, markup or plain text."""
    lines = _lines_of_fragment(article, limits)
    if title and not _has_title(lines, title):
        lines.insert(0, title)
    return Page("\n".join(lines), "application/json", encoding, title)


def _lines_of_fragment(fragment: str, limits: Limits) -> list[str]:
    """The lines of carried text, which is markup or plain text."""
    from selectolax.lexbor import LexborHTMLParser

    if "<" not in fragment:
        return [line.strip() for line in fragment.splitlines() if line.strip()]
    _check_nesting(fragment, limits)
    tree = LexborHTMLParser(fragment)
    tree.strip_tags(list(UNREAD - {"head"}))
    lines = block_lines(tree.body, set()) if tree.body is not None else []
    return [line for line in lines if not is_furniture(line)] or [fragment]


def _empty(documents: list[str] | None = None) -> Refused:
    if documents:
        where = "、".join(documents[:3])
        return Refused(
            "empty",
            f"网页没有正文，正文在它所附或嵌入的文件中：{where}；请把该文件的网址加入来源 / "
            f"the text is not on the page but in a file to which it leads, add its address to the sources: {where}",
            tuple(documents),
        )
    return Refused(
        "empty",
        "网页没有正文（可能由脚本在浏览器中生成）；请用浏览器打开后另存为网页或 PDF 再提交 / "
        "the page shows no text without a browser: open it, save it as a page or PDF and submit that",
    )


def _check_nesting(markup: str, limits: Limits) -> None:
    # Counted as if nothing closed by itself, so that broken pages count too much; none was seen with 1,000.
    if markup.count("<") <= limits.nesting:
        return
    depth = max(accumulate(-1 if match else 1 for match in _OPENING.findall(markup)), default=0)
    if depth > limits.nesting:
        raise Refused(
            "too_large",
            f"网页元素嵌套超过 {limits.nesting} 层，疑为损坏或恶意文件；请核对来源 / "
            f"elements nested deeper than {limits.nesting}: broken or hostile, check where the page came from",
        )


def _has_title(lines: list[str], title: str) -> bool:
    wanted = "".join(title.split())
    begin = "".join("".join(lines[:6]).split())
    return wanted in begin[: len(wanted) + 200]


def _by_trafilatura(markup: str) -> list[str]:
    import trafilatura  # half a second to import, needed for few pages

    found = trafilatura.extract(markup, include_comments=False, include_tables=True, favor_recall=True)
    return [line for line in (found or "").splitlines() if line.strip()]


class _Article:
    """The article of one page and the facts around it."""

    def __init__(self, tree: LexborHTMLParser, body: LexborNode) -> None:
        self.tree, self.body = tree, body
        self.whole = body.text()
        self.index = _index_table(body) if INDEX.search(self.whole) else None
        self.facts = _facts(tree, self.index, self.whole)

    def lines(self) -> list[str]:
        """The lines of the article."""
        weights: dict[int, int] = {}
        for container in self._containers():
            if len(container.text()) < FAIR_PART * len(self.whole):
                # Where links outweigh the text, the share of running text decides.
                weights = weights or _weights(self.body)
                if weights.get(container.mem_id, 0) < max(SHORTEST, FAIR_PART * weights[self.body.mem_id]):
                    continue
            found = self._lines_of(container)
            if sum(map(len, found)) >= SHORTEST:
                return found
        return self._lines_of(_densest(self.body, weights or _weights(self.body)))

    def _containers(self) -> list[LexborNode]:
        """The nodes that the selectors name, in the order of the selectors."""
        found = self.tree.css(_ANY_CONTAINER)
        return sorted(found, key=_rank)[:MOST_CONTAINERS] if found else []

    def _lines_of(self, root: LexborNode) -> list[str]:
        skipped = {self.index.mem_id} if self.index is not None else set()
        kept = []
        for line in block_lines(root, skipped):
            if is_furniture(line):
                self.facts = self.facts.or_else(facts_of_line(line))
            else:
                kept.append(line)
        return kept


def _rank(node: LexborNode) -> int:
    """How sure a container is: the place of the first selector that names it."""
    attributes = node.attributes
    names = [
        node.tag or "",
        f"#{attributes.get('id')}",
        *(f".{name}" for name in (attributes.get("class") or "").split()),
    ]
    return min((_RANKS[name] for name in names if name in _RANKS), default=len(_RANKS))


def _weights(body: LexborNode) -> dict[int, int]:
    """The running text in and below every element, links aside, in characters, by ``mem_id``."""
    weights: dict[int, int] = {}
    path: list[int] = [body.mem_id]
    sums: list[int] = [0]
    linked = 0
    for node, leaving in walk(body):
        if node.is_text_node:
            text = node.text_content or ""
            if not linked and len(text) > 10 and _RUNNING.search(text):
                sums[-1] += len(text)
        elif not leaving:
            linked += node.tag == "a"
            path.append(node.mem_id)
            sums.append(0)
        else:
            linked -= node.tag == "a"
            weight = sums.pop()
            weights[path.pop()] = weight
            sums[-1] += weight
    weights[body.mem_id] = sums[0]
    return weights


def _densest(body: LexborNode, weights: dict[int, int]) -> LexborNode:
    """The innermost element that holds most of the running text."""
    node, whole = body, weights.get(body.mem_id, 0)
    while True:
        child = node.child
        heaviest, weight = None, 0
        while child is not None:
            if weights.get(child.mem_id, 0) > weight:
                heaviest, weight = child, weights[child.mem_id]
            child = child.next
        if heaviest is None or weight < MOST * whole or heaviest.tag in {"p", "span", "font", "b", "strong"}:
            return node
        node = heaviest


def _index_table(body: LexborNode) -> LexborNode | None:
    """The smallest element that holds an index table: 索引号 with other fields beside it."""
    for node, leaving in walk(body):
        if leaving or not node.is_text_node or not INDEX.search(node.text_content or ""):
            continue
        holder = node.parent
        while holder is not None and holder.mem_id != body.mem_id:
            text = shown_text(holder)
            if len("".join(text.split())) > LONGEST_INDEX:
                break
            if holder.tag in {"table", "ul", "dl", "div"} and facts_of_index(text) != Facts():
                return holder
            holder = holder.parent
    return None


def _facts(tree: LexborHTMLParser, index: LexborNode | None, shown: str) -> Facts:
    meta: dict[str, str] = {}
    for node in tree.css("meta[content]"):
        attributes = node.attributes
        name = (attributes.get("name") or attributes.get("property") or "").lower()
        meta.setdefault(name, (attributes.get("content") or "").strip())
    title = meta.get("articletitle") or _heading(tree) or meta.get("og:title") or _site_title(tree)
    publisher = meta.get("contentsource") or meta.get("source")
    published = next(
        (day for name in ("pubdate", "publishdate", "article:published_time", "firstpublishedtime", "createdate")
         if (day := parse_date(meta.get(name, "")))),
        None,
    )  # fmt: skip
    stated = Facts(title, publisher, published)
    listed = facts_of_index(shown_text(index)) if index is not None else Facts()
    byline = BYLINE.search(shown)
    around = shown[max(0, byline.start() - 80) : byline.end() + 120] if byline else ""
    return stated.or_else(listed).or_else(facts_of_line(around))


def _heading(tree: LexborHTMLParser) -> str | None:
    headings = [
        squeezed(shown_text(node)) for node in tree.css("h1, .article-title, .articleTitle, .xxgk_title, #title")
    ]
    return max((heading for heading in headings if 4 <= len(heading) <= 120), key=len, default=None)


def _site_title(tree: LexborHTMLParser) -> str | None:
    node = tree.css_first("title")
    parts = [part for part in _SITE.split(squeezed(node.text())) if part] if node is not None else []
    # A page's own title stands first, or is the part that names a report; the site's name follows.
    return next(
        (part for part in parts if re.search("报告|報告|总结|總結|情况|情況", part)), parts[0] if parts else None
    )
