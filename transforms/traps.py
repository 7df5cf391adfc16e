"""Traps: numbers that are no quantities at all."""

from __future__ import annotations

import re
from decimal import Decimal

from transforms.units import UNITS_BY_FIRST

_TIME = re.compile(
    "[0-9０-９]+(?:[.．][0-9]+)?[ ]?(?:[-—–~～至到/、.．][ ]?[0-9０-９]+)*[余多来几]?[ ]?个?半?(?:年|月|日|号|时|点[0-9钟半]|小时|分钟|秒|周(?!岁)|星期|季度|世纪|天(?!次)|工作日)"
)
_CODE = re.compile(
    r"[0-9０-９]+(?:[+＋·•×*][0-9０-９NnXx]+)+|[0-9]+[:：][0-9]{2}(?:[:：][0-9]{2})?|1[3-9][0-9]{9}|[0-9]{3,4}[-—－][0-9]{7,8}|[0-9]{10,}[A-Z]?"
)
_LIST = re.compile(r"[0-9０-９]{1,2}(?:[、．)）]|[.](?![0-9]))|[一二三四五六七八九十]{1,3}(?:[、.．)）]|是)")
_HAN_TIME = re.compile(
    "[一二两三四五六七八九十百千零〇廿]+[余多来几]?个?半?(?:年|月|日|号|小时|分钟|秒|周|星期|季度|世纪|天(?!次)|工作日)"
)
_PREFIXES = frozenset("第统唯单专逐同某每划归万几数星")
_HAN_SET = frozenset("一二三四五六七八九十百千万亿两零〇")


def is_trap(text: str, start: int, end: int) -> int:
    """The offset where the trap that begins at ``start`` ends, or 0 where none does."""
    previous = text[start - 1 : start]
    if previous == "第" or (previous in _PREFIXES and text[start] in _HAN_SET):
        return end
    if previous and previous.isascii() and (previous.isalpha() or previous in "+"):
        return end
    if text[start] in _HAN_SET:
        following = text[end : end + 1]
        if following not in UNITS_BY_FIRST and end - start == 1:
            return end
        match = _HAN_TIME.match(text, start)
        if match is not None:
            return match.end()
    else:
        match = _TIME.match(text, start) or _CODE.match(text, start)
        if match is not None:
            return match.end()
    if start == 0 or text[start - 1] in "\n。；（(":
        match = _LIST.match(text, start)
        if match is not None:
            return match.end()
    return 0


def bare_is_number(text: str, start: int, end: int, value: Decimal, is_han: bool) -> bool:
    """Whether a number without unit is a quantity."""
    if is_han:
        return end - start >= 3
    return not text[end : end + 1].isalnum() and value < 10000 and start > 0 and text[start - 1] >= "一"
