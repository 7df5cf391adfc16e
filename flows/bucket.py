"""Bucket: a home in object storage, and the folders of this machine that stand for it.

The objects have the names of a home's files, and the bytes; only the current release is not copied to
``nianbao.duckdb`` but named by ``current.json``, a copy of its manifest. Two folders in the cache stand for it: in
``read`` is what commands asked for, in ``work`` what a run works on, which nobody else touches. Both may be deleted
when nothing runs.

What a run made is put in the order in which a home in a folder comes to it, so that the bucket is at every moment what
a home in a folder may be after a crash: snapshots, the lake (``reports`` last), a release, its manifest, and then, by
one put, the pointer to it. What may change is replaced on the condition that it still is what this run saw.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, NamedTuple

from flows.index import NAME as INDEX
from flows.index import Index
from flows.lease import Lease, is_leased
from flows.storage import Folder, HomeError, Storage
from warehouse import releases
from warehouse.objects import ANY, Conflict, Objects, ObjectsError
from warehouse.releases import POINTER
from warehouse.snapshots import write_atomically

TOGETHER = 16
"""Requests under way at once."""
PATIENCE = 5.0
"""Seconds that a command which changes a file waits for a run."""
LISTED = 50
"""New snapshots from which on it is cheaper to list those in the bucket than to offer each."""
FETCHES = "snapshots/fetches.jsonl"
_OWN = {
    *("work", "prefect", "snapshots", ".lock", ".folder", ".home", ".kept"),
    *(INDEX, POINTER, releases.CURRENT, releases.LOG, "seen.parquet"),
}
"""What is this machine's alone, or is put in a way of its own."""


class Bucket(Storage):
    """A home at ``s3://bucket/prefix`` to read from; ``lock`` gives the one to work in."""

    def __init__(self, objects: Objects, cache: Path, lease: Lease | None = None) -> None:
        self.objects = objects
        self.root = cache / ("work" if lease else "read")
        self._cache, self._lease = cache, lease
        self._index = Index(self.root)

    @classmethod
    def at(cls, url: str) -> Bucket:
        """The home at a URL, with its folders in this user's cache on this machine.

        Raises:
            HomeError: the library is not installed, or the URL is none.
        """
        with told():
            return cls(Objects(url), cache_of(url))

    @property
    def address(self) -> str:
        """The URL."""
        return self.objects.url

    @contextmanager
    def lock(self, patience: float) -> Iterator[Bucket]:
        """Hold the folder by the kernel's lock, which tells dead runs of this machine, and the home by a lease."""
        work = self._cache / "work"
        work.mkdir(parents=True, exist_ok=True)
        held_here = Folder(work, self.address).lock(patience)
        with told(), held_here, Lease(self.objects, _identity(work), patience) as lease:
            held = Bucket(self.objects, self._cache, lease)
            held._pull()
            yield held

    @contextmanager
    def edit(self) -> Iterator[Bucket]:
        """As for a run, and kept at the end."""
        with self.lock(PATIENCE) as held:
            yield held
            held.save()

    def is_held(self) -> bool:
        """Whether somebody has the lease, and it has not run out."""
        with told():
            return is_leased(self.objects)

    def told(self, path: Path) -> str:
        """Its URL; for the current release, that of the release itself, which never changes."""
        if path.name == releases.CURRENT:
            path = self.root / "releases" / f"{releases.current_run(self.root)}.duckdb"
        return f"{self.address}/{self._name(path)}"

    def bring(self, path: Path) -> Path:
        """Bring a file as it is now; the current release as the file that the pointer names.

        Raises:
            HomeError: the bucket cannot be used, there is no release yet, or one is not what its manifest says.
        """
        name = self._name(path)
        if self._lease and path.exists():
            return path  # brought when the lease was taken, and nobody else changes it
        with told():
            if name == releases.CURRENT:
                path = self._current()
            elif name.startswith("releases/") and path.suffix == ".duckdb":
                manifest = self.bring(path.with_suffix(".json"))
                if manifest.exists():
                    self._release(json.loads(manifest.read_bytes()))
            else:
                seen = self.objects.head(name)
                if seen is None:
                    self._remove([name])
                elif not self._index.has(name, seen.etag):
                    self._download(name)
        self._index.save()
        return path

    def bring_all(self, folder: Path, only: str = "*") -> Path:
        """Bring what changed, and remove what is gone."""
        prefix = f"{self._name(folder)}/"
        if self._lease is None or prefix.startswith("runs/"):
            with told():
                self._mirror({name: seen.etag for name, seen in self.objects.list(prefix).items()}, folder, only)
            self._index.save()
        return folder

    def bring_missing(self, paths: Iterable[Path]) -> None:
        """Bring them, many at once."""
        with told():
            _each(self._download, [self._name(path) for path in paths if not path.exists()])

    def save(self) -> None:
        """Put what was made or changed here, in the order told above."""
        if self._lease is None:
            return
        with told():
            self._lease.check()
            self._put_snapshots()
            gone = self._index.gone()
            for step in _steps(self._changed(), gone):
                self._lease.check()
                _each(self._put, step.put)
                self.objects.delete(step.delete)
                if step.point:
                    self._point()
            self._index.forget(gone)
        self._index.save()

    def _name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def _download(self, name: str) -> None:
        seen = self.objects.download(name, self.root / name)
        if seen is None:
            self._remove([name])
        elif name == FETCHES or not name.startswith("snapshots/"):  # which never change
            self._index.note(name, seen.etag)

    def _remove(self, names: Iterable[str]) -> None:
        for name in names:
            (self.root / name).unlink(missing_ok=True)
            self._index.forget([name])

    def _mirror(self, etags: Mapping[str, str], folder: Path, only: str = "*") -> None:
        """Make the files below a folder whose names match ``only`` those of the bucket."""
        wanted = {name: etag for name, etag in etags.items() if fnmatch(name.rsplit("/", 1)[-1], only)}
        _each(self._download, [name for name, etag in wanted.items() if not self._index.has(name, etag)])
        here = {self._name(path) for path in _walk(folder) if fnmatch(path.name, only)}
        self._remove(here - wanted.keys())
        for path in (self.root / "releases").glob("*.duckdb"):
            if not path.with_suffix(".json").exists():
                self._remove([self._name(path)])

    def _current(self) -> Path:
        there = self.objects.get(POINTER)
        if there is None:
            raise HomeError(f"there is no release at {self.address}: 'nianbao run --home {self.address}' makes one")
        return self._release(json.loads(there[0]))

    def _release(self, manifest: Mapping[str, Any]) -> Path:
        """Bring a release, unless it is here, by its checksum."""
        name = f"releases/{manifest['run_id']}.duckdb"
        path, mark = self.root / name, _checksum(manifest)
        if not self._index.has(name, mark):
            if self.objects.download(name, path) is None or releases.file_digest(path) != manifest["sha256"]:
                self._remove([name])
                raise HomeError(f"{self.told(path)} is not what its manifest says (bytes changed): use another release")
            self._index.note(name, mark)
        return path

    def _pull(self) -> None:
        """Make the folder what the bucket is; what a run left that was killed goes, but its snapshots and batches."""
        with suppress(FileNotFoundError):
            (self.root / releases.CURRENT).unlink()  # told by the pointer, until this run makes another
        etags = {name: seen.etag for name, seen in self.objects.top().items() if not name.startswith(".")}
        mark = self.objects.head("FORMAT")
        _renew(self.root, mark.modified.isoformat() if mark else "")
        if fetches := self.objects.head(FETCHES):
            etags[FETCHES] = fetches.etag
        for part in {*self.objects.parts()} - {"snapshots", "runs"}:
            etags |= {name: seen.etag for name, seen in self.objects.list(f"{part}/").items()}
        etags = {name: etag for name, etag in etags.items() if not name.endswith(".duckdb")}
        # Run reports and releases are brought when they are asked for; those that are here stay if they are whole.
        here = (self._name(path) for path in _walk(self.root))
        etags |= {name: self._index.etag(name) or "" for name in here if name not in etags and self._stays(name)}
        self._mirror(etags, self.root)
        self._index.save()

    def _stays(self, name: str) -> bool:
        return name.startswith(("runs/", "releases/")) and not name.endswith(".json") and self._index.fits(name)

    def _changed(self) -> list[str]:
        names = [self._name(path) for path in _walk(self.root)]
        names += [FETCHES] if (self.root / FETCHES).exists() else []
        return [name for name in names if not self._index.fits(name) and self._finished(name)]

    def _finished(self, name: str) -> bool:
        """Whether a file is one of the home's: a release is by its manifest."""
        path = self.root / name
        return path.suffix != ".duckdb" or path.with_suffix(".json").exists()

    def _put(self, name: str) -> None:
        path = self.root / name
        release = name.startswith("releases/") and path.suffix == ".duckdb"
        # These have names of their own run, of which a killed one may have left something.
        over = ANY if release or name.startswith("runs/") else self._index.etag(name)
        etag = self.objects.upload(name, path, over)
        self._index.note(name, _checksum(json.loads(path.with_suffix(".json").read_bytes())) if release else etag)

    def _put_snapshots(self) -> None:
        """Put the snapshots that are not there; they are named by their digests, and whoever put one, put the same."""
        kept = self.root / ".kept"
        known = set(kept.read_text(encoding="ascii").split()) if kept.exists() else set()
        new = [name for name in _snapshots(self.root) if name not in known]
        if len(new) > LISTED:
            known = {*self.objects.list("snapshots/")}
            new = [name for name in new if name not in known]

        def put(name: str) -> None:
            with suppress(Conflict):  # headers of another fetch; those of the first are kept
                self.objects.upload(name, self.root / name, None)

        _each(put, new)
        if new:
            write_atomically(kept, "\n".join(sorted({*known, *new})).encode())

    def _point(self) -> None:
        """Name the current release: the one put by which readers see it."""
        current = self.root / releases.CURRENT
        run_id = releases.run_of(current) if current.exists() else None
        pointer = self.root / POINTER
        if run_id is None or run_id == releases.pointed(self.root):
            return
        data = (self.root / "releases" / f"{run_id}.json").read_bytes()
        etag = self.objects.put(POINTER, data, self._index.etag(POINTER))
        write_atomically(pointer, data)
        self._index.note(POINTER, etag)


class Step(NamedTuple):
    """Objects to put, then to delete, then perhaps the pointer; the next step begins when all of it is done."""

    put: list[str]
    delete: list[str]
    point: bool = False


def _steps(changed: Iterable[str], gone: Iterable[str]) -> list[Step]:
    """The order in which a home is put: what names others after them, and goes before them."""
    parts: dict[str, tuple[list[str], list[str]]] = {
        part: ([], []) for part in ("format", "reports", "lake", "manifests", "releases", "rest")
    }
    for at, names in enumerate((changed, gone)):
        for name in names:
            parts[_part(name)][at].append(name)
    put = {part: names[0] for part, names in parts.items()}
    delete = {part: names[1] for part, names in parts.items()}
    # A release goes with its manifest, whether it was ever brought here or not.
    files = [name.removesuffix(".json") + ".duckdb" for name in delete["manifests"]]
    return [
        Step(put["format"], delete["reports"]),
        Step(put["lake"], delete["lake"]),
        Step(put["reports"], []),
        Step(put["releases"], []),
        Step(put["manifests"], [], point=True),
        Step(put["rest"], delete["manifests"]),
        Step([], files),
    ]


def _part(name: str) -> str:
    if name == "FORMAT":
        return "format"
    if name.startswith("lake/reports/"):
        return "reports"
    if name.startswith(("lake/", "snapshots/")):
        return "lake"
    if name.startswith("releases/"):
        return "manifests" if name.endswith(".json") else "releases"
    return "rest"


def _walk(folder: Path) -> Iterator[Path]:
    """The files below a folder that are of the home, without snapshots."""
    for at, folders, names in os.walk(folder):
        if Path(at) == folder:
            folders[:] = [name for name in folders if name not in _OWN]
        yield from (Path(at, name) for name in sorted(names) if name not in _OWN and ".tmp" not in name)


def _snapshots(root: Path) -> Iterator[str]:
    for at, _, names in os.walk(root / "snapshots"):
        if at != str(root / "snapshots"):
            part = Path(at).relative_to(root).as_posix()
            yield from (f"{part}/{name}" for name in names if ".tmp" not in name)


def _checksum(manifest: Mapping[str, Any]) -> str:
    """How a release is known here: by what its manifest says of its bytes."""
    return f"sha256:{manifest['sha256']}"


def _each(do: Callable[[str], object], names: Iterable[str]) -> None:
    with ThreadPoolExecutor(TOGETHER) as pool:
        for _ in pool.map(do, names):
            pass


def _identity(work: Path) -> str:
    """A name of this folder that no other has."""
    path = work / ".folder"
    if not path.exists():
        write_atomically(path, uuid.uuid4().hex.encode())
    return path.read_text(encoding="ascii")


def _renew(work: Path, mark: str) -> None:
    """Forget which snapshots were put if the home at this address is a new one, told by the time of its FORMAT."""
    path = work / ".home"
    if not path.exists() or path.read_text(encoding="ascii") != mark:
        (work / ".kept").unlink(missing_ok=True)
        write_atomically(path, mark.encode())


def cache_of(url: str) -> Path:
    """The folder of this user for the home at a URL: under ``NIANBAO_CACHE``, else the system's place for caches."""
    system = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    base = Path(os.environ.get("NIANBAO_CACHE") or Path(system) / "nianbao").absolute()
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""
    digest = hashlib.sha256(f"{endpoint} {url.rstrip('/')}".encode()).hexdigest()[:8]
    return base / f"{re.sub(r'[^A-Za-z0-9.-]+', '-', url.removeprefix('s3://')).strip('-')}-{digest}"


@contextmanager
def told() -> Iterator[None]:
    """Tell what is wrong with a bucket as what is wrong with the home."""
    try:
        yield
    except (ObjectsError, Conflict) as error:
        raise HomeError(str(error)) from error
