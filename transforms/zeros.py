"""Verbal zeros: words that say that something countable did not happen (未发生, 没有收到, 无一起, 零投诉, 均为零).

未 and 没有 say zero with verbs of happening and receiving; with verbs of completing (未办结, 没有完成) they say that
something is open. 无 says zero before 一 and a measure word, and before nouns of events that are counted
(无行政复议案件); before other nouns it is an adjective (无障碍, 无证经营). What is denied follows the words, or
precedes 为零.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from transforms.enclosures import Enclosures
from transforms.units import Unit, units

_UNITS = "起次|宗次|件次|人次|件|起|例|宗|次|人|名|户|家|份|条|场|案|项|个|处"
_HAPPEN = (
    "发生过?|出现过?|收到过?|接到过?|接收到?|接获|收取|产生|引发|发现|存在|受理过?|提起|被(?:提起|申请|纠错|撤销|复议|诉)|涉及|新增|形成|查处"
    "|立案|作出|遇到|接受|办理|依申请公开|启动|实施|采取"
)
_EVENT = (
    "行政复议|行政诉讼|复议|诉讼|应诉|败诉|纠错|撤销|投诉|举报|上访|信访|越级访|非访|申请|收费|减免|案件|事故|事件|纠纷|警情|舆情|命案|伤亡|死亡"
    "|赔偿|违法违纪|违纪|犯罪|积案|追责|责任追究|问责|起诉|变更|确认违法|规范性文件|依申请公开|结转|火灾|安全生产|刑事|群体性|通报|被提起"
)
_AUTHORED = "规范性文件|规章|重大行政决策|重大决策|文件"
_ZERO = re.compile(
    rf"[未没无零〇](?:(?<=未)曾?(?:{_HAPPEN}|有(?!效|关|所|机|利|序|力))(?P<u1>(?:过)?(?:任何)?(?:[一1１](?:{_UNITS}))?)"
    rf"|(?<=未)(?=(?:制定|出台|制发|发布|印发)[^，。；,;\n]{{0,12}}(?:{_AUTHORED}))(?:制定|出台|制发|发布|印发)(?:出台|发布|印发)?"
    rf"|(?<=没)(?:有)?(?:{_HAPPEN})(?:过)?(?P<u2>(?:任何)?(?:[一1１](?:{_UNITS}))?)"
    rf"|(?<=没)有(?P<u3>[一1１](?:{_UNITS})|(?=[^，。；,;\n]{{0,8}}(?:{_EVENT})))"
    rf"|(?<=没)有(?=(?:制定|出台)[^，。；,;\n]{{0,12}}(?:{_AUTHORED}))(?:制定|出台)"
    rf"|(?<=无)[一1１](?P<u4>{_UNITS})"
    rf"|(?<=无)(?=[^，。；,;\n无]{{0,10}}(?:{_EVENT}))(?![^，。；,;\n]{{0,3}}(?:法|效|证|照|视|论|须|需|条件|因|障碍|偿|正当|理|故|序))"
    rf"|(?<=[零〇])(?:发生)?(?=[“”]?(?:上访|投诉|举报|事故|复议|诉讼|败诉|案件|积案|越级|信访|纠错|发案|犯罪|事件|伤亡|火灾|申请|非访|进京))"
    r"|(?<=[零〇])(?=[”]?(?:发生|增长|新增)?[，。；）)\n]))"
)
_AFTER_ZERO = re.compile("(?:[均都]?为|等于|是)$")
_NOT_BEFORE = frozenset("并从至")
_NOT_STATED = re.compile("(?:有无|是否|如果|若|凡|对|防止|避免|确保|杜绝|力争|努力|争取|目标|严防)[^，。；,;\n]{0,10}$")
_ATTAINED = re.compile('(?:实现|保持|做到|达到|达成)[^，。；,;\n]{0,20}[“"‘]$')
_AIMED = re.compile("(?:确保|力争|努力|争取|目标|打造|创建)[^。；;\n]*$")
_AIM = re.compile("[^，。；,;\n]{0,10}目标")
_CONDITION = re.compile("[^，。；,;\n]{0,14}的(?!情况|行政|案件|现象|问题|情形)")


class Zero(NamedTuple):
    """A verbal zero; ``unit`` where a measure word is written (无一起)."""

    start: int
    end: int
    unit: Unit | None


def zeros(text: str, enclosed: Enclosures) -> list[Zero]:
    """All verbal zeros of ``text`` in order."""
    found = []
    for match in _ZERO.finditer(text):
        start, end = match.span()
        if text[start] in "零〇":
            zero = _digit_zero(text, start, end, enclosed)
        elif _NOT_STATED.search(text, max(0, start - 14), start) or enclosed.in_title(start):
            zero = None
        elif text[start] == "无" and (
            text[start - 1 : start] in ("有", "毫", "并", "从", "绝", "尚", "全")
            and text[start - 1 : start] not in ("并", "全", "尚")
        ):
            zero = None
        else:
            zero = _negation(text, match, start, end)
        if zero is not None:
            found.append(zero)
    return found


def _negation(text: str, match: re.Match[str], start: int, end: int) -> Zero | None:
    if _CONDITION.match(text, end) is not None and match.lastgroup is None:
        return None
    written = next((group for group in match.groups() if group), "")
    surface = written.lstrip("过任何一1１")
    begin = (
        start - 1
        if text[start - 1 : start] in ("并", "从", "均", "尚", "暂") and text[start] == "未" and False
        else start
    )
    return Zero(begin, end, units().get(surface) if surface else None)


def _digit_zero(text: str, start: int, end: int, enclosed: Enclosures) -> Zero | None:
    """零投诉 and 为零: the character 零 as a number of its own; in a slogan (“零距离”) it says nothing."""
    if text[start - 1 : start] in ("“", '"', "‘"):
        if not re.search('(?:实现|保持|做到|达到|达成)了?[“"‘]$', text[max(0, start - 6) : start]):
            return None
        aimed = _AIMED.search(text, max(0, start - 40), start) or _AIM.match(text, end)
        return None if aimed else Zero(start, start + 1, None)
    if enclosed.in_name(start) or enclosed.in_title(start):
        return None
    if text[end : end + 1] in "，。；）)\n" or text[start + 1 : start + 2] in "，。；）)\n":
        lead = _AFTER_ZERO.search(text, max(0, start - 3), start)
        return Zero(lead.start(), start + 1, None) if lead is not None else None
    if _AIMED.search(text, max(0, start - 40), start) or _AIM.match(text, end):
        return None
    return Zero(start, end, None)
