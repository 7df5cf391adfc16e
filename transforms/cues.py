"""Cues: the words that tell whether a figure is planned, required, last year's, compared, a part or a higher body's.

They are found once for the whole text by an automaton; where terms overlap, the longest counts, so that a longer term of
the class ``none`` takes the sense of a shorter one away (最多跑一次 is no bound, 上年结转 no level of last year).
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Literal, NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind

CueKind = Literal[
    "plan", "later", "each", "least", "rule", "prior", "versus", "done", "now", "higher", "own", "part", "fresh", "none"
]

_TERMS: dict[CueKind, str] = {
    "plan": """力争 争取实现 争取达到 争取在 争取完成 争取建成 争取年 预计 拟建 拟新建 拟投 拟开展 拟于 拟组织 拟投资 拟实施
        拟新增 拟引进                 将开展 将组织 将投入 将新建 将达 将于 将在 将继续 将进一步 将建成 将实现 将举办 将完成 将新增 将重点 将全面
        将持续 将力争 将不断 将着力 将围绕 将培训 将建设 将安排 目标为 目标是 年初确定的 年初计划 年初制定的""",
    "later": "明年 来年 下一年 下一步 下步 今后 未来 下阶段 下一阶段 接下来",
    "each": """每年 每月 每季度 每季 每半年 每周 每日 每天 每村 每个 每名 每户 每人 每两月 每两个 每学期 每次 每镇 每支 每所
        每组 每位 每社区 每网格 每家 每场 每期 每旬 每年度 每件 每班 每校 每单位 每两周 每两年 每三年 按季度 按月 按季 按年
        逐月 按周 每县 每乡 每区 每一个村 每嘎查 每条 每片 每万人""",
    "least": """不少于 不低于 不得少于 不得低于 至少 最少 不超过 不得超过 不得高于 不大于 不小于 不多于 至多 最多 不高于""",
    "rule": "应当 必须 原则上 规定为 标准为 须达 应达 需达 须由 应由 要求不 法定",
    "prior": "上年 去年 上一年 上年度 前年 上一年度 往年 原来的 上年末 去年末 去年底 上年底",
    "versus": """同比 环比 较上年 较去年 比上年 比去年 较上一年 比上一年 较同期 比同期 与上年 与去年 同上年 同去年 较年初
        比年初 相比 较往年 比往年 较前年 比前年 较20 比20 净增 净减 相较 较上月 比上月""",
    "done": "共 累计 合计 已 全年 年内 今年以来 实际 总计 截至 截止 目前 平均",
    "now": "今年 本年 本年度 现有 现已 现在 当前 目前 年度内 至今",
    "higher": "全市 全县 全区 全省 全国 全州 全旗 全盟 我市 我县 我区 我省 全自治区",
    "own": """全镇 我镇 本镇 全乡 我乡 本乡 全街道 我街道 本街道 辖区 镇党委 镇政府 乡党委 乡政府 街道党工委 街道办 辖内 镇域 乡域
        该镇 该乡 全苏木 我苏木 我办 我处 镇综合 乡综合 街道综合 镇机关 乡机关""",
    "part": "其中 包括 包含 内含 其中包括",
    "fresh": "此外 另外 同时",
    "none": """最多跑 每日普法 每日一学 每月一题 上年结转 上年度结转 去年结转 上一年结转 上一年度结转 公共 共同 共建 共治 共享 共产 中共
        共青 共有产权 共识 共管 共商 共促 共抓 共创 共富 共同体 公共场所 自己 而已 已经 累计分 目前为止 应急 法定代表 法定程序
        法定职责 法定期限 法定时限 法定事由 法定节假日 必须坚持 法定主动 包括但 去年以来 上年以来 未来乡村 未来社区 每一个""",
}
_PLANNED = "开组投总新建完实用培举召于在安争打全利引创再配聘购改修整设增发走检排化选力"
"""First characters of the verbs that 计划 plans; before others it is a noun (计划任务, 计划生育)."""
_TERMS["plan"] += "".join(f" 计划{verb}" for verb in _PLANNED)
_PATTERNS: list[str] = []
_KINDS: list[CueKind] = []
for _kind, _words in _TERMS.items():
    for _word in _words.split():
        _PATTERNS.append(_word)
        _KINDS.append(_kind)
_AUTOMATON = AhoCorasick(_PATTERNS, matchkind=MatchKind.LeftmostLongest)
_BEFORE_PLAN = frozenset("按照度作年习训普划依的")
_HEADS = frozenset("，,。；;：:\n（( \u3000、")
_OPENED = frozenset('“"‘《')


class Cues(NamedTuple):
    """The cues of a text in order: where each begins and ends, and its kind."""

    starts: list[int]
    ends: list[int]
    kinds: list[CueKind]

    def before(self, start: int, number: int) -> range:
        """Indices of the cues that begin at or after ``start`` and before ``number``."""
        low = bisect_left(self.starts, start)
        return range(low, bisect_left(self.starts, number, low))


def cues(text: str) -> Cues:
    """Find the cues of a text; those whose surroundings give them another sense are left out."""
    starts, ends, kinds = [], [], []
    for index, start, end in _AUTOMATON.find_matches_as_indexes(text):
        kind = _KINDS[index]
        if kind == "none":
            continue
        previous = text[start - 1 : start]
        if kind == "plan":
            if previous in _BEFORE_PLAN and text[start] == "计" and start:
                continue
        elif kind == "later":
            if start and previous not in _HEADS:
                continue
            kind = "plan"
        elif kind == "each" and previous in _OPENED and start:
            continue
        starts.append(start)
        ends.append(end)
        kinds.append(kind)
    return Cues(starts, ends, kinds)
