"""Whose figure it is: the township's, a part of a total, or a higher body's."""

import pytest

from transforms.extraction import extract, quantities


def scopes(text: str) -> list[tuple[str, str, str | None]]:
    """Surface, scope and the surface of the total that it is part of."""
    found = quantities(text)[1]
    surfaces = [text[one.start : one.end] for one in found]
    return [
        (surface, one.scope, None if one.part_of is None else surfaces[one.part_of])
        for surface, one in zip(surfaces, found, strict=True)
        if one.kind != "name"
    ]


@pytest.mark.parametrize(
    ("text", "records"),
    [
        (
            "调解纠纷45起，其中婚姻家庭类12起、邻里类20起。",
            [("45起", "township", None), ("12起", "part", "45起"), ("20起", "part", "45起")],
        ),
        (
            "检查274次，立案92宗，罚款35万元，其中71宗已办结，另有7宗在办。",
            [
                ("274次", "township", None),
                ("92宗", "township", None),
                ("35万元", "township", None),
                ("71宗", "part", "92宗"),
                ("7宗", "part", "92宗"),
            ],
        ),
        (
            "宣传121场次（包括演出1场、宣讲74场次），发放资料3000份。",
            [
                ("121场次", "township", None),
                ("1场", "part", "121场次"),
                ("74场次", "part", "121场次"),
                ("3000份", "township", None),
            ],
        ),
        (
            "执法人员15人（男11人，女4人），车辆2台。",
            [
                ("15人", "township", None),
                ("11人", "part", "15人"),
                ("4人", "part", "15人"),
                ("2台", "township", None),
            ],
        ),
        (
            "全年排查隐患132条。其中，重大隐患3条。",
            [("132条", "township", None), ("3条", "part", "132条")],
        ),
        (
            "全区共受理投诉1200件，我镇受理56件。",
            [("1200件", "higher", None), ("56件", "township", None)],
        ),
        (
            "全县受理1200件，其中信访300件、我镇56件。",
            [("1200件", "higher", None), ("300件", "higher", "1200件"), ("56件", "township", None)],
        ),
        ("考核列全县15个乡镇第三。", [("15个", "higher", None)]),
        ("在全市率先开展试点，培训4期。", [("4期", "township", None)]),
        ("玉湖村建成法治公园1个。", [("1个", "part", None)]),
        ("各村（社区）开展宣讲60场。", [("60场", "township", None)]),
    ],
)
def test_scopes(text: str, records: list[tuple[str, str, str | None]]) -> None:
    assert scopes(text) == records


def test_a_part_of_which_an_indicator_is_doubted_stays_a_part() -> None:
    _, told = extract("共有志愿者60名，其中人民调解员15名。")

    assert (told.scope, told.indicators) == ("part", ())
    assert told.rule.partition(":")[0] in {"doubted", "examples"}
