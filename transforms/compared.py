"""Compared: of which indicator a change or last year's figure speaks that names none itself.

收到信访件67件，同比增长13.5% · 罚款355万元，去年同期为300万元: it speaks of the figure before it, if nothing but words
of comparison lies between. A comparison with anything but the year before (环比, 较年初) is of no
use to anybody who holds it against last year's report, and is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from transforms.quantity import Quantity

_BETWEEN = re.compile(
    "[）)]?[，,（(、]?而?(?:同比|[较比与和同]|相[较比])?(?:上一?年度?|去年)?(?:同期|同比|全年)?(?:相比|相较|比较)?[，,]?"
    "(?:同比)?(?:的|数|为|是|有|仅|只|约|近|超过?)*"
    "(?:(?:同比)?(?:增长|增加|上升|提高|提升|增幅|升幅|下降|减少|降低|下滑|下跌|降幅|增|减|升|降|多|少|上涨)(?:幅度)?)?"
    "(?:了|率|为|达到?|至少|约|近|超过?|出)*"
)
"""What may lie between: the year before, a verb of change, and the words that go with them."""
_COMPARES = re.compile("上一?年|去年|同比|同期|增|升|提|降|减|下|多|少|涨")
_SPEAKING = {"change", "prior"}
_SHARES = {"%", "个百分点", "百分点"}


def compared(
    text: str, quantities: Sequence[Quantity], stated: Sequence[tuple[str, ...]], about: Sequence[tuple[str, ...]]
) -> list[tuple[str, ...]]:
    """``about`` with what each change and prior speaks of that names nothing itself.

    Args:
        text: The cleaned text.
        quantities: Its quantities in order.
        stated: The indicators that each states.
        about: The indicators that each speaks of without stating them.
    """
    found = list(about)
    for at in range(1, len(quantities)):
        one, before = quantities[at], quantities[at - 1]
        if one.kind not in _SPEAKING or found[at] or one.scope == "higher" or one.sentence != before.sentence:
            continue
        between = text[before.end : one.start]
        if _BETWEEN.fullmatch(between) is None or _COMPARES.search(between) is None:
            continue
        if before.kind == "actual" and _comparable(one, before):
            found[at] = stated[at - 1]
        elif before.kind in _SPEAKING:
            # 案件92宗，去年80宗，上升15%: both speak of the figure before them.
            found[at] = found[at - 1]
    return found


def _comparable(one: Quantity, before: Quantity) -> bool:
    """Whether a change or last year's figure can be one of this figure by its unit."""
    return one.unit == before.unit or (one.kind == "change" and one.unit in _SHARES)
