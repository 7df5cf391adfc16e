"""Four layouts of a government site's page around one article; all but the article is synthetic (合成)."""

from __future__ import annotations

from html import escape
from pathlib import Path
from string import Template

_LAYOUTS = Path(__file__).parent / "layouts"
LAYOUTS = {"word": "gb18030", "br": "utf-8", "tables": "gb18030", "divs": "utf-8"}
"""The layouts and the encodings they are served in; those in GB 18030 call themselves gb2312.

``word``: an editor with text pasted from Word, cut into spans in the middle of numbers. ``br``: one block with line
breaks.
``tables``: an old page laid out by nested tables, without names. ``divs``: an unknown system with generated class
names.
"""
BOILERPLATE = (
    *("1286", "120万元", "8000份", "35处", "460人", "ICP", "0768", "11500110588903728C", "政务公开"),
    *("打印", "标识码", "2024-01-15"),
)
"""What stands around the article and may not get into it."""


def page(layout: str, title: str, paragraphs: list[str]) -> bytes:
    """A page of one layout with this article."""
    encoding = LAYOUTS[layout]
    template = Template((_LAYOUTS / f"{layout}.html").read_text("utf-8"))
    declared = "gb2312" if encoding == "gb18030" else encoding
    article = _ARTICLES[layout]([escape(paragraph) for paragraph in paragraphs])
    return template.substitute(title=escape(title), encoding=declared, article=article).encode(encoding)


def _word(paragraphs: list[str]) -> str:
    def spans(text: str) -> str:
        pieces = [text[i : i + 7] for i in range(0, len(text), 7)]
        return "".join(f"<span style='font-family:仿宋_GB2312;font-size:16pt'>{piece}</span>" for piece in pieces)

    return "\n".join(f"<p class='MsoNormal' style='text-indent:32pt'>\n{spans(p)}<o:p></o:p></p>" for p in paragraphs)


def _br(paragraphs: list[str]) -> str:
    return "<br>\r\n<br>".join(f"　　{paragraph}" for paragraph in paragraphs)


def _tables(paragraphs: list[str]) -> str:
    return "".join(f"<P>&nbsp;&nbsp;&nbsp;&nbsp;{paragraph}</P>" for paragraph in paragraphs)


def _divs(paragraphs: list[str]) -> str:
    return "".join(f"<div class='x7f'><span>{paragraph}</span></div>" for paragraph in paragraphs)


_ARTICLES = {"word": _word, "br": _br, "tables": _tables, "divs": _divs}
