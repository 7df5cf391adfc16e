"""Names of townships and villages as people write them: what an office adds, what a kind ends, what distinguishes."""

from __future__ import annotations

import re

KIND_ENDINGS = re.compile(
    r"(?:街道(?:办事处|地区)?|地区(?:办事处)?|民族苏木|苏木|镇|乡|区公所|办事处|管理委员会|管委会)$"
)
OFFICE = re.compile(
    r"^(?:中共|中国共产党)?(.{2,}?)"
    r"(?:人民政府|镇政府|乡政府|政府|党工委|工作委员会|委员会|街道办事处|街道办|办事处|街办)+$"
)
NATIONALITY = re.compile(r"(?<=.{2})(?:[\u3400-\u9fff]{1,4}族)+(?=[乡镇]$)|(?<=.{2})民族(?=[乡镇苏])")
COMMITTEE = re.compile(r"(?:村民委员会|村委会|居民委员会|居委会|委员会|委会)$")
STREET_OFFICES = ("街道办事处", "街道办", "办事处", "街办")


def plain(name: str) -> str:
    """A unit's name as the registry keys it, without offices: 沙溪镇人民政府 -> 沙溪镇, 城南街道办 -> 城南街道."""
    name = re.sub(r"\s+", "", name)
    if name.endswith(("街道办事处", "街道地区")):
        return name[:-3] if name.endswith("处") else name[:-2]
    if name.endswith("地区办事处"):
        return name[:-3]
    if match := OFFICE.match(name):
        body = match[1]
        return body if KIND_ENDINGS.search(body) or not name.endswith(STREET_OFFICES) else body + "街道"
    return name


def without_parents(name: str, *parents: str) -> str:
    """A township's name without those of its parents, outermost first, which some counties put before it."""
    for parent in parents:
        rest = name.removeprefix(parent)
        name = rest if len(rest) > 2 else name
    return name


def stem(name: str) -> str:
    """A unit's name without its kind: 沙溪镇, 沙溪街道 and 沙溪土家族乡 all give 沙溪."""
    bare = NATIONALITY.sub("", name)
    cut = KIND_ENDINGS.sub("", bare)
    return cut if len(cut) > 1 else bare


def village_words(village: str, township: str) -> tuple[str, bool]:
    """The distinctive part of a village's name, and whether it is a community: 五嘉陇村民委员会 -> (五嘉陇, False).

    Some counties write the parents before every village (潮州市潮安区沙溪镇五嘉陇村民委员会): they are dropped.
    """
    name = COMMITTEE.sub("", village.partition(township)[2] or village)
    short = re.sub(r"(?:社区|村|居|嘎查)$", "", name)
    return (short if len(short) > 1 else name), name.endswith(("社区", "居"))
