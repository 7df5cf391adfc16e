"""Fetching: the bytes of a URL, politely (robots.txt, a pause and few connections for each host) and within limits.

What a server said of a page's version (ETag, Last-Modified) is kept in a journal, so that an unchanged page is not
sent again and a run that was killed goes on where it was. An answer that broke off is asked for from there on
(``flows/download.py``), by the next try or by the next run.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

import httpx
from protego import Protego

from flows.addresses import check_address, check_url
from flows.download import Download, OtherPartError
from transforms.document import Refused
from warehouse.snapshots import SnapshotStore

USER_AGENT = "nianbao/0.1 (annual reports of townships; one request a second)"
REDIRECTS = 5
LONGEST_ROBOTS = 512_000
"""Bytes."""
RETRIED = {408, 425, 429, 500, 502, 503, 504}


class Policy(NamedTuple):
    """How patient, how polite and how trusting fetching is."""

    timeout: float = 30.0
    """Seconds for a connection, and for each piece of an answer."""
    deadline: float = 300.0
    """Seconds for one page altogether: a server that drips a byte at a time must end too."""
    retries: int = 3
    pause: float = 1.0
    """Seconds between two requests to one host, and the base of the back-off between tries."""
    per_host: int = 2
    most_bytes: int = 50_000_000
    allow_private: bool = False
    robots: bool = True


class Visit(NamedTuple):
    """What is remembered of the last good fetch of a URL."""

    url: str
    sha256: str
    retrieved_at: str
    etag: str | None = None
    last_modified: str | None = None


class Journal:
    """Visits by URL, a JSON line each, the last one counts; appended to as pages arrive."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self.visits: dict[str, Visit] = {}
        if path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                self._take(line)

    def _take(self, line: str) -> None:
        try:
            visit = Visit(**json.loads(line))
        except (ValueError, TypeError):
            return  # the last line of a run that was killed while it wrote; the page is simply fetched again
        self.visits[visit.url] = visit

    def add(self, visit: Visit) -> None:
        """Remember a visit on disk."""
        with self._lock:
            self.visits[visit.url] = visit
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(visit._asdict(), ensure_ascii=False) + "\n")


class Host:
    """The manners owed to one host: few connections, a pause between requests, its robots.txt."""

    def __init__(self, policy: Policy) -> None:
        self.slots = threading.BoundedSemaphore(policy.per_host)
        self.lock = threading.Lock()
        self.pause = policy.pause
        self.next = 0.0
        self.rules: Protego | None = None
        self.refused = 0

    def wait(self) -> None:
        """Sleep until this host may be asked again."""
        with self.lock:
            now = time.monotonic()
            at = max(now, self.next)
            self.next = at + self.pause
        time.sleep(at - now)


class Fetcher:
    """Fetches URLs into a snapshot store; may be used by many threads."""

    def __init__(self, store: SnapshotStore, journal: Journal, policy: Policy) -> None:
        self.store, self.journal, self.policy = store, journal, policy
        headers = {"User-Agent": USER_AGENT, "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5"}
        self._client = httpx.Client(headers=headers, timeout=policy.timeout, follow_redirects=False)
        self._hosts: dict[str, Host] = defaultdict(lambda: Host(policy))
        self._hosts_lock = threading.Lock()
        self._under_way: set[str] = set()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def fetch(self, url: str) -> Visit:
        """Fetch ``url`` into the store, unless the server says that it has not changed.

        Raises:
            Refused: ``fetch_failed`` or ``too_large``, with what happened and what to do.
        """
        known = self.journal.visits.get(url)
        if known and not self.store.has(known.sha256):
            known = None
        with self._begun(url) as part:
            return self._try(url, known, part)

    @contextmanager
    def _begun(self, url: str) -> Iterator[Download]:
        """What there is of a page; two covers may lead to one document, of which one thread alone keeps its part."""
        with self._hosts_lock:
            alone = url not in self._under_way
            self._under_way.add(url)
        try:
            yield Download(url, self.store.root if alone else None)
        finally:
            if alone:
                with self._hosts_lock:
                    self._under_way.discard(url)

    def _try(self, url: str, known: Visit | None, part: Download) -> Visit:
        trouble = ""
        for attempt in range(self.policy.retries + 1):
            try:
                return self._follow(url, known, part)
            except (_TryAgain, OtherPartError) as reason:
                part.keep()
                trouble = str(reason)
                if attempt < self.policy.retries:
                    after = reason.after if isinstance(reason, _TryAgain) else None
                    time.sleep(min(after or self._back_off(attempt), self.policy.timeout))
        raise Refused("fetch_failed", f"多次尝试后仍失败（{trouble}）：{url}；下次运行会再试 / will be tried again")

    def _back_off(self, attempt: int) -> float:
        return float(self.policy.pause * 2**attempt * random.uniform(0.5, 1.5))

    def _follow(self, url: str, known: Visit | None, part: Download) -> Visit:
        """Ask, and follow redirects, each of which must lead to an address that may be fetched."""
        at = url
        ends = time.monotonic() + self.policy.deadline
        for _ in range(REDIRECTS + 1):
            host = self._admit(at)
            host.wait()
            with host.slots, self._answer(at, part.headers() or _conditions(known)) as answer:
                if answer.has_redirect_location:
                    at = urljoin(at, answer.headers.get("location", ""))
                    continue
                return self._take(url, answer, known, part, ends)
        raise Refused("fetch_failed", f"重定向超过 {REDIRECTS} 次：{url}，请改用最终网址 / redirects without end")

    def _admit(self, url: str) -> Host:
        """The host of ``url``, if the URL may be fetched and the host's robots.txt lets us."""
        check_url(url, allow_private=self.policy.allow_private)
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        with self._hosts_lock:
            host = self._hosts[origin]
        if self.policy.robots:
            with host.lock:
                if host.rules is None:
                    host.rules = self._robots(origin, host)
            if not host.rules.can_fetch(url, USER_AGENT):
                raise Refused(
                    "fetch_failed",
                    f"网站的 robots.txt 不允许抓取：{url}；请人工下载后作为文件读入 / robots.txt forbids it",
                )
            host.pause = max(self.policy.pause, float(host.rules.crawl_delay(USER_AGENT) or 0))
        return host

    def _robots(self, origin: str, host: Host) -> Protego:
        """The rules of a site: none of its own allow all, those that cannot be had forbid all (RFC 9309, 2.3.1)."""
        if host.refused > self.policy.retries:
            raise _no_rules(origin)
        host.refused += 1
        at = f"{origin}/robots.txt"
        for _ in range(REDIRECTS + 1):
            check_url(at, allow_private=self.policy.allow_private)
            with self._answer(at, {}) as answer:
                if answer.has_redirect_location:
                    at = urljoin(at, answer.headers.get("location", ""))
                    continue
                if answer.is_server_error or answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
                    if host.refused > self.policy.retries:
                        raise _no_rules(origin)
                    raise _TryAgain(f"robots.txt: HTTP {answer.status_code}", _retry_after(answer))
                return Protego.parse(_beginning(answer) if answer.is_success else "")
        return Protego.parse("")

    @contextmanager
    def _answer(self, url: str, headers: dict[str, str]) -> Iterator[httpx.Response]:
        try:
            with self._client.stream("GET", url, headers=headers) as answer:
                stream = answer.extensions.get("network_stream")
                peer = stream.get_extra_info("server_addr") if stream else None
                if peer and not self.policy.allow_private:
                    check_address(str(peer[0]), url)  # the name may have led elsewhere since it was checked
                yield answer
        except httpx.TransportError as error:
            raise _TryAgain(f"{type(error).__name__}: {error}") from error
        except (httpx.InvalidURL, httpx.DecodingError) as error:
            raise Refused(
                "fetch_failed", f"回应无法理解（{error}）：{url}，请核对网址 / the answer makes no sense"
            ) from error

    def _take(self, url: str, answer: httpx.Response, known: Visit | None, part: Download, ends: float) -> Visit:
        if answer.status_code == httpx.codes.NOT_MODIFIED and known:
            return known
        if answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE and part.data:
            part.drop()
            raise _TryAgain("HTTP 416")
        if answer.status_code in RETRIED:
            raise _TryAgain(f"HTTP {answer.status_code}", _retry_after(answer))
        if not answer.is_success:
            detail = f"网站回应 HTTP {answer.status_code}：{url}；请核对网址 / check the address"
            raise Refused("fetch_failed", detail)
        self._arrive(url, answer, part, ends)
        metadata = {"url": url, "final_url": str(answer.url), "headers": dict(answer.headers)}
        visit = Visit(
            url=url,
            sha256=self.store.put(bytes(part.data), metadata),
            retrieved_at=datetime.now(UTC).replace(microsecond=0).isoformat(),
            etag=answer.headers.get("etag"),
            last_modified=answer.headers.get("last-modified"),
        )
        if known and known.sha256 == visit.sha256:
            visit = visit._replace(retrieved_at=known.retrieved_at)  # the same bytes were already fetched then
        self.journal.add(visit)
        part.drop()
        return visit

    def _arrive(self, url: str, answer: httpx.Response, part: Download, ends: float) -> None:
        """The body, decoded, counted as it streams in: a small compressed answer can be a very large page."""
        part.begin(answer)
        for piece in answer.iter_bytes():
            part.add(piece)
            if len(part.data) > self.policy.most_bytes:
                part.drop()
                detail = f"{url} 超过 {self.policy.most_bytes} 字节；请人工下载并拆分 / larger than the limit: split it"
                raise Refused("too_large", detail)
            if time.monotonic() > ends:
                raise _TryAgain(f"not finished after {self.policy.deadline:.0f} s")


def _conditions(known: Visit | None) -> dict[str, str]:
    headers = {}
    if known and known.etag:
        headers["If-None-Match"] = known.etag
    if known and known.last_modified:
        headers["If-Modified-Since"] = known.last_modified
    return headers


def _beginning(answer: httpx.Response) -> str:
    """The part of a robots.txt that must be read (RFC 9309, 2.5), however long the rest is."""
    found = bytearray()
    for piece in answer.iter_bytes():
        found += piece
        if len(found) >= LONGEST_ROBOTS:
            break
    return found[:LONGEST_ROBOTS].decode("utf-8", "replace")


def _no_rules(origin: str) -> Refused:
    return Refused(
        "fetch_failed",
        f"网站的 robots.txt 无法取得：{origin}；下次运行会再试，或人工下载后作为文件读入 / "
        "robots.txt cannot be had, which forbids all: will be tried again",
    )


class _TryAgain(Exception):
    """A failure that may pass; ``after`` is how long the server asked us to wait."""

    def __init__(self, what: str, after: float | None = None) -> None:
        super().__init__(what)
        self.after = after


def _retry_after(answer: httpx.Response) -> float | None:
    """Seconds of a Retry-After header, which holds a number or a date (RFC 9110, 10.2.3)."""
    text = answer.headers.get("retry-after", "")
    if text.isdigit():
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None
