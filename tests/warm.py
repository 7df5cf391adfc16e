"""Runs without the seconds that importing takes: a process that has imported everything forks one for each of them.

What is forked is a process like any other, killed like any other, and bound by permissions even where root runs the
tests; only where it came from differs. For many runs in one environment (``bench/faults.py``, the ``nianbao`` of
``conftest.py``); a run that needs another Prefect server is started as users start it. Where several ask
(``pytest -n``), each of them has a fork of one ``Mother``, which imports but once.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from io import RawIOBase
from pathlib import Path
from typing import NoReturn

SAMPLE = Path(__file__).parent.parent / "seeds" / "reports" / "000_f00fdd0833fa869e.txt"


def mortal() -> list[str]:
    """How to start a command that permissions bind: root would pass over them."""
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []


class Run:
    """One run, as far as those who disturb it need to know."""

    def __init__(self, told: RawIOBase) -> None:
        self._told = told
        self.pid = int(told.readline())
        self._code: int | None = None
        self._one = threading.Lock()  # who disturbs a run asks as well as who waits for it

    def wait(self, seconds: float) -> int:
        """Its exit code, when it has ended.

        Raises:
            TimeoutExpired: if it takes longer than ``seconds``; it is killed.
        """
        if self._code is None:
            select.select([self._told], [], [], seconds)
        code = self.poll()
        if code is None:
            os.kill(self.pid, signal.SIGKILL)
            raise subprocess.TimeoutExpired("nianbao", seconds)
        return code

    def poll(self) -> int | None:
        """Its exit code; negative if it was killed, None while it is at work."""
        with self._one:
            if self._code is None and select.select([self._told], [], [], 0)[0]:
                self._code = int(self._told.readline())
            return self._code

    def kill(self) -> None:
        """SIGKILL, if it is still there."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)


class Mother:
    """A process that forks one like that of a ``Warm`` for each who asks at its socket; it ends with this one."""

    def __init__(self, environment: Mapping[str, str], path: Path) -> None:
        self.path = path
        command = [*mortal(), sys.executable, __file__, str(path)]
        self._process = subprocess.Popen(command, env=dict(environment), stdin=subprocess.PIPE)

    def end(self) -> None:
        """End it."""
        self._process.communicate()


class Warm:
    """The process that forks, of its own or born of a ``Mother``; it ends with the one that made it."""

    def __init__(self, environment: Mapping[str, str], mother: str | None = None) -> None:
        self.environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None
        if mother:
            ours = _reached(mother)
        else:
            ours, theirs = socket.socketpair()
            with theirs:
                command = [*mortal(), sys.executable, __file__]
                self._process = subprocess.Popen(command, env=self.environment, stdin=theirs)
        self._socket, self._lines = ours, ours.makefile("rwb", buffering=0)
        self._last: Run | None = None

    def start(
        self,
        arguments: Sequence[str],
        log: Path,
        errors: Path | None = None,
        changes: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> Run:
        """Run ``nianbao`` with arguments, with changes to the environment, in ``folder`` if one is given.

        One at a time: a run before it that nobody waited for is killed. Its output goes to ``log``, and what it says
        on standard error to ``errors`` if that is given.
        """
        if self._last is not None:
            self._last.kill()
            self._last.wait(800)
        for path in (log, errors or log):
            path.write_bytes(b"")  # whoever watches it need not wait for it
        asked = [list(arguments), str(log), str(errors or log), dict(changes or {}), str(folder or Path.cwd())]
        self._socket.sendall(json.dumps(asked).encode() + b"\n")
        self._last = Run(self._lines)
        return self._last

    def end(self) -> None:
        """End it, when its last run has ended."""
        self._socket.shutdown(socket.SHUT_WR)
        self._lines.read()
        self._lines.close()
        self._socket.close()
        if self._process:
            self._process.wait()


def _reached(mother: str) -> socket.socket:
    """Reach a mother; she listens before she imports, so that one who is not there after a while has died.

    Raises:
        RuntimeError: she has.
    """
    for _ in range(1200):
        reached = socket.socket(socket.AF_UNIX)
        try:
            reached.connect(mother)
            return reached
        except (FileNotFoundError, ConnectionRefusedError):
            reached.close()
            time.sleep(0.1)
    raise RuntimeError(f"nobody listens at {mother}: see above what the process that imports all of a run died of")


def _import() -> None:
    """Import all that a run imports, and load what it loads."""
    import altair  # noqa: F401
    import great_expectations  # noqa: F401
    from cases import Case, tables, told, validated

    from expectations import building, writing  # noqa: F401
    from flows import annual, batches, command, evaluating, extracting, running, status  # noqa: F401
    from transforms.reports import Snapshot, transform
    from warehouse import release  # noqa: F401

    # Once through what looks at a report, which loads the seeds that it needs, and through the checks, which make the
    # suites and checkpoints of Great Expectations.
    text = "（合成）收到信访件31件。"
    validated(tables(Case(text, [told(text, "31件", 31, "件", "petitions_received")])))
    sample = SAMPLE.read_bytes()
    transform([Snapshot(lambda: sample, "0" * 64, "", datetime.now(UTC))], *batches.seeds(), "")
    gc.collect()
    gc.freeze()  # what is here already need not be looked through, and copied, by each of those forked


def _bear(path: str) -> NoReturn:
    """Fork a process for each who asks at the socket, until standard input is closed."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        _import()
        while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
            asks, _ = listener.accept()
            with asks:
                if os.fork() == 0:
                    listener.close()
                    os.dup2(asks.fileno(), 0)
                    asks.close()
                    _serve()
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:  # those that have ended: their time counts as ours
            pass
    os._exit(0)


def _serve() -> NoReturn:
    """Fork the runs that standard input, a socket, asks for, and tell there of each its number and how it ended."""
    from flows import command

    asks = os.fdopen(0, "rb", buffering=0, closefd=False)
    while line := asks.readline():
        arguments, log, errors, changes, folder = json.loads(line)
        pid = os.fork()
        if pid == 0:
            output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            said = output if errors == log else os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            nothing = os.open(os.devnull, os.O_RDONLY)
            for number, source in enumerate((nothing, output, said)):
                os.dup2(source, number)
            os.environ.update(changes)
            os.chdir(folder)
            _as_a_process_would(partial(command.main, arguments, prog_name="nianbao"))
        os.write(0, f"{pid}\n".encode())
        os.write(0, f"{os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}\n".encode())
    os._exit(0)


def _as_a_process_would(main: Callable[[], object]) -> NoReturn:
    """Call it and end as Python ends, but for taking apart all that was imported: half of what a short command took."""
    code: object = 1
    try:
        main()
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
    finally:
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else int(code is not None))


if __name__ == "__main__":
    if sys.argv[1:]:
        _bear(sys.argv[1])
    _import()
    _serve()
