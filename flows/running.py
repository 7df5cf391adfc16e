"""Running: one run of the annual flow from the command line, with its lock, its Prefect server and its summary."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from typing import Any, NamedTuple
from uuid import uuid4

from flows import journal, still
from flows.acquisition import is_done, look, places_of
from flows.home import Home
from flows.outcomes import unchanged
from flows.parameters import Outcome, Parameters
from flows.places import check, specs
from flows.server import prefect_server, prepare, standing
from transforms.dictionary import Dictionary
from transforms.registry import Registry
from warehouse import corrections

MANY = 20_000
"""Places from which on what the checks need is not imported before there is something to check: to read so many
documents takes minutes, in which these 0.15 GB are better left to others."""


def run_once(home: Home, parameters: Parameters, *, verbose: bool = False) -> Outcome:
    """Run the flow once in this process and print a summary; where nothing is new, print that and be done.

    Raises:
        HomeError, SourceError, SourceListError, DictionaryError, CorrectionsError, ServerError, ClusterError: it could
            not start.
    """
    seen = foreseen(home, parameters)
    outcome = seen.outcome or _flown(home, parameters, few=seen.places < MANY, verbose=verbose)
    summarise(outcome)
    return outcome


def _flown(home: Home, parameters: Parameters, *, few: bool, verbose: bool) -> Outcome:
    if parameters.dask:
        from flows.cluster import reach

        reach(parameters.dask)
    prepare(home.prefect, verbose=verbose)
    with prefect_server(home.prefect) as wait:
        from flows.annual import annual

        if few and not home.current.exists():
            import great_expectations  # noqa: F401 - while the server starts on the other core; it will be needed
        wait()
        with without_heartbeat():
            return annual(parameters)


class Foreseen(NamedTuple):
    """What was seen before a run began: its outcome, where it has nothing to do, and at how many places it looks."""

    outcome: Outcome | None = None
    places: int = 0


def foreseen(home: Home, parameters: Parameters) -> Foreseen:
    """The outcome of a run that has nothing to do, if that can be told without opening a file or asking for a page.

    What would stop the run is found here too, where it can be said in a line, rather than in the flow behind a server.
    A server of our own is not started, and Prefect not imported, only to be told that nothing was done: the journal
    has it. Where a server stands, or is named, people look there for every run, and it costs little: the flow tells it.
    """
    with home.open().lock() as held:
        Dictionary.load()
        corrections.read(held.corrections)
        if os.environ.get("PREFECT_API_URL") or standing(held.prefect):
            check(specs(held, parameters), Registry.load())
            return Foreseen()
        places = places_of(held, parameters)
        now = still.taken(held, parameters, places)
        run_id = still.known(held, now)
        if run_id is None:
            acquired = look(held, parameters, places)
            if acquired is None or not is_done(held, acquired):
                return Foreseen(places=len(places))
            run_id = acquired.run_id
            still.keep(held, now, run_id)
        attempt = str(uuid4())
        journal.begin(held, attempt, parameters.occasion)
        outcome = unchanged(held, run_id)
        more = {"run_id": outcome.run_id, "message": "", "needs_person": outcome.needs_person}
        journal.end(held, attempt, "unchanged", **more)
        return Foreseen(outcome, len(places))


def without_heartbeat() -> AbstractContextManager[Any]:
    """Prefect's settings without a flow's heartbeat: it takes a second to end, and nobody else watches this run."""
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    return temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None})


def summarise(outcome: Outcome) -> None:
    """Print what happened and where to look."""
    from rich.console import Console
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    table.add_row("运行 run", outcome.run_id)
    table.add_row("结果 result", _verdict(outcome))
    counts = f"{outcome.reports} · {outcome.refusals} · {outcome.mentions} · {outcome.observations}"
    table.add_row("报告 reports · 未读 refused · 提及 mentions · 观测 observations", counts)
    table.add_row("严重 critical · 警告 warnings", f"{outcome.criticals} · {outcome.warnings}")
    table.add_row("数据 release", outcome.release or "-")
    table.add_row("运行报告 run report", outcome.page or "-")
    Console(soft_wrap=True).print(table)


def _verdict(outcome: Outcome) -> str:
    if outcome.unchanged:
        return "无变化，未发布 unchanged: nothing published"
    if outcome.gate_closed:
        return "未发布：关口关闭，保留上一版本 gate closed: the last release stays"
    return "已发布 published" if outcome.published else "已是当前版本 already the current release"
