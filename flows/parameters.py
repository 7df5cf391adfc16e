"""Parameters of a run, as Prefect shows and checks them, and the outcome that it ends with."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


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
        default=(), title="年度 years", description="Report years expected; all found if empty."
    )
    workers: int = Field(
        default=0, ge=0, le=256, title="进程数 workers", description="Worker processes; 0: one a core."
    )
    allow_private: bool = Field(
        default=False, title="内网地址 allow private", description="Whether sources may lie at private addresses."
    )
    accept: tuple[str, ...] = Field(
        default=(), title="接受 accept", description="Ratchet checks that a person accepts going backwards this once."
    )

    @property
    def label(self) -> str:
        """A short name for people: what is read, and for which years."""
        what = ", ".join(source.rstrip("/").rsplit("/", 1)[-1] for source in self.sources[:2]) or "样本 sample"
        more = f" +{len(self.sources) - 2}" if len(self.sources) > 2 else ""
        return what + more + "".join(f" {year}" for year in self.years)


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

    @property
    def needs_person(self) -> bool:
        """Whether something must be decided or corrected by hand: the gate is closed, or a report is kept out."""
        return self.gate_closed or self.criticals > 0
