"""Whole synthetic (合成) runs for the tests of the run report and of its page."""

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from cases import Case, tables

from expectations.building import RunInputs, build_report
from expectations.checking import CheckContext, Evaluation
from expectations.gate import validate
from expectations.run_report import RunReport
from expectations.shelf import Shelf, arrow_of
from warehouse.contracts import FINDINGS, REFUSALS, REPORTS, Refusal, Report, Run
from warehouse.coverage import coverage
from warehouse.schema import to_arrow, to_rows

RUN = Run("0123456789ab", "0.1.0", "rules-1", "dictionary-1", "registry-1", 3, 1, 2, 0, 0, 0, 0)
REFUSED = (
    Refusal("a" * 64, "file:///incoming/扫描件.pdf", "no_text_layer", "请索取可复制文字的版本。", "r", RUN.run_id),
    Refusal(None, "https://town.example/x", "failed", "请把日志交给维护者。", "r", RUN.run_id),
)


def made(*cases: Case, refusals: tuple[Refusal, ...] = REFUSED, **changed: Any) -> dict[str, pa.Table]:
    """The tables of a run; ``changed`` replaces columns of the reports (``title=[...]``)."""
    found = tables(*cases)
    for name, values in changed.items():
        place = found["reports"].schema.get_field_index(name)
        column = found["reports"].schema.field(name)
        found["reports"] = found["reports"].set_column(place, column, pa.array(values, type=column.type))
    return {**found, "refusals": to_arrow(REFUSALS, list(refusals))}


def _reports(found: dict[str, pa.Table]) -> list[Report]:
    return [Report(*row) for row in to_rows(REPORTS, found["reports"])]


def report_of(
    found: dict[str, pa.Table], outcome: Any = "published", last: Run | None = None, **context: Any
) -> RunReport:
    """The report of a run over some tables; ``context`` goes to the checks."""
    checks = CheckContext(RUN.run_id, evaluation=Evaluation(0.99, 0.98, 0.95, 0.91, 24), **context)
    validation = validate(found, checks)
    held = [
        row._replace(status="quarantined") if row.report_id in validation.quarantined else row
        for row in _reports(found)
    ]
    shelf = Shelf.of({**found, "findings": arrow_of(FINDINGS, validation.findings)}, checks.previous)
    return build_report(
        RunInputs(
            run=RUN,
            outcome=outcome,
            shelf=shelf,
            validation=validation,
            context=checks,
            coverage=coverage({**found, "reports": held}, checks.scope),
            previous_run=last,
            timings={"acquire": 0.1, "validate": 1.2},
            finished_at=datetime(2024, 4, 1, 2, 0, tzinfo=UTC),
        )
    )
