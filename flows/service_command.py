"""The commands of a home that looks after itself: schedule, serve, status, doctor, prune, backup."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from flows.home import Home, HomeError
from flows.options import DONE, FINDINGS, Failure, folder_option, home_option, scope_option, year_option


@click.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE ...]")
@folder_option
@click.option("--annual", metavar="CRON", help="When the annual run begins (0 3 2 4 *); an empty one: never.")
@click.option("--catch-up", metavar="CRON", help="When catch-up runs begin (0 3 * 1-6 1); an empty one: never.")
@click.option("--zone", help="Time zone of both (Asia/Shanghai).")
@scope_option
@year_option
@click.option("--workers", type=click.IntRange(0, 256), default=0, help="Processes that read; 0 (default): one a core.")
@click.option("--batch", type=click.IntRange(1, 5000), default=500, help="Documents to a task; fewer for slow scans.")
@click.option("--allow-private", is_flag=True, help="Fetch from private addresses too.")
@click.option("--notify", multiple=True, metavar="URL", help="Whom to tell, as an Apprise URL; may be repeated.")
@click.option("--show", is_flag=True, help="Show the schedule and change nothing.")
@click.option("--off", is_flag=True, help="Take the schedule away; nothing runs by itself any more.")
def schedule(home: Home, *, notify: tuple[str, ...], show: bool, off: bool, **options: Any) -> None:
    """Set when the runs of a home begin by themselves, and what they read.

    Without SOURCE they read the home's sources.csv. `nianbao serve` runs the schedule; one that runs already takes the
    change over within seconds.
    """
    from flows import notify as addresses
    from flows.parameters import Parameters
    from flows.schedule import ANNUAL, CATCH_UP, ZONE, Schedule, make, path_of
    from flows.serving import next_line

    try:
        if show or off:
            found = Schedule.load(home)
            if off:
                path_of(home).unlink(missing_ok=True)
            click.echo(
                "无计划 no schedule" if off or not found else f"{found.model_dump_json(indent=1)}\n{next_line(found)}"
            )
            return
        home.open()
        crons = {name: options.pop(name) for name in ("annual", "catch_up")}
        zone = options.pop("zone") or ZONE
        options["sources"] = tuple(_absolute(source) for source in options["sources"])
        made = make(
            Parameters(home=str(home.root), **options),
            annual=ANNUAL if crons["annual"] is None else crons["annual"] or None,
            catch_up=CATCH_UP if crons["catch_up"] is None else crons["catch_up"] or None,
            zone=zone,
        )
        if notify:
            addresses.keep(home, list(notify))
        made.save(home)
    except (HomeError, OSError) as error:
        raise Failure(str(error)) from error
    click.echo(f"{next_line(made)}\n运行计划 to run it: nianbao serve --home {home.root}")


def _absolute(source: str) -> str:
    """A path as it will be meant wherever the service is started."""
    return source if "://" in source else str(Path(source).absolute())


@click.command()
@folder_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address of the Prefect server and its pages.")
@click.option("--port", type=click.IntRange(1, 65535), default=4200, show_default=True, help="Its port.")
@click.option("--verbose", is_flag=True, help="Show Prefect's own log.")
def serve(home: Home, **options: Any) -> None:
    """Run the schedule: a Prefect server with its pages, the runs, and whatever was missed. Ends with Ctrl-C."""
    from flows.server import ServerError
    from flows.serving import serve as run_service

    try:
        run_service(home, **options)
    except (HomeError, ServerError) as error:
        raise Failure(str(error)) from error


@click.command()
@home_option
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.option(
    "--missing", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write the list of work there."
)
def status(home: Home, *, as_json: bool, missing: Path | None) -> None:
    """Show last runs, the release and its age, the next run, what was not read, and disk use."""
    from flows import status as look
    from flows.standing import lines
    from warehouse.query import QueryError
    from warehouse.releases import ReleaseError

    now = datetime.now(UTC)
    try:
        if not home.storage.bring(home.root / "FORMAT").exists():
            raise HomeError(f"{home.address} is no home yet: nianbao run makes one, --home names another")
        found = look.status(home, now)
        if missing:
            look.write_missing(look.missing(home, now.date()), missing)
    except (HomeError, QueryError, ReleaseError, ValueError, OSError) as error:
        raise Failure(str(error)) from error
    if as_json:
        click.echo(json.dumps(found.as_json(), ensure_ascii=False, indent=1))
    else:
        for line in lines(found, now):
            click.echo(line)
    sys.exit(FINDINGS if found.needs_person else DONE)


@click.command()
@folder_option
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def doctor(home: Home, *, as_json: bool) -> None:
    """Check this machine and the home, and say what to do."""
    from flows.doctor import examine

    found = examine(home)
    if as_json:
        click.echo(json.dumps([one._asdict() for one in found], ensure_ascii=False, indent=1))
    else:
        for one in found:
            click.echo(f"{one.state:8}{one.name:16}{one.found}")
            if one.todo:
                click.echo(f"{'':24}→ {one.todo}")
    sys.exit(FINDINGS if any(one.state == "error" for one in found) else DONE)


@click.command()
@folder_option
@click.option("--keep", type=click.IntRange(1), default=12, show_default=True, help="Newest releases to keep.")
@click.option(
    "--run-reports", type=click.IntRange(1), default=24, show_default=True, help="Newest run reports to keep."
)
@click.option("--dry-run", is_flag=True, help="Only show what would go.")
def prune(home: Home, *, keep: int, run_reports: int, dry_run: bool) -> None:
    """Remove old releases and run reports. Snapshots, the lake and your own files stay for ever."""
    from flows import retention

    try:
        found = (retention.surplus if dry_run else retention.prune)(home, keep, run_reports)
    except (HomeError, OSError) as error:
        raise Failure(str(error)) from error
    for one in found:
        click.echo(f"{one.bytes / 1e6:10.1f} MB  {one.path.relative_to(home.root)}  ({one.why})")
    done = "将删除 would go" if dry_run else "已删除 gone"
    click.echo(f"{sum(one.bytes for one in found) / 1e6:10.1f} MB  {done}: {len(found)}")


@click.command()
@click.argument("target", type=click.Path(file_okay=False, path_type=Path))
@folder_option
def backup(target: Path, home: Home) -> None:
    """Bring the folder TARGET to the state of the home; safe while a run goes on. To restore, copy it back."""
    from flows.backup import backup as copy

    try:
        done = copy(home, target)
    except (HomeError, OSError) as error:
        raise Failure(str(error)) from error
    click.echo(f"已复制 copied: {done.files} ({done.bytes / 1e6:.1f} MB); 未变 unchanged: {done.same}")


COMMANDS = (schedule, serve, status, doctor, prune, backup)
