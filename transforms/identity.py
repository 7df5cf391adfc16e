"""Identity: which township and which year a document reports on, weighed from evidence and told with it.

The name comes from title, opening, signature and publisher; where townships share it, what stands around it decides:
parents named beside it or elsewhere, villages, the number of villages, 区 or 县 above it, the host's name, the source
list. A place that is merely mentioned does not win. Where the best two are too close the document is refused as
ambiguous.
"""

from __future__ import annotations

import json
from datetime import date
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from transforms.choice import Choice, Hint, choose, full_name
from transforms.document import Document, Refused
from transforms.evidence import Evidence, slots
from transforms.front import Front, front
from transforms.nature import require_report, require_township
from transforms.period import Period, period
from transforms.registry import Registry

__all__ = ["Hint", "Identity", "identify"]


class Identity(NamedTuple):
    """The township and year of a report, with what spoke for and against.

    ``evidence`` is about the chosen township and about the runner-up, ``runner_up`` is the next best code (empty where
    there is none) and ``margin`` the lead over it. ``conflict`` is a sentence where source list and text disagree; the
    text is followed. ``flags`` are those of ``Period``, and ``kind_changed``, ``listed_only`` (nothing but the list
    names it) and ``name_unknown`` (the registry lacks the name that the text gives; the list is followed).
    """

    township_code: str
    report_year: int
    period_end: date | None
    partial: bool
    title: str
    publisher: str | None
    published_on: date | None
    evidence: tuple[Evidence, ...]
    runner_up: str
    margin: float
    conflict: str
    flags: tuple[str, ...]
    period: Period

    def to_json(self) -> str:
        """The evidence as JSON with sorted keys, for the column ``reports.identity``."""
        told = {
            "township_code": self.township_code,
            "report_year": self.report_year,
            "evidence": [e._asdict() for e in self.evidence],
            "year_evidence": [w._asdict() for w in self.period.witnesses],
            "runner_up": self.runner_up,
            "margin": round(self.margin, 2),
            "conflict": self.conflict,
            "flags": list(self.flags),
        }
        return json.dumps(told, ensure_ascii=False, sort_keys=True)


def identify(document: Document, registry: Registry, hint: Hint | None = None) -> Identity:
    """Say whose report a document is and for which year.

    Raises:
        Refused: ``not_a_report``, ``not_a_township``, ``township_unknown``, ``township_ambiguous`` (the detail lists
        the
            candidates) or ``year_unknown``.
    """
    hint = hint or Hint()
    cut = front(document)
    file_name = unquote(urlsplit(hint.source_uri).path.rpartition("/")[2]) if hint.source_uri else ""
    require_report(cut, document.text)
    told = _period(cut, document.text, hint, file_name)
    year = told.year if isinstance(told, Period) else None
    found = slots(cut, registry, file_name, year)
    titled = next((slot for slot in found if slot.source in {"title", "page_title"}), None)
    if not _is_zone(hint.township_code, registry):
        require_township(cut, titled.units if titled else (), titled.sites if titled else (), document.text)
    choice = choose(found, cut, document.text, registry, hint, year)
    if isinstance(told, Refused):
        raise told
    return Identity(
        township_code=choice.code,
        report_year=told.year,
        period_end=told.end,
        partial=told.partial,
        title=cut.title or cut.page_title,
        publisher=cut.publisher or None,
        published_on=cut.published_on,
        evidence=tuple(choice.evidence),
        runner_up=choice.runner_up,
        margin=choice.margin,
        conflict=_conflict(choice, told.year, hint, registry),
        flags=(*told.flags, *choice.flags),
        period=told,
    )


def _is_zone(listed: str | None, registry: Registry) -> bool:
    """Whether the source list names a farm, a zone or the like: many bear the name of a bureau (临空经济管理处)."""
    return listed is not None and listed in registry and not registry.township(listed).ordinary


def _period(cut: Front, text: str, hint: Hint, file_name: str) -> Period | Refused:
    """The period, or its refusal kept for later: whose report it is matters more and is refused first."""
    try:
        return period(cut, text, hint.report_year, file_name)
    except Refused as unknown:
        return unknown


def _conflict(choice: Choice, year: int, hint: Hint, registry: Registry) -> str:
    """Where source list and text disagree: a sentence in Chinese and English; empty where they agree."""
    said: list[str] = []
    code, listed = choice.code, hint.township_code
    if choice.against:
        said.append(
            f"来源表写的是{code}（{full_name(code, registry)}），文本写的是{choice.against}"
            f" / the source list says {code}, the text names another place"
        )
    elif listed and listed != code:
        listed_name = full_name(listed, registry) if listed in registry else "登记册中没有"
        said.append(
            f"来源表写的是{listed}（{listed_name}），文本是{code}（{full_name(code, registry)}）"
            f" / the source list says {listed}, the text {code}"
        )
    if hint.report_year and hint.report_year != year:
        said.append(
            f"来源表写的是{hint.report_year}年，文本是{year}年"
            f" / the source list says {hint.report_year}, the text {year}"
        )
    return "；".join(said)
