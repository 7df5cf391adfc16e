"""The page in a real browser: filters, widths, hostile text, no network. Everything in it is synthetic (合成)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cases import SHAXI, Case, told
from playwright.sync_api import Browser, Page, sync_playwright
from run_cases import made, report_of

from expectations import building
from expectations.page import page as render
from expectations.run_report import FindingRow, Listing, RunReport, Segment
from expectations.writing import write_report
from warehouse.contracts import Refusal

pytestmark = pytest.mark.browser
CHROMIUM = "/usr/bin/chromium"
EVIL = '<script>document.title="owned"</script><img src=x onerror="document.title=1"><a href="javascript:1">x</a>'
FORMULA = '=HYPERLINK("http://evil.example","x")'


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip("needs Debian's chromium")
    with sync_playwright() as playwright:
        made_ = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield made_
        made_.close()


def case(town: int, settled: int, extra: str = "") -> Case:
    text = f"{extra}收到信访件31件，已办结{settled}起。"
    place = SHAXI._replace(township_code=f"44510310{town}", township=f"{town}号镇")
    mentions = [
        told(text, "31件", 31, "件", "petitions_received"),
        told(text, f"{settled}起", settled, "件", "petitions_resolved"),
    ]
    return Case(text, mentions, township=place)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(120_000)  # the machine may be busy; how long it takes is no matter here
    yield page
    page.close()


def opened(page: Page, html: Path, width: int = 1280) -> None:
    """Open a page from disk; any request but the page itself fails the test."""
    page.set_viewport_size({"width": width, "height": 900})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.on("console", lambda message: pytest.fail(message.text) if message.type == "error" else None)
    page.goto(html.as_uri())
    assert asked == [html.as_uri()]


def visible(page: Page) -> int:
    return page.locator("#finding-list > article:visible").count()


@pytest.fixture(scope="module")
def report() -> RunReport:
    return report_of(made(case(1, 22), case(2, 36), case(3, 31)))


@pytest.fixture(scope="module")
def html(report: RunReport, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(report, tmp_path_factory.mktemp("run"))[1]


def test_filters_by_severity_township_check_and_words(page: Page, html: Path) -> None:
    opened(page, html)
    assert visible(page) == 2
    page.select_option("select[name=severity]", "warning")
    assert visible(page) == 1
    assert page.locator("#filter-count").inner_text() == "1 / 2"
    page.select_option("select[name=township]", "445103101")
    assert visible(page) == 0
    assert page.locator("#filter-none").is_visible()
    page.click("button[type=reset]")
    page.wait_for_function("document.getElementById('filter-count').textContent === '2 / 2'")
    page.fill("input[name=words]", "36起")
    assert visible(page) == 1
    page.fill("input[name=words]", "")
    bar = page.locator("[data-set-check=cases_open]")
    bar.click()
    assert (visible(page), bar.get_attribute("aria-pressed")) == (1, "true")
    bar.click()
    assert visible(page) == 2


@pytest.mark.parametrize("width", [1280, 360])
def test_the_page_fits_its_window(page: Page, html: Path, tmp_path: Path, width: int) -> None:
    opened(page, html, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    shot = page.screenshot(path=str(tmp_path / f"{width}.png"), full_page=True)
    assert len(shot) > 20_000
    sizes = page.locator("nav a, .filters select, .filters button").evaluate_all("all => all.map(e => e.offsetHeight)")
    assert min(sizes) >= 28


def test_it_works_by_keyboard_and_says_what_it_is(page: Page, html: Path) -> None:
    opened(page, html)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    unnamed = page.locator(
        "svg:not([aria-label]), select:not(label *), input:not(label *), section:not([aria-labelledby])"
    )
    assert unnamed.count() == 0
    assert page.locator("h1").count() == 1


def luminance(colour: str) -> float:
    channels = [int(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


CONTRASTS = """() => [...document.querySelectorAll('p,td,th,h1,h2,h3,span,a,summary,mark,b,li')].filter(
  e => e.offsetParent && [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())).map(e => {
  let at = e, ground = 'rgba(0, 0, 0, 0)';
  while (at && ground === 'rgba(0, 0, 0, 0)') { ground = getComputedStyle(at).backgroundColor; at = at.parentElement; }
  return [getComputedStyle(e).color, ground, e.textContent.trim().slice(0, 20)]; })"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_contrast(page: Page, html: Path, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    opened(page, html)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    pairs = page.evaluate(CONTRASTS)
    assert len(pairs) > 50
    for colour, ground, text in pairs:
        bright, dim = sorted((luminance(colour), luminance(ground)), reverse=True)
        assert (bright + 0.05) / (dim + 0.05) >= 4.5, (scheme, text, colour, ground)


def test_hostile_text_changes_nothing(page: Page, tmp_path: Path) -> None:
    evil = case(1, 36, f"{EVIL}\x1b[31m{FORMULA}\u202e")
    refusal = Refusal(None, "javascript:alert(1)", "failed", f"{FORMULA}{EVIL}", "r", "run")
    found = made(evil, refusals=(refusal,), title=[EVIL], source_uri=["javascript:document.title=1"])
    opened(page, write_report(report_of(found), tmp_path)[1])
    assert page.title() == "年报运行报告 0123456789ab"
    assert page.locator("main img, main script, main a[href^=javascript]").count() == 0
    assert "\\x1b[31m" in page.locator("#findings").inner_text()
    text = (tmp_path / "report.json").read_text(encoding="utf-8") + (tmp_path / "report.html").read_text(
        encoding="utf-8"
    )
    assert "\x1b" not in text
    assert "\u202e" not in text
    for path in tmp_path.glob("*.csv"):
        for line in path.read_text(encoding="utf-8-sig").splitlines():
            assert not any(cell.strip('"')[:1] in {"=", "+", "@"} for cell in line.split(",")), path.name


def test_without_scripts_every_finding_is_there(browser: Browser, html: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(html.as_uri())
    assert visible(page) == 2
    assert not page.locator("#filters").is_visible()
    context.close()


def big(report: RunReport) -> RunReport:
    """A report as full as a report can be: every list at its cap, 20,000 findings behind it."""
    sentence = (
        "今年以来共办理行政处罚案件92宗，其中71宗已办结，12宗当事人申请分期，另有7宗已进行立案，待进一步处理。" * 3
    )
    row = report.findings.rows[0].model_copy(
        update={"passages": ((Segment(text=sentence * 2), Segment(text=sentence, mark="sentence")),)}
    )
    rows: tuple[FindingRow, ...] = (row,) * building.CAPS["findings"]
    value = report.values.rows[0].model_copy(update={"passage": (Segment(text=sentence, mark="sentence"),)})
    return report.model_copy(
        update={
            "findings": Listing[FindingRow](total=20_000, rows=rows, file="findings"),
            "values": report.values.model_copy(update={"total": 200_000, "rows": (value,) * building.CAPS["values"]}),
            "reports": report.reports.model_copy(
                update={"total": 5000, "rows": report.reports.rows[:1] * building.CAPS["reports"]}
            ),
        }
    )


def test_the_fullest_page_is_small_and_states_its_caps(page: Page, report: RunReport, tmp_path: Path) -> None:
    html = render(big(report))
    assert len(html.encode()) < 10_000_000
    path = tmp_path / "report.html"
    path.write_text(html, encoding="utf-8")
    page.goto(path.as_uri())
    assert "20,000 条中的 1,000 条" in page.locator("#findings .cap:not(.unprinted)").inner_text()
    assert "200,000 条中的前 1,000 条" in (page.locator("#values .cap").text_content() or "")
    assert page.locator("#filter-count").inner_text() == "1000 / 1000"
    assert visible(page) == 50
    page.press("#more", "Enter")  # cards above are laid out as one scrolls to it: it moves, and a mouse may miss it
    assert visible(page) == 100
    assert page.evaluate("[...document.getElementById('finding-list').children].indexOf(document.activeElement)") == 50
    page.emulate_media(media="print")  # paper has what the screen has, and says what it has not
    told = page.locator("#unprinted").inner_text()
    assert (visible(page), told) == (100, "另有 900 条发现未展开，未打印。 900 more are not printed.")
    page.emulate_media(media="screen")
    assert not page.locator("#unprinted").is_visible()
    page.select_option("select[name=severity]", "critical")
    assert (visible(page), page.locator("#more").is_visible()) == (0, False)
    assert page.locator("#received > details").first.get_attribute("open") is None  # long: behind its heading
