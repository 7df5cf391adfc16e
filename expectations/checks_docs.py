"""The page that documents the checks, generated from them: ``python -m expectations.checks_docs`` writes it."""

from __future__ import annotations

from pathlib import Path

from expectations.checking import Check, checks
from expectations.ratchets import FEW_REPORTS, RATCHETS, Ratchet
from expectations.rows import RowRule
from expectations.suites import SUITES

PAGE = Path(__file__).parent.parent / "docs" / "checks.md"
HEAD = """# 检查 · The checks

本页由 `python -m expectations.checks_docs` 从检查本身生成，测试保证其与代码一致。
This page is generated from the checks by `python -m expectations.checks_docs`; a test keeps it current.

Everything here runs on the tables about to be published. A **critical** finding on a report keeps that report out of
the release (quarantine). A critical finding on a table, or more than a fifth of the reports in quarantine at once,
closes the gate: nothing is published and the last release stays. **Warnings** and notes (**info**) travel with the
release.

How good they are, measured by `bench/checks.py` on synthetic reports whose truth is known by construction (November
2026): on 2,400 clean reports the checks gave 4 false warnings (one in 600; the bar is one in 20), and of 360 planted
faults of 18 kinds they found all (the bar is 95 of 100). Both hold alike where the mentions are those that were written
down and where the extraction read the same texts itself; `tests/test_planted_faults.py` holds half of it to the bars.
The synthetic wording is plain. On the 28 labelled working reports in `tests/gold/`, whose wording is as in real ones,
read by the extraction itself, there were 4 warnings: 2 about sums that the reports really get wrong, and 2 about one
figure that a line break had cut in two.

To add a check, add one file `expectations/check_*.py` with a constant `CHECKS`; to add a rule on rows, add it to the
table's file (`expectations/mentions.py` and its neighbours). Nothing else changes.
"""


def check_page() -> str:
    """The documentation of all checks as Markdown."""
    parts = [HEAD, "\n## 对文中数字的检查 · Checks on the figures\n"]
    parts += [_check(check) for check in checks()]
    parts.append("\n## 对每一行的检查（Great Expectations） · Rules on rows, run by Great Expectations\n")
    for suite in SUITES:
        parts.append(
            f"\n### {suite.table}\n\n| check | expectation | severity | what must not happen |\n|---|---|---|---|\n"
        )
        parts += [_rule(rule) for rule in suite.rules]
        key = ", ".join(f"`{column}`" for column in suite.key)
        parts.append(
            f"| `key_duplicate` | ExpectCompoundColumnsToBeUnique | critical | two rows with one key ({key}) |\n"
        )
        for domain in suite.domain():
            values = ", ".join(f"`{value}`" for value in domain.values)
            said = f"`{domain.column}` is none of {values}"
            parts.append(f"| `value_outside_domain` | ExpectColumnValuesToBeInSet | critical | {said} |\n")
    parts.append(
        "\nBefore these, `schema_mismatch` (critical) holds every column of every table against its contract.\n"
    )
    parts.append("\n## 与上一版本相比 · Ratchets against the last release\n\n")
    parts.append("| check | what should not fall | warning beyond | critical beyond |\n|---|---|---|---|\n")
    parts += [_ratchet(ratchet) for ratchet in RATCHETS]
    parts.append(
        f"\nA county with fewer than {FEW_REPORTS} reports never closes the gate alone. `--accept NAME` (or `--accept "
        "all`) lets a fall pass; it is then kept as a note that says so.\n"
    )
    return "".join(parts)


def _check(check: Check) -> str:
    return (
        f"\n### `{check.name}` {check.zh} · {check.en}\n\n"
        f"At worst **{check.severity}**. {check.what}\n\nLet pass: {check.spared[:1].lower()}{check.spared[1:]}\n"
    )


def _rule(rule: RowRule) -> str:
    said = rule.en.replace("|", "\\|").replace("{", "`").replace("}", "`")
    return f"| `{rule.check}` | {rule.expectation} | {rule.severity} | {said} |\n"


def _ratchet(ratchet: Ratchet) -> str:
    unit = "points" if ratchet.points else "%"
    return (
        f"| `{ratchet.name}` | {ratchet.zh} · {ratchet.en} | {100 * ratchet.tolerance:g} {unit} | "
        f"{100 * ratchet.bound:g} {unit} |\n"
    )


if __name__ == "__main__":
    PAGE.write_text(check_page(), encoding="utf-8")
