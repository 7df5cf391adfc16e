"""What a page says about itself: title, publisher and date, from its meta tags, its index table and its byline."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

_DATE = re.compile(r"((?:19|20)\d{2})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})")
_KEYS = {
    **dict.fromkeys(
        ("发布机构", "发文机关", "发布单位", "发文单位", "公开主体", "公开责任部门", "信息来源", "制发机关"),
        "publisher",
    ),
    **dict.fromkeys(("發布機構", "發文機關", "發布單位", "信息來源", "發佈機構"), "publisher"),
    **dict.fromkeys(
        ("发布日期", "发布时间", "公开日期", "发文日期", "生成日期", "發布日期", "發布時間", "公開日期"), "published"
    ),
    **dict.fromkeys(("成文日期", "成文时间", "成文日期", "成文時間"), "written"),
    **dict.fromkeys(("标题", "名称", "信息名称", "標題", "名稱"), "title"),
    **dict.fromkeys(
        ("索引号", "索引號", "主题分类", "主題分類", "文号", "文號", "发文字号", "發文字號", "主题词", "主題詞"), ""
    ),
    **dict.fromkeys(
        ("有效性", "效力状态", "时效性", "体裁分类", "组配分类", "服务对象", "关键词", "内容概述", "分类", "语种"), ""
    ),
    **dict.fromkeys(
        ("废止日期", "实施日期", "信息索取号", "公开方式", "公开范围", "公开时限", "公开程序", "文件编号"), ""
    ),
}
_FIELD = re.compile(f"({'|'.join(sorted(_KEYS, key=len, reverse=True))})[:：]?")
INDEX = re.compile(r"索\s*引\s*[号號]")
"""The field by which an index table is known."""
_BYLINE = (
    r"(?:信息|文章|稿件)?(?:来源|來源)|(?:发布|發布|发稿|更新|发表|添加|录入|编辑|公开)(?:时间|日期|時間|人|者|单位|机构)|作者|编辑|责任编辑|責任編輯"
    r"|责编|审核|审稿|初审|终审|校对|撰稿|供稿|浏览(?:次数|量|数)?|瀏覽(?:次數|量)?|点击(?:率|量|数|次数)?|點擊(?:率|量|數|次數)?|阅读(?:次数|量|数)?"
    r"|访问(?:量|次数|数)|字体|字體|字号大小|文字大小|保护视力色"
)
BYLINE = re.compile(
    r"(?:发布|發布|发稿|发表|公开|更新|添加|录入)?(?:时间|日期|時間)\s*[:：]\s*(?:19|20)\d{2}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}"
)
"""A dated byline, wherever it stands on the page."""
_BYLINE_FIELD = re.compile(f"(?:^|[\\s|【\\[(（丨])(?:{_BYLINE})\\s*[:：]")
_CONTROLS = re.compile(
    # Atomic throughout: a long row of such words must not be divided in every possible way.
    r"(?:[\s|·【】\[\]()（）]++|(?>字体[:：]?|打印(?:本?页)?|关闭(?:本页|窗口)?|收藏(?:本页)?|分享到?[:：]?|大|中|小|纠错|下载"
    r"|返回(?:顶部|首页|列表)?|扫一扫(?:在手机(?:打开|上浏览)当前页)?|微信|微博|复制链接|语音播报|语音合成中|朗读|更多))++"
)
_PLACE = re.compile(r"[您你]?(?>当前|现在|目前|當前|所在|的)++(?:位置|栏目)\s*[:：]|首页\s*[>»›/·-]")
_NEIGHBOURS = re.compile(
    r"[【\[]?\s*[上下前后後]\s*一?\s*[篇条條页頁]\s*[】\]]?\s*[:：]"
    r"|(?:相关|相關|推荐|热点|延伸)(?:文章|新闻|链接|信息|阅读|附件|稿件|新聞|鏈接)\s*(?:[:：]|$)"
)
_IMPRINT = re.compile(
    r"版权所有|版權所有|[ICP]{3}备|[ICP]{3}備|公网安备|公網安備|网站标识码|網站標識碼|政府网站找错|建议使用.{0,20}浏览器|(?:主办|承办|技术支持)(?:单位)?\s*[:：]"
    r"|仅展示\d+字|全文共\d+字"
)
LONGEST = 160
"""Characters; a longer line is text, whatever it begins with."""


class Facts(NamedTuple):
    """What a page says about itself; None where it says nothing."""

    title: str | None = None
    publisher: str | None = None
    published_on: date | None = None

    def or_else(self, other: Facts) -> Facts:
        """These facts, with what they lack taken from others."""
        return Facts(
            self.title or other.title, self.publisher or other.publisher, self.published_on or other.published_on
        )


def parse_date(text: str) -> date | None:
    """The first date in a text, None if there is none or no such day."""
    match = _DATE.search(text)
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def facts_of_index(text: str) -> Facts:
    """The facts in the text of an index table (索引号, 发布机构, 成文日期 ...), its white space being layout."""
    found: dict[str, str] = {}
    parts = _FIELD.split("".join(text.split()))
    for key, value in zip(parts[1::2], parts[2::2], strict=True):
        if value and _KEYS[key]:
            found.setdefault(_KEYS[key], value)
    published = parse_date(found.get("published", "")) or parse_date(found.get("written", ""))
    return Facts(found.get("title"), found.get("publisher"), published)


def facts_of_line(line: str) -> Facts:
    """The facts in a byline (来源、发布时间 beside one another)."""
    publisher = re.search(r"(?:来源|來源|发布单位|发布机构|發布單位)\s*[:：]\s*([^\s|:：]{2,40})", line)
    dated = re.search(r"(?:时间|日期|時間)\s*[:：]\s*(\S.*)", line)
    source = publisher[1] if publisher else None
    return Facts(None, source, parse_date(dated[1]) if dated else None)


def is_furniture(line: str) -> bool:
    """Whether a line belongs to the page and not to its text: byline, controls, place, neighbours, imprint."""
    if len(line) > LONGEST or "\t" in line:
        return False
    line = line.strip()
    if _CONTROLS.fullmatch(line) or _NEIGHBOURS.match(line) or _PLACE.match(line):
        return True
    fields = _BYLINE_FIELD.findall(line)
    if len(fields) >= 2 or (fields and len(line) <= 40 and _BYLINE_FIELD.match(line) and "。" not in line):
        return True
    return _IMPRINT.search(line) is not None and "。" not in line
