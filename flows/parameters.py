"""Parameters of a run, as Prefect shows and checks them, and the outcome that it ends with."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Occasion = Literal["by hand", "annual", "catch-up", "missed"]
"""``missed``: begun by the service in place of a run that did not take place, or came to no end."""


class Parameters(BaseModel):
    """What one run is asked to do."""

    model_config = ConfigDict(frozen=True)

    home: str = Field(title="数据目录 home", description="Folder where snapshots, lake, releases and run reports live.")
    sources: tuple[str, ...] = Field(
        default=(),
        title="来源 sources",
        description="Files, folders, patterns or archives; the sample report if empty.",
    )
    scope: tuple[str, ...] = Field(
        default=(), title="范围 scope", description="Prefixes of division codes: the townships expected to report."
    )
    years: tuple[int, ...] = Field(
        default=(),
        title="年度 years",
        description="Rows of source lists of these report years are read; all if empty. Files are read always.",
    )
    workers: int = Field(
        default=0, ge=0, le=256, title="进程数 workers", description="Worker processes; 0: one a core."
    )
    batch: int = Field(
        default=500,
        ge=1,
        le=5000,
        title="每批份数 batch",
        description="Documents to a task; fewer let all processes work on a few slow documents (scans).",
    )
    dask: str = Field(
        default="",
        title="Dask",
        description="Address of a Dask scheduler whose workers read; 'local': one of the run's own; empty: none.",
    )
    allow_private: bool = Field(
        default=False, title="内网地址 allow private", description="Whether sources may lie at private addresses."
    )
    accept: tuple[str, ...] = Field(
        default=(), title="接受 accept", description="Ratchet checks that a person accepts going backwards this once."
    )

    occasion: Occasion = Field(
        default="by hand", title="缘由 occasion", description="Why the run began: its schedule, or a person."
    )

    @property
    def patience(self) -> float:
        """Seconds to wait for another run in the home: a person is told at once, a scheduled run can wait."""
        return 1.0 if self.occasion == "by hand" else 3600.0

    @property
    def label(self) -> str:
        """A short name for people: what is read, for which years, on which occasion."""
        what = ", ".join(source.rstrip("/").rsplit("/", 1)[-1] for source in self.sources[:2]) or "样本 sample"
        more = f" +{len(self.sources) - 2}" if len(self.sources) > 2 else ""
        years = f" {_spans(self.years)}" if self.years else ""
        occasion = "" if self.occasion == "by hand" else f" · {self.occasion}"
        return what + more + years + occasion


def _spans(years: tuple[int, ...]) -> str:
    """2019-2021, 2024: runs of consecutive years."""
    spans: list[list[int]] = []
    for year in sorted(set(years)):
        if spans and spans[-1][-1] == year - 1:
            spans[-1].append(year)
        else:
            spans.append([year])
    return ", ".join(f"{span[0]}-{span[-1]}" if len(span) > 1 else str(span[0]) for span in spans)


class Outcome(BaseModel):
    """How a run ended, for the caller and for Prefect's page."""

    model_config = ConfigDict(frozen=True)

    run_id: str
    published: bool
    unchanged: bool
    gate_closed: bool
    reports: int
    refusals: int
    mentions: int
    observations: int
    criticals: int
    warnings: int
    release: str | None
    page: str | None
    quarantined: tuple[str, ...] = ()
    """Reports that critical findings keep out of the release."""

    @property
    def needs_person(self) -> bool:
        """Whether something must be decided or corrected by hand: the gate is closed, or a report is kept out."""
        return self.gate_closed or self.criticals > 0
