"""Reports: the path of one snapshot from bytes to observations, and of a batch of them.

Every snapshot of a batch ends in one of three ways: read (a report with its mentions and observations), refused (with
a reason code), or failed (a bug of ours: refused with reason ``failed``, its traceback kept for the run's log). One
bad snapshot never stops or spoils a batch.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from transforms.dictionary import Dictionary
from transforms.document import Document, Refused
from transforms.extraction import extract
from transforms.forms.ocr import is_available
from transforms.guarded import read_safely
from transforms.identity import Hint, Identity, identify
from transforms.observations import observe
from transforms.offsets import Offsets
from transforms.registry import Registry
from transforms.rules import rules_digest, without_ocr
from warehouse.contracts import Observation, Refusal, Report, Text


class Reading(NamedTuple):
    """A report and its text, as read from the bytes of a snapshot, now or by an earlier run with the same rules."""

    report: Report
    text: str
    offsets: Offsets
    damage: tuple[tuple[int, int], ...]

    @classmethod
    def kept(cls, report: Report, text: Text) -> Reading | None:
        """What the lake holds of a report; None where that is of a nianbao that kept no map to the snapshot."""
        if text.offsets is None or text.damage is None:
            return None
        spans = (span.split("-") for span in text.damage.split())
        damage = tuple((int(start), int(end)) for start, end in spans)
        return cls(report, text.text, Offsets.loads(text.offsets), damage)

    def row(self) -> Text:
        """The text as a row of the lake."""
        damage = " ".join(f"{start}-{end}" for start, end in self.damage)
        return Text(self.report.report_id, self.report.report_year, self.text, self.offsets.dumps(), damage)


class Snapshot(NamedTuple):
    """One source's bytes, or what was read of them before, had by calling ``data``, and what is known beforehand."""

    data: Callable[[], bytes | Reading]
    sha256: str
    source_uri: str
    retrieved_at: datetime
    township_code: str | None = None
    report_year: int | None = None


class Batch(NamedTuple):
    """What a batch of snapshots gave, as rows of the tables of the same names."""

    reports: list[Report]
    texts: list[Text]
    mentions: list[tuple[Any, ...]]
    observations: list[Observation]
    refusals: list[Refusal]
    failures: list[str]
    """Tracebacks, each headed by its source."""


def transform(snapshots: Iterable[Snapshot], registry: Registry, dictionary: Dictionary, run_id: str) -> Batch:
    """Read, identify, extract and observe every snapshot; only the latter two where it was read before."""
    batch = Batch([], [], [], [], [], [])
    units = dictionary.units()
    for snapshot in snapshots:
        try:
            reading = _read(snapshot, registry, run_id)
            report = reading.report
            mentions = extract(reading.text, dictionary, reading.offsets, reading.damage)
            observations = observe(report.township_code, report.report_year, report.report_id, mentions, units)
        except Refused as refusal:
            batch.refusals.append(_refusal(snapshot, refusal, run_id))
        except Exception as error:
            bug = Refused(
                "failed", f"程序错误，请报告：{type(error).__name__}: {error} / a bug: please report it with the log"
            )
            batch.refusals.append(_refusal(snapshot, bug, run_id))
            batch.failures.append(f"{snapshot.source_uri}\n{traceback.format_exc()}")
        else:
            batch.reports.append(report)
            batch.texts.append(reading.row())
            batch.mentions.extend((report.report_id, report.report_year, *mention) for mention in mentions)
            batch.observations.extend(observations)
    return batch


def _read(snapshot: Snapshot, registry: Registry, run_id: str) -> Reading:
    data = snapshot.data()
    if isinstance(data, Reading):
        report = data.report._replace(
            status="published", rules=_rules(scanned=data.report.unread_pages > 0), run_id=run_id
        )
        return data._replace(report=report)
    document = read_safely(data)
    identity = identify(document, registry, _hint(snapshot))
    report = _report(snapshot, document, identity, run_id)
    return Reading(report, document.text, document.offsets, document.damage)


def _rules(*, scanned: bool) -> str:
    return without_ocr(rules_digest()) if scanned and not is_available() else rules_digest()


def _hint(snapshot: Snapshot) -> Hint:
    return Hint(township_code=snapshot.township_code, report_year=snapshot.report_year, source_uri=snapshot.source_uri)


def _report(snapshot: Snapshot, document: Document, identity: Identity, run_id: str) -> Report:
    return Report(
        report_id=f"{identity.township_code}-{identity.report_year}-{snapshot.sha256[:8]}",
        township_code=identity.township_code,
        report_year=identity.report_year,
        title=identity.title,
        publisher=identity.publisher,
        published_on=identity.published_on,
        source_uri=snapshot.source_uri,
        retrieved_at=snapshot.retrieved_at.astimezone(UTC),
        sha256=snapshot.sha256,
        media_type=document.page.media_type,
        encoding=document.page.encoding,
        characters=len(document.text),
        damage=len(document.damage),
        status="published",
        period_end=identity.period_end,
        partial=identity.partial,
        identity=identity.to_json(),
        rules=_rules(scanned=document.page.unread > 0),
        run_id=run_id,
        ocr=document.page.ocr,
        unread_pages=document.page.unread,
    )


def _refusal(snapshot: Snapshot, refusal: Refused, run_id: str) -> Refusal:
    return Refusal(
        sha256=snapshot.sha256,
        source_uri=snapshot.source_uri,
        reason=refusal.reason,
        detail=refusal.detail,
        rules=_rules(scanned=refusal.reason == "no_text_layer"),
        run_id=run_id,
        township_code=snapshot.township_code,
        report_year=snapshot.report_year,
    )
