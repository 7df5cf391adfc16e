"""Carried text: an article that a page brings along for a script to show, in a text area, a frame or a string.

New site systems send a page without its text: the article is a string of a script, a value of JSON (in a script or as
the whole answer of an interface), the content of a hidden ``textarea`` or the ``srcdoc`` of a frame. No script is run:
the strings are read.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator

SHORTEST = 100
"""Han characters of a string that may be an article."""
FEWEST_OF_TITLE = 6
"""Han characters of a title; 首页 and 搜索 are titles too."""
MORE = 2
"""Times as many Han characters as the page shows make a carried text its article."""
_AREA = re.compile(r"<textarea\b[^>]{0,500}>(.*?)</textarea", re.IGNORECASE | re.DOTALL)
_FRAME = re.compile(r"\bsrcdoc\s*=\s*(?:\"([^\"]*+)\"|'([^']*+)')", re.IGNORECASE)
_SCRIPT = re.compile(r"<script\b[^>]{0,1000}>(.*?)</script", re.IGNORECASE | re.DOTALL)
_STRING = re.compile(
    r'"(?P<double>(?:[^"\\\n]|\\.)*+)"' r"|'(?P<single>(?:[^'\\\n]|\\.)*+)'" r"|`(?P<quoted>(?:[^`\\]|\\.)*+)`",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u\{?([0-9a-fA-F]{4,6})\}?|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_NAMED = {"n": "\n", "r": "\r", "t": "\t", "b": "", "f": "", "v": "", "\n": ""}
_HAN = re.compile("[\u4e00-\u9fff]")
_LIKELY = re.compile(r"[\u4e00-\u9fff]|\\u[4-9][0-9a-fA-F]{3}")
_TITLE = re.compile(r'"(?:title|headline|name)"\s*:\s*"((?:[^"\\\n]|\\.){4,400}+)"', re.IGNORECASE)


def weight(text: str) -> int:
    """Han characters of a text."""
    return len(_HAN.findall(text))


def carried(markup: str, shown: int = 0) -> str | None:
    """The article that a page carries and does not show: markup or plain text.

    Args:
        markup: the page.
        shown: how many Han characters it shows.

    Returns:
        The longest carried text, None if there is none worth ``MORE`` times what is shown.
    """
    least = max(SHORTEST, MORE * shown)
    return max((text for text in _texts(markup) if weight(text) >= least), key=weight, default=None)


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


def _texts(markup: str) -> Iterator[str]:
    lowered = markup.lower()
    if "<textarea" in lowered:
        yield from (html.unescape(match[1]) for match in _AREA.finditer(markup))
    if "srcdoc" in lowered:
        yield from (html.unescape(match[1] or match[2] or "") for match in _FRAME.finditer(markup))
    if "<script" in lowered:
        for script in _SCRIPT.finditer(markup):
            yield from _strings(script[1])


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
