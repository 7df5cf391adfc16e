"""Pages: the article and what the page says about itself, never its furniture."""

import json
from datetime import date

import pytest

from transforms.document import Page, Refused
from transforms.forms.html import read_markup
from transforms.reading import page_of, read

# Everything is synthetic (合成).

ARTICLE = [
    "2023年，合成镇坚持依法行政，全面落实各项工作任务，现将有关情况报告如下。",
    "全年召开专题会议12次，开展行政检查274件，办理行政处罚案件92宗。",
    "组织法治宣传活动121场次，发放资料2000余份，覆盖群众15000人次。",
]


def page(inside: str, head: str = "") -> Page:
    return read_markup(
        f"<!doctype html><html><head><meta charset=utf-8>{head}</head><body>{inside}</body></html>", "utf-8"
    )


def paragraphs(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def test_lines_break_at_blocks_and_nowhere_else():
    cut = "<p>共检查<span>3</span><span>55</span>家，<b>处罚</b><a>92</a>宗</p><div>罚款<font>35</font>5万元。</div>"
    found = page(f"<div id=zoom>{paragraphs(*ARTICLE)}{cut}</div>")
    assert found.text.split("\n")[3:] == ["共检查355家，处罚92宗", "罚款355万元。"]


def test_a_source_wrapped_between_han_characters_has_no_space_there():
    found = page(f"<div id=zoom>{paragraphs(*ARTICLE)}<p>全镇共有\n      村民委员会18\n个。</p></div>")
    assert found.text.split("\n")[3] == "全镇共有村民委员会18 个。"


def test_tables_are_rows_of_cells_and_spanned_places_stay_empty():
    table = (
        "<table><tr><th>类别</th><th>项目</th><th>数量</th></tr>"
        "<tr><td rowspan=2><p>执法</p></td><td>行政<br>检查</td><td>274</td></tr><tr><td>行政处罚</td><td>92</td></tr>"
        "<tr><td colspan=2>合计</td><td>366</td></tr></table>"
    )
    found = page(f"<div class=TRS_Editor>{paragraphs(*ARTICLE)}{table}<p>表后的正文。</p></div>")
    assert found.text.split("\n")[3:] == [
        "类别\t项目\t数量",
        "执法\t行政检查\t274",
        "\t行政处罚\t92",
        "合计\t\t366",
        "表后的正文。",
    ]


def test_a_table_that_only_places_text_is_paragraphs():
    cell = paragraphs(*ARTICLE, *ARTICLE, *ARTICLE, *ARTICLE)
    found = page(f"<table><tr><td><a>目录</a></td><td>{cell}</td></tr></table>")
    assert [line for line in found.text.split("\n") if line != "目录"] == ARTICLE * 4


@pytest.mark.parametrize(
    "furniture",
    [
        "<div>发布时间：2024-01-15 来源：合成镇人民政府 浏览次数：1286</div>",
        "<div>【字体：<a>大</a> <a>中</a> <a>小</a>】 <a>打印</a> <a>关闭</a></div>",
        "<div>您当前的位置：<a>首页</a> > <a>政务公开</a> > 正文</div>",
        "<p>上一篇：<a>合成镇投入120万元修路</a></p><p>下一篇：<a>通知</a></p>",
        "<div class=related><h4>相关文章</h4><ul><li><a>检查35处</a><li><a>培训460人</a><li><a>通知</a></ul></div>",
        "<p>版权所有：合成镇人民政府 粤ICP备05000001号</p>",
        "<p>网站标识码：4451030001</p>",
        "<script>var a = '共检查999家。';</script><style>p{}</style><noscript>请开启脚本，共1项。</noscript>",
        "<div style='display: none'>隐藏的文字，共检查999家。</div>",
        "<p>责任编辑：张三</p>",
        "<div>语音合成中</div>",
        "<p>仅展示628字,全文共2002字</p>",
    ],
)
@pytest.mark.parametrize("container", ["<div id=zoom>{}</div>", "<div class=q1><div class=q2>{}</div></div>"])
def test_furniture_is_left_out_inside_and_around_the_article(furniture, container):
    inside = container.format(paragraphs(*ARTICLE) + furniture)
    assert page(inside).text.split("\n") == ARTICLE
    assert page(furniture + container.format(paragraphs(*ARTICLE))).text.split("\n") == ARTICLE


@pytest.mark.parametrize(
    "line",
    [
        "相关信息公开工作有序开展",
        "位置：合成镇位于县城东部",
        "中小企业服务",
        "下一步：继续加强法治建设",
        "来源于群众的意见建议35条，均已办结，满意率达100%。",
        "本项目由合成镇主办，共有15个村参加。",
    ],
)
def test_lines_that_look_like_furniture_are_text(line):
    assert line in page(f"<div id=zoom>{paragraphs(*ARTICLE, line)}</div>").text.split("\n")


def test_the_index_table_is_what_the_page_says_about_itself_and_no_text():
    index = (
        "<table><tr><td>索&nbsp;引&nbsp;号</td><td>11500110588903728C/2026-00068</td><td>分类</td><td>年度报告</td></tr>"
        "<tr><td>发布机构</td><td>合成镇人民政府</td><td>成文日期</td><td>2024-01-12</td></tr>"
        "<tr><td>标题</td><td>合成镇2023年法治政府建设年度报告</td><td>发布日期</td><td>2024-01-15</td></tr></table>"
    )
    found = page(f"<div class=xxgk_content>{index}{paragraphs(*ARTICLE)}</div>")
    assert found.text.split("\n") == ["合成镇2023年法治政府建设年度报告", *ARTICLE]
    assert (found.publisher, found.published_on) == ("合成镇人民政府", date(2024, 1, 15))


@pytest.mark.parametrize(
    ("head", "inside", "expected"),
    [
        ("<meta name=PubDate content='2024-01-15 08:30'>", "", date(2024, 1, 15)),
        ("<meta property='article:published_time' content='2024-01-15T08:30:00+08:00'>", "", date(2024, 1, 15)),
        ("", "<div>发布日期：2024年1月15日</div>", date(2024, 1, 15)),
        ("", "<div>时间：2024/1/15 点击：5</div>", date(2024, 1, 15)),
        ("<meta name=PubDate content='2024-13-45'>", "", None),
        ("", "<div>今天是2024年6月1日 星期六</div>", None),
    ],
)
def test_the_date_of_publication(head, inside, expected):
    assert page(f"{inside}<div id=zoom>{paragraphs(*ARTICLE)}</div>", head).published_on == expected


@pytest.mark.parametrize(
    ("head", "inside"),
    [
        ("<meta name=ArticleTitle content='合成镇2023年工作报告'>", ""),
        ("<title>别的标题</title>", "<h1>合成镇2023年工作报告</h1>"),
        ("<title>合成镇2023年工作报告_合成县人民政府</title>", ""),
        ("<title>合成县人民政府 - 合成镇2023年工作报告</title>", ""),
    ],
)
def test_the_title_is_the_first_line(head, inside):
    found = page(f"{inside}<div id=zoom>{paragraphs(*ARTICLE)}</div>", head)
    assert found.title == "合成镇2023年工作报告"
    assert found.text.split("\n") == ["合成镇2023年工作报告", *ARTICLE]


def test_a_title_that_the_article_has_is_not_repeated():
    found = page(f"<h1>合成镇2023年工作报告</h1><div id=zoom>{paragraphs('合成镇2023年工作报告', *ARTICLE)}</div>")
    assert found.text.split("\n") == ["合成镇2023年工作报告", *ARTICLE]


def test_a_page_is_known_by_its_markup_and_a_text_about_markup_is_none():
    assert (
        page_of(
            "<p>一段，</p><p>两段，</p><p>三段，合成镇全年检查3次，完成各项任务，成效显著，群众满意。</p>".encode()
        ).media_type
        == "text/html"
    )
    assert page_of("本镇网站使用<table>标签，共改版3次。".encode()).media_type == "text/plain"


def test_a_page_of_scripts_alone_is_refused_with_what_to_do():
    with pytest.raises(Refused) as refused:
        read(b"<!doctype html><html><body><div id=app></div><script>load()</script></body></html>")
    assert refused.value.reason == "empty"
    assert "浏览器" in refused.value.detail


CARRIED = "".join(f"<p>{line}</p>" for line in ARTICLE) * 3
ESCAPED = CARRIED.replace("<", "&lt;").replace(">", "&gt;")


@pytest.mark.parametrize(
    "inside",
    [
        f"<textarea id=x style='display:none'>{ESCAPED}</textarea><div id=con></div>",
        f"<textarea id=x>{CARRIED}</textarea>",
        f'<iframe srcdoc="{ESCAPED}"></iframe>',
        f"<div id=app></div><script>window.state={json.dumps({'a': {'title': '合成', 'content': CARRIED}})}</script>",
        f"<div id=app></div><script>var c='{CARRIED.replace('/', chr(92) + '/')}';show(c)</script>",
        f"<div id=app></div><script>var c=`{CARRIED}`;show(c)</script>",
        "<script type='application/ld+json'>"
        + json.dumps({"articleBody": chr(10).join(ARTICLE * 3)}, ensure_ascii=False)
        + "</script>",
    ],
    ids=["text area", "text area raw", "frame", "json", "string", "template string", "ld+json"],
)
def test_an_article_that_a_script_would_show_is_read(inside):
    assert page(f"<div class=nav><a>首页</a></div>{inside}").text.split("\n") == ARTICLE * 3


def test_an_article_that_is_shown_is_not_taken_from_a_script_as_well():
    script = f"<script>var old={json.dumps(CARRIED)}</script>"
    assert page(f"<div id=zoom>{paragraphs(*ARTICLE * 2)}</div>{script}").text.split("\n") == ARTICLE * 2


def test_an_answer_in_json_is_read_with_its_title():
    answer = json.dumps({"code": 200, "data": {"title": "合成镇2023年年度报告", "content": CARRIED}}).encode()
    found = page_of(answer)
    assert found.text.split("\n") == ["合成镇2023年年度报告", *ARTICLE * 3]
    assert (found.media_type, found.title) == ("application/json", "合成镇2023年年度报告")


@pytest.mark.parametrize(
    ("inside", "address"),
    [
        ("<iframe src='/upload/2024/report.pdf?v=1'></iframe>", "/upload/2024/report.pdf?v=1"),
        ("<iframe src='/pdfjs/web/viewer.html?file=/upload/report.pdf'></iframe>", "/upload/report.pdf"),
        ("<p>附件：<a href='P020240115.docx'>合成镇2023年年度报告.docx</a></p>", "P020240115.docx"),
        ("<embed src=a.PDF type='application/pdf'>", "a.PDF"),
    ],
)
def test_a_page_that_only_leads_to_a_document_is_refused_with_its_address(inside, address):
    with pytest.raises(Refused) as refused:
        page(f"<h1>合成镇2023年年度报告</h1><div id=zoom>{inside}</div>")
    assert refused.value.reason == "empty"
    assert address in refused.value.detail


def test_pages_of_an_article_that_a_script_turns_are_read_and_other_hidden_text_is_not():
    first, second = paragraphs(*ARTICLE * 5), paragraphs("第二页的内容，共检查35家。" * 40)
    hidden = "<div style='display: none' class=wx>请使用微信扫描二维码，共有460人。</div>"
    pages = f"<div class=page>{first}</div><div class=page style='display:none'>{second}</div>"
    found = page(f"<div id=zoom>{pages}{hidden}</div>").text
    assert "第二页的内容，共检查35家。" in found
    assert "460" not in found


@pytest.mark.parametrize(
    "inside", ["<pre>{}</pre>", "<div style='white-space: pre-wrap'>{}</div>", "<pre><span>{}</span></pre>"]
)
def test_preformatted_text_keeps_its_lines(inside):
    assert page(inside.format("\n".join(ARTICLE * 3))).text.split("\n") == ARTICLE * 3
