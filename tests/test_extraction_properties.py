"""What holds of the extraction on any text: evidence, order, independence of paragraphs, and that it ends."""

from hypothesis import given
from hypothesis import strategies as st

from transforms.extraction import extract, quantities
from transforms.quantity import Quantity

ALPHABET = (
    "0123456789０９.,，。；：、！？%％‰万亿千百十零一二三四五六七八九两半余多来几约近超过不到以上左右年月日号第"
    "（）()“”《》〔〕\n\t| +-—~～/件起宗次场人名户个项份元起诉发生未没有无收到其中全市我镇每季度同比增长下降计划力争"
    "下一步存在问题村社区热线A4km"
)
texts = st.text(alphabet=ALPHABET, max_size=200) | st.text(max_size=80)
counts = st.integers(min_value=0, max_value=99_999)
PARAGRAPHS = (
    "调解纠纷{0}起，其中邻里纠纷{1}起。",
    "发放资料{0}余份（含折页{1}份），接待咨询近{2}人次。",
    "未发生行政复议案件，收到信访{0}件。",
    "投入{0}.5万元，建成“三治融合”广场{1}处。",
    "同比下降{0}%，较上年同期{1}件减少。",
    "每月组织1次研讨，全年共{0}次。",
    "各村（社区）有网格员{0}名、楼栋长{1}名。",
)
paragraphs = st.builds(
    lambda form, numbers: form.format(*numbers), st.sampled_from(PARAGRAPHS), st.tuples(counts, counts, counts)
)


def shifted(one: Quantity, offset: int, place: int) -> tuple[object, ...]:
    """A quantity moved by ``offset`` characters and ``place`` quantities, without its section."""
    return (
        one.start + offset,
        one.end + offset,
        *one[2:9],
        one.scope,
        None if one.part_of is None else one.part_of + place,
        (one.sentence[0] + offset, one.sentence[1] + offset),
        (one.clause[0] + offset, one.clause[1] + offset),
        one.dimension,
    )


@given(texts)
def test_quantities_stand_where_they_say_in_order_and_apart(text: str) -> None:
    structure, found = quantities(text)
    end = 0
    for one in found:
        assert end <= one.start < one.end <= len(text)
        assert one.clause[0] <= one.start
        assert one.sentence == structure.sentence(one.end - 1) or one.sentence == structure.sentence(one.start)
        assert one.part_of is None or found[one.part_of].end <= one.start
        assert one.value is None or one.value.is_finite()
        assert one.value_high is None or one.value is None or one.value < one.value_high
        end = one.end


@given(st.lists(paragraphs, min_size=1, max_size=6))
def test_paragraphs_are_read_each_on_its_own(parts: list[str]) -> None:
    whole = quantities("\n".join(parts))[1]
    expected: list[tuple[object, ...]] = []
    offset = place = 0
    for part in parts:
        alone = quantities(part)[1]
        expected.extend(shifted(one, offset, place) for one in alone)
        offset, place = offset + len(part) + 1, place + len(alone)
    assert [shifted(one, 0, 0) for one in whole] == expected


@given(texts)
def test_mentions_are_evidence(text: str) -> None:
    for ordinal, mention in enumerate(extract(text), start=1):
        assert mention.ordinal == ordinal
        assert text[mention.start : mention.end] == mention.surface
        assert (mention.source_start, mention.source_end) == (mention.start, mention.end)
        assert mention.part_of_ordinal is None or mention.part_of_ordinal < ordinal


@given(counts, st.sampled_from(["件", "人次", "场次", "万元", "个", "％"]))
def test_the_value_of_a_plain_figure_is_what_is_written(number: int, unit: str) -> None:
    (one,) = quantities(f"全年共有{number}{unit}。")[1]
    assert one.value == number * one.factor
    assert one.unit_surface == unit.removeprefix("万")
