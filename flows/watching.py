"""Watching: each run is noted in the journal as it begins and ends, and told to Prefect and, if need be, to people."""

from __future__ import annotations

import socket
from types import TracebackType
from typing import Any, Self

from flows import journal
from flows.home import Home, HomeError
from flows.journal import Past, Result
from flows.notify import Message, notify
from flows.parameters import Outcome, Parameters
from flows.places import SourceError
from flows.source_list import SourceListError

EVENTS = 100
"""Reports kept out that get an event of their own; more of them are one problem, and in the run report."""


class Watch:
    """One run, from the moment it holds the home until it ends, however it ends."""

    def __init__(self, home: Home, parameters: Parameters) -> None:
        from prefect.runtime import flow_run

        self.home, self.parameters = home, parameters
        self.attempt = str(flow_run.id)
        self.outcome: Outcome | None = None
        self._before: list[Past] = []

    def __enter__(self) -> Self:
        self._before = journal.past(self.home)
        journal.begin(self.home, self.attempt, self.parameters.occasion)
        return self

    def ended(self, outcome: Outcome) -> Outcome:
        """Take note of the outcome of the run; return it."""
        self.outcome = outcome
        return outcome

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        result, more = self._result(error)
        journal.end(self.home, self.attempt, result, **more)
        self._emit(result, more)
        told = [(one.result, one.run_id, one.message) for one in self._before[-1:]]
        if (result, more["run_id"], more["message"]) in told:
            return  # the same as last time: people know
        if message := tell(self.home, result, self.outcome, more["message"]):
            notify(self.home, message)

    def _result(self, error: BaseException | None) -> tuple[Result, dict[str, Any]]:
        more: dict[str, Any] = {"run_id": None, "message": "", "needs_person": False}
        if error is None and self.outcome is not None:
            outcome = self.outcome
            # Current already, but whoever made it so was killed before it could tell: then this run tells.
            told = not self._before or self._before[-1].well
            anew = outcome.published or not (outcome.unchanged or told)
            result: Result = "published" if anew else "unchanged" if outcome.unchanged else "current"
            more |= {"run_id": outcome.run_id, "needs_person": outcome.needs_person}
            return "gate_closed" if outcome.gate_closed else result, more
        more["message"] = f"{type(error).__name__}: {error}".strip().splitlines()[0][:500]
        if isinstance(error, HomeError | SourceError | SourceListError):
            return "unable", {**more, "needs_person": True}
        # What is no Exception (SIGTERM, Ctrl-C) is the wish of a person, who need not be told.
        return ("failed", {**more, "needs_person": True}) if isinstance(error, Exception) else ("crashed", more)

    def _emit(self, result: Result, more: dict[str, Any]) -> None:
        from prefect.events import emit_event

        resource = {"prefect.resource.id": f"nianbao.home.{_name(self.home)}", "nianbao.home": self.home.address}
        outcome = self.outcome.model_dump(mode="json") if self.outcome else more
        names = {"published": "nianbao.release.published", "gate_closed": "nianbao.gate.closed"}
        if name := names.get(result, "nianbao.run.failed" if more["message"] else ""):
            emit_event(name, resource=resource, payload=outcome)
        for report in self.outcome.quarantined[:EVENTS] if self.outcome else ():
            about = {"prefect.resource.id": f"nianbao.report.{report}", "prefect.resource.role": "report"}
            emit_event("nianbao.report.quarantined", resource=resource, related=[about], payload={"report_id": report})


def _name(home: Home) -> str:
    """The last part of its address."""
    return home.address.rsplit("/", 1)[-1]


def tell(home: Home, result: Result, outcome: Outcome | None, trouble: str) -> Message | None:
    """What people should be told of a run that ended; None where nobody needs to know."""
    where = f"主机 host: {socket.gethostname()}\n目录 home: {home.address}"
    if outcome is None:
        if result not in {"failed", "unable"}:
            return None
        todo = "请在该机运行 nianbao doctor，处理后重新运行 / run nianbao doctor there, then run again"
        return Message("failure", "年报：运行失败 run failed", f"{trouble}\n{todo}\n{where}")
    counts = (
        f"报告 reports {outcome.reports} · 未读 refused {outcome.refusals} · 观测 observations {outcome.observations}\n"
        f"严重 critical {outcome.criticals} · 警告 warnings {outcome.warnings}"
    )
    where = f"运行报告 run report: {outcome.page}\n{where}"
    if outcome.gate_closed:
        todo = (
            "上一版本保留。请按运行报告的“下一步”处理，再运行 nianbao run / "
            "the last release stays: follow the run report's next steps, then run again"
        )
        return Message("warning", "年报：关口关闭，未发布 gate closed", f"{counts}\n{todo}\n{where}")
    if result == "published" and outcome.needs_person:
        todo = f"{len(outcome.quarantined)} 份报告被隔离，请核对 / reports were kept out: look at them"
        return Message(
            "warning", "年报：已发布，有报告被隔离 published, reports kept out", f"{counts}\n{todo}\n{where}"
        )
    if result == "published":
        return Message("success", "年报：已发布 published", f"{counts}\n{where}")
    return None
