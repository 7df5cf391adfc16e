"""Verbal zeros: words that say that something countable did not happen (未发生, 没有收到, 无一起, 零投诉, 均为零).

未 and 没有 say zero with verbs of happening and receiving; with verbs of completing (未办结, 没有完成) they say that
something is open. 无 says zero before 一 and a measure word, and before nouns of events that are counted
(无行政复议案件); before other nouns it is an adjective (无障碍, 无证经营). What is denied follows, or precedes 为零.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from transforms.enclosures import Enclosures
from transforms.units import Unit, units

_UNITS = "起次|宗次|件次|人次|件|起|例|宗|次|人|名|户|家|份|条|场|案|项|个|处"
_HAPPEN = (
    "发生过?|出现过?|收到过?|接到过?|接收到?|接获|收取|产生|引发|发现(?![^，。；,;\n]{0,12}应[^，。；,;\n]{1,4}未)|存在|受理过?|提起"
    "|涉及(?!国家秘密|商业秘密|个人隐私|敏感)|新增|新收到?|形成|查处|立案|作出|遇到|接受|启动(?![，。；,;\n])|败诉|出过"
    "|办理(?![^，。；,;\n]{0,12}(?:手续|登记|[证照]))|实施|采取|结转|转结|申请(?=(?:行政)?(?:复议|诉讼))"
    "|开展(?=[^，。；,;\n]{0,8}(?:审查|听证|行政(?:强制|处罚|裁决))(?!的))|(?:召开|举行|举办|组织)(?=[^，。；,;\n]{0,8}听证)"
    "|被(?:提起|申请|纠错|撤销|复议|诉|告(?!知|诫))"
)
_EVENT = (
    "(?:复议|诉讼|应诉|败诉|纠错|撤销|投诉|举报|上访|信访|越级访|非访|集体访|申请|收费|减免|案件|事故|事件|纠纷|警情|舆情|命案|伤亡|死亡|赔偿"
    "|违纪|犯罪|积案|追责|责任追究|问责|起诉|变更|确认违法|行政许可(?:事项|申请|办理|决定)|追究责任|规范性文件|依申请公开|结转|转结|火灾|安全生产|刑事|群体性|通报|被提起|脱管|漏管"
    "|失控|泄密|泄露|(?:较大以上|重大|较大)(?:安全|事故)?隐患|不合格|差评|越权|涉黑|涉恶|吸毒|制毒|种毒|逾期|超期|违规|错案|漏报|瞒报|拖欠)"
)
_ISSUED = "(?:制定|出台|制发|发布|印发)"
_REPEALED = "(?:废止|作废)"
_DOCUMENT = "(?:规范性文件|规章|重大行政决策|重大决策|文件)"
_STATED = "(?:复议|诉讼|应诉|败诉|纠错|上访|投诉|事故|案件|申请|废止|追责)"
"""Events that a negation may follow, two characters each (行政复议没有；引发的诉讼：无)."""
_END = "[，。；,;\n]"
_NEAR = "[^，。；,;\n]"
_ADJECTIVE = (
    f"[权力法效证照视论须需偿理故序人业主户牌]|{_NEAR}{{1,3}}[权证照]|{_NEAR}{{0,3}}(?:条件|障碍|正当)"
    "|(?:违法)?犯罪记录|非法定"
)
"""What makes an adjective or a paper's name of 无 (无效投诉, 无证经营, 无犯罪记录证明)."""
_COUNTED = f"(?:过)?(?:任何)?(?:[一1１](?:{_UNITS}))?"
_ZERO = re.compile(
    "[未没无零〇不](?:"
    f"(?<=未)曾?(?:{_HAPPEN}|有(?!效|关|所|机|利|序|力)){_COUNTED}"
    f"|(?:(?<=未)|(?<=没)有)新?(?={_ISSUED}{_NEAR}{{0,12}}{_DOCUMENT}){_ISSUED}(?:出台|发布|印发)?"
    f"|(?:(?<=未)|(?<=没)有)新?{_ISSUED}(?=(?:新件)?(?:、|{_END}))"
    f"|(?:(?<=未)|(?<=没)有)(?:引起|造成|招致)(?={_NEAR}{{0,14}}{_EVENT})"
    f"|(?<=没)有?人(?=(?:申请|起诉|提起|投诉|举报|上访|信访|败诉))"
    f"|(?:(?<=未)|(?<=没)有)(?:予以?|作|做)?(?={_REPEALED}(?:{_NEAR}{{0,12}}{_DOCUMENT}|、|{_END}))"
    f"|(?<=没)有?(?:{_HAPPEN}){_COUNTED}"
    f"|(?<=没)有(?:[一1１](?:{_UNITS})|(?={_NEAR}{{0,14}}{_EVENT}))"
    f"|(?<=无)(?:发生|发现)|(?<=未)(?=因{_NEAR}{{2,30}}(?:引发|发生|产生|提起|收取)|[向对就]{_NEAR}{{2,30}}收取)"
    f"|(?<=无)(?=因{_NEAR}{{2,20}}(?:引发|引起|导致|造成)的)"
    f"|(?<=无)[一1１](?:{_UNITS})"
    f"|(?<=无)人(?={_NEAR}{{0,4}}(?:起诉|败诉|脱管|犯罪|上访|信访|伤亡|死亡|漏管|失控|违))"
    f"|(?<=无)(?={_NEAR}{{0,16}}{_EVENT})(?!{_ADJECTIVE})"
    f"|(?<=没)有(?:(?<=的没有)|(?<={_STATED}没有))(?={_END})"
    f"|(?<=无)(?:(?<={_STATED}无)|(?<=[：:]无))(?={_END})|(?<={_STATED}[「“‘]无)(?=[」”’]{_END})"
    f"|(?<=无)(?=(?:现行)?有效的?(?:{_DOCUMENT}|件)|废止{_END})"
    f"|(?<=未)被(?={_NEAR}{{0,10}}(?:纠正|纠错|撤销|变更|追责|问责|通报))"
    "|(?<=[零〇])(?:发生)?(?=[“”]?(?:上访|投诉|举报|事故|复议|诉讼|败诉|案件|积案|越级|信访|纠错|发案|犯罪|事件|伤亡|火灾|申请|非访|进京"
    "|登记|制发|受理|废止|出台))"
    "|(?<=[零〇])(?=[”」’]?(?:发生|增长|新增)?[”」’]?[，。；、,;）)\n])"
    "|(?<=不)存在(?:(?<=(?:案件|诉讼|复议|纠纷|事故|投诉|问题)不存在)(?=[，。；,;\n])"
    f"|(?={_NEAR}{{0,10}}{_EVENT})))"
)
_ALIKE = re.compile(
    f"[^，。；、,;\\n]{{2,20}}[，,、；;]无(?=[^，。；、,;\\n]{{3,18}}[，。；、,;\\n])(?!{_ADJECTIVE}|公害|线|纸|烟|抵押|接触)"
    "(?![^，。；、,;\n]*(?:社区|村居?|[镇乡]|街道|单位|家庭|小区|企业|校园|死角|盲区|遗漏|缝隙?|差别|偏差)[，。；、,;\n])"
)
_WRITTEN = re.compile(f"(?:[一1１]|无(?=人))({_UNITS})$")
_LEADS = re.compile("[均都]?为$|等于$|是$")
_NOT_STATED = re.compile(
    f"(?:有无|是否|如果|若|凡|对(?!象)|防止|避免|确保|杜绝|力争|努力|争取|目标|严防){_NEAR}{{0,10}}$"
    "|(?:严禁|禁止|查处|整治|纠正|打击|督促)$"
)
_AIMED = re.compile("(?:确保|力争|努力|争取|目标|打造|争创)[^。；;\n]*$")
_AIM = re.compile(f"{_NEAR}{{0,10}}目标")
_ATTAINED = re.compile('(?:实现|保持|做到|达到|达成)[^，。；,;]{0,20}[“"‘]$')
_CONDITION = re.compile(
    f"{_NEAR}{{0,14}}的(?!情况|发生|出现|规范性|行政|刑事|治安|群体|极端|恶性|案件|现象|问题|情形|越级|集体|信访|上访|投诉|举报|事故|纠纷|复议|诉讼|申请|重大)"
)
"""A clause that qualifies a noun (无人管理的现象 says nothing of a count), unless that noun is the event itself."""
_ADJECTIVE_AFTER = frozenset("有毫从绝")
_CLOSERS = frozenset("，。；、,;）)\n")
_SLOGANS = re.compile(f"[零〇](?!发生|{_EVENT}|{_ISSUED})[^零〇，。；,;\n]{{2,3}}、[^零〇，。；,;、\n]{{0,4}}$")
"""A row of slogans (服务零距离、群众零投诉): what stands before says that nothing is counted."""
_COLONS = frozenset("：:")
_ANSWERED = re.compile(f"(?:{_EVENT}|规章|处罚|强制|许可|裁决)[^，。；,;\\n]{{0,8}}[：:]$")
"""Of what 无 behind a colon is the answer (行政复议情况：无); 其他事项：无 counts nothing."""
_EMPHATIC = re.compile(f"零[”」’](?:发生|增长|{_EVENT})")
"""事故“零”发生: the digit alone stands in quotation marks."""
_NONE_HAPPENED = re.compile("零[”」’]?发生")
_WHAT_HAPPENED = re.compile(f'{_EVENT}[“"‘「]?$')
"""诈骗案件零发生: what did not happen stands right before."""
_ON_DOCUMENTS = re.compile(
    f"(?:规范性文件|规章|重大行政决策|重大决策)(?:{_NEAR}*|[^。\\n]*[，；,;](?:{_NEAR}{{0,6}}[后也均亦年度内])?)$"
)
"""What an object left out is known from: a document told in the clause, or before it where it names nothing else."""
_DOCUMENT_AHEAD = re.compile(f"{_NEAR}{{0,16}}{_DOCUMENT}")
_DEED = re.compile(f"(?:未|没有)(?:新?{_ISSUED}|(?:予以?|作|做)?(?={_REPEALED}))")
_WINDOW = 40
_DEED_ENDS = frozenset("，。；、,;新废作\n")
_BARE = frozenset(("无", "没有", "未有", "不存在"))
"""Negations without a verb of happening: what they deny must be an event itself."""


class Zero(NamedTuple):
    """A verbal zero; ``unit`` where a measure word is written (无一起)."""

    start: int
    end: int
    unit: Unit | None


def zeros(text: str, enclosed: Enclosures) -> list[Zero]:
    """All verbal zeros of ``text`` in order."""
    found: list[Zero] = []
    for match in _ZERO.finditer(text):
        start, end = match.span()
        if enclosed.in_title(start) or (found and found[-1].start >= start):
            continue
        zero = _digit(text, start, end, enclosed) if text[start] in "零〇" else _negation(text, start, end)
        if zero is not None:
            found.append(zero)
            found.extend(_alike(text, zero))
    return found


def _alike(text: str, zero: Zero) -> Iterator[Zero]:
    """无进京非访，无聚集性群访，无负面舆论: what goes on with 无 behind a 无 that says zero says it too."""
    if text[zero.start : zero.end] != "无":
        return
    end = zero.end
    while match := _ALIKE.match(text, end):
        yield Zero(match.end() - 1, match.end(), None)
        end = match.end()


def _negation(text: str, start: int, end: int) -> Zero | None:
    """未发生, 没有, 无: with the measure word that is written."""
    if _NOT_STATED.search(text, max(0, start - 14), start) is not None:
        return None
    if text[start] == "无" and text[start - 1 : start] in _ADJECTIVE_AFTER and start:
        return None
    if text[start - 1 : start] in _COLONS and start and _ANSWERED.search(text, max(0, start - 18), start) is None:
        return None
    if text[end : end + 1] in _DEED_ENDS and _is_of_something_else(text, start, end):
        return None
    written = _WRITTEN.search(text, start, end)
    bare = text[start:end] in _BARE and text[end : end + 1] != "被"
    if bare and _CONDITION.match(text, end) is not None:
        return None
    return Zero(start, end, units().get(written[1]) if written is not None else None)


def _is_of_something_else(text: str, start: int, end: int) -> bool:
    """未出台, 未予废止 without an object say zero only behind 规范性文件 (规范性文件年内未出台)."""
    if _DEED.match(text, start) is None or _DOCUMENT_AHEAD.match(text, end) is not None:
        return False
    return text[start - 1 : start] == "尚" or _ON_DOCUMENTS.search(text, max(0, start - _WINDOW), start) is None


def _is_set_off(text: str, start: int) -> bool:
    """收费为“零”: the digit alone in quotation marks at the end of its clause."""
    closed = text[start + 1 : start + 2] in ("”", "」", "’", '"') and text[start + 2 : start + 3] in _CLOSERS
    return closed and text[start - 2 : start - 1] == "为"


def _digit(text: str, start: int, end: int, enclosed: Enclosures) -> Zero | None:
    """零投诉 and 为零: the character 零 as a number of its own; in a slogan (“零距离”) it says nothing."""
    happened = _NONE_HAPPENED.match(text, start)
    if happened is not None and _WHAT_HAPPENED.search(text, max(0, start - 8), start) is not None:
        aimed = _AIMED.search(text, max(0, start - _WINDOW), start) is not None
        return None if aimed else Zero(start, start + 1, None)
    quoted = text[start - 1 : start] in ("“", '"', "‘", "「")
    if quoted and (_EMPHATIC.match(text, start) is not None or _is_set_off(text, start)):
        end = start + 1
    elif quoted:
        if _ATTAINED.search(text, max(0, start - 24), start) is None:
            return None
        end = start + 1
    elif enclosed.in_name(start):
        return None
    elif text[end : end + 1] in _CLOSERS or text[start + 1 : start + 2] in _CLOSERS:
        lead = _LEADS.search(text, max(0, start - 3), start)
        return Zero(lead.start(), start + 1, None) if lead is not None else None
    if _AIMED.search(text, max(0, start - _WINDOW), start) is not None or _AIM.match(text, end) is not None:
        return None
    if _SLOGANS.search(text, max(0, start - 10), start) is not None:
        return None
    return Zero(start, end, None)
