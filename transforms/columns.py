"""Columns: what the head of a table's column says of the figures under it: that they are totals, or nothing."""

from __future__ import annotations

import re

_TOTALS = frozenset(
    (
        *("总计", "合计", "总数", "数量", "总量", "小计", "数值", "数据"),
        *("本年度办理结果", "办理结果", "本年", "本年度", "全年", "件数", "统计数", "统计数据"),
        *("统计数量", "统计结果", "累计", "累计数", "本年累计", "本年数", "本年实际", "完成"),
        *("完成数", "完成值", "实际完成", "实际", "指标值", "年度数据"),
    )
)
_BRACKET = re.compile("[（(][^（()）]{1,4}[）)]$")
_YEAR = re.compile(r"20\d\d年度?")


def is_total(head: str) -> bool:
    """Whether the figures of a column are its rows' totals of the year: 合计, 数量（件）, 2024年."""
    return _BRACKET.sub("", head) in _TOTALS or _YEAR.fullmatch(head) is not None


def is_group(head: str) -> bool:
    """Whether what stands where a column's head would is the heading of a group of rows (一、主动公开情况)."""
    return head.endswith("情况")
