"""Subjects: over which stretches of a text a county, a city or one of their offices is the subject, and no township.

A report speaks of its township without saying so, and names a higher body where that acts or is counted: 全县受理…,
县司法局开展…, 紫阳县建成…. The figures that follow are that body's, over clauses and sentences, until the township
is named (我镇, 其中梅子镇, ；街道自评) or the paragraph ends. What an office does holds for less, to the semicolon: the
next clause is the township's again. A text that has told neither township nor figure before is the higher body's own,
and goes on over its paragraphs.

A higher body is the subject where it opens a clause, dates, 据 and the name of a county apart. Behind 联合, 通过 or
获 it is none, nor where it is a merit (全县首个), a medium (全市信息公开平台) or does something to the township
(县里下达, 区检察院建议): there the township's own figure is told. The words are data, ``seeds/subjects.csv`` (kind,
term). Of the first three kinds, and of the places of ``seeds/places.parquet``, the longest counts where terms overlap:

- ``whole`` the higher body in one word; ``seat`` begins with the letter that ends the name of a county or opens that of
  its office (县司法局); ``none`` takes the sense of a shorter one away (社区)
- ``joint`` stands before a subject; ``office`` ends the name of one
- ``merit``, ``event``, ``medium`` and ``deed`` behind a higher body make it no subject; ``running`` makes a medium one
"""

from __future__ import annotations

import csv
import re
from bisect import bisect_right
from functools import cache
from typing import Literal, NamedTuple

import pyarrow.parquet as pq
from ahocorasick_rs import AhoCorasick, MatchKind

from seeds import SEEDS

Subject = Literal["", "body", "office"]
"""No subject, a higher body as a whole, or one of its offices."""

_FOUND = frozenset(("whole", "seat", "none"))


@cache
def _table() -> dict[str, dict[str, None]]:
    """By kind the terms of the table, in its order."""
    kinds: dict[str, dict[str, None]] = {}
    with (SEEDS / "subjects.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            kinds.setdefault(row["kind"], {})[row["term"]] = None
    return kinds


def _any(kind: str) -> str:
    """A pattern of all terms of a kind, the longest first."""
    return "(?:" + "|".join(map(re.escape, sorted(_table()[kind], key=len, reverse=True))) + ")"


_REACH = 34
"""Characters before a higher body that its clause is read for."""
_PARAGRAPH = 2000
"""Characters over which a higher body stays the subject, where paragraphs are lost."""
_TITLE = 60
_SHORTEST = 3
"""Characters of a unit's name."""
_HAN = "[\u3400-\u4dbf\u4e00-\u9fff]"
_MARKS = "，,。；;：:！？!?\n\t|"
_WORD = f"[^{_MARKS}]"
_BARE = f"[^{_MARKS}0-9]"
_DATES = "[ \u30000-9〇一二三四五六七八九十两年月日季度初底末以来截至止上下半近前后期间今去本现其此、.．（）()-]"
_COUNTY = (
    "[^\\W\\d_在对向由为被与和及以将把给让经从到赴因按获受请报的了其各每所于并等是有无个项名件次不可该我本全至处"
    "两三四五六七八九十邀标入照实习办理开推落配联审批查检评督指调解设立建造培训宣传参加组织提强制印发出台荣取位同会通"
    "围绕聚焦紧扣依托结合突争响践遵跟真严极主牢贯彻坚决县市交转助移送承根据从完插]{2,3}"
)
"""The name of a county that the registry lacks; the letters of verbs and particles make it none (联合区司法局)."""
_BEFORE = re.compile(
    f"(?:.*[{_MARKS}]|^)(?:{_HAN}{{1,8}}(?:以来|期间))?(?:{_DATES}|{_any('joint')})*(?P<county>{_COUNTY})?$", re.DOTALL
)
_MEDIUM = f"(?:(?!{_any('running')}){_BARE}){{0,10}}(?:{_any('medium')}|网(?![格络])|(?<!联)系统)"
_DEED = f"{_WORD}{{0,10}}{_any('deed')}"
_TO_THE_TOWNSHIP = (
    f"[下交转划拨派补奖给要安分的]|{_DEED}|对(?:街|镇|乡|我|本)|把{_WORD}{{0,20}}[交给转]|{_BARE}{{1,8}}的"
)
_NOT_WHOLE = re.compile(
    f"“?{_any('merit')}|(?:人大|党)?代表|政协委员|(?<=国)(?![共各已有现])|[0-9]{{1,3}}个(?:乡镇|镇街|街镇|街道|镇|乡){_WORD}{{0,3}}[中里排第]"
    f"|(?<=里)(?:还|也|又|先后)?(?:{_TO_THE_TOWNSHIP})"
    f"|{_BARE}{{0,14}}{_any('event')}(?:召开|结束|举行)?(?:中|上|里|之?后|以来|时|期间|过程中)|{_MEDIUM}"
)
_OFFICE = re.compile(
    f"{_HAN}{{0,10}}?(?:{_any('office')}|委(?!员(?!会))|(?<![交督承举主协经代帮联开创转])办(?![理结案件事学]))"
)
_NOT_OFFICE = re.compile(
    f"代表|{_DEED}|{_MEDIUM}|的{_WORD}{{0,8}}(?:要求|部署|指导)"
    f"|{_HAN}{{0,6}}(?<!依托)(?:所(?!有)|中队|法庭|站|分局|分中心)"
)
"""Its people, what it does to the township, where it publishes, and its stations, which are in the township."""
_NEVER = re.compile(f"[长管直属内外]|{_MEDIUM}")
_NO_COUNTY = re.compile("[0-9个级镇村转]|乡(?!镇)|街道|社区")
_GOES_ON = re.compile("[近今全共累坚各已统前上下自把将以围聚推建深扎强大持紧创始着健积]")
"""How a clause goes on behind 区 and 市, which end other words too: 近年来, 共, 坚持."""
_NAMED = frozenset(("", *"：:\n\t| \u3000）)"))
"""What stands behind a body that is only named: addressee, source or signature."""
_HEAD = f"[{_MARKS} 中而到在为由间]"
"""What stands before a township that is named by its kind alone: 其中街道, 而镇综治中心."""
_OWN = re.compile(
    f"镇(?:(?<=[我本全该]镇)|域|(?<={_HEAD}镇)(?![街村、乡和]|级层)|(?<=、镇)(?=[党政司综])"
    f"|(?<={_HAN}镇)(?<![乡城村街集县市区个各级古小大中心多每省等、条座家两]镇)(?<!街道镇)(?<!苏木镇)"
    f"(?<![镇乡道]、{_HAN}{{2}}镇)(?<![镇乡道]、{_HAN}{{3}}镇)(?![街级区、乡]|村[两干级组、（联三])"
    f"|(?<={_HAN}市镇)(?<![全我各本该]市镇)(?<![全我各本该在县级由]{_HAN}市镇)(?![、村]))"
    f"|乡(?:(?<=[我本]乡)|域|(?<=[全该]乡)(?!镇)|(?<={_HEAD}乡)(?![镇村、贤土亲]|级层)|(?<=、乡)(?=[党政司综])"
    f"|(?<={_HAN}乡)(?<![下返回入进还故同思个各多每两条座省市县区]乡)(?![镇贤土亲情风音愁级、街]|村(?!级)))"
    f"|街(?:(?<=[我本全该]街)|道(?:(?<={_HEAD}街道)(?![、和（镇])|(?<=、街道)(?=[党政司综])"
    f"|(?<={_HAN}街道)(?<![镇乡个各级县、和与两条座省市]街道)(?<![全我各本该]区街道)(?![、级])))"
    f"|苏木(?:(?<=[我本全该]苏木)|(?<={_HEAD}苏木)(?!镇)|(?<={_HAN}苏木)(?<![个各座的]苏木)(?<![全我各本该]旗苏木)(?!镇))"
    f"|(?<=[我本])(?:办(?![法理公结案事])|处(?![理罚置])|所(?!有)|站)|辖[区内]|各村(?<=[{_MARKS}]各村)"
)
"""The township, named or by a word; not 乡镇, 各镇, 15个乡, 镇村两级."""
_BESIDE = re.compile(f"{_HAN}{{0,5}}平均|[则约近超仅]?[为是][约近超]?[0-9]")
"""A higher body only for comparison: 我镇办结95%，全县平均91%."""
_MEAN = re.compile("级?(?:平均|均值)(?:水平|值|数)?(?:为|达|是)?[0-9]")
"""Its mean, which the township's own is held against: 高于全区平均93%."""
_ZONE = re.compile("(?:开发|高新|管理|示范|园|新|度假|工业|保税|试验|合作|名胜|景)区|管委会|[农林牧渔]场")
"""In the title, a unit that is no township by its name and calls itself 全区."""
_KIND = (
    "(?:镇|乡|街道?|苏木|地区|(?:开发|管理|园|矿|景|经济|保税|示范|度假|物流|产业|工业|农业|新|片|小|社)区|(?:产业|工业|科技|物流)园|新城"
    "|基地|[农林牧渔种殖畜艺马育]场|机场|管委会|管理[处局]|办事处|监狱|[农林]业局|水库|公司|[一二三四五六七八九十]团|中心)"
)
_TITLED = re.compile(
    f"{_HAN}{{1,24}}?{_KIND}(?=人民政府|政府|党|办事处|管委会|管理委员会|关于|20[0-9]|二[〇○Ｏ零]|法治|信息|综合|[，,（(\n])"
)
"""In the title, the unit that a report is of, behind whatever it belongs to."""
_BELONGS = re.compile("[省市区县旗州盟]")
_UNIT = re.compile(
    f"(?![几辖共设有])(?:(?![各全所每等]){_HAN}){{1,7}}?(?:镇|乡|街道|苏木)"
    "(?=人民政府|政府|党|办事处|综治|司法所|全年|今年|20[0-9]|共[^同建享]|坚持|积极|深入|扎实|组织|开展|[，,、。：:\n“”])"
)
"""Behind a county, a township of it as the one who acts: 紫阳县龙城镇开展…; not 紫阳县各乡镇."""
_COUNT = re.compile("(?<![0-9])[0-9]{1,12}(?![0-9年月日号时、.．）):：/-])")
"""A figure that is no date and no number of an item."""
_DIGIT = re.compile("[0-9]")
_ITEM = re.compile("[。；\n][ \u3000]*(?:[一二三四五六七八九十]是|（[一二三四五六七八九十]）|[一二三四五六七八九十]、)")
_CLAUSE_END = re.compile(f"[{_MARKS}]")
_SENTENCE_END = re.compile("[。！？\n]")
_PART_END = re.compile("[。！？\n；;]")


def _own_names(text: str) -> tuple[str, ...]:
    """How the unit may be called that the title names: 紫阳县龙城镇, 龙城镇; none where the title names none."""
    titled = _TITLED.search(text, 0, _TITLE)
    if titled is None:
        return ()
    name = titled.group()
    cuts = [0, *(match.end() for match in _BELONGS.finditer(name))]
    return tuple(name[cut:] for cut in cuts if len(name) - cut >= _SHORTEST)


class Reigns(NamedTuple):
    """The stretches over which a higher body is the subject, in order and apart."""

    starts: list[int]
    ends: list[int]

    def hold(self, offset: int) -> bool:
        """Whether a higher body is the subject at ``offset``."""
        at = bisect_right(self.starts, offset) - 1
        return at >= 0 and offset < self.ends[at]


class _Words(NamedTuple):
    automaton: AhoCorasick
    kinds: list[str]


@cache
def _words() -> _Words:
    """What may be a higher body: the words of the table and every place of the registry above the townships."""
    places = pq.ParquetFile(SEEDS / "places.parquet").read(columns=["name"], use_threads=False)
    kinds = {str(name): "place" for name in places.column("name").to_pylist()}
    kinds |= {term: kind for kind, terms in _table().items() if kind in _FOUND for term in terms}
    return _Words(AhoCorasick(list(kinds), matchkind=MatchKind.LeftmostLongest), list(kinds.values()))


def reigns(text: str) -> Reigns:
    """Find where a higher body is the subject, in one pass over the text."""
    words = _words()
    found = Reigns([], [])
    until = 0
    told = -1
    zone = _ZONE.search(text, 0, _TITLE) is not None
    own = _own_names(text)
    for term, start, end in words.automaton.find_matches_as_indexes(text):
        kind = words.kinds[term]
        if kind == "none" or start < until or (zone and kind == "whole" and text[start + 1] == "区"):
            continue
        subject = _subject(text, start, end, kind, own)
        if subject:
            told = told if told >= 0 else 0 if own else _first_told(text)
            stop = _until(text, end, subject, own, opening=start < told)
        else:
            stop = _beside(text, start, end, kind)
        if stop >= 0:
            until = stop
            found.starts.append(start)
            found.ends.append(until)
    return found


def _beside(text: str, start: int, end: int, kind: str) -> int:
    """Where a figure has begun that stands right behind a higher body or its mean, -1 where none does."""
    mean = _MEAN.match(text, end)
    if mean is not None:
        return mean.end()
    return end + 1 if kind == "whole" and text[end : end + 1].isdecimal() and text[start - 1 : start] != "占" else -1


def _first_told(text: str) -> int:
    """Where a text first names a township or tells a figure."""
    return min(len(text) if match is None else match.start() for match in (_OWN.search(text), _COUNT.search(text)))


def _subject(text: str, start: int, end: int, kind: str, own: tuple[str, ...]) -> Subject:
    """What the word from ``start`` to ``end`` is, if it opens its clause as the one who acts or is counted.

    ``own`` are the names of the text's own unit, which is none, whatever it belongs to.
    """
    if kind == "place" and end - start == 2 and text[start - 1 : start] not in _MARKS:
        # 丰县 is a county, and so may 禾丰县 be.
        start, kind = end - 1, "seat"
    before = _BEFORE.match(text, max(0, start - _REACH), start)
    if before is None or (before["county"] is not None and kind != "seat"):
        return ""
    if kind == "whole":
        if _NOT_WHOLE.match(text, end) is not None:
            return ""
        return "office" if text[end - 1] == "里" else "body"
    behind = start + 1 if kind == "seat" else end
    if text.startswith(own, behind) or _UNIT.match(text, behind) or _NEVER.match(text, behind) is not None:
        return ""
    office = _OFFICE.match(text, behind)
    if office is not None:
        behind = office.end()
        return "" if text[behind : behind + 1] in _NAMED or _NOT_OFFICE.match(text, behind) is not None else "office"
    if text[behind : behind + 1] in _NAMED or _NO_COUNTY.match(text, behind) is not None:
        return ""
    if kind == "seat" and (
        before["county"] is None or (text[start] in "区市" and _GOES_ON.match(text, behind) is None)
    ):
        return ""
    return "body"


def _until(text: str, end: int, subject: Subject, own: tuple[str, ...], *, opening: bool) -> int:
    """Where a higher body that became the subject at ``end`` stops to be it.

    Args:
        text: The text.
        end: Where its name ends.
        subject: A body as a whole, or an office.
        own: Names of the text's own unit.
        opening: Whether the text has named no township and told no figure before.
    """
    if _BESIDE.match(text, end) is not None:
        return _at(_CLAUSE_END, text, end, len(text))
    limit = len(text)
    if subject == "office" or not opening:
        limit = min(limit, end + _PARAGRAPH)
        paragraph = text.find("\n", end, limit)
        limit = limit if paragraph < 0 else paragraph
    limit = _at(_OWN, text, end, limit)
    for name in own:
        named = text.find(name, end, limit)
        limit = limit if named < 0 else named
    if opening:
        return limit
    limit = _at(_ITEM, text, end, limit)
    if subject == "office":
        return _at(_PART_END, text, end, limit)
    sentence = _at(_SENTENCE_END, text, end, limit)
    return limit if _DIGIT.search(text, end, sentence) is not None else sentence


def _at(pattern: re.Pattern[str], text: str, start: int, end: int) -> int:
    """Where a pattern is found first, ``end`` where it is not."""
    match = pattern.search(text, start, end)
    return end if match is None else match.start()
