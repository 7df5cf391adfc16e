"""Quantities as whole records: surface, value, unit, qualifier and kind of everything that a sentence counts."""

import pytest
from told import told

SENTENCES = [
    (
        "全年召开党委会研究法治议题6次，审查合同文本41份。",
        [("6次", "6", "次", "exact", "actual"), ("41份", "41", "份", "exact", "actual")],
    ),
    (
        "共发放普法折页1.2万余份，解答咨询约850人次，受众近3万人。",
        [
            ("1.2万余份", "12000", "份", "over", "actual"),
            ("约850人次", "850", "人次", "about", "actual"),
            ("近3万人", "30000", "人", "nearly", "actual"),
        ],
    ),
    (
        "罚没款3.6w元，受众2W余人次，路灯每盏5w，照明共40w，连接2wifi。",
        [("3.6w元", "36000", "元", "exact", "actual"), ("2W余人次", "20000", "人次", "over", "actual")],
    ),
    (
        "投入1千余万元，募集3百多万元，发放2千余份。",
        [
            ("1千余万元", "10000000", "元", "over", "actual"),
            ("3百多万元", "3000000", "元", "over", "actual"),
            ("2千余份", "2000", "份", "over", "actual"),
        ],
    ),
    (
        "参训率、合格率均为100％，平均成绩96.5分。",
        [("100％", "100", "％", "exact", "actual"), ("96.5分", "96.5", "分", "exact", "actual")],
    ),
    (
        "罚没款合计12.36万元，挽回损失200多亿元。",
        [("12.36万元", "123600", "元", "exact", "actual"), ("200多亿元", "20000000000", "元", "over", "actual")],
    ),
    (
        "辖区常住人口33 939人，面积120.5平方公里，耕地1,230亩。",
        [
            ("33 939人", "33939", "人", "exact", "actual"),
            ("120.5平方公里", "120.5", "平方公里", "exact", "actual"),
            ("1,230亩", "1230", "亩", "exact", "actual"),
        ],
    ),
    (
        "开展夜巡 2 次，出动人员 86 人次。",
        [("2 次", "2", "次", "exact", "actual"), ("86 人次", "86", "人次", "exact", "actual")],
    ),
    (
        "每个中队配备3至5名队员，整改周期压缩在10～15次检查以内。",
        [("3至5名", "3~5", "名", "exact", "norm"), ("10～15次", "10~15", "次", "exact", "actual")],
    ),
    (
        "走访两百余户，举办三场讲座，六成以上的居民参加。",
        [
            ("两百余户", "200", "户", "over", "actual"),
            ("三场", "3", "场", "exact", "actual"),
            ("六成以上", "60", "成", "at_least", "actual"),
        ],
    ),
    (
        "百余名党员、上千名群众参加，十几个小区联动，二十来家商铺响应。",
        [
            ("百余名", "100", "名", "over", "actual"),
            ("上千名", "1000", "名", "over", "actual"),
            ("十几个", "10", "个", "over", "actual"),
            ("二十来家", "20", "家", "about", "actual"),
        ],
    ),
    (
        "走访商户七八家，三四十人到场。",
        [("七八家", "7~8", "家", "exact", "actual"), ("三四十人", "30~40", "人", "exact", "actual")],
    ),
    (
        "百分之六十二的村建有评理堂，超过三分之二的纠纷当场化解，差错率千分之三。",
        [
            ("百分之六十二", "62", "%", "exact", "actual"),
            ("超过三分之二", "0.6666666666666666666666666667", "", "over", "actual"),
            ("千分之三", "3", "‰", "exact", "actual"),
        ],
    ),
    (
        "修订预案3、4份，两项指标分别提高15、22个百分点。",
        [
            ("3", "3", "份", "exact", "actual"),
            ("4份", "4", "份", "exact", "actual"),
            ("两项", "2", "项", "exact", "actual"),
            ("15", "15", "个百分点", "exact", "change"),
            ("22个百分点", "22", "个百分点", "exact", "change"),
        ],
    ),
    (
        "公职人员47，编外人员12。",
        [("47", "47", "", "exact", "actual"), ("12", "12", "", "exact", "actual")],
    ),
    (
        "处置联排聚餐备案37起（场），检查单位128家（次）。",
        [("37起（场）", "37", "起（场）", "exact", "actual"), ("128家（次）", "128", "家（次）", "exact", "actual")],
    ),
    (
        "到场不足20人，超时件不到3%，不超过5件，合格率不低于95%。",
        [
            ("不足20人", "20", "人", "at_most", "actual"),
            ("不到3%", "3", "%", "at_most", "actual"),
            ("不超过5件", "5", "件", "at_most", "norm"),
            ("不低于95%", "95", "%", "at_least", "norm"),
        ],
    ),
    (
        "收缴罚款¥3.6万，发放补贴￥1,200。",
        [("¥3.6万", "36000", "元", "exact", "actual"), ("￥1,200", "1200", "元", "exact", "actual")],
    ),
]


@pytest.mark.parametrize(("sentence", "records"), SENTENCES)
def test_whole_sentences(sentence: str, records: list[tuple[str, ...]]) -> None:
    assert told(sentence) == records


@pytest.mark.parametrize(
    ("sentence", "value"),
    [
        ("应到人数120，", "120"),
        ("完成率：98.5；", "98.5"),
        ("共计：36", "36"),
        ("本镇现有在编人员52。", "52"),
        ("我镇现有47公职人员。", "47"),
        ("培养1521法律明白人。", "1521"),
        ("行政复议1（附表1）", "1"),
        ("发现隐患数2015，", "2015"),
        ("万人发案率降至0.36，", "0.36"),
    ],
)
def test_bare_numbers_at_the_end_of_a_phrase(sentence: str, value: str) -> None:
    assert [(record[1], record[2]) for record in told(sentence)] == [(value, "")]


@pytest.mark.parametrize(
    ("sentence", "records"),
    [
        (
            "罚款金额（元）96500，投入资金（万元）：3.5。",
            [("96500", "96500", "元", "exact", "actual"), ("3.5", "35000", "元", "exact", "actual")],
        ),
        ("走访企业（家）23。", [("23", "23", "家", "exact", "actual")]),
        ("案例2（某店）、表3（略）、我镇有110工作人员、“1党员+N群众”，2023执法人员，附件（一）3。", []),
    ],
)
def test_a_bracket_before_a_bare_number_gives_its_unit(sentence: str, records: list[tuple[str, ...]]) -> None:
    assert told(sentence) == records


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("一百五十二", "152"),
        ("两千四百五", "2450"),
        ("负三十二", "-32"),
        ("-2.5", "-2.5"),
        ("4.78万亿", "4780000000000"),
        ("5亿1万4千6百", "500014600"),
        ("十多万", "100000"),
        ("二十几万", "200000"),
        ("五分之一", "0.2"),
        ("负一又二分之一", "-1.5"),
        ("16/5", "3.2"),
        ("百分之一百二十点五", "120.5"),
        ("三成半", "35"),
        ("1千零20", "1020"),
        ("3万4000", "34000"),
        ("肆佰叁拾万圆整", "4300000"),
        ("123元1角1分", "123.11"),
        ("两到三万元", "20000~30000"),
        ("1万元-5万元", "10000~50000"),
        ("百分之三十到四十一", "30~41"),
    ],
)
def test_numbers_alone(text: str, value: str) -> None:
    assert [record[1] for record in told(text)] == [value]


def test_a_number_torn_by_a_line_break_is_one() -> None:
    text = "法律顾问全年审核各类工程合同和采购协议共计36\n80份，提出意见12\n条。"
    assert [(record[1], record[2]) for record in told(text)] == [("3680", "份"), ("12", "条")]


@pytest.mark.parametrize(
    ("sentence", "surfaces"),
    [
        ("成立调解委员会一个，发生一起劳资纠纷，办结信访件一件。", ["一个", "一起", "一件"]),
        ("镇村干部一起上门，同一件事不重复调查，任何一次巡查都有记录。", []),
        ("对苗头性问题做到发现一起、查处一起。", []),
        ("打造一个有温度的平台。", []),
    ],
)
def test_one_counts_where_something_happened_or_was_made(sentence: str, surfaces: list[str]) -> None:
    assert [record[0] for record in told(sentence)] == surfaces
