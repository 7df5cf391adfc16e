"""Set phrases: expressions that hold a number and a measure word and count nothing (三项制度, 两个维护, 一件事).

The list is data, ``seeds/set_phrases.csv``: slogans, named initiatives and idioms of official Chinese of the years
since 2012, each beginning with its numeral. Where the list ends, four patterns of the language go on: 一X一Y
(一村一法律顾问), a number in a short quotation (“四个清零”), ranks and sessions (两级, 二十届), and sets of
abstractions (五个方面).
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from functools import cache

from seeds import SEEDS
from transforms.numerals import HAN_NUMERALS

_PAIRED = re.compile(f"一[^{HAN_NUMERALS}，。、；：\\n]{{1,3}}[一两多三]")
_ABSTRACT = re.compile(
    "(?:到位|聚焦|坚持|必须|确保|结合|统一|导向|意识|转变|提升|强化|注重|突出|不|必"
    "|一批|一[^0-9级]|百分之百|100%|100％|着力|统筹|清零|严禁|优先|率先|加强|理念|自信|全覆盖|全面|零)"
)
_DEEDS = re.compile(
    "(?:落实|推进|推动|抓好|围绕|规范|创新|完善|健全|深化|增强|提高|保证|严格|严把|狠抓|紧盯|紧扣|立足|延伸|融合|下沉|前移|拓展|促进|明确|加大"
    "|实现|打造|深入|贯通|联动|跟进|对接|破除|压实|夯实|筑牢|做实|做好|抓实|强调|带头|走在前|成为|转型|升级|同步|下降|见底)(?=[，。、；：,;:”」）)\\s]|$)"
)
"""What one does, and how often one says so: behind it nothing is counted (三个落实，切实履行; but 三个推进项目)."""
_ABSTRACT_HAN = re.compile(
    "(?:方面|层面|维度|层次|角度|环节|关键(?!岗位)|原则|抓手|关系|支柱|机制|制度|体系|防线|模式|优势|程序|措施|举措|能力|载体|驱动|支撑|引领|保障|关口|纪律|清单制|步骤|阶段)"
)


@cache
def phrases() -> dict[str, tuple[str, ...]]:
    """Set phrases by their first two characters."""
    groups: dict[str, list[str]] = defaultdict(list)
    with (SEEDS / "set_phrases.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            groups[row["phrase"][:2]].append(row["phrase"])
    return {key: tuple(group) for key, group in groups.items()}


def begins_phrase(text: str, start: int) -> bool:
    """Whether a listed set phrase begins at ``start``, where a Chinese numeral stands."""
    group = _PHRASES.get(text[start : start + 2])
    if group is not None and text.startswith(group, start):
        return True
    return text[start] == "一" and _PAIRED.match(text, start, start + 7) is not None


def counts_abstractions(text: str, end: int, is_han: bool) -> bool:
    """Whether what follows a number with 个, 项, 大 or the like is a set of abstractions (方面, 到位, 100%)."""
    if _ABSTRACT.match(text, end) is not None:
        return True
    return is_han and (_ABSTRACT_HAN.match(text, end) or _DEEDS.match(text, end)) is not None


_PHRASES = phrases()
