"""Wording: the codes of units, qualifiers and statuses in the words of Chinese officials."""

from __future__ import annotations

from warehouse.contracts import ObservationStatus, Qualifier

UNIT_NAMES = {
    "case": "件", "item": "项", "event": "次", "person": "人", "percent": "%", "place": "个", "person-time": "人次",
    "CNY": "元", "device": "台", "copy": "份", "piece": "块", "household": "户", "m2": "平方米", "strip": "条",
    "issue": "期",
}  # fmt: skip
"""The dictionary's units as an official would write them; a test holds every unit to having a name."""
QUALIFIER_NAMES: dict[Qualifier, str] = {
    "about": "约", "nearly": "接近", "over": "超过", "at_least": "不少于", "at_most": "不超过",
}  # fmt: skip
STATUS_NAMES: dict[ObservationStatus, str] = {
    "reported": "报告所载", "stated_zero": "明言为零", "derived": "推算", "corrected": "人工更正",
    "conflict": "自相矛盾",
}  # fmt: skip
