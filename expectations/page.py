"""The page: a run report as one self-contained HTML file that opens from disk, loads nothing and obeys nobody.

Every text is escaped by the template; the content security policy names the digests of the page's own style and
script, so that nothing else runs even if something slipped through.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from expectations.charts import bar, changes
from expectations.run_report import ChangeRow, CoverageRow, RunReport, ValueRow
from warehouse.wording import QUALIFIER_NAMES, STATUS_NAMES, UNIT_NAMES

HERE = Path(__file__).parent
DOMAINS = {
    "leadership": "组织领导",
    "learning": "学法用法",
    "decision_making": "依法决策",
    "enforcement": "行政执法",
    "disputes": "矛盾化解",
    "public_order": "平安建设",
    "public_service": "公共服务",
    "legal_publicity": "普法宣传",
    "litigation": "复议诉讼",
    "disclosure": "政务公开",
    "organisation": "基本情况",
}
SEVERITIES = {"critical": ("严重", "critical"), "warning": ("警告", "warning"), "info": ("提示", "note")}
REPORT_STATUSES = {
    "published": "已发布",
    "quarantined": "已隔离",
    "superseded": "已被取代",
}
CAUSES = {
    "new_report": "新报告",
    "report_replaced": "报告更换",
    "report_withdrawn": "报告撤下",
    "quarantined": "报告隔离",
    "correction": "人工更正",
    "dictionary_changed": "指标字典变更",
    "rules_changed": "提取规则变更",
    "reading_changed": "读取结果变化",
}
KINDS = {"revised": "改变", "appeared": "新增", "vanished": "消失"}
STEPS = {
    "acquire": "获取",
    "read": "读取、识别、提取",  # one task does the three for a batch of reports
    "identify": "识别",
    "extract": "提取",
    "reconcile": "归并",
    "validate": "检查",
    "publish": "发布",
    "report": "报告",
}
MISSING = {
    "not_published": "未见报告",
    "refused": "找到的不是该年度报告",
    "unreadable": "无法读取",
    "quarantined": "已隔离",
}
FEW = 30
"""Rows up to which a table stands open: longer ones wait behind their heading, so that the page can be taken in."""
DRAWN = 8
"""Revised values from which on they are drawn as well as listed."""


def digits(value: object) -> str:
    """A number with separators, exact: ``3550000.50`` becomes ``3,550,000.5``; other texts stay what they are."""
    try:
        number = Decimal(str(value))
    except ArithmeticError:
        return str(value)
    return f"{number.normalize():,f}" if number.is_finite() else str(value)


def link(uri: str | None) -> str | None:
    """The address if a browser may follow it; None for anything that is not a page, a file or missing."""
    scheme = (uri or "").split(":", 1)[0].lower()
    return uri if uri and scheme in {"http", "https", "file"} else None


def together(rows: Iterable[ValueRow], *fields: str) -> Iterator[tuple[tuple[Any, ...], list[ValueRow]]]:
    """Values in runs that agree in some fields, in the order given, with what they agree on."""
    for key, run in groupby(rows, key=lambda row: tuple(getattr(row, field) for field in fields)):
        yield key, list(run)


def share(part: int, whole: int) -> str:
    """A part of a whole in percent, rounded down: nothing short of all is shown as all."""
    return f"{1000 * part // whole / 10:g}%" if whole else "–"


def area_path(row: CoverageRow) -> str:
    """An area with those above it; each once (重庆市), and the placeholder of a prefecture left out."""
    names = dict.fromkeys((row.province, row.city or "", row.area))
    return "".join(name for name in names if "直辖" not in name or name == row.area)


def kinds_of(parts: Iterable[tuple[str, str, str, int]]) -> list[tuple[str, float]]:
    """Class and amount of each part of a bar, without the words that its legend has."""
    return [(kind, amount) for kind, _, _, amount in parts]


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["digits"] = digits
    environment.filters["link"] = link
    environment.filters["together"] = together
    environment.globals.update(
        bar=bar,
        share=share,
        area_path=area_path,
        kinds_of=kinds_of,
        reasons=MISSING,
        units=UNIT_NAMES,
        domains=DOMAINS,
        severities=SEVERITIES,
        statuses=REPORT_STATUSES | STATUS_NAMES,
        causes=CAUSES,
        kinds=KINDS,
        steps=STEPS,
        qualifiers=QUALIFIER_NAMES,
        few=FEW,
    )
    return environment


def render(template: str, **values: Any) -> str:
    """Render one of our templates with the page's style and script inside, and a policy that allows only these."""
    style = (HERE / "page.css").read_text(encoding="utf-8")
    script = (HERE / "page.js").read_text(encoding="utf-8")
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        _environment()
        .get_template(template)
        .render(style=Markup(style), script=Markup(script), policy=Markup(policy), **values)
    )


def page(report: RunReport) -> str:
    """The run report as HTML."""
    return render("page.html.j2", report=report, drawing=_drawing(report.changes.rows))


def _drawing(rows: Iterable[ChangeRow]) -> Markup:
    """The revised values as a picture, where there are enough of them that people would rather look."""
    both = [(row, float(row.before or 0), float(row.after or 0)) for row in rows if row.kind == "revised"]
    pairs = [(row, before, after) for row, before, after in both if before > 0 and after > 0 and before != after]
    if len(pairs) < DRAWN:
        return Markup()
    points = [{"before": before, "after": after, "cause": CAUSES[row.cause]} for row, before, after in pairs]
    causes = [zh for key, zh in CAUSES.items() if any(row.cause == key for row, _, _ in pairs)]
    return changes(points, causes, f"{len(pairs)}个改变的数值：上一版本与本版本对照")
