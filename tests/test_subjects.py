"""Where a county, a city or one of their offices is the subject, and where the township is again."""

import csv

import pytest

from seeds import SEEDS
from transforms.extraction import quantities
from transforms.registry import Registry
from transforms.subjects import reigns


def higher(text: str) -> list[str]:
    """The figures of a text that are a higher body's."""
    return [text[one.start : one.end] for one in quantities(text)[1] if one.scope == "higher"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("全县受理信访事项812件，办结790件，其中我镇受理31件、办结30件。", ["812件", "790件"]),
        ("全市排查隐患5210处。整改率96%，立案43起；青禾镇排查210处，整改205处。", ["5210处", "96%", "43起"]),
        ("近日，司法部决定授予299个人民调解委员会荣誉称号。", ["299个"]),
        ("今年1月至9月，云岭县司法局办理援助案件320件，接待咨询4100人次。", ["320件", "4100人次"]),
        ("据县信访局通报，上半年全县登记信访980件，化解率93%；街道登记42件。", ["980件", "93%"]),
        ("截至11月底，全区设综治中心16个，受理事项8200件；具体到石桥镇，受理410件。", ["16个", "8200件"]),
        ("近年来，紫阳县培育法律明白人2100名。县里开展宣讲130场，受众5万人次。", ["2100名", "130场", "5万人次"]),
        ("县里组织法治宣讲团走村入户，宣讲90场；我乡承接6场。", ["90场"]),
        ("各乡镇共办结处罚案件730件，罚款210万元，而柳河乡办结19件。", ["730件", "210万元"]),
        ("我镇化解率为98%，全县平均91%；公开信息56条。", ["91%"]),
        ("全县划分网格860个；石桥街道划分网格44个，配备网格员51名。", ["860个"]),
        ("全旗调处纠纷960件；本苏木调处103件。", ["960件"]),
        ("石桥镇位于云岭县东部，网格员排查纠纷210件。放眼全县，1500名网格员共排查7300件。", ["1500名", "7300件"]),
        ("县乡两级选派法律顾问210名，覆盖180个村，我乡覆盖11个。", ["210名", "180个"]),
        ("我镇调解成功率98.6%（全县96.2%），协议履行率99%。", ["96.2%"]),
        ("办结率98%，高于全区平均93%；参考率100%（县平均86%），满意率99%。", ["93%", "86%"]),
        ("考核列全县15个乡镇第三。", ["15个"]),
    ],
)
def test_a_higher_body_stays_the_subject_until_the_township_is_named(text: str, found: list[str]) -> None:
    assert higher(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "联合县公安局开展夜查12次，配合市生态环境局检查企业9家。",
        "在区司法局指导下，全年培训3期120人次。",
        "邀请县法院法官授课2次，参加市级培训4次。",
        "通过全市信息公开平台公开信息89条，县人民政府网站公开60条。",
        "登上全区红榜5次，全市先进集体2个，全国民主法治示范村1个。",
        "热线办结率列全县第2，全区首个调解室受理案件30件。",
        "经县司法局审核，制发文件4份。",
        "县里交办信访件21件，区长信箱转来18件，全部办结。",
        "省里赋予乡镇的119项处罚权全部承接。县级以上媒体刊发稿件13篇。",
        "区检察院检察建议3份，均已回复。移送县自然资源局线索3条，行政处罚4起。",
        "对照市区考核要求整改问题16个，围绕县委中心工作公开信息158条。",
        "社区调解纠纷31件，园区走访企业12家，小区共划网格9个。",
        "县司法局梅岭司法所调解纠纷40件，紫阳县城关镇调解纠纷52件。",
        "县人大代表建议5件，县政协委员提案4件，办复率100%。",
        "在全县法治建设考核中，得分94分。全县公众评议测评中，满意率97%。",
        "插彩旗400面，悬挂条幅52条。",
        "全区法治工作会议召开后，部署任务26项。全县通报表扬3次，全省最美调解员1名。",
        "县司法局、镇政府联合举办讲座3场，听众210人。区司法局为各村配备法律顾问18名。",
        "围绕全县“百日攻坚”行动，出动210人次。由区政府复议维持3件，区政府维持2件。",
        "市县两级人大代表提出建议12件，区级领导包案3件，县级河长巡河12次。",
        "云岭县公安局石桥派出所处警310起，市生态环境局石桥分局处罚企业2家。",
        "收件人：\n县司法局：\n现报告如下。全年调解纠纷62件。",
    ],
)
def test_a_township_that_acts_with_or_through_a_higher_body_tells_its_own_figures(text: str) -> None:
    assert higher(text) == []


def test_an_office_holds_to_the_semicolon_and_a_whole_county_to_the_paragraph() -> None:
    told = "全镇调解纠纷85件。"
    assert higher(told + "县审计局延伸审计1次；全年公开信息30条。开展检查45次。") == ["1次"]
    assert higher(told + "全县调解纠纷3200件。成功率98%。\n开展检查45次。") == ["3200件", "98%"]
    assert higher(told + "一是全县受理工单9100件。二是办理工单310件。") == ["9100件"]
    assert higher(told + "全县召开推进会。办理工单310件。") == []


def test_a_text_that_names_no_township_is_the_countys_until_it_does() -> None:
    text = "2024年，云岭县坚持多元解纷，全县化解纠纷6100件。\n开展宣讲240场。\n石桥镇调解室化解纠纷31件。\n入户70次。"
    assert higher(text) == ["6100件", "240场"]


def test_no_township_is_taken_for_the_county_that_it_is_named_with() -> None:
    """Of every ordinary township of the registry (synthetic text, 合成): its name may end in 城镇, 集镇 or 家镇."""
    lost = []
    for unit in Registry.load().rows():
        name, county = unit.township, f"{unit.province}{unit.city}{unit.county}"
        text = (
            f"{county}{name}人民政府2023年法治政府建设年度报告（合成）\n"
            f"2023年，在{unit.county}委的领导下，{name}推进法治建设。\n一、工作\n{unit.county}{name}调解纠纷20件。\n发放资料500份。\n"
        )
        found = reigns(text)
        if unit.ordinary and any(found.hold(text.index(figure)) for figure in ("20件", "500份")):
            lost.append(f"{county}{name}")
    assert lost == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("紫阳县双城镇全年调解纠纷31件。", []),
        ("紫阳县各乡镇全年调解纠纷310件。", ["310件"]),
        ("紫阳县城镇污水处理率96%。", ["96%"]),
        ("紫阳县家集镇2024年法治政府建设年度报告\n全县调解纠纷310件，家集镇31件。", ["310件"]),
    ],
)
def test_a_township_named_behind_its_county_is_the_subject(text: str, found: list[str]) -> None:
    assert higher(text) == found


def test_a_zone_that_is_itself_the_reporting_unit_calls_itself_the_whole_zone() -> None:
    assert higher("临港开发区2024年法治建设报告\n全区调解纠纷45件。") == []
    assert higher("全区调解纠纷45件。") == ["45件"]


def test_the_township_that_is_part_of_a_countys_total_states_its_own_figure() -> None:
    text = "全县建成调解室610个，其中我镇12个、专业性调解室不足半数。"
    assert [(text[one.start : one.end], one.scope, one.part_of) for one in quantities(text)[1]] == [
        ("610个", "higher", None),
        ("12个", "township", None),
    ]


def test_reigns_are_apart_and_in_order() -> None:
    text = "全县受理8件，我镇2件；县法院审结5件，全市受理90件，石桥镇7件。"
    found = reigns(text)
    assert [text[low:high] for low, high in zip(*found, strict=True)] == [
        "全县受理8件，我",
        "县法院审结5件，全市受理90件，石桥",
    ]
    assert [found.hold(text.index(figure)) for figure in ("8", "2", "5", "90", "7")] == [True, False, True, True, False]


def test_every_word_of_the_table_stands_once_in_its_kind() -> None:
    with (SEEDS / "subjects.csv").open(encoding="utf-8", newline="") as lines:
        rows = [(row["kind"], row["term"]) for row in csv.DictReader(lines)]
    assert len(set(rows)) == len(rows)
    found = [term for kind, term in rows if kind in {"whole", "seat", "none"}]
    assert len(set(found)) == len(found)
