"""A plain script: what an analyst would write with pandas and regular expressions for the reports of bench/corpus.py.

    python bench/script.py FOLDER OUT

It reads a folder of .txt (UTF-8, GB 18030) and .html files, takes township and year from the title, every figure with
a measure word as a mention with its sentence, one value for each of 58 indicators, and leaves ``OUT/script.duckdb``
(reports, mentions, observations, unread) and ``OUT/report.html``. The patterns were written after reading such reports
and know their wordings; nothing is known of kinds of figures but that those after 下一步 are plans, of parts or of
other reports, and nothing is checked but what the page shows. Nothing of nianbao is imported: the registry is read as
a table.
"""

from __future__ import annotations

import re
import sys
from hashlib import sha256
from pathlib import Path

import duckdb
import pandas as pd
from selectolax.lexbor import LexborHTMLParser

SEEDS = Path(__file__).parents[1] / "seeds"
NUMBER = r"([0-9][0-9,]*(?:\.[0-9]+)?|[一二三四五六七八九十两]{1,3})(余|多)?(万)?"
MEASURES = "平方米|人次|家次|场次|户次|件|起|宗|个|名|人|次|期|场|份|册|张|条|幅|处|项|部|套|家|户|吨|元|%"
FIGURE = re.compile(NUMBER + f"({MEASURES})")
YEAR = re.compile("(20[0-9]{2})年")
SENTENCE = re.compile("[^。；\n]+")
DIGITS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
GAP = "[^0-9。，；、]{0,8}?"

PATTERNS = {
    "rol_special_meetings": f"专题会议{GAP}#次",
    "central_group_law_study": f"中心组{GAP}学法{GAP}#次",
    "premeeting_law_study": "会前学法#次",
    "court_hearing_observations": f"旁听庭审{GAP}#次",
    "law_exam_participants": "#(?:人参加学法考试|名机关干部参加学法考试)",
    "law_exam_participation_rate": "参考率达#%",
    "law_exam_pass_rate": "合格率#%",
    "rol_training_sessions": f"法治(?:专题)?培训班?{GAP}#(?:期|场次)",
    "rol_training_attendances": "(?:培训干部|参训)#人次",
    "contract_reviews": f"审查{GAP}合同{GAP}#份",
    "legal_opinions_issued": "法律意见书?#[份条]",
    "normative_docs_issued": f"规范性文件{GAP}#件",
    "decision_legality_reviews": f"合法性审查{GAP}#件",
    "social_risk_assessments": f"风险评估{GAP}#[件项]",
    "legal_advisers": f"法律顾问{GAP}#[名人]",
    "admin_inspections": f"行政检查{GAP}#次",
    "admin_penalty_cases": f"行政处罚(?:案件)?{GAP}#[件宗]",
    "penalty_fine_amount": "罚款(?:金额)?#元",
    "joint_enforcement_operations": f"联合执法{GAP}#次",
    "certified_officers": f"(?:持证执法人员|执法证){GAP}#人",
    "safety_inspections": f"安全生产检查{GAP}#次",
    "safety_hazards_found": f"安全隐患{GAP}#处",
    "safety_hazards_rectified": "(?:已整改|完成整改)#处",
    "enforcement_training_sessions": f"执法培训{GAP}#[次期]",
    "illegal_construction_sites": f"(?:违法建筑|违建){GAP}#处",
    "illegal_construction_area": "面积#平方米",
    "admin_reconsideration_cases": f"行政复议案件{GAP}#件",
    "disputes_identified": f"排查{GAP}矛盾纠纷{GAP}#[件起]",
    "disputes_resolved": "，(?:成功)?化解#[件起]",
    "disputes_resolution_rate": "化解率[达为]#%",
    "mediation_committees": f"人民调解委员会{GAP}#个",
    "people_mediators": f"人民调解员{GAP}#[人名]",
    "petitions_received": f"(?:信访件|来信来访){GAP}#件",
    "petitions_resolved": "(?:信访件|来信来访)[^。]*?办结#件",
    "community_correction_persons": f"社区矫正对象{GAP}#[人名]",
    "resettlement_persons": f"安置帮教(?:对象|人员){GAP}#[人名]",
    "grids": f"划分网格{GAP}#个",
    "grid_workers": f"网格员{GAP}#[人名]",
    "surveillance_cameras": f"视频监控{GAP}#个",
    "publicity_events": f"宣传活动{GAP}#(?:场次|场)",
    "publicity_materials": f"宣传资料{GAP}#份",
    "publicity_audience": f"(?:受教育|惠及)群众{GAP}#人次",
    "legal_consultations": f"法律咨询(?:服务)?{GAP}#人次",
    "law_literate_persons": f"法律明白人”?{GAP}#[人名]",
    "banners": f"横幅{GAP}#条",
    "publicity_broadcasts": f"音频{GAP}#次",
    "posters": f"海报{GAP}#张",
    "new_media_posts": f"推送信息{GAP}#条",
    "rol_culture_venues": f"建成法治文化阵地{GAP}#处",
    "gov_service_items_handled": f"(?:各类|政务服务)事项{GAP}#件",
    "service_ontime_rate": f"按时办结率{GAP}#%",
    "service_satisfaction_rate": f"群众满意度{GAP}#%",
    "hotline_orders_received": f"热线工单{GAP}#件",
    "hotline_orders_resolved": "热线工单[^。]*?办结#件",
    "info_disclosed_items": f"政[府务]信息{GAP}#条",
    "disclosure_requests_received": f"公开申请{GAP}#件",
    "proposals_handled": f"(?:建议|提案){GAP}#件",
    "enterprise_visits": f"走访企业{GAP}#家次",
    "enterprise_requests_resolved": f"企业诉求{GAP}#个",
}
COMPILED = {name: re.compile(pattern.replace("#", NUMBER), re.M) for name, pattern in PATTERNS.items()}
NONE = {
    "admin_reconsideration_cases": "无行政复议案件",
    "admin_litigation_cases": "无行政诉讼案件",
    "disclosure_requests_received": "未收到政府信息公开申请",
}


def read(path: Path) -> str:
    """The text of a file, whatever it is in; full-width digits as plain ones, broken lines joined."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030")
    if path.suffix in {".html", ".htm"}:
        tree = LexborHTMLParser(text)
        article = tree.css_first(".article, article, .content, #zoom") or tree.body
        text = article.text(separator="\n") if article else ""
    text = text.translate(str.maketrans("０１２３４５６７８９％", "0123456789%"))
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    joined = ""
    for line in lines:
        joined += line + ("" if len(line) >= 39 and line[-1] not in "。：" else "\n")
    return joined


def places() -> dict[str, str]:
    """County and township, as a title writes them, to the code; names that two have are left out."""
    rows = pd.read_parquet(SEEDS / "townships.parquet")
    names = pd.read_parquet(SEEDS / "places.parquet").set_index("code")["name"]
    full = rows["township_code"].str[:6].map(names) + rows["township"]
    unique = ~full.duplicated(keep=False)
    return dict(zip(full[unique], rows["township_code"][unique], strict=True))


def identify(text: str, known: dict[str, str]) -> tuple[str, int] | None:
    """The township's code and the year, from the title."""
    title = text.split("\n", 1)[0]
    year = YEAR.search(title)
    if not year:
        return None
    for name in (title[: year.start()], title[year.end() :], title):
        place = name.removeprefix("度").removesuffix("关于")
        for end in range(len(place), 3, -1):
            if code := known.get(place[:end]):
                return code, int(year[1])
    return None


def value(number: str, wan: str | None) -> float:
    """What a number is worth: digits with commas, or Chinese numerals below a hundred."""
    if number[0] in DIGITS or number[0] == "十":
        tens, ten, ones = number.partition("十")
        found = (DIGITS.get(tens, 1) * 10 + DIGITS.get(ones, 0)) if ten else DIGITS.get(number[-1], 0)
    else:
        found = float(number.replace(",", ""))
    return round(found * (10_000 if wan else 1), 6)


def figures(report: str, text: str) -> list[tuple[object, ...]]:
    """Every number with a measure word, with the sentence that it stands in."""
    rows: list[tuple[object, ...]] = []
    for sentence in SENTENCE.finditer(text):
        for found in FIGURE.finditer(sentence[0]):
            number, about, wan, unit = found.groups()
            start = sentence.start() + found.start()
            rows.append((report, start, value(number, wan), unit, "over" if about else "exact", sentence[0].strip()))
    return rows


def cells(report: str, code: str, year: int, text: str) -> list[tuple[object, ...]]:
    """The first figure of each indicator, before the plans for the next year."""
    body = text.split("下一步", 1)[0]
    rows: list[tuple[object, ...]] = []
    for name, pattern in COMPILED.items():
        if found := pattern.search(body):
            number, about, wan = found.groups()
            rows.append((report, code, year, name, value(number, wan), "over" if about else "exact", found[0]))
    have = {row[3] for row in rows}
    rows += [
        (report, code, year, name, 0.0, "exact", words)
        for name, words in NONE.items()
        if words in body and name not in have
    ]
    return rows


def main(folder: Path, out: Path) -> None:
    known = places()
    reports, mentions, observations, unread = [], [], [], []
    for path in sorted(folder.rglob("*")):
        if path.suffix not in {".txt", ".html", ".htm"}:
            continue
        text = read(path)
        found = identify(text, known)
        if not found:
            unread.append((str(path), "no township or year in the title"))
            continue
        code, year = found
        report = sha256(path.read_bytes()).hexdigest()[:16]
        reports.append((report, code, year, text.split("\n", 1)[0], str(path), text))
        mentions += figures(report, text)
        observations += cells(report, code, year, text)
    tables = {
        "reports": pd.DataFrame(
            reports, columns=["report_id", "township_code", "report_year", "title", "source", "text"]
        ).drop_duplicates(["township_code", "report_year"]),
        "mentions": pd.DataFrame(mentions, columns=["report_id", "start", "value", "unit", "qualifier", "sentence"]),
        "observations": pd.DataFrame(
            observations,
            columns=["report_id", "township_code", "report_year", "indicator", "value", "qualifier", "evidence"],
        ).drop_duplicates(["township_code", "report_year", "indicator"]),
        "unread": pd.DataFrame(unread, columns=["source", "reason"]),
    }
    save(tables, out)


def save(tables: dict[str, pd.DataFrame], out: Path) -> None:
    """The tables as a DuckDB file, and a page with coverage, spread and outliers of each indicator."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "script.duckdb").unlink(missing_ok=True)
    with duckdb.connect(str(out / "script.duckdb")) as connection:
        for name, frame in tables.items():
            connection.register("frame", frame)
            connection.execute(f"CREATE TABLE {name} AS FROM frame")
            connection.unregister("frame")
    observations = tables["observations"]
    grouped = observations.groupby("indicator")["value"]
    spread = grouped.describe()
    score = (observations["value"] - grouped.transform("mean")) / grouped.transform("std")
    outliers = observations[score.abs() > 4]
    counts = {name: len(frame) for name, frame in tables.items()}
    page = [
        "<meta charset='utf-8'><h1>年报</h1>",
        pd.Series(counts).to_frame("rows").to_html(),
        spread.to_html(),
        outliers.head(200).to_html(),
        tables["unread"].to_html(),
    ]
    (out / "report.html").write_text("\n".join(page), encoding="utf-8")
    print(counts)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
