"""Aims: figures that were set, not reached, by what stands right beside them: tasks, goals, budgets."""

from __future__ import annotations

import re

from transforms.figures import Candidate

_OF_YEAR = re.compile("(?:全年|今年|本年|年初|原)计划[为是]?$")
_BEFORE = re.compile("(?:(?P<aim>目标)|任务|计划|预算)(?:数|值|量)?(?:为|是|：|:)?$")
_FAR = re.compile("(?:距离?[^，。；,;]{0,8}目标|[（(](?:任务|目标|计划))(?:数|值|量)?(?:为|是|：|:)?$")
"""距全年目标80场还差22场, 车位218个（任务200个）: an aim, whatever came of it."""
_BUDGETED = ("年初预算", "年初预算为", "调整预算", "调整预算为", "较预算", "比预算", "超预算", "低于预算")
_MET = re.compile("[^，。；,;0-9]{0,6}[，,、；;（(][^，。；,;0-9]{0,12}实际[^，。；,;0-9]{0,12}[0-9]")
_DONE = re.compile("[，,、；;（(][现已实共]?(?:完成|实现)了?[0-9]")
_TASKS = frozenset("件项个条")
"""Measure words that count tasks themselves (交办任务12件，完成12件), not what a task asks for (任务2座，完成3座)."""
_ATTAINED = re.compile("(?:完成|达到|实现|达成|超过|落实|下达|分解)[^，。；,;]*$")
_LAST = frozenset("标务划数值量为是：:算")
_AFTER = re.compile("的?(?:年度|工作|总|奋斗|预期)?目标")
_FIRST = frozenset(("的", "年", "工", "总", "奋", "预", "目"))
_STATED = frozenset(("下达的", "分解的", "确定的"))


def is_aim(one: Candidate, text: str) -> bool:
    """Whether a figure was set: 下达的3500户, 95%以上的目标, 目标96%，实际98%."""
    before, after = text[one.start - 1 : one.start], text[one.end : one.end + 1]
    if before != "的" and after not in _FIRST and (not before or before not in _LAST):
        return False
    if before and before in _LAST:
        aim = _BEFORE.search(text, max(0, one.start - 6), one.start)
        rate = one.unit is not None and one.unit.dimension == "比率"
        if _FAR.search(text, max(0, one.start - 16), one.start) is not None:
            return True
        if text.endswith(_BUDGETED, 0, one.start) and one.unit is not None and one.unit.dimension == "金额":
            return True
        if _OF_YEAR.search(text, max(0, one.start - 6), one.start) and one.unit and one.unit.dimension != "份":
            return True
        if aim is not None and ((aim["aim"] and rate) or _is_met(one, text)):
            return _ATTAINED.search(text, max(0, aim.start() - 12), aim.start()) is None
    return text[one.start - 3 : one.start] in _STATED or _AFTER.match(text, one.end) is not None


def _is_met(one: Candidate, text: str) -> bool:
    """拆违任务2万平方米，实际拆除2.3万; 改建任务2座，完成3座: what came of an aim stands behind it."""
    if _MET.match(text, one.end) is not None:
        return True
    return one.unit is not None and one.unit.surface not in _TASKS and _DONE.match(text, one.end) is not None
