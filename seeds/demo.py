"""The demo: a synthetic county (合成县) of 16 townships and six years of reports, read by the real path.

It has a home of its own. Everything in it is invented, and every report says 合成数据 in its title line and text. The
county is in no real registry: the demo runs with a copy of the seeds whose registry holds this county alone, so that
nothing of it can meet real data. What a newcomer can find in it:

- trends, and townships that differ (庚塘镇 grows fast, 癸滩乡 shrinks);
- gaps: 癸滩乡 has no report of 2019, 卯寨乡 none of 2020 and 2021, 寅坡乡 sent a news item in place of that of 2021;
- a rename: 壬坪乡 became 壬坪镇 in June 2022 and stays one unit;
- a correction: 己堡镇 wrote its fines of 2022 in 万元 twice over, and a person set them right;
- planted faults: parts that do not add up (丁桥镇 2021), two totals that differ (辛岭镇 2020), last year's text sent
  again (子洲乡 2023), ten months instead of twelve (辰口街道 2023), a late publication (丙湖镇 2022), GB18030 bytes
  (巳园街道), and a counted thing that the dictionary does not know (慰问退役军人家庭).

``python -m seeds.demo FOLDER`` writes it to FOLDER and runs it.
"""

from __future__ import annotations

import csv
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from seeds import SEEDS

YEARS = range(2018, 2024)
COUNTY = ("990101", "合成县", "9901", "合成市", "99", "合成省")
NAMES = (
    ("甲河镇", "jiahezhen"), ("乙山镇", "yishanzhen"), ("丙湖镇", "binghuzhen"), ("丁桥镇", "dingqiaozhen"),
    ("戊店镇", "wudianzhen"), ("己堡镇", "jibaozhen"), ("庚塘镇", "gengtangzhen"), ("辛岭镇", "xinlingzhen"),
    ("壬坪镇", "renpingzhen"), ("癸滩乡", "guitanxiang"), ("子洲乡", "zizhouxiang"), ("丑湾乡", "chouwanxiang"),
    ("寅坡乡", "yinpoxiang"), ("卯寨乡", "maozhaixiang"), ("辰口街道", "chenkoujiedao"), ("巳园街道", "siyuanjiedao"),
)  # fmt: skip
MISSING = {("癸滩乡", 2019), ("卯寨乡", 2020), ("卯寨乡", 2021)}
FETCHED = 1_767_225_600
"""Modification time of the reports, 2026-01-01 UTC: what a run takes for the time of fetching."""
RENAMED = ("壬坪镇", "壬坪乡", 2022)


class Unit(NamedTuple):
    """One synthetic township: what its reports are drawn from."""

    code: str
    name: str
    pinyin: str
    villages: int
    people: int
    growth: float

    @property
    def kind(self) -> str:
        """镇, 乡 or 街道."""
        return "街道" if self.name.endswith("街道") else self.name[-1]


def units() -> list[Unit]:
    """The sixteen townships."""
    draw = random.Random("合成县")
    made = []
    for at, (name, pinyin) in enumerate(NAMES):
        villages = draw.randrange(8, 24)
        growth = {"庚塘镇": 1.22, "癸滩乡": 0.88}.get(name, draw.uniform(0.98, 1.1))
        made.append(Unit(f"990101{101 + at}", name, pinyin, villages, villages * draw.randrange(1500, 3200), growth))
    return made


def figures(unit: Unit, year: int) -> dict[str, int]:
    """The figures of one report, by short names; the same for the same unit and year in every demo."""
    draw = random.Random(f"{unit.code}-{year}")
    scale = unit.people / 40_000 * unit.growth ** (year - YEARS[0])

    def count(usual: float, spread: float = 0.15) -> int:
        return max(1, round(usual * scale * draw.uniform(1 - spread, 1 + spread)))

    inspections, penalties, disputes, petitions = count(260), count(60, 0.3), count(120), count(30, 0.3)
    return {
        "meetings": draw.randrange(3, 9), "study": draw.randrange(4, 13), "inspections": inspections,
        "penalties": penalties, "fines": penalties * draw.randrange(2, 9), "officers": count(24, 0.05),
        "committees": unit.villages + 1, "mediators": unit.villages * 6 + draw.randrange(12),
        "disputes": disputes, "resolved": disputes - draw.randrange(disputes // 12 + 1),
        "petitions": petitions, "answered": petitions - draw.randrange(petitions // 8 + 1),
        "events": count(40), "leaflets": count(90) * 100, "audience": count(70) * 100, "consultations": count(200),
        "opinions": count(30), "contracts": count(55), "disclosed": count(380), "requests": draw.randrange(1, 9),
        "excellence": draw.randrange(900, 1000), "people": round(unit.people * 1.004 ** (year - YEARS[0])),
    }  # fmt: skip


WORDINGS: tuple[tuple[str, ...], ...] = (
    ("{year}年，{name}在合成县委、县政府的领导下，深入推进法治政府建设，现将有关情况报告如下。",
     "一年来，{name}围绕中心工作，扎实推进依法行政，现将{year}年工作情况报告如下。",
     "{name}认真落实上级部署，法治政府建设稳步推进，现将{year}年度情况公布如下。",
     "按照上级要求，现将{name}{year}年法治政府建设情况公开如下，请予监督。"),
    ("全{seat}辖{villages}个村（社区），总人口{people}人。",
     "{name}辖{villages}个村（社区），总人口{people}人。",
     "辖区共有{villages}个村（社区），总人口{people}人。"),
    ("一、主要举措和成效\n（一）加强组织领导。", "一、工作开展情况\n（一）压实工作责任。",
     "一、主要做法\n（一）健全领导机制。"),
    ("全年召开法治建设专题会议{meetings}次，开展领导班子集体学法{study}次。",
     "召开法治建设专题会议{meetings}次，组织领导班子集体学法{study}次。",
     "全年组织领导班子集体学法{study}次，召开法治建设专题会议{meetings}次。"),
    ("（二）规范行政执法。", "（二）提升执法水平。", "（二）推进严格规范公正文明执法。"),
    ("全年开展行政检查{inspections}次，办理行政处罚案件{penalties}宗{parts}，罚款金额{fines}万元。",
     "开展行政检查{inspections}次，全年办理行政处罚案件{penalties}宗{parts}，罚款金额{fines}万元。",
     "全年共办理行政处罚案件{penalties}宗{parts}，罚款金额{fines}万元，开展行政检查{inspections}次。"),
    ("现有持证执法人员{officers}人。", "目前持证执法人员{officers}人。", "全{seat}持证执法人员{officers}人。"),
    ("（三）化解矛盾纠纷。", "（三）加强基层治理。", "（三）健全调解网络。"),
    ("全{seat}设人民调解委员会{committees}个，现有人民调解员{mediators}人。",
     "现有人民调解委员会{committees}个，人民调解员{mediators}人。",
     "共设立人民调解委员会{committees}个，配备人民调解员{mediators}人。"),
    ("全年排查矛盾纠纷{disputes}宗，成功化解{resolved}宗。", "共排查矛盾纠纷{disputes}宗，化解{resolved}宗。",
     "全年共排查矛盾纠纷{disputes}宗，已化解{resolved}宗。"),
    ("收到信访件{petitions}件，办结{answered}件。", "全年收到信访件{petitions}件，已办结{answered}件。",
     "共收到信访件{petitions}件，其中办结{answered}件。"),
    ("{again}\n（四）深化普法宣传。", "{again}\n（四）浓厚法治氛围。", "{again}\n（四）落实普法责任。"),
    ("全年开展法治宣传活动{events}场次，发放宣传资料约{leaflets}份，受教育群众{audience}余人次。",
     "开展法治宣传活动{events}场次，受教育群众{audience}余人次，发放宣传资料约{leaflets}份。",
     "全年共开展法治宣传活动{events}场次，发放宣传资料约{leaflets}份，受教育群众{audience}余人次。"),
    ("机关工作人员学法考试参考率100%，优秀率{excellence}%。", "学法考试参考率100%，优秀率{excellence}%。",
     "组织机关工作人员参加学法考试，参考率100%，优秀率{excellence}%。"),
    ("（五）完善公共法律服务。", "（五）做好服务保障。", "（五）优化法律服务供给。"),
    ("全年提供法律咨询{consultations}人次，出具法律意见书{opinions}份，审查合同{contracts}份。",
     "提供法律咨询{consultations}人次，审查合同{contracts}份，出具法律意见书{opinions}份。",
     "全年审查合同{contracts}份，出具法律意见书{opinions}份，提供法律咨询{consultations}人次。"),
    ("慰问退役军人家庭{visits}户。", "全年慰问退役军人家庭{visits}户。", "年内慰问退役军人家庭{visits}户。"),
    ("（六）推进政务公开。", "（六）打造阳光政务。", "（六）保障群众知情权。"),
    ("全年主动公开政府信息{disclosed}条，收到政府信息公开申请{requests}件，办结{requests}件。",
     "主动公开政府信息{disclosed}条，全年收到政府信息公开申请{requests}件，办结{requests}件。",
     "全年共主动公开政府信息{disclosed}条，收到政府信息公开申请{requests}件，均已办结。"),
    ("{zero}", "{zero}"),
    ("二、存在问题\n部分执法人员业务能力有待提升。", "二、存在的主要问题\n普法宣传的针对性不强。",
     "二、存在的不足\n基层法治力量较为薄弱。"),
    ("三、下一步工作\n{next}年，力争开展法治宣传活动{plan}场次。",
     "三、下一步打算\n{next}年力争开展法治宣传活动{plan}场次。",
     "三、{next}年工作计划\n继续规范行政执法，力争开展法治宣传活动{plan}场次。"),
)  # fmt: skip
"""The report, part by part; each report draws one wording of each part, since two that tell all alike are copies."""


WHO = ("主要领导", "分管领导", "司法所", "综合执法队", "各村（社区）", "党政办公室", "驻点律师", "网格员")
DID = ("牵头推动", "认真做好", "持续抓好", "积极参与", "着力加强", "统筹安排")
WHAT = ("制度建设", "执法监督", "法律顾问工作", "普法宣传工作", "纠纷排查工作", "政务服务工作", "队伍管理", "档案整理")
RESULT = ("取得较好效果", "得到群众认可", "各项工作有序开展", "工作质量不断提高", "责任逐级落实", "基础更加牢固")
"""Sentences without figures, two to a section: what makes reports differ where they tell of the same things."""
STARTS = ("全{seat}辖", "一、", "（二）", "（三）", "（五）", "（六）", "{zero}", "二、", "三、")
"""How parts begin that stand on a line of their own."""


def text(unit: Unit, year: int) -> str:
    """The report of a unit for a year, its planted fault included."""
    told = year - 1 if (unit.name, year) == ("子洲乡", 2023) else year
    now = figures(unit, told)
    draw = random.Random(f"{unit.code}-{told}-wording")
    name = RENAMED[1] if unit.name == RENAMED[0] and year < RENAMED[2] else unit.name
    day = f"{year + 1}-06-18" if (unit.name, year) == ("丙湖镇", 2022) else f"{year + 1}-01-{10 + year % 10:02}"
    parts = f"，其中已办结{now['penalties'] - 9}宗，正在办理5宗" if (unit.name, year) == ("丁桥镇", 2021) else ""
    again = f"全镇现有人民调解员{now['mediators'] + 37}人。" if (unit.name, year) == ("辛岭镇", 2020) else ""
    until = "本报告数据截至2023年10月31日。" if (unit.name, year) == ("辰口街道", 2023) else ""
    money = now["fines"] * 10_000 if (unit.name, year) == ("己堡镇", 2022) else now["fines"]
    values: dict[str, object] = {
        **now, "year": year, "next": year + 1, "name": name, "seat": unit.kind if name == unit.name else "乡",
        "villages": unit.villages, "parts": parts, "again": again, "plan": now["events"] + 10,
        "visits": now["meetings"] * 7, "fines": f"{money // 10}.{money % 10}" if money % 10 else money // 10,
        "excellence": f"{now['excellence'] // 10}.{now['excellence'] % 10}",
        "zero": "全年未发生行政复议、行政诉讼案件。" if now["penalties"] % 3 else "全年发生行政复议案件1件。",
    }  # fmt: skip
    body = ""
    for wordings in WORDINGS:
        if wordings[0].startswith(STARTS):
            for _ in range(2):
                body += f"{draw.choice(WHO)}{draw.choice(DID)}{draw.choice(WHAT)}，{draw.choice(RESULT)}。"
            body += "\n"
        body += draw.choice(wordings).format(**values)
    return f"""合成县{name}{year}年法治政府建设年度报告
发布时间：{day}
【合成数据】本报告为演示用合成文本，单位、人员与数字均为虚构。{until}
{body}
"""


NEWS = """合成县寅坡乡开展普法宣传活动
【合成数据】本文为演示用合成文本。
12月4日上午，寅坡乡组织工作人员在集市开展普法宣传，现场发放宣传资料300余份，群众反响热烈。
"""


def reports() -> Iterator[tuple[str, bytes]]:
    """Every file of the demo by its name."""
    for unit in units():
        for year in YEARS:
            if (unit.name, year) in MISSING:
                continue
            content = NEWS if (unit.name, year) == ("寅坡乡", 2021) else text(unit, year)
            encoding = "gb18030" if unit.name == "巳园街道" else "utf-8"
            yield f"{unit.name}{year}.txt", content.encode(encoding)


def write_seeds(package: Path) -> None:
    """A copy of the seeds with this county for a registry."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    package.mkdir(parents=True)
    learned = (SEEDS / f"{name}.parquet" for name in ("opinions", "revisions", "credence"))
    for file in (*SEEDS.glob("*.csv"), *learned, SEEDS / "__init__.py"):
        shutil.copy(file, package / file.name)
    shutil.copytree(SEEDS / "reports", package / "reports")
    rows: list[dict[str, Any]] = [
        {
            "township_code": unit.code, "township": unit.name, "kind": unit.kind, "county_code": COUNTY[0],
            "county": COUNTY[1], "city_code": COUNTY[2], "city": COUNTY[3], "province_code": COUNTY[4],
            "province": COUNTY[5], "village_count": unit.villages, "ordinary": True, "pinyin": unit.pinyin,
            "initials": unit.pinyin[:1],
        }
        for unit in units()
    ]  # fmt: skip
    places = [
        {"code": code, "name": name, "stem": "合成", "pinyin": "hecheng", "initials": "hc"}
        for code, name in zip(COUNTY[::2], COUNTY[1::2], strict=True)
    ]
    villages = [
        {"village_code": f"{unit.code}{200 + at}", "village": f"{unit.name[:2]}{at + 1}村村民委员会"}
        for unit in units()
        for at in range(unit.villages)
    ]
    for name, table in (("townships", rows), ("places", places[::-1]), ("villages", villages)):
        stored = pq.read_schema(SEEDS / f"{name}.parquet")
        pq.write_table(pa.Table.from_pylist(table, schema=stored), package / f"{name}.parquet")
    with (package / "changes.csv").open("a", encoding="utf-8", newline="") as lines:
        new, old, year = RENAMED
        code = next(unit.code for unit in units() if unit.name == new)
        csv.writer(lines, lineterminator="\n").writerow(
            [old, COUNTY[1], "township", "reclassify", code, "", f"{year}-06-30", "合成", "seeds/demo.py"]
        )


def write(folder: Path) -> None:
    """Write seeds, reports and the correction under ``folder``, in place of what an earlier demo left there."""
    for name in ("seeds", "reports"):
        shutil.rmtree(folder / name, ignore_errors=True)
    write_seeds(folder / "seeds" / "seeds")
    (folder / "reports").mkdir(parents=True)
    for name, content in reports():
        (folder / "reports" / name).write_bytes(content)
        os.utime(folder / "reports" / name, (FETCHED, FETCHED))
    unit = next(unit for unit in units() if unit.name == "己堡镇")
    right = figures(unit, 2022)["fines"] * 1_000
    with (folder / "corrections.csv").open("w", encoding="utf-8-sig", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(["township_code", "report_year", "indicator", "action", "value", "remap_to", "expected",
                         "evidence", "reason", "author", "decided_on"])  # fmt: skip
        writer.writerow([unit.code, 2022, "penalty_fine_amount", "set", right, "", right * 10_000, "",
                         "原文“万元”重复换算，应为元（合成示例）", "合成核对人", "2024-02-01"])  # fmt: skip


SHOWN = (
    ("各乡镇 2023 年排查矛盾纠纷数 disputes identified in 2023, township by township",
     "SELECT rank, township, value, status FROM compare('disputes_identified', 2023, '990101')"),
    ("各乡镇历年行政处罚案件数 penalty cases, township by year (empty is never zero: SELECT * FROM absences says why)",
     ("PIVOT (SELECT township, report_year, value FROM indicator_values WHERE indicator = 'admin_penalty_cases')"
      " ON report_year USING any_value(value) ORDER BY township")),
)  # fmt: skip
"""What the demo ends with, so that a newcomer sees a comparison before having asked for one."""


def shown(release: Path) -> Iterator[str]:
    """The lines of two small tables, each with the command that prints it."""
    from warehouse.cookbook import answer

    for title, sql in SHOWN:
        yield f"\n{title}\n"
        yield answer(release, sql).rstrip()
        yield f'\n  nianbao query "{sql}" --home {release.parent}'
    yield "\n更多问题 more questions: docs/cookbook.md"


def run(folder: Path) -> int:
    """Write the demo and run it as a user would, and show what is in it; return the command's exit code."""
    write(folder)
    paths = (str(folder / "seeds"), os.environ.get("PYTHONPATH", ""))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    # -P keeps the working directory, and with it the real seeds, from coming before the demo's own.
    command = [sys.executable, "-P", "-m", "flows.command", "run", str(folder / "reports"), "--home", str(folder)]
    code = subprocess.run([*command, "--scope", COUNTY[0]], env=environment, check=False).returncode
    if code == 0:
        print(*shown(folder / "nianbao.duckdb"), sep="\n")
    return code


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1]).absolute()))
