"""Reading in a worker that can be killed: a document that hangs, eats memory or crashes a library costs only itself.

The worker is a process of its own with a bound on its memory, used for one document after another and replaced when it
dies. It is started as a program and not through ``multiprocessing``, because workers of task runners may not have
children there.
"""

from __future__ import annotations

import atexit
import os
import pickle
import signal
import struct
import subprocess
import sys
import threading
import traceback
from contextlib import suppress
from importlib import import_module
from types import TracebackType
from typing import IO, NamedTuple

from transforms.document import Document, Refused
from transforms.limits import DEFAULT, Limits
from transforms.reading import is_plain, read

_LENGTH = struct.Struct("<Q")
RENEWED = 2_000
"""Documents after which a worker is replaced, so that no library's leak can grow."""


class ReadingFailedError(RuntimeError):
    """A bug of ours: the message is the worker's traceback."""


class _Failure(NamedTuple):
    traceback: str


class Reader:
    """Reads documents in a worker; use it as a context manager or call :meth:`close`. Safe to share between threads."""

    def __init__(self, limits: Limits = DEFAULT) -> None:
        self.limits = limits
        self._worker: subprocess.Popen[bytes] | None = None
        self._done = 0
        self._lock = threading.Lock()

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def read(self, data: bytes, seconds: float | None = None) -> Document:
        """Read one snapshot as :func:`transforms.reading.read` does, within ``seconds`` (by default the limits').

        Raises:
            Refused: as there, and ``too_large`` if time or memory ran out, ``unsupported_format`` if it crashed a
            library. ReadingFailedError: if our own code failed.
        """
        allowed = self.limits.seconds if seconds is None else seconds
        with self._lock:
            # A worker may have died of an earlier document, or been killed: only a fresh one dies of this.
            answer = self._ask(data, allowed) or self._ask(data, allowed) or _crashed()
        if isinstance(answer, Document):
            return answer
        if isinstance(answer, Refused):
            raise answer
        raise ReadingFailedError(answer.traceback)

    @property
    def process_id(self) -> int:
        """The worker's process, started if there is none."""
        return self._started().pid

    def close(self) -> None:
        """End the worker."""
        worker, self._worker = self._worker, None
        if worker is None:
            return
        _kill(worker)
        worker.wait()
        for pipe in (worker.stdin, worker.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()

    def _ask(self, data: bytes, seconds: float) -> Document | Refused | _Failure | None:
        """The worker's answer, None if it died."""
        worker = self._started()
        if worker.stdin is None or worker.stdout is None:
            raise RuntimeError("the reading worker has no pipes")
        late = threading.Event()

        def stop() -> None:
            late.set()
            _kill(worker)

        timer = threading.Timer(seconds, stop)
        timer.start()
        try:
            _send(worker.stdin, pickle.dumps((data, self.limits)))
            answer: Document | tuple[str, str, tuple[str, ...]] | _Failure = pickle.loads(_receive(worker.stdout))
        except (EOFError, BrokenPipeError):
            self.close()
            return _late(seconds) if late.is_set() else None
        finally:
            timer.cancel()
        self._done += 1
        if self._done >= RENEWED:
            self.close()
        if isinstance(answer, Document | _Failure):
            return answer
        reason, detail, leads_to = answer
        return Refused(reason, detail, leads_to)  # type: ignore[arg-type]

    def _started(self) -> subprocess.Popen[bytes]:
        if self._worker is None or self._worker.poll() is not None:
            self.close()
            self._done = 0
            self._worker = subprocess.Popen(
                [sys.executable, "-m", "transforms.guarded"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,
            )
        return self._worker


class _Shared:
    """The worker of this process."""

    reader: Reader | None = None
    lock = threading.Lock()


def read_guarded(data: bytes, limits: Limits = DEFAULT, seconds: float | None = None) -> Document:
    """Read one snapshot in this process's own worker, which ends with the process; see :class:`Reader`."""
    with _Shared.lock:
        reader = _Shared.reader
        if reader is None or reader.limits != limits:
            if reader is not None:
                reader.close()
            reader = _Shared.reader = Reader(limits)
            atexit.register(reader.close)
    return reader.read(data, seconds)


def read_safely(data: bytes) -> Document:
    """Read plain text here; what libraries must take apart is read by a worker that may hang or crash by itself."""
    return read(data) if is_plain(data) else read_guarded(data)


def _kill(worker: subprocess.Popen[bytes]) -> None:
    """Kill a worker with the programs that it started."""
    if sys.platform == "win32":
        worker.kill()
        return
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(worker.pid, signal.SIGKILL)


def _late(seconds: float) -> Refused:
    return Refused(
        "too_large",
        f"读取超过 {seconds:g} 秒，已中止；请另存为纯文本再提交 / "
        f"reading took more than {seconds:g} seconds: save the document as plain text",
    )


def _crashed() -> Refused:
    return Refused(
        "unsupported_format",
        "读取时程序库崩溃，文件可能损坏；请重新下载或另存后再提交 / "
        "a library crashed on this file, which is probably broken: download it again or save it anew",
    )


def _send(pipe: IO[bytes], message: bytes) -> None:
    pipe.write(_LENGTH.pack(len(message)))
    pipe.write(message)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> bytes:
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError("the other side is gone")
    (length,) = _LENGTH.unpack(head)
    message = pipe.read(length)
    if len(message) < length:
        raise EOFError("the other side is gone")
    return message


def _answer(data: bytes, limits: Limits) -> Document | tuple[str, str, tuple[str, ...]] | _Failure:
    try:
        return read(data, limits)
    except Refused as refused:
        return refused.reason, refused.detail, refused.leads_to
    except MemoryError:
        detail = "读取所需内存超过上限；请只提交报告本身 / reading needs too much memory: submit the report alone"
        return "too_large", detail, ()
    except Exception:
        return _Failure(traceback.format_exc())


def _bound_memory(size: int) -> None:
    try:
        import resource
    except ImportError:  # no such bound on this system
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard == resource.RLIM_INFINITY or hard > size:
        resource.setrlimit(resource.RLIMIT_AS, (size, hard))


def serve() -> None:
    """Answer requests until the other side closes the pipe: what the worker does."""
    # Whatever a library prints must not get into the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    bounded = False
    while True:
        try:
            data, limits = pickle.loads(_receive(sys.stdin.buffer))
        except EOFError:
            return
        if not bounded:
            _bound_memory(limits.memory)
            bounded = True
        _send(answers, pickle.dumps(_answer(data, limits)))


if __name__ == "__main__":
    # Under the module's own name, so that what is pickled is what the other side knows.
    import_module("transforms.guarded").serve()
