"""Faults: a run disturbed at a random moment, and what must hold afterwards; for tests and for `bench/faults.py`.

Every round starts from a home with a release of the first half of the reports (synthetic, 合成), runs over all of them,
and is disturbed once: SIGKILL of the run (at any moment, or as its report stands), of a worker or of its server, a full
disk, a disk gone read-only, permissions taken away, a network that breaks. Whatever happens, the run ends; whoever
reads meanwhile sees the old release or the new one; and the next run ends in the same tables as one that was never
disturbed: no document lost, none read twice, nothing torn.
"""

import copy
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

from warm import Run, Warm, mortal

from transforms.registry import Registry
from warehouse.contracts import MENTIONS, OBSERVATIONS, REFUSALS, REPORTS, SOURCES, TEXTS
from warehouse.lake import Lake
from warehouse.query import QueryError, query
from warehouse.releases import releases

NIANBAO = str(Path(sys.executable).with_name("nianbao"))
KINDS = ("flow", "reported", "worker", "server", "disk", "read-only", "permissions", "network")
PATIENCE = 900
"""Seconds after which a run counts as hanging: a hundred times what it takes, for on a crowded machine (twenty jobs on
two cores were seen) it takes minutes."""
TABLES = (REPORTS, MENTIONS, OBSERVATIONS, TEXTS, REFUSALS, SOURCES)
VOLATILE = {"run_id", "retrieved_at", "identity"}
"""Columns that tell when, and by which run, something was read: no part of what must come out the same."""


Process = subprocess.Popen[bytes] | Run


class Broken(AssertionError):
    """What did not hold, in which round."""


class Round(NamedTuple):
    """One disturbance and its outcome."""

    kind: str
    after: float
    """Seconds into the run."""
    code: int
    """Exit code of the disturbed run; negative: killed by that signal."""
    healed: float
    """Seconds that the next run took; next to none where the disturbed one ended well by itself."""


def write_reports(folder: Path, count: int, seed: int = 8) -> list[Path]:
    """Synthetic reports (合成) of different townships, each with a few figures, in files of their own."""
    rng = random.Random(seed)
    units = [unit for unit in Registry.load().rows() if unit.kind == "镇" and unit.county and unit.city][
        :: 9973 // count
    ]
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for unit in units[:count]:
        place = f"{unit.province}{unit.city}{unit.county}{unit.township}"
        text = (
            f"{place}人民政府2023年法治政府建设年度报告（合成）\n"
            f"2023年，{unit.township}深入推进法治政府建设，现将有关情况报告如下。\n"
            f"一、主要工作\n全年调解矛盾纠纷{rng.randrange(20, 900)}件，开展法治宣传活动{rng.randrange(3, 60)}场次，"
            f"发放宣传资料{rng.randrange(200, 9000)}份。\n"
            f"二、行政执法\n办理行政处罚案件{rng.randrange(1, 90)}宗，罚款{rng.randrange(1, 80)}万元。"
            "行政复议案件0宗。\n"
            f"{unit.township}人民政府\n2024年1月{rng.randrange(5, 28)}日\n"
        )
        path = folder / f"{unit.township_code}.txt"
        path.write_text(text, encoding="utf-8")
        files.append(path)
    return files


class Site(ThreadingHTTPServer):
    """A site that serves a folder until it is ``broken``: then it drops every connection half way."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.folder, self.broken = folder, threading.Event()

    def url(self, path: Path) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/{path.name}"


class _Answer(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        path = self.server.folder / self.path.lstrip("/")
        data = path.read_bytes() if path.is_file() else b""
        if self.server.broken.is_set() and data:
            data = data[: len(data) // 2]
        with suppress(OSError):
            self.send_response(200 if data else 404)
            self.send_header("Content-Length", str(path.stat().st_size if data else 0))
            self.end_headers()
            self.wfile.write(data)
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serving(folder: Path) -> Iterator[Site]:
    """A site of the files in a folder, for as long as the context lasts."""
    site = Site(folder)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    try:
        yield site
    finally:
        site.shutdown()
        site.server_close()


def tables(home: Path) -> dict[str, list[tuple[str, ...]]]:
    """What the lake says, table by table, without when and by which run it was read."""
    lake = Lake(home / "lake")
    found = {}
    for contract in TABLES:
        table = lake.read(contract)
        kept = [name for name in table.column_names if name not in VOLATILE]
        found[contract.name] = sorted(tuple(map(repr, row.values())) for row in table.select(kept).to_pylist())
    return found


def published(home: Path) -> int | None:
    """How many reports a reader of the current release sees; None where there is no release.

    Raises:
        Broken: the file is there and cannot be read, or does not agree with itself.
    """
    current = home / "nianbao.duckdb"
    if not current.exists():
        return None
    sql = """
        SELECT (SELECT count(*) FROM reports), (SELECT count(DISTINCT report_id) FROM observations),
               (SELECT count(*) - count(DISTINCT (township_code, report_year, indicator)) FROM observations)
    """
    try:
        ((reports, seen, doubled),) = query(current, sql).rows
    except QueryError as error:
        raise Broken(f"a torn release: {error}") from error
    if (seen, doubled) != (reports, 0):
        raise Broken(f"{reports} reports, observations of {seen}, {doubled} doubled")
    return int(reports)


class World:
    """What all rounds share: the reports, the first release, the undisturbed result, the sources, who runs."""

    def __init__(self, root: Path, warm: Warm, site: Site, count: int, batch: int = 500) -> None:
        self.root, self.warm, self.site, self.batch = root, warm, site, batch
        self.files = write_reports(site.folder, count)
        self.first, self.result = root / "first", root / "undisturbed"
        (root / "half").mkdir()
        for path in self.files[: count // 2]:
            shutil.copy2(path, root / "half" / path.name)
        self.sources = [str(site.folder)]
        self.must(self.first, str(root / "half"))
        shutil.copytree(self.first, self.result, symlinks=True)
        began = time.monotonic()
        self.must(self.result, *self.sources)
        self.seconds = time.monotonic() - began
        self.tables = tables(self.result)
        if len(self.tables["reports"]) < count or published(self.result) != count:
            raise Broken(f"the undisturbed run read {len(self.tables['reports'])} of {count} reports")

    def lane(self, name: str, site: Site) -> "World":
        """The same world for rounds beside others: with a home, a site to break and a process that forks of its own."""
        lane = copy.copy(self)
        lane.root, lane.site, lane.warm = self.root / name, site, Warm(self.warm.environment)
        lane.root.mkdir()
        return lane

    def start(self, home: Path, *sources: str, **environment: str) -> Process:
        """Start a run, in an environment of its own if one is given."""
        arguments = ["run", *sources, "--home", str(home), "--batch", str(self.batch), "--allow-private"]
        log = self.root / "run.log"
        if not environment:
            return self.warm.start(arguments, log)
        with log.open("wb") as output:
            env = {**self.warm.environment, **environment}
            return subprocess.Popen([*mortal(), NIANBAO, *arguments], env=env, stdout=output, stderr=output)

    def must(self, home: Path, *sources: str) -> None:
        """A run that nothing disturbs must end well."""
        process = self.start(home, *sources)
        code = wait(process, home)
        if code not in {0, 1}:
            raise Broken(f"an undisturbed run ended with {code}:\n{self.log()}")

    def log(self) -> str:
        return (self.root / "run.log").read_text(encoding="utf-8", errors="replace")[-4000:]


def wait(process: Process, home: Path, seen: set[int | None] | None = None) -> int:
    """Wait for a run, reading the release all the while; its exit code.

    Raises:
        Broken: it hangs, or the release is torn at some moment.
    """
    deadline, pause = time.monotonic() + PATIENCE, 0.3
    while (code := process.poll()) is None:
        if time.monotonic() > deadline:
            process.kill()
            raise Broken("the run hangs")
        if seen is not None:
            began = time.thread_time()
            seen.add(published(home))
            pause = max(pause, 20 * (time.thread_time() - began))  # who looks must not take the run's time
        time.sleep(pause)
    return code


def disturb(world: World, kind: str, moment: float, environment: Mapping[str, str]) -> Round:
    """One round: a run disturbed ``moment`` (0 to 1) of the way through, and the run after it.

    Raises:
        Broken: something that must hold did not.
    """
    home = world.root / "home"
    with _disk(home, small=kind == "disk") as disk:
        shutil.copytree(world.first, home, dirs_exist_ok=True, symlinks=True)
        sources = [world.site.url(path) for path in world.files] if kind == "network" else world.sources
        after = moment * world.seconds * (1.6 if kind in {"network", "server"} else 1.0)
        if kind == "disk":
            disk.leave(int(moment * 8_000_000))
        # Who owns nothing but what permissions give could not watch a home that none may enter.
        disk.mode = 0 if os.geteuid() == 0 and int(moment * 1000) % 2 else 0o555
        process = world.start(home, *sources, **environment)
        timer = threading.Timer(after, STRIKES[kind], (world, process, home, disk))
        timer.start()
        seen: set[int | None] = set()
        try:
            code = wait(process, home, seen)
        finally:
            timer.cancel()
            timer.join()
            disk.mend()
            world.site.broken.clear()
        half, whole = len(world.files) // 2, len(world.files)
        # A network that breaks may leave any number of pages for next time; else it is the old release or the new one.
        if not seen | {published(home)} <= ({half, whole} if kind != "network" else set(range(half, whole + 1))):
            raise Broken(f"{kind}: a reader saw releases of {seen} reports")
        began = time.monotonic()
        # Else it ended well, and must have lost nothing by itself; only what it could not clear away is the next one's.
        if code not in {0, 1} or kind == "network" or (home / "work").exists():
            world.must(home, *sources)
        healed = time.monotonic() - began
        _compare(world, home, kind)
    shutil.rmtree(home)
    return Round(kind, after, code, healed)


def _compare(world: World, home: Path, kind: str) -> None:
    found = tables(home)
    for name, rows in world.tables.items():
        if kind == "network" and name in {"sources", "reports"}:
            # Found at an address as well as in a file: the same snapshots, known from one place more.
            if {row[0] for row in found[name]} != {row[0] for row in rows}:
                raise Broken(f"{kind}: {name} differs from the undisturbed run")
        elif found[name] != rows:
            raise Broken(f"{kind}: {name}: {len(found[name])} rows, undisturbed {len(rows)}")
    if published(home) != len(world.files):
        raise Broken(f"{kind}: {published(home)} reports published")
    newest = releases(home)[0]
    if not newest.current or (home / "work").exists():
        raise Broken(f"{kind}: the newest release is not the current one, or unfinished work is left")


class Disk:
    """The disk under a home: a small one of its own where the system lets us mount it, else a part of the machine's."""

    def __init__(self, home: Path, *, mounted: bool) -> None:
        self.home, self.mounted, self.mode = home, mounted, 0o555
        self._ballast = home / "ballast"

    def leave(self, free: int) -> None:
        """Fill it until ``free`` bytes are left."""
        if self.mounted:
            size = max(shutil.disk_usage(self.home).free - free, 0)
            with self._ballast.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, max(size, 1))

    def freeze(self) -> None:
        """Make it read-only, as the kernel does with a disk that fails."""
        _mount("-o", "remount,ro", str(self.home))

    def close(self) -> None:
        """Take permissions away from every folder, the deepest first: ``mode`` is what stays."""
        for folder in [*(path for path in sorted(self.home.rglob("*"), reverse=True) if path.is_dir()), self.home]:
            with suppress(FileNotFoundError):  # the run removed it just now
                folder.chmod(self.mode)

    def mend(self) -> None:
        """Make it whole again."""
        if self.mounted:
            _mount("-o", "remount,rw", str(self.home))
            self._ballast.unlink(missing_ok=True)
        self.home.chmod(0o755)
        for folder, folders, _ in os.walk(self.home):
            for name in folders:
                Path(folder, name).chmod(0o755)


@contextmanager
def _disk(home: Path, *, small: bool) -> Iterator[Disk]:
    home.mkdir(parents=True, exist_ok=True)
    mounted = can_mount()
    if small and not mounted:
        raise RuntimeError("a full disk needs a tmpfs of its own: run as root")
    if mounted:
        _mount("-t", "tmpfs", "-o", "size=256m", "tmpfs", str(home))
    try:
        yield Disk(home, mounted=mounted)
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(home)], check=True)
            home.mkdir(exist_ok=True)


def can_mount() -> bool:
    """Whether this process may mount a file system (root, and not in a container that forbids it)."""
    if os.geteuid() != 0 or not shutil.which("mount"):
        return False
    done = subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False)
    return done.returncode == 0


def _mount(*arguments: str) -> None:
    # A file that is being written keeps a disk from becoming read-only for a moment.
    for _ in range(50):
        done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return
        time.sleep(0.02)
    if "busy" not in done.stderr:
        raise RuntimeError(done.stderr)


def children(pid: int) -> Iterator[int]:
    """The processes below one, nearest first."""
    with suppress(FileNotFoundError, ProcessLookupError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split():
            yield int(child)
            yield from children(int(child))


def _kill(pids: Iterator[int], of: str) -> None:
    for pid in pids:
        with suppress(FileNotFoundError, ProcessLookupError):
            if of in Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8"):
                os.kill(pid, signal.SIGKILL)
                return


def _strike_reported(world: World, process: Process, home: Path, _disk: Disk) -> None:
    """Kill a run as soon as its report stands: all that is left is to clear its work away."""
    before = {path.name for path in (world.first / "runs").iterdir()}
    while process.poll() is None:
        if any(page.parent.name not in before for page in (home / "runs").glob("*/report.html")):
            process.kill()
            return
        time.sleep(0.0005)


def _strike_worker(_world: World, process: Process, home: Path, _disk: Disk) -> None:
    """Kill a worker in the middle of a document, as soon as there is one."""
    while process.poll() is None:
        for mark in (home / "work").glob("*.at"):
            with suppress(OSError, ValueError, IndexError):
                pid = int(mark.read_text(encoding="ascii").split('"pid": ')[1].rstrip("}"))
                if pid != process.pid:
                    os.kill(pid, signal.SIGKILL)
                    return
        time.sleep(0.005)


def _strike_disk(_world: World, _process: Process, _home: Path, _disk: Disk) -> None:
    """Nothing more: the disk was filled before, and runs out where it runs out."""


STRIKES: dict[str, Callable[[World, Process, Path, Disk], None]] = {
    "flow": lambda _world, process, _home, _disk: process.kill(),
    "reported": _strike_reported,
    "worker": _strike_worker,
    "server": lambda _world, process, _home, _disk: _kill(children(process.pid), "flows.attended"),
    "disk": _strike_disk,
    "read-only": lambda _world, _process, _home, disk: disk.freeze(),
    "permissions": lambda _world, _process, _home, disk: disk.close(),
    "network": lambda world, _process, _home, _disk: world.site.broken.set(),
}
