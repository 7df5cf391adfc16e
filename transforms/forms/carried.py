"""Carried text: an article that a page brings along for a script to show, and the documents to which it leads.

New site systems send a page without its text: the article is a string of a script, a value of JSON (in a script or as
the whole answer of an interface), the content of a hidden ``textarea`` or the ``srcdoc`` of a frame. No script is run:
the strings are read.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser

SHORTEST = 100
"""Han characters of a string that may be an article."""
FEWEST_OF_TITLE = 6
"""Han characters of a title; 首页 and 搜索 are titles too."""
LONGEST_ADDRESS = 1_000
MORE = 2
"""Times as many Han characters as the page shows make a carried text its article."""
_STRING = re.compile(
    r'"(?P<double>(?:[^"\\\n]|\\.)*+)(?:"|(?=\n)|\\?\Z)'
    r"|'(?P<single>(?:[^'\\\n]|\\.)*+)(?:'|(?=\n)|\\?\Z)"
    r"|`(?P<quoted>(?:[^`\\]|\\.)*+)(?:`|\\?\Z)",
    re.DOTALL,
)
"""A string of a script; one that nothing closes ends with its line, so that no text is gone through twice."""
_ESCAPE = re.compile(r"\\(?:u\{?([0-9a-fA-F]{4,6})\}?|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_NAMED = {"n": "\n", "r": "\r", "t": "\t", "b": "", "f": "", "v": "", "\n": ""}
_DOCUMENT = re.compile(
    r"[^?#]{0,500}?[?#](?:[^#]{0,200}&)?file=([^&#]{1,500})|([^?#]{1,500}\.(?:pdf|docx?|wps|rtf|ofd|zip|rar)(?:\?[^#]*)?)(?:#.*)?",
    re.IGNORECASE | re.DOTALL,
)
"""The address of a document, or of a viewer that is told which to show."""
_ENDING = re.compile(r"\.(?:pdf|docx?|wps|rtf|ofd|zip|rar)$", re.IGNORECASE)
_HAN = re.compile("[\u4e00-\u9fff]")
_LIKELY = re.compile(r"[\u4e00-\u9fff]|\\u[4-9][0-9a-fA-F]{3}")
_TITLE = re.compile(r'"(?:title|headline|name)"\s*:\s*"((?:[^"\\\n]|\\.){4,400}+)"', re.IGNORECASE)


def weight(text: str) -> int:
    """Han characters of a text."""
    return len(_HAN.findall(text))


def carried(tree: LexborHTMLParser, shown: int = 0) -> str | None:
    """The article that a page carries and does not show: markup or plain text.

    Args:
        tree: the page, with everything in it.
        shown: how many Han characters it shows.

    Returns:
        The longest carried text, None if there is none worth ``MORE`` times what is shown.
    """
    least = max(SHORTEST, MORE * shown)
    return max((text for text in _texts(tree) if weight(text) >= least), key=weight, default=None)


def documents_of(tree: LexborHTMLParser) -> list[str]:
    """The addresses, as they are written, of the documents that a page embeds or links to, each once."""
    found: dict[str, None] = {}
    for node in tree.css("a[href], iframe[src], frame[src], embed[src], object[data]"):
        attributes = node.attributes
        address = (attributes.get("href") or attributes.get("src") or attributes.get("data") or "").strip()
        match = _DOCUMENT.fullmatch(address) if len(address) <= LONGEST_ADDRESS else None
        if match and (match[2] or _ENDING.search(match[1])):
            found[match[1] or match[2]] = None
    return list(found)


def of_json(text: str) -> tuple[str | None, str] | None:
    """Title and article (markup or plain text) of an answer in JSON, None if the text is none or holds no article."""
    stripped = text.strip()
    if stripped[:1] + stripped[-1:] not in {"{}", "[]"} or not _STRING.search(stripped, 0, 1000):
        return None
    article = max(_strings(stripped), key=weight, default="")
    if weight(article) < SHORTEST:
        return None
    return title_beside(stripped), article


def title_beside(text: str) -> str | None:
    """The title that stands beside an article in JSON: the first value of that name that has a title's length."""
    found = (_unescaped(match[1]).strip() for match in _TITLE.finditer(text))
    return next((title for title in found if weight(title) >= FEWEST_OF_TITLE), None)


def _texts(tree: LexborHTMLParser) -> Iterator[str]:
    yield from (html.unescape(node.text()) for node in tree.css("textarea"))
    yield from (node.attributes.get("srcdoc") or "" for node in tree.css("iframe[srcdoc]"))
    for script in tree.css("script"):
        yield from _strings(script.text())


def _strings(script: str) -> Iterator[str]:
    """The long strings of a script or of JSON, their escapes resolved."""
    for match in _STRING.finditer(script):
        string: str = match[match.lastgroup or 0]
        if len(string) >= SHORTEST and _LIKELY.search(string):
            yield html.unescape(_unescaped(string)) if "&lt;" in string else _unescaped(string)


def _unescaped(string: str) -> str:
    if "\\" not in string:
        return string
    try:
        whole: str = json.loads(f'"{string}"', strict=False)
    except ValueError:
        return _ESCAPE.sub(_resolved, string)
    return whole


def _resolved(match: re.Match[str]) -> str:
    if code := match[1] or match[2]:
        return chr(min(int(code, 16), 0x10FFFF))
    return _NAMED.get(match[3], match[3])
