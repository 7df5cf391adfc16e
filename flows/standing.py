"""How a home stands, in lines for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from flows.status import Status

SHOWN = 10
"""Sources not read that are shown; ``--missing`` writes them all."""
_RESULTS = {
    "published": "已发布 published",
    "unchanged": "无变化 unchanged",
    "current": "已是当前版本 current already",
    "gate_closed": "关口关闭 gate closed",
    "failed": "失败 failed",
    "unable": "未能开始 could not start",
    "crashed": "异常终止 crashed",
    "running": "进行中 running",
}


def lines(status: Status, now: datetime) -> Iterator[str]:
    """The status, a line at a time."""
    yield f"目录 home      {status.home}"
    if status.current:
        manifest = status.current.manifest
        yield f"版本 release   {manifest.run_id}，{manifest.published_at[:16]} UTC，{status.age_days:.1f} 天前 days ago"
    else:
        yield "版本 release   尚无 none"
    service = "服务运行中 service runs" if status.served else "服务未运行 service does not run"
    if status.next_run:
        yield f"下次 next run  {status.next_run:%Y-%m-%d %H:%M %Z} ({status.occasion})；{service}"
    else:
        yield f"下次 next run  无计划 no schedule；{service}"
    if status.due:
        yield f"待补 due       {status.due}"
    yield from _runs(status, now)
    yield from _waiting(status)
    sizes = "，".join(f"{name} {size / 1e6:.1f} MB" for name, size in status.used.items())
    yield f"磁盘 disk      {sizes}；可用 free {status.free / 1e9:.1f} GB"


def _runs(status: Status, now: datetime) -> Iterator[str]:
    yield "运行 runs"
    for one in status.runs:
        length = f"{((one.ended or now) - one.begun).total_seconds():.0f} s" if one.ended or one.running else ""
        yield "  ".join(
            (f"  {one.begun:%Y-%m-%d %H:%M}Z", _RESULTS[one.result], one.occasion, one.run_id or "", length)
        )
        if one.message:
            yield f"    {one.message}"


def _waiting(status: Status) -> Iterator[str]:
    reasons = ", ".join(f"{name} {count}" for name, count in Counter(w.reason for w in status.waiting).most_common())
    yield f"未读 not read  {len(status.waiting)}{f' ({reasons})' if reasons else ''}"
    for one in status.waiting[:SHOWN]:
        place = f"{one.province}{one.city}{one.county}{one.township} {one.report_year or ''}".strip()
        yield f"  {place or one.source_uri}: {one.reason}: {one.detail}"
    if len(status.waiting) > SHOWN:
        yield f"  … 共 {len(status.waiting)}；--missing FILE.xlsx 写出全部 writes them all"
