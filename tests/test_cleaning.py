"""Cleaning: what is written by one author is written one way, nothing is lost, and every character knows its source."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.cleaning import clean
from transforms.document import Document, Page
from transforms.script import simplified
from transforms.width import plain_width

# Every sentence is synthetic (合成).


def cleaned(text: str) -> Document:
    return clean(Page(text, "text/plain"))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("共调解案件８６宗，成功率９８.９％", "共调解案件86宗，成功率98.9%"),
        ("罚款３．５万元", "罚款3.5万元"),
        ("Ａ级单位（含ｂ类）3个", "A级单位(含b类)3个".replace("(", "（").replace(")", "）")),
        ("采用“１＋６＋Ｎ”模式", "采用“1＋6＋N”模式"),
    ],
)
def test_width_of_digits_letters_and_percent_signs_but_not_of_punctuation(written, meant):
    assert cleaned(written).text == meant


def test_radicals_are_the_characters_they_look_like():
    assert (
        cleaned("⼀是召开⼤会⼗⼋次，覆盖⼈民，⻓期坚持，⻚数⻢上").text
        == "一是召开大会十八次，覆盖人民，长期坚持，页数马上"
    )


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("办理事项33 939个", "办理事项33939个"),
        ("服务群众674 149 546人", "服务群众674149546人"),
        ("收入1 234.5万元", "收入1234.5万元"),
        ("6 月至 7 月期间，共举办了 2 场", "6月至7月期间，共举办了2场"),
        ("参考率 98.9 %", "参考率98.9%"),
        ("推广 APP 使用", "推广APP使用"),
        ("完成了工作。 下一步", "完成了工作。下一步"),
        ("一、 加强 “普法” 宣传", "一、加强“普法”宣传"),
        ("开展培训,  共 3 场", "开展培训,共3场"),
        ("年 度 工 作 报 告", "年度工作报告"),
        ("　　本镇共有村 18 个。\n\n　　其中社区 3 个。\n", "本镇共有村18个。\n其中社区3个。"),
    ],
)
def test_spaces_of_typography_are_dropped(written, meant):
    assert cleaned(written).text == meant


@pytest.mark.parametrize(
    "text",
    [
        "检查次数 案件数量",
        "The rule of law",
        "规章\t0\t0\t0\n规范性文件\t2\t1\t3",
        "类别\t数量\n\t12\n普法\t3",
    ],
)
def test_spaces_that_separate_are_kept(text):
    assert cleaned(text).text == text


def test_a_row_of_bare_figures_is_not_one_number():
    assert cleaned("合计\n18 133 274\n").text == "合计\n18 133 274"
    assert cleaned("2022 100 200").text == "2022 100 200"


@pytest.mark.parametrize("indent", ["　　", "    "])
def test_a_text_wrapped_at_one_width_is_unwrapped(indent):
    paragraphs = [
        "本镇坚持依法行政，健全工作机制，压实工作责任，全年召开专题会议12次，研究解决重点难点问题35个，推动各项任务落到实处。",
        "深入开展法治宣传教育，组织宣传活动121场次，发放各类宣传资料2000余份，覆盖群众15000人次，营造了良好的社会氛围。",
        "加强行政执法规范化建设，共开展行政检查274件，办理行政处罚案件92宗，罚款355万元，执法人员持证上岗率达到100%。",
    ]
    lines = []
    for paragraph in paragraphs:
        rest = indent + paragraph
        while rest:
            cut = 0
            while cut < len(rest) and sum(2 if c > "\u2000" else 1 for c in rest[: cut + 1]) <= 40:
                cut += 1
            lines.append(rest[:cut])
            rest = rest[cut:]
    assert len(lines) > 6
    assert cleaned("\n".join(lines)).text == "\n".join(paragraphs)


def test_headings_and_items_keep_their_lines():
    text = (
        "合成镇2023年度工作报告\n一、工作开展情况\n（一）加强组织领导\n成立领导小组，召开会议3次。\n"
        "一是完善制度\n二是强化监督\n1.建立台账\n2.定期通报\n二、下一步打算"
    )
    assert cleaned(text).text == text


def test_a_line_that_cannot_end_there_goes_on_in_the_next():
    assert cleaned("全年召开会议12次，\n研究问题35个").text == "全年召开会议12次，研究问题35个"
    assert cleaned("落实《行政处罚法\n》各项要求").text == "落实《行政处罚法》各项要求"


def test_cells_written_one_a_line_stay_apart():
    text = "规章\n0\n规范性文件\n2\n行政许可\n135\n行政处罚\n92\n行政强制\n0"
    assert cleaned(text).text == text


def test_invisible_characters_and_line_ends():
    document = cleaned("\ufeff年度\u200b报告\r\n第一\u00ad段\x00\r第二段\u2028第三段")
    assert document.text == "年度报告\n第一段\n第二段\n第三段"
    assert document.offsets.span(2, 4) == (4, 6)


CONVERTED = (
    "合成鎮(zhèn)深入開(kāi)展法治宣傳(chuán)，組織(zhī)執(zhí)法人員(yuán)參加培訓(xùn)3場(chǎng)，"
    "各項(xiàng)工作穩(wěn)步推進(jìn)，個(gè)別問(wèn)題(tí)及時(shí)解決。"
)


def test_bracketed_readings_go_and_other_brackets_stay():
    document = cleaned(CONVERTED + "全鎮(zhèn)18個(gè)村(社區(qū))均已落實(含委員(yuán)會(huì))。")
    assert document.text == (
        "合成镇深入开展法治宣传，组织执法人员参加培训3场，各项工作稳步推进，个别问题及时解决。"
        "全镇18个村(社区)均已落实(含委员会)。"
    )
    assert document.damage == ()


def test_a_reading_without_a_tone_mark_goes_if_it_is_the_characters_own():
    assert cleaned(CONVERTED + "我們(men)的(app)").text.endswith("我们的(app)")


def test_four_brackets_are_no_conversion():
    text = "重(zhòng)读，长(cháng)读，得(děi)读，行(háng)读。"
    assert cleaned(text).text == text


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("年度各項(xiàng)工作?,F(xiàn)將(jiāng)有關(guān)情況報(bào)告如下", "年度各项工作。现将有关情况报告如下"),
        ("緊密?chē)@中心工作", "紧密围绕中心工作"),
        ("全部完成?！毒V要》提出", "全部完成。《纲要》提出"),
        ("公開(kāi)政府?dāng)?shù)據(jù)", "公开政府数据"),
        ("支持當(dāng)?shù)刂腔鄢鞘械慕ㄔO", "支持当地智慧城市的建设"),
        ("完成全部工程??h委高度重視(shì)", "完成全部工程。县委高度重视"),
    ],
)
def test_torn_characters_are_put_together_where_one_reading_makes_words(broken, whole):
    document = cleaned(f"{CONVERTED}\n{broken}")
    assert document.text.split("\n")[1] == whole
    assert document.damage == ()


@pytest.mark.parametrize("broken", ["三審三?！敝贫龋袑嵶龊眯畔l(fā)布", "共辦理案件?3件", "落實學(xué)?,F(xiàn)狀"])
def test_what_cannot_be_proved_is_left_and_reported(broken):
    document = cleaned(f"{CONVERTED}\n{broken}")
    assert len(document.damage) == 1
    start, end = document.damage[0]
    assert "?" in document.text[start:end]


def test_a_question_is_a_question():
    text = "群众满意吗?工作到位了吗?还有什么问题?"
    document = cleaned(text)
    assert (document.text, document.damage) == (text, ())
    assert cleaned(CONVERTED + "群眾(zhòng)滿意嗎?滿意。").damage == ()


def test_lost_characters_are_damage():
    document = cleaned("共办理案件\ufffd\ufffd3件，其中  新收2件")
    assert [document.text[slice(*span)] for span in document.damage] == ["\ufffd\ufffd"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (
            "隨著經濟發展，著力覆蓋全鎮，開展徵收工作，其餘問題乾淨利落地解決",
            "随着经济发展，着力覆盖全镇，开展征收工作，其余问题干净利落地解决",
        ),
        ("這部著作成效顯著，對應關係複雜", "这部著作成效显著，对应关系复杂"),
    ],
)
def test_traditional_texts_become_simplified(written, meant):
    assert cleaned(written).text == meant


def test_a_title_is_written_as_its_text_is():
    page = Page(CONVERTED, "text/html", title="合成鎮(zhèn)年度報告", publisher="合成鎮(zhèn)人民政府")
    assert clean(page).page[3:5] == ("合成镇年度报告", "合成镇人民政府")


def test_simplified_texts_keep_the_traditional_characters_they_quote():
    text = "本镇开展书法活动，展出“龍馬精神”等作品12幅，说明发展经济与传承文化并重。"
    assert cleaned(text).text == text


PIECES = [
    *(
        "合成镇",
        "建設(shè)",
        "鎮(zhèn)",
        "工作",
        "共",
        "33 939个",
        "98.9 ％",
        "１２",
        "件",
        "。",
        "，",
        "\n",
        "\r\n",
        "　　",
        "  ",
    ),
    *(
        "?",
        "F(xiàn)",
        "(",
        ")",
        "\t",
        "⼀",
        "\u200b",
        "\ufffd",
        "隨著",
        "年 度 报 告",
        "一、",
        "“",
        "”",
        "密?chē)@",
        "A",
        "b c",
    ),
    *("深入开展法治宣传教育活动", "\x00", "\xa0", "：", "1.", "3,000", "－"),
]
texts = st.lists(st.sampled_from(PIECES), max_size=60).map("".join) | st.text(max_size=60)


@settings(max_examples=300, deadline=None)
@given(texts)
def test_cleaning_a_clean_text_changes_nothing(text):
    once = cleaned(text).text
    assert cleaned(once).text == once


@settings(max_examples=300, deadline=None)
@given(texts)
def test_every_character_comes_from_where_the_map_says(text):
    document = cleaned(text)
    assert document.offsets.length == len(document.text)
    found = [document.offsets.span(i, i + 1) for i in range(len(document.text))]
    for character, (start, end) in zip(document.text, found, strict=True):
        source = text[start:end]
        if end - start == 1:
            assert character in {source, simplified(plain_width(source)), plain_width(source)} or character in " \n.着"
        else:
            assert character in " \n\t" or "?" in source
    assert all(a <= c and b <= d for (a, b), (c, d) in pairwise(found))


@settings(max_examples=200, deadline=None)
@given(texts)
def test_no_digit_and_no_han_character_is_lost(text):
    readable = [c for c in simplified(plain_width(text)) if c.isdecimal() or "\u4e00" <= c <= "\u9fff"]
    kept = [c for c in simplified(cleaned(text).text) if c.isdecimal() or "\u4e00" <= c <= "\u9fff"]
    assert len(kept) >= len(readable)
