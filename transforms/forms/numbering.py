"""Automatic numbers of Word paragraphs: 一、 and （二） are often not in the text but counted by the program."""

from __future__ import annotations

from typing import Any, NamedTuple

NOTED = frozenset(("ilvl", "numId", "pStyle"))
"""The properties of a paragraph that decide its number."""
_DIGITS = "〇一二三四五六七八九"
_CHINESE = frozenset(
    (
        *("chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCounting"),
        *("taiwaneseCountingThousand", "koreanCounting", "ideographTraditional"),
    )
)


class Level(NamedTuple):
    """One level of a list: how its number is written, in what text, and where it begins."""

    form: str
    text: str
    start: int


class Numbering:
    """The lists of one document and how far each has counted.

    Args:
        lists: the root of ``numbering.xml``, None if there is none.
        styles: the root of ``styles.xml``, None if there is none; a heading's style may carry its list.
    """

    def __init__(self, lists: Any = None, styles: Any = None) -> None:
        self.levels: dict[str, dict[int, Level]] = {}
        self.abstract_of: dict[str, str] = {}
        self.by_style: dict[str, tuple[str, int]] = {}
        self.counts: dict[str, dict[int, int]] = {}
        self.noted: dict[str, str] = {}
        if lists is not None:
            self._read_lists(lists)
        if styles is not None and self.levels:
            self._read_styles(styles)

    def note(self, name: str, element: Any) -> None:
        """Note a property of the paragraph that is being read."""
        self.noted[name] = value_of(element) or ""

    def label(self, *, has_text: bool) -> str:
        """The number of the paragraph whose properties were noted, "" if it has none."""
        noted, self.noted = self.noted, {}
        number, level = self.by_style.get(noted.get("pStyle", ""), ("", 0))
        if "numId" in noted:
            number = noted["numId"]
        if noted.get("ilvl", "").isdecimal():
            level = int(noted["ilvl"])
        abstract = self.abstract_of.get(number)
        if abstract is None or not has_text or level not in self.levels[abstract]:
            return ""
        counts = self.counts.setdefault(abstract, {})
        counts[level] = counts.get(level, self.levels[abstract][level].start - 1) + 1
        for deeper in [other for other in counts if other > level]:
            del counts[deeper]
        return self._written(abstract, level, counts)

    def _written(self, abstract: str, level: int, counts: dict[int, int]) -> str:
        levels = self.levels[abstract]
        text = levels[level].text
        if levels[level].form in {"bullet", "none"}:
            return ""
        for other, found in levels.items():
            text = text.replace(f"%{other + 1}", _numeral(counts.get(other, found.start), found.form))
        return text + " " if text[-1:].isalnum() and text.isascii() else text

    def _read_lists(self, root: Any) -> None:
        for abstract in _children(root, "abstractNum"):
            self.levels[_attribute(abstract, "abstractNumId")] = {
                int(_attribute(level, "ilvl") or 0): Level(
                    _child_value(level, "numFmt") or "decimal",
                    _child_value(level, "lvlText") or "",
                    int(start) if (start := _child_value(level, "start") or "1").isdecimal() else 1,
                )
                for level in _children(abstract, "lvl")
                if (_attribute(level, "ilvl") or "0").isdecimal()
            }
        for number in _children(root, "num"):
            abstract_id = _child_value(number, "abstractNumId") or ""
            if abstract_id in self.levels:
                self.abstract_of[_attribute(number, "numId")] = abstract_id

    def _read_styles(self, root: Any) -> None:
        for style in _children(root, "style"):
            for properties in _children(style, "pPr"):
                for listed in _children(properties, "numPr"):
                    level = _child_value(listed, "ilvl") or "0"
                    number = _child_value(listed, "numId") or ""
                    self.by_style[_attribute(style, "styleId")] = (number, int(level) if level.isdecimal() else 0)


def value_of(element: Any) -> str | None:
    """The ``val`` attribute of an element, whatever its namespace."""
    return _attribute(element, "val") or None


def _attribute(element: Any, name: str) -> str:
    return next((str(value) for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")


def _children(element: Any, name: str) -> list[Any]:
    return [child for child in element if isinstance(child.tag, str) and child.tag.rpartition("}")[2] == name]


def _child_value(element: Any, name: str) -> str | None:
    return next((value_of(child) for child in _children(element, name)), None)


def _numeral(number: int, form: str) -> str:
    if form in _CHINESE and 0 < number < 100:
        tens, ones = divmod(number, 10)
        return (_DIGITS[tens] if tens > 1 else "") + ("十" if tens else "") + (_DIGITS[ones] if ones else "")
    if form in {"ideographDigital", "japaneseDigitalTenThousand"}:
        return "".join(_DIGITS[int(digit)] for digit in str(number))
    if form.startswith("decimalEnclosedCircle") and 0 < number <= 20:
        return chr(0x2460 + number - 1)
    if form in {"upperLetter", "lowerLetter"} and 0 < number <= 26:
        return chr((65 if form == "upperLetter" else 97) + number - 1)
    return str(number)
