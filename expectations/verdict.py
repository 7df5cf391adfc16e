"""The verdict: a run in one sentence, and what a person should do now."""

from __future__ import annotations

from expectations.gate import Validation
from expectations.run_report import Counts, Outcome, Verdict


def verdict(outcome: Outcome, counts: Counts, validation: Validation, missing: int) -> Verdict:
    """The verdict on a run.

    Args:
        outcome: Whether it published.
        counts: How much of everything.
        validation: What the checks found.
        missing: Reports that were expected, were due and are not published.
    """
    actions = list(_actions(counts, missing))
    if outcome == "gate_closed":
        reasons = "；".join(reason.rstrip("。") for reason in validation.gate_reasons)
        return Verdict(
            level="stopped",
            zh=f"未发布：{reasons}。上一版本保留不变。",
            en="Nothing was published: a check on the tables failed. The last release stays as it was.",
            actions_zh=("先处理下列严重问题，再重新运行。", *(zh for zh, _ in actions)),
            actions_en=("Deal with the critical findings below, then run again.", *(en for _, en in actions)),
        )
    done = "已发布" if outcome == "published" else "与上一版本相同，未重新发布："
    doubts = f"{counts.warning}项需要核对" if counts.warning else "没有发现需要核对的问题"
    asks = f"{_many(counts.warning, 'warning')} to look into" if counts.warning else "nothing to look into"
    said = "published" if outcome == "published" else "unchanged since the last release"
    return Verdict(
        level="attention" if actions else "good",
        zh=f"{done}{counts.published}份报告、{counts.observations}个指标值；{doubts}。",
        en=f"{_many(counts.published, 'report')} and {_many(counts.observations, 'value')} {said}; {asks}.",
        actions_zh=tuple(zh for zh, _ in actions),
        actions_en=tuple(en for _, en in actions),
    )


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _actions(counts: Counts, missing: int) -> list[tuple[str, str]]:
    """What a person should do, in Chinese and English, the most urgent first."""
    found = [
        (
            counts.failed,
            f"{counts.failed}个来源因程序缺陷未能读取：请把运行日志交给维护者。",
            f"{_many(counts.failed, 'source')} failed through a bug: give the run's log to the maintainer.",
        ),
        (
            counts.quarantined,
            f"{counts.quarantined}份报告被隔离，未进入数据库：见“严重”发现。",
            f"{_many(counts.quarantined, 'report')} in quarantine: see the critical findings.",
        ),
        (
            counts.warning,
            f"{counts.warning}项警告：请逐项与原文核对，有误则更正或联系报送单位。",
            f"{_many(counts.warning, 'warning')}: compare with the source; correct, or ask the township.",
        ),
        (
            counts.refused,
            f"{counts.refused}个来源未能读取：按“来件”一节的下一步处理。",
            f"{_many(counts.refused, 'source')} refused: take the next steps listed under what came in.",
        ),
        (
            missing,
            f"{missing}份应报的报告未收到：请催报，名单见“覆盖”一节。",
            f"{_many(missing, 'expected report')} missing: remind the townships.",
        ),
    ]
    return [(zh, en) for count, zh, en in found if count]
