"""Four layouts of a government site's page around the same article; everything but the article is synthetic (合成)."""

from __future__ import annotations

from html import escape

TITLE = "合成网站"
NAVIGATION = "".join(f'<li><a href="/{i}">{name}</a></li>' for i, name in enumerate(("首页", "政务公开", "办事服务", "互动交流", "数据开放")))
INDEX = (
    "<table class='syh'><tr><td>索 引 号：</td><td>11500110588903728C/2026-00068</td><td>主题分类：</td><td>法治建设</td></tr>"
    "<tr><td>发布机构：</td><td>合成镇人民政府</td><td>成文日期：</td><td>2024-01-12</td></tr>"
    "<tr><td>发布日期：</td><td>2024-01-15</td><td>有效性：</td><td>有效</td></tr></table>"
)
BYLINE = "<div class='info'>发布时间：2024-01-15&nbsp;&nbsp;来源：合成镇人民政府&nbsp;&nbsp;浏览次数：1286&nbsp;&nbsp;字体：【<a>大</a> <a>中</a> <a>小</a>】 <a>打印</a></div>"
NEIGHBOURS = (
    "<p>上一篇：<a href='/a'>合成镇投入120万元修建道路</a></p><p>下一篇：<a href='/b'>合成镇发放传单8000份</a></p>"
    "<div class='related'><h4>相关文章</h4><ul><li><a>合成县检查工地35处</a></li><li><a>合成县培训460人</a></li><li><a>通知</a></li></ul></div>"
)
FOOTER = (
    "<div class='footer'><p>版权所有：合成镇人民政府</p><p>网站标识码：4451030001 粤ICP备05000001号 粤公网安备44510302000001号</p>"
    "<p>主办：合成镇人民政府 电话：0768-1234567</p></div>"
)
BOILERPLATE = ("1286", "120万元", "8000份", "35处", "460人", "ICP", "0768", "11500110588903728C", "政务公开", "打印", "标识码", "2024-01-15")
"""What no reader may leave in the article."""


def word_export(title: str, paragraphs: list[str], encoding: str = "gb2312") -> str:
    """A page of an editor into which Word text was pasted: every paragraph cut into spans, some inside a number."""

    def spans(text: str) -> str:
        pieces = [text[i : i + 7] for i in range(0, len(text), 7)]
        return "".join(f"<span style='font-family:仿宋_GB2312;font-size:16pt'>{escape(piece)}</span>" for piece in pieces)

    article = "\n".join(f"<p class='MsoNormal' style='text-indent:32pt'>\n{spans(p)}<o:p></o:p></p>" for p in paragraphs)
    return (
        f"<!DOCTYPE html><html><head><meta charset='{encoding}'><meta name='ArticleTitle' content='{escape(title)}'>"
        f"<meta name='PubDate' content='2024-01-15 10:20'><meta name='ContentSource' content='合成镇人民政府'><title>{escape(title)}_{TITLE}</title>"
        f"<style>.a{{}}</style></head><body><div class='nav'><ul>{NAVIGATION}</ul></div><h1>{escape(title)}</h1>{INDEX}{BYLINE}"
        f"<div id='zoom'><div class='TRS_Editor'>{article}</div></div>{NEIGHBOURS}{FOOTER}</body></html>"
    )


def broken_lines(title: str, paragraphs: list[str], encoding: str = "utf-8") -> str:
    """A page whose article is one block with br between the paragraphs and two ideographic spaces before each."""
    article = "<br>\r\n<br>".join(f"　　{escape(p)}" for p in paragraphs)
    return (
        f"<html><head><meta http-equiv='Content-Type' content='text/html; charset={encoding}'><title>{TITLE}-{escape(title)}</title></head>"
        f"<body><div class='crumb'>您的位置：<a>首页</a> &gt; <a>信息公开</a></div><div class='main'><h1>{escape(title)}</h1>{BYLINE}"
        f"<div class='article-content'>{article}</div><div class='share'>分享到：</div></div>{NEIGHBOURS}{FOOTER}</body></html>"
    )


def nested_tables(title: str, paragraphs: list[str], encoding: str = "gb2312") -> str:
    """An old page laid out by tables inside tables, upper case, without any name that tells what is what."""
    article = "".join(f"<P>&nbsp;&nbsp;&nbsp;&nbsp;{escape(p)}</P>" for p in paragraphs)
    menu = "".join(f"<TD><A HREF='/{i}'>{name}</A></TD>" for i, name in enumerate(("首页", "政务公开", "办事", "互动")))
    return (
        f"<HTML><HEAD><META HTTP-EQUIV=Content-Type CONTENT='text/html; charset={encoding}'><TITLE>{escape(title)}</TITLE></HEAD><BODY>"
        f"<TABLE WIDTH=1000><TR>{menu}</TR></TABLE><TABLE><TR><TD WIDTH=200><TABLE><TR><TD><A>领导分工</A></TD></TR><TR><TD><A>政务公开</A></TD></TR>"
        f"<TR><TD><A>联系我们</A></TD></TR></TABLE></TD><TD><TABLE><TR><TD ALIGN=center><FONT SIZE=5><B>{escape(title)}</B></FONT></TD></TR>"
        f"<TR><TD>发布日期：2024-01-15 来源：合成镇人民政府 点击数：1286</TD></TR><TR><TD>{article}</TD></TR><TR><TD>【<A>打印</A>】【<A>关闭</A>】</TD></TR></TABLE></TD></TR></TABLE>"
        f"<TABLE><TR><TD>版权所有：合成镇人民政府 粤ICP备05000001号</TD></TR></TABLE></BODY></HTML>"
    )


def bare_divisions(title: str, paragraphs: list[str], encoding: str = "utf-8") -> str:
    """A page of an unknown system: generated class names, and news of others around the article."""
    article = "".join(f"<div class='x7f'><span>{escape(p)}</span></div>" for p in paragraphs)
    return (
        f"<!doctype html>\n<html lang=zh><head><meta charset={encoding}><meta property='og:title' content='{escape(title)}'>"
        f"<title>{escape(title)} - {TITLE}</title><script>var visits = 1286; document.write('<div>')</script></head><body><header><a>政务公开</a></header>"
        f"<div class='c1'><div class='c2'><h1>{escape(title)}</h1>{BYLINE}<div class='c3'>{article}</div><div style='display:none'>投入120万元，隐藏的文字。</div>"
        f"</div><div class='c4'><ul><li><a>合成镇发放传单8000份</a></li><li><a>合成县检查工地35处</a></li><li><a>合成县培训460人</a></li></ul></div></div>"
        f"<footer>粤ICP备05000001号 电话：0768-1234567</footer></body></html>"
    )


LAYOUTS = {"word": word_export, "br": broken_lines, "tables": nested_tables, "divs": bare_divisions}
