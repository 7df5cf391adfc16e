"""Fetching over HTTP, against a real local server that misbehaves in every way that sites do."""

import gzip
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from flows.download import Download
from flows.fetching import Fetcher, Journal, Policy
from flows.places import Place, Places
from flows.seen import Seen
from flows.sources import acquire
from transforms.document import Refused
from transforms.limits import DEFAULT
from warehouse.contracts import SOURCES, Source
from warehouse.schema import to_rows
from warehouse.snapshots import SnapshotStore

PAGE = "<html><body><p>合成数据：办理行政处罚案件92件。</p></body></html>".encode()
QUICK = Policy(timeout=120, deadline=240, retries=1, pause=0.01, most_bytes=100_000, allow_private=True)
"""Quick to ask again; how long an answer may take is for the machine to say, but where a test is about that."""


class Site(ThreadingHTTPServer):
    """Answers by path; counts what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: Counter[str] = Counter()
        self.headers: dict[str, dict[str, str]] = {}
        self.robots = b""
        self.robots_status = 200
        self.lock = threading.Lock()
        self.busy = self.busiest = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Site

    def log_message(self, *_: object) -> None:
        pass

    def send(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        name = self.path.removeprefix("/").replace(".", "_").split("?")[0]
        self.server.asked[name] += 1
        self.server.headers[name] = dict(self.headers)
        getattr(self, f"page_{name}")()

    def page_robots_txt(self) -> None:
        if self.server.robots_status >= 500:
            self.send(self.server.robots_status, Retry_After="0")
        elif self.server.robots_status == 302:
            self.send(302, Location="/rules.txt")
        else:
            self.send(self.server.robots_status, self.server.robots)

    def page_rules_txt(self) -> None:
        self.send(200, self.server.robots)

    def page_long(self) -> None:
        """Breaks off in the middle, as long as it is not asked for the rest."""
        version, wanted = '"2"', self.headers.get("Range")
        if wanted and self.headers.get("If-Range") == version:
            begin = int(wanted.removeprefix("bytes=").removesuffix("-"))
            self.send(206, PAGE[begin:], Content_Range=f"bytes {begin}-{len(PAGE) - 1}/{len(PAGE)}", ETag=version)
        else:
            self.send(200, PAGE[:20], Content_Length=str(len(PAGE)), ETag=version)
            self.close_connection = True

    def page_stubborn(self) -> None:
        """Breaks off whatever it is asked, 20 bytes on, until it is asked for the last of them."""
        begin = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))
        assert begin == 0 or (self.headers["If-Range"], self.headers["Accept-Encoding"]) == ('"1"', "identity")
        of = {"Content_Range": f"bytes {begin}-{len(PAGE) - 1}/{len(PAGE)}"} if begin else {}
        length = str(len(PAGE) - begin)
        self.send(206 if begin else 200, PAGE[begin : begin + 20], Content_Length=length, ETag='"1"', **of)
        self.close_connection = True

    def page_replaced(self) -> None:
        """Breaks off, and is another page when it is asked again."""
        if self.server.asked["replaced"] == 1:
            self.send(200, b"x" * 20, Content_Length=str(len(PAGE)), ETag='"1"')
            self.close_connection = True
        else:
            self.send(200, PAGE, ETag='"2"')

    def page_good(self) -> None:
        if self.headers.get("If-None-Match") == '"1"':
            self.send(304)
        else:
            self.send(200, PAGE, ETag='"1"', Content_Type="text/html")

    def page_flaky(self) -> None:
        if self.server.asked["flaky"] < 2:
            self.send(503, Retry_After="0")
        else:
            self.send(200, PAGE)

    def page_broken(self) -> None:
        self.send(500)

    def page_gone(self) -> None:
        self.send(404)

    def page_truncated(self) -> None:
        self.send(200, PAGE[:10], Content_Length=str(len(PAGE)))
        self.close_connection = True

    def page_loop(self) -> None:
        self.send(302, Location="/loop")

    def page_moved(self) -> None:
        self.send(301, Location="/good")

    def page_away(self) -> None:
        self.send(302, Location="file:///etc/hostname")

    def page_bomb(self) -> None:
        self.send(200, gzip.compress(b"0" * 5_000_000), Content_Encoding="gzip")

    def page_not_gzip(self) -> None:
        self.send(200, b"plain", Content_Encoding="gzip")

    def page_report_pdf(self) -> None:
        self.send(200, PAGE, Content_Type="application/pdf")

    def page_busy(self) -> None:
        with self.server.lock:
            self.server.busy += 1
            self.server.busiest = max(self.server.busiest, self.server.busy)
        time.sleep(0.05)
        with self.server.lock:
            self.server.busy -= 1
        self.send(200, PAGE)

    def page_cover(self) -> None:
        body = "<html><h1>合成镇2023年年度报告</h1><p>附件：<a href='report.pdf?d=1'>报告</a></p></html>"
        self.send(200, body.encode())

    def page_cover_of_nothing(self) -> None:
        self.send(200, b"<html><p><iframe src='/gone.pdf'></iframe></p></html>")

    def page_gone_pdf(self) -> None:
        self.send(404)

    def page_silent(self) -> None:
        """Says nothing until whoever asked has hung up."""
        self.rfile.read(1)
        self.close_connection = True

    def page_dripping(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        try:
            for _ in range(100):
                self.wfile.write(b"0")
                self.wfile.flush()
                time.sleep(0.1)
        except OSError:
            self.close_connection = True


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def fetcher(tmp_path: Path) -> Iterator[Fetcher]:
    made = make(tmp_path)
    yield made
    made.close()


def make(folder: Path, policy: Policy = QUICK) -> Fetcher:
    return Fetcher(SnapshotStore(folder / "snapshots"), Journal(folder / "fetches.jsonl"), policy)


def refused(fetcher: Fetcher, url: str) -> tuple[str, str]:
    with pytest.raises(Refused) as caught:
        fetcher.fetch(url)
    return caught.value.reason, caught.value.detail


def test_a_page_becomes_a_snapshot_with_its_headers(site: Site, fetcher: Fetcher) -> None:
    visit = fetcher.fetch(f"{site.url}/good")
    assert fetcher.store.get(visit.sha256) == PAGE
    assert fetcher.store.metadata(visit.sha256)["headers"]["etag"] == '"1"'
    assert site.headers["good"]["User-Agent"].startswith("nianbao/")


def test_an_unchanged_page_is_not_sent_again_even_in_the_next_run(site: Site, tmp_path: Path) -> None:
    first, second = make(tmp_path), make(tmp_path)
    visit = first.fetch(f"{site.url}/good")
    again = make(tmp_path)
    assert again.fetch(f"{site.url}/good") == visit
    assert site.headers["good"]["If-None-Match"] == '"1"'
    for one in (first, second, again):
        one.close()


def test_a_half_written_line_of_the_journal_is_passed_over(site: Site, tmp_path: Path, fetcher: Fetcher) -> None:
    visit = fetcher.fetch(f"{site.url}/good")
    journal = tmp_path / "fetches.jsonl"
    journal.write_text(journal.read_text() + json.dumps(visit._asdict())[:30])
    assert Journal(journal).visits == {visit.url: visit}


def test_a_server_that_recovers_is_asked_again(site: Site, fetcher: Fetcher) -> None:
    assert fetcher.fetch(f"{site.url}/flaky").sha256
    assert site.asked["flaky"] == 2


@pytest.mark.parametrize(
    ("page", "said", "asked"),
    [
        ("broken", "HTTP 500", 2),
        ("gone", "HTTP 404", 1),
        ("truncated", "RemoteProtocolError", 2),
        ("loop", "重定向超过 5 次", 6),
        ("away", "只支持 http 和 https", 1),
        ("not_gzip", "回应无法理解", 1),
    ],
)
def test_what_goes_wrong_is_named(site: Site, fetcher: Fetcher, page: str, said: str, asked: int) -> None:
    reason, detail = refused(fetcher, f"{site.url}/{page}")
    assert reason == "fetch_failed"
    assert said in detail
    assert site.asked[page] == asked


@pytest.mark.parametrize(
    ("page", "patience", "said"),
    [("silent", {"timeout": 1}, "ReadTimeout"), ("dripping", {"deadline": 1}, "not finished after")],
)
def test_a_site_that_does_not_end_is_left(
    site: Site, tmp_path: Path, page: str, patience: dict[str, float], said: str
) -> None:
    fetcher = make(tmp_path, QUICK._replace(robots=False, **patience))
    reason, detail = refused(fetcher, f"{site.url}/{page}")
    assert (reason, said in detail) == ("fetch_failed", True), detail
    assert site.asked[page] == 2
    fetcher.close()


def test_a_bomb_is_stopped_while_it_unpacks(site: Site, fetcher: Fetcher) -> None:
    assert refused(fetcher, f"{site.url}/bomb")[0] == "too_large"


def test_a_redirect_is_followed(site: Site, fetcher: Fetcher) -> None:
    assert fetcher.store.get(fetcher.fetch(f"{site.url}/moved").sha256) == PAGE


def test_the_type_a_server_declares_is_not_believed_but_kept(site: Site, fetcher: Fetcher) -> None:
    visit = fetcher.fetch(f"{site.url}/report.pdf")
    assert fetcher.store.get(visit.sha256) == PAGE
    assert fetcher.store.metadata(visit.sha256)["headers"]["content-type"] == "application/pdf"


def test_robots_txt_is_obeyed(site: Site, fetcher: Fetcher) -> None:
    site.robots = b"User-agent: *\nDisallow: /good"
    assert "robots.txt" in refused(fetcher, f"{site.url}/good")[1]
    assert site.asked["good"] == 0


def test_rules_behind_a_redirect_are_obeyed(site: Site, fetcher: Fetcher) -> None:
    site.robots, site.robots_status = b"User-agent: *\nDisallow: /good", 302
    assert "robots.txt" in refused(fetcher, f"{site.url}/good")[1]
    assert site.asked["good"] == 0


def test_a_site_without_rules_allows_all(site: Site, fetcher: Fetcher) -> None:
    site.robots, site.robots_status = b"Disallow: /", 404
    assert fetcher.fetch(f"{site.url}/good").sha256


def test_rules_that_cannot_be_had_forbid_all_and_are_not_asked_for_without_end(site: Site, fetcher: Fetcher) -> None:
    site.robots_status = 503
    for _ in range(3):
        reason, detail = refused(fetcher, f"{site.url}/good")
        assert reason == "fetch_failed"
        assert "robots.txt 无法取得" in detail
    assert site.asked["robots_txt"] == 1 + QUICK.retries
    assert site.asked["good"] == 0


def test_rules_without_end_are_read_in_part(site: Site, fetcher: Fetcher) -> None:
    site.robots = b"User-agent: *\nDisallow: /bad\n" + b"#" * 5_000_000
    assert fetcher.fetch(f"{site.url}/good").sha256


def test_an_answer_that_broke_off_is_gone_on_with(site: Site, fetcher: Fetcher) -> None:
    assert fetcher.store.get(fetcher.fetch(f"{site.url}/long").sha256) == PAGE
    assert (site.asked["long"], site.headers["long"]["Range"]) == (2, "bytes=20-")


def parts(folder: Path) -> list[bytes]:
    return [path.read_bytes().partition(b"\n")[2] for path in folder.glob("snapshots/*.part")]


def test_an_answer_that_broke_off_is_gone_on_with_by_the_next_run(site: Site, tmp_path: Path) -> None:
    first, second = make(tmp_path), make(tmp_path)
    refused(first, f"{site.url}/stubborn")
    assert parts(tmp_path) == [PAGE[:40]]  # two tries, 20 bytes each
    assert second.store.get(second.fetch(f"{site.url}/stubborn").sha256) == PAGE
    assert (parts(tmp_path), site.asked["stubborn"]) == ([], 4)
    for one in (first, second):
        one.close()


def test_a_part_that_the_site_no_longer_has_is_dropped(site: Site, tmp_path: Path, fetcher: Fetcher) -> None:
    part = Download(f"{site.url}/good", tmp_path / "snapshots")
    part.version = '"0"'
    part.add(b"<html>old")
    part.keep()
    assert parts(tmp_path) == [b"<html>old"]
    assert fetcher.store.get(fetcher.fetch(f"{site.url}/good").sha256) == PAGE
    assert parts(tmp_path) == []


def test_a_large_part_is_kept_while_it_arrives_and_one_of_no_known_version_never(tmp_path: Path) -> None:
    (tmp_path / "snapshots").mkdir()
    part = Download("https://example.test/a.pdf", tmp_path / "snapshots")
    part.version = '"1"'
    for _ in range(5):
        part.add(b"x" * 400_000)
    assert [len(kept) for kept in parts(tmp_path)] == [1_200_000]
    again = Download("https://example.test/a.pdf", tmp_path / "snapshots")
    assert again.headers()["Range"] == "bytes=1200000-"
    again.drop()
    again.add(b"x" * 3_000_000)
    again.keep()
    assert parts(tmp_path) == []


def test_an_answer_that_changed_after_it_broke_off_is_read_from_its_begin(site: Site, fetcher: Fetcher) -> None:
    assert fetcher.store.get(fetcher.fetch(f"{site.url}/replaced").sha256) == PAGE


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/x", "http://localhost:1/x", "http://10.0.0.1/x", "http://[::1]/x"])
def test_private_addresses_are_not_asked_unless_allowed(tmp_path: Path, url: str) -> None:
    fetcher = make(tmp_path, QUICK._replace(allow_private=False))
    assert "内网地址" in refused(fetcher, url)[1]
    fetcher.close()


def test_requests_to_one_host_keep_their_distance(site: Site, tmp_path: Path) -> None:
    fetcher = make(tmp_path, QUICK._replace(pause=0.05, robots=False))
    began = time.monotonic()
    for _ in range(4):
        fetcher.fetch(f"{site.url}/good")
    assert time.monotonic() - began >= 3 * 0.05  # a lower bound only: it cannot fail on a slow machine
    fetcher.close()


def test_one_host_is_asked_for_few_pages_at_a_time(site: Site, tmp_path: Path) -> None:
    fetcher = make(tmp_path, QUICK._replace(pause=0))
    with ThreadPoolExecutor(8) as pool:
        visits = list(pool.map(fetcher.fetch, [f"{site.url}/busy?{number}" for number in range(12)]))
    assert len(visits) == site.asked["busy"] == 12
    assert 1 <= site.busiest <= QUICK.per_host
    fetcher.close()


def test_pages_of_the_same_bytes_that_arrive_at_once_are_stored_once(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path)
    pages = [f"合成{number}".encode() for number in range(20) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        digests = list(pool.map(lambda page: store.put(page, {"url": "https://town.example.test/"}), pages))
    assert [store.get(digest) for digest in digests] == pages
    assert sum(1 for path in tmp_path.rglob("*") if path.is_file()) == 2 * 20


def test_of_a_page_that_is_a_cover_the_document_is_the_source(site: Site, fetcher: Fetcher) -> None:
    places = [Place(f"{site.url}/cover", None, "445103107", 2023), Place(f"{site.url}/cover_of_nothing")]
    seen = Seen(fetcher.store.root / "seen.parquet", DEFAULT)
    acquired = acquire(Places.of(places), fetcher.store, fetcher, seen)
    (source,) = (Source(*row) for row in to_rows(SOURCES, acquired.sources))
    assert (source.source_uri, source.township_code, source.report_year) == (
        f"{site.url}/report.pdf?d=1",
        "445103107",
        2023,
    )
    assert fetcher.store.get(source.sha256) == PAGE
    (refusal,) = acquired.refusals
    assert (refusal.source_uri, refusal.reason) == (f"{site.url}/cover_of_nothing", "fetch_failed")
    assert "/gone.pdf" in refusal.detail
