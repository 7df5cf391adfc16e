"""Naming: whether a number with its measure word counts something or belongs to a name.

三项制度 and “四个清零” are names, 两级 and 二十届 ranks; 一 is an article as often as a count (建立一个平台),
and counts where something was made, had or happened (成立调委会一个, 发生一起).
"""

from __future__ import annotations

import re

from transforms.figures import Candidate
from transforms.numerals import HAN_NUMERALS
from transforms.phrases import begins_phrase, counts_abstractions

_ONE_BEFORE = frozenset("任某上下这那同再又哪首另最进统唯专何手家留漏落新往每")
_DENIED = re.compile("[未没][^，。；,;\n]*过$")
_REPEATED = re.compile("[、，,]?[\u4e00-\u9fff]{2,3}一起")
_REPEATED_BEFORE = re.compile("一起[、，,]?[\u4e00-\u9fff]{2,3}$")
_TWICE = re.compile(
    "(?:发现|排查|成熟|受理|接到|见到|完成|达标)(一[\u4e00-\u9fff])[、，,]?[\u4e00-\u9fff]{2}\\1(?=[，。；、：”,;:\\s]|$)"
)
"""A rule of work, not two counts: 发现一处、制止一处; 成熟一个、推进一个 (but 新建一处、改造一处)."""
_AROUND = 10
_CASE_BEFORE = re.compile(
    "(?:发生|引发|查处|化解|调处|调解|发现|处理|受理|处置|办理|没有|共|仅|有|成功|阻止|制止|破获|侦破|立案|查获|案件|纠纷|事件|事故|[0-9]宗)了?$"
)
_CASE_AFTER = re.compile(
    "(?:案|事故|纠纷|信访|诉讼|行政|复议|因|涉|民事|刑|积怨|交通|火灾|以上|典型|重大|较大|山林|土地|违)"
)
_ONE_UNITS = frozenset("次场期件起宗例名人份家户处所篇部辆座台间册幅轮案亩") | {"场次", "人次", "批次"}
_ONE_MADE = re.compile(
    "(?:成立|组建|设立|建成|新建|建有|配备|聘请|聘用|选聘|获得|荣获|创建|增设|新增|设有|辖|出台|印发|共|各|仅|达|有|计)了?$"
)
_WORKS = ("工程", "项目", "建设", "改造")
_LAST_CLAUSE = re.compile("[^，。；：,;:\\n]*$")
_SETS = frozenset(("个", "项", "条", "道", "大"))
_GENERIC_RANK = frozenset("大级届")
_KINDS_OF = frozenset("类种")
_LARGEST_SET = 10
"""More than ten 大 are a congress (二十大), never a set whose members are listed."""
_CLASS_BEFORE = re.compile("[一二三四五六七八九123456789]类[^，。；,;]{0,8}[、和及]$")
_WHOLE = ("100%", "100％", "百分之百", "百分百")
_AIMED_ONCE = re.compile("(?:综合查|联合查|[最至]多[跑查进填报交]|[只仅][跑查进填报交检来上]|少跑)$")
"""Slogans in which 一次 is the most that is asked of people (只跑一次, 综合查一次)."""
_VEHICLE_BEFORE = ("电动", "机动", "燃油", "人力", "载货")
_VEHICLE_AFTER = frozenset("车摩0123456789")
_WHO = frozenset("的者人有占0123456789")
_CAMERAS = re.compile("(?:监控|探头|视频|摄像|图像|信号|通道)")
_FIGURATIVE = re.compile("[^，。；,;\n]{0,10}(?:答卷|成绩单|画卷|蓝图|图景|硬仗|攻坚战|及时雨|心意|暖意)")
"""What 一份 and 一幅 are articles of: figures of speech."""
_TOLD = re.compile(
    "[^，。；,;\n]{0,12}(?:风险|风波|危机|冲突|纠纷|争执|误会|硬仗|战役|闹剧|变革|革命|及时雨|考验|较量|盛宴)(?=[，。；、：,;:被就终得”\\s]|$)"
)
"""What 一场 is an article of: what a story tells of and nobody counts."""
_FLAGS = re.compile("(?:锦旗|[^，。；,;、\n]{0,6}(?:栏|墙|牌|旗))")
"""What is counted by 面; else it is a side (四面, 三面)."""
_FLAGS_BEFORE = frozenset(("锦旗", "红旗", "奖牌", "展板"))
_GROUP_AFTER = re.compile("(?:工作|专项|领导|督导)?(?:小组|专班)")
_STREETS = frozenset("街路巷道桥")
_HIRED = ("考进", "引进", "调进", "招进", "新进", "购进")
_BOUNDED_BEFORE = re.compile("(?:[年未不]满|超过?|低于|高于|不足|大于|小于)$")
_LARGEST_SLOGAN = 20
_WORDS_WITH = frozenset("路车社")
_BEHIND_GROUP = frozenset("，。、；,;）)和及0123456789 \n")
"""What stands behind 社 as the measure word of villagers' groups (8村52社)."""
_VEHICLE_WORDS = frozenset("道间位型牌主站流")
_FACETS = "面"


_AGES = frozenset(("岁", "周岁"))
COUNTED_IN_SETS = _SETS | _GENERIC_RANK | _KINDS_OF | _AGES | frozenset("路方车分社") | {"部分"}
"""Measure words after which the number may belong to a name even outside quotations."""


def judge_name(text: str, one: Candidate, quoted: bool) -> Candidate | None:
    """The candidate as it is, marked as a name, or None where neither is meant (一 as an article)."""
    unit = one.unit
    if unit is None:
        return None if quoted else one
    if unit.surface in _WORDS_WITH and _is_word_with(text, one, unit.surface):
        return None
    if (unit.surface in _AGES or unit.surface == "分") and _is_bound(text, one):
        return None
    if one.han and _is_no_count(text, one, unit.surface):
        return None
    article = (
        one.han and one.value == 1 and text[one.number] == "一" and not quoted and unit.surface not in _GENERIC_RANK
    )
    if article and not begins_phrase(text, one.number) and not _counts_one(text, one):
        return None
    return one._replace(name=True) if quoted or _is_name(text, one, unit.surface) else one


def _is_bound(text: str, one: Candidate) -> bool:
    """60岁以上的占43%, 低于80分的4人: who is counted, and no count; 得分90分以上 and 平均年龄52岁 are levels."""
    if one.unit is not None and one.unit.surface == "分":
        return text[one.end : one.end + 1] in _WHO and one.qualifier in ("at_least", "at_most", "over")
    return one.qualifier != "exact" or _BOUNDED_BEFORE.search(text, max(0, one.number - 3), one.number) is not None


def _is_no_count(text: str, one: Candidate, surface: str) -> bool:
    """五人小组, 十八米街, 四面, 一份答卷, 一座座: Chinese numerals whose measure word makes a name or an image."""
    if surface == "人":
        return _GROUP_AFTER.match(text, one.end) is not None
    if surface == "米":
        return text[one.end : one.end + 1] in _STREETS
    if surface == "面":
        return text[one.number - 2 : one.number] not in _FLAGS_BEFORE and _FLAGS.match(text, one.end) is None
    if one.value != 1:
        return False
    if surface == "场" and _TOLD.match(text, one.end) is not None:
        return True
    return text.startswith(surface, one.end) or _FIGURATIVE.match(text, one.end) is not None


def _is_name(text: str, one: Candidate, surface: str) -> bool:
    """Whether a figure is a rank, a set phrase, a set of abstractions or an idiom; 六个部分 are a report's own."""
    if surface == "部分" or (surface == "个" and text.startswith("部分", one.end)):
        return True
    if surface in _GENERIC_RANK:
        congress = one.han and one.value > _LARGEST_SET
        return surface != "大" or one.value <= 1 or congress or not _members_listed(text, one.start)
    if surface == "方" and text.startswith(_FACETS, one.end):
        return not _members_listed(text, one.start)
    if one.han and (begins_phrase(text, one.number) or (surface == "期" and text.startswith(_WORKS, one.end))):
        return True
    if surface in _SETS and (one.han or one.value <= _LARGEST_SLOGAN) and counts_abstractions(text, one.end, one.han):
        return text.startswith(_WHOLE, one.end) or not _members_listed(text, one.start)
    if not one.han:
        return False
    if surface in _KINDS_OF:
        return not _members_listed(text, one.start) or _ranks_classes(text, one.start)
    return _is_told_before(text, one, surface) or _is_doubled(text, one)


def _ranks_classes(text: str, start: int) -> bool:
    """一类驿站、二类驿站: classes by number, which are ranks."""
    return _CLASS_BEFORE.search(text, max(0, start - 14), start) is not None


def _is_told_before(text: str, one: Candidate, surface: str) -> bool:
    """Whether the words before a numeral make a name of it: 门前三包, 综合查一次, 电动三轮."""
    if surface == "包":
        return text.startswith("门前", one.number - 2)
    if surface == "轮":
        return text[one.number - 2 : one.number] in _VEHICLE_BEFORE or (
            one.value == 3 and text[one.end : one.end + 1] in _VEHICLE_AFTER
        )
    return (
        surface == "次" and one.value == 1 and _AIMED_ONCE.search(text, max(0, one.number - 4), one.number) is not None
    )


def _is_word_with(text: str, one: Candidate, surface: str) -> bool:
    """双向4车道, 科技2路, 3社会组织: a measure word that goes on as another word, and 路 that counts no signals."""
    if surface == "社":
        return text[one.end : one.end + 1] not in _BEHIND_GROUP
    if surface == "车":
        return text[one.end : one.end + 1] in _VEHICLE_WORDS
    return _CAMERAS.search(text, max(0, one.start - 60), min(len(text), one.end + 8)) is None


def _is_doubled(text: str, one: Candidate) -> bool:
    """七站八所: two single numerals with a noun each are an idiom, and so is 发现一起、查处一起."""
    following, unit = text[one.end : one.end + 2], text[one.number + 1 : one.end]
    if (
        len(following) == 2
        and following[0] in HAN_NUMERALS
        and following[1] not in "个名件次万千百十"
        and len(unit) == 1
    ):
        return True
    if one.number > 2 and text[one.number - 2] in HAN_NUMERALS and text[one.number - 1] not in "是、，个":
        return text[one.number - 1] not in HAN_NUMERALS and len(unit) == 1 and unit not in "个名件次"
    return False


def _members_listed(text: str, start: int) -> bool:
    """N大X and N个方面 are counts when their members are listed just before (甲、乙、丙等6大体系)."""
    clause = _LAST_CLAUSE.search(text, max(0, start - 40), start)
    return clause is not None and "、" in clause.group()


_AT_ONCE = re.compile("拿出|投入|捐出|办[好成结]|缴清|付清|解决|到位")
"""What makes 一次 an adverb (一次拿出3万元, 一次解决), unless one was held (组织一次解决欠薪的行动)."""
_HELD = re.compile("(?:开展|举办|组织|召开|举行|进行|安排|参加|发起)了?$")


def _counts_one(text: str, one: Candidate) -> bool:
    """Whether 一 counts: not in 同一, 任何一 or 上一, and as an article only where one was made or had."""
    before = text[max(0, one.number - 6) : one.number]
    if one.qualifier != "exact":
        return True
    if text.endswith(text[one.number : one.end], 0, one.number) or _is_said_twice(text, one):
        return False
    if before[-1:] == "过" and _DENIED.search(text, max(0, one.number - 20), one.number) is not None:
        return False
    if before[-1:] in _ONE_BEFORE and before[-1:] and not before.endswith(_HIRED):
        return False
    if one.unit is not None and one.unit.surface == "起":
        return _one_case(text, one, before)
    if one.unit is not None and one.unit.surface in _ONE_UNITS:
        return one.unit.surface != "次" or _AT_ONCE.match(text, one.end) is None or _HELD.search(before) is not None
    if _ONE_MADE.search(before) is not None:
        return True
    following = text[one.end : one.end + 1]
    return following in "，。；、,;）)\n" and (before[-1:] > "一" or not before)


def _is_said_twice(text: str, one: Candidate) -> bool:
    match = _TWICE.search(text, max(0, one.number - _AROUND), one.end + _AROUND)
    return match is not None and match.start() <= one.number < match.end()


def _one_case(text: str, one: Candidate, before: str) -> bool:
    """一起 is one case where it happened or was dealt with or is named; else it is the adverb (一起上门)."""
    if _REPEATED.match(text, one.end) is not None or _REPEATED_BEFORE.search(text, max(0, one.number - 8), one.number):
        return False
    return _CASE_BEFORE.search(before) is not None or _CASE_AFTER.match(text, one.end) is not None
