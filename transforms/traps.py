"""Traps: numbers that are no quantities at all.

Dates, years, clock times and periods; section and list numbers; numbers of documents, articles and meetings; telephone
and index numbers; coded names (1+6+N, 12·4); names of places; figures of the page around the text (浏览次数). Each rule
is a form of the language or of official documents (GB/T 9704-2012 for document and section numbers), tried where a run
of numerals begins; the answer is where to go on.
"""

from __future__ import annotations

import re

from transforms.numbers import CASUAL
from transforms.numerals import FORMAL, HAN_NUMERALS
from transforms.units import UNITS_BY_FIRST, unit_at

_D = "0-9０-９"
_S = "[ \u00a0\u3000]?"
_SPAN_OF_TIME = (
    rf"(?:年代|年|月份|月|日|号|时(?!事|常|政|代|效)|个?半?(?:小时|分钟|钟头)|秒|周(?!岁)|个?(?:星期|季度|世纪|工作日|自然日)"
    rf"|天(?!然|气|次)|个[余多]?{_S}(?:月|年头|年度|月份|小时)|个?半?(?:月|年))"
)
_ARABIC_TIME = re.compile(
    rf"[{_D}]{{1,4}}(?:[.．][{_D}]+)?{_S}(?:(?:[-—–~～至到/、.．]|——){_S}[{_D}]{{1,4}}{_S}){{0,6}}(?:[余多来几]?|[两三四五六七八九]){_S}{_SPAN_OF_TIME}"
    rf"(?:(?<=[时点])[{_D}]{{1,2}}分(?:[{_D}]{{1,2}}秒)?)?"
    rf"|[{_D}]{{1,2}}{_S}点{_S}(?:[{_D}]{{1,2}}分?|半|钟|至|到|前|后)"
    rf"|(?:19|20)[0-9]{{2}}[-/.．][01]?[0-9](?:[-/.．][0-3]?[0-9])?(?![0-9个件人次])(?!{_S}[万亿])"
    r"|(?:19|20)[0-9]{2}\n年(?!限)"
    r"|(?:0[1-9][-/][0-3][0-9]|1[0-2][-/]0[1-9])(?![0-9])"
)
_HAN_TIME = re.compile(
    f"(?:[{HAN_NUMERALS}]+(?:[-—~至到、][{HAN_NUMERALS}]+){{0,6}}[余多来几]?(?:年代|年|月份|月|日|小时|分钟|秒钟|周(?!岁|边|围|密)"
    "|(?:个[余多]?)?半?(?:月|年|小时|星期|季度|世纪|工作日|年头|钟头|分钟)|天(?!然|气)|季度|号|时(?=[，许左])))"
)
_CODE = re.compile(
    rf"[{_D}]+(?:{_S}[+＋]{_S}[0-9０-９A-Za-zＮｎ一二三四五六七八九十]+)+"
    rf"|[{_D}]+(?:[·•×*＊][{_D}NnXx]+)+|[{_D}]{{1,2}}[:：][0-5][0-9](?:[:：][0-5][0-9])?(?![{_D}])"
    rf"(?:{_S}[-—–~～至到]{{1,2}}{_S}(?:次日|翌日|第二天|凌晨)?[{_D}]{{1,2}}[:：][0-5][0-9](?![{_D}]))?"
    rf"|[{_D}]{{1,4}}[省国县乡]道"
    rf"|1[3-9][0-9]{{9}}(?![0-9])|0[0-9]{{2,3}}{_S}[-—－–]{{1,2}}{_S}[0-9]{{7,8}}|[0-9]{{3,4}}[-—－][0-9]{{7,8}}"
    rf"|[0-9]{{9,}}[0-9A-Za-z/-]*|[0-9]+(?:\.[0-9]+){{2,}}|[0-9]+\.[0-9]+版|[{_D}]+{_S}(?!{CASUAL})[A-Za-z][A-Za-z0-9]*|[0-9]+[-—–][0-9]+[-—–][0-9]+"
)
_LETTER_UNIT = re.compile(
    r"[0-9０-９.．]+[ ]?(?:km|KM|kg|KG|m[2²³3]?(?![a-zA-Z])|mm|cm|MW|kW|kWh|kw|t(?![a-zA-Z])|μg|ug|mg|k㎡)"
)
_ARTICLE = re.compile(
    rf"[{_D}{HAN_NUMERALS}]+(?:(?:[条款项章节编部]|之[一二三四五])|(?:[-—~至、和]第?[{_D}{HAN_NUMERALS}]+))*"
)
_SECOND_ITEM = re.compile("[。；;][ \u3000]?2、")
_COLON_ITEM = re.compile("[0-9]{1,2}[.．](?=[\u4e00-\u9fff“《])")
"""主要问题：1.人员不足: no decimal goes on with a word."""
_LIST_MARK = re.compile(
    rf"[{_D}]{{1,2}}(?:[、）)]|[.．](?![0-9０-９]))|[一二三四五六七八九十]{{1,3}}(?:[、.．）)]|是(?!否)|要(?!求|素|点|件)|方面[，：:])"
)
_SESSION = re.compile(
    f"[{HAN_NUMERALS}]+(?:届[{HAN_NUMERALS}]*[中次]?|[中次](?=[、，]?[{HAN_NUMERALS}]*[中次]?[、，]?[{HAN_NUMERALS}]*[中次]?(?:历次)?(?:全会|全体|会议精神)))"
)
_PLACE = re.compile(
    f"[{HAN_NUMERALS}]{{1,3}}[里家台间岔道门眼桥亭站口座堂层块棵株头面盘角方井房官路村堡岭星龙江河湖山水渡峰女郎]{{1,2}}"
    "(?:子|庙|店|铺|堡|坝|沟|湾|河|山|桥|屯|庄)?(?:镇|乡(?!镇)|街道|村(?!民|居|级|干|组|务|规)|社区|路|嘎查|苏木|片区|屯|县|市(?!场|级|民)|区(?!域|级|县))"
)
_YEAR_BRACKET = re.compile(rf"[〔\[【（(〈]{_S}[0-9]{{4}}{_S}[〕\]】）)〉]{_S}第?[0-9]*{_S}号?")
_NOT_RANK = frozenset("目此以之年日会提事当月生空午眼")
"""What makes 前 a word of time (目前12件, 会前3次) and no rank (前10名, 前三位)."""
_RHYTHM = frozenset("次场期轮课讲训查巡至到")
_COUNTER = re.compile(
    "(?:(?:浏览|点击|阅读|访问|下载|播放)(?:次数|人次|量|数|率)?[:： \u3000]{1,3}|(?:全文共?|当前显示|展示|省略))$"
)
_COUNTER_BEFORE = frozenset(":： \u3000共文示略")
_VILLAGE_BEFORE = frozenset("村区")
_ADDRESS = re.compile("[\u4e00-\u9fff](?<![全各每本个该政然制])(?:村|社区)[0-9]{1,2}组")
"""甘棠村22组: where something is; 全村22组 and 18村212组 count."""
_VIEWED = re.compile("次(?:浏览|阅读|点击)(?!量)")
_LINE_BEFORE = frozenset("\n \u3000|") | {""}
_MEASURED_IN = ("工作日", "天", "小时", "分钟")
_MEASURED = re.compile("(?:缩短|压缩|缩减|压减|提速|平均|用时|时限|耗时)[^，。；,;]*$")
"""Words after which a span of time is a measured level (平均办理时间3.6个工作日) and no date."""
_DRAWN, _POINTS_TO = frozenset("图表"), frozenset("如见附")
_WEEK = frozenset("周期")
_SESSIONS = frozenset("届大会")
_MEETING = re.compile(f"次(?:[、和及至][{HAN_NUMERALS}]+次)*(?:会议|全会|全体会议|党代会)")
_SERVICE = frozenset(("市民", "市长", "县长", "区长", "镇长", "来件", "来电", "来访", "来信", "来话"))
"""What follows the number of a service as part of its name or of its traffic (12345市民热线, 12345来件)."""
_LATIN_WORD = re.compile("(?<![A-Za-z0-9])[A-Z][A-Za-z]{2,}$")
"""A word in Latin letters, behind which digits may count (KTV3家); one or two letters begin a code (A4, PM2.5)."""
_BEFORE_ONE = frozenset("统唯单专逐同某归万任")
"""What makes a word of its own with 一 (统一, 唯一)."""
_PLAIN = frozenset("一二三四五六七八九两")
"""Digits that do not follow a formal one in a number (队伍两个: 伍 ends a word)."""
_HAN_PREFIXES = frozenset("几星其之")
_PLACES_OF_TEN = frozenset("十百千万亿")
_CODE_PREFIXES = frozenset("+＋-－—·•.．/#№@&=_")
_CLAUSE_BEFORE = frozenset("\n。；;：:，,！？ \u3000\t|（(、”》") | {""}
HOTLINES = frozenset(
    str(number)
    for number in (
        *(110, 114, 119, 120, 122, 710, 1310, 1312, 8890, 95598, 96110, 96119),
        *(
            12301,
            12305,
            12306,
            12308,
            12309,
            12310,
            12313,
            12315,
            12316,
            12317,
            12318,
            12319,
            12320,
            12321,
            12328,
            12329,
        ),
        *(
            12333,
            12336,
            12337,
            12338,
            12339,
            12340,
            12345,
            12348,
            12349,
            12350,
            12351,
            12355,
            12356,
            12358,
            12360,
            12363,
        ),
        *(
            12365,
            12366,
            12367,
            12368,
            12369,
            12371,
            12377,
            12378,
            12380,
            12381,
            12385,
            12386,
            12388,
            12389,
            12390,
            12393,
        ),
        *(12395, 12398),
    )
)
"""Service numbers of public bodies (12xxx short codes), and programme codes, which stand in texts as names."""


def skip_arabic(text: str, start: int, end: int) -> int:
    """The offset where a trap that begins with the digit at ``start`` ends, or 0 where no trap begins."""
    previous = text[start - 1 : start]
    if previous == "第":
        return _ordinal(text, start, end)
    if _is_ranked(text, start, end, previous) or (text[end : end + 2] in _SERVICE and text[start:end] in HOTLINES):
        return end
    if start > 1 and previous in _CODE_PREFIXES and _continues_code(text, start, end):
        return end
    if previous.isascii() and previous.isalpha():
        return 0 if _counts_behind_word(text, start, end) else end
    if _is_page_counter(text, start, end, previous) or _is_drawn(text, start, end, previous):
        return end
    if previous in _VILLAGE_BEFORE and _ADDRESS.search(text, max(0, start - 3), end + 1) is not None:
        return end + 1
    return _dated_or_coded(text, start) or _bracketed_year(text, start, end, previous) or _item(text, start, previous)


def _ordinal(text: str, start: int, end: int) -> int:
    """第三期, 第十二条第一款: an ordinal with what it orders."""
    match = _ARTICLE.match(text, start)
    return match.end() if match is not None else end


def _is_ranked(text: str, start: int, end: int, previous: str) -> bool:
    """前10名, 前三位: a rank, unless 前 is of a word of time (目前12件) or counts something else (合并前29个)."""
    if previous != "前" or text[start - 2 : start - 1] in _NOT_RANK:
        return False
    following = text[end : end + 1]
    return following in "名位强" or following not in UNITS_BY_FIRST


def _counts_behind_word(text: str, start: int, end: int) -> bool:
    """检查KTV3家, APP注册1.8万人: digits with a measure word behind a Latin word count; ISO9001 and PM2.5 are codes."""
    end += text[end : end + 1] in ("万", "亿")
    end += text[end : end + 1] in ("余", "多")
    return unit_at(text, end) is not None and _LATIN_WORD.search(text, max(0, start - 12), start) is not None


def _is_page_counter(text: str, start: int, end: int, previous: str) -> bool:
    """浏览次数：1286次, 86次浏览, 全文共2002字: what the page says of itself."""
    if previous in _LINE_BEFORE and _VIEWED.match(text, end) is not None:
        return True
    return previous in _COUNTER_BEFORE and _COUNTER.search(text, max(0, start - 12), start) is not None


def _is_drawn(text: str, start: int, end: int, previous: str) -> bool:
    """如图1所示, 见表2: the number of a figure or a table; 附表3份 counts."""
    if previous not in _DRAWN:
        return False
    pointed = text[start - 2 : start - 1] in _POINTS_TO and unit_at(text, end) is None
    return pointed or text.startswith("所示", end)


def _dated_or_coded(text: str, start: int) -> int:
    match = _ARABIC_TIME.match(text, start)
    if (
        match is not None
        and text.endswith(_MEASURED_IN, start, match.end())
        and _MEASURED.search(text, max(0, start - 20), start)
    ):
        return 0
    if match is None:
        match = _CODE.match(text, start)
        if match is None or _LETTER_UNIT.match(text, start) is not None:
            return 0
    return match.end()


def _bracketed_year(text: str, start: int, end: int, previous: str) -> int:
    """〔2021〕37号: the year of a document in its bracket, with the number behind it."""
    if not previous or previous not in "〔[【（(" or not text[start:end].startswith(("19", "20")):
        return 0
    match = _YEAR_BRACKET.match(text, start - 1)
    return match.end() if match is not None else 0


def _item(text: str, start: int, previous: str) -> int:
    """1. 2、 (3): the number of an item, where a line, a sentence or a bracket begins."""
    if previous and previous in "：:" and (match := _COLON_ITEM.match(text, start)) is not None:
        return match.end()
    if previous and previous not in "\n。；;！（(？）)":
        return start + 2 if text.startswith("1、", start) and _opens_list(text, start, previous) else 0
    match = _LIST_MARK.match(text, start)
    if match is not None and previous in ("）", ")") and text[match.end() - 1] not in ".．":
        return 0
    return match.end() if match is not None and _is_list_mark(text, start, match.end()) else 0


def _opens_list(text: str, start: int, previous: str) -> bool:
    """Whether a second item follows the 1、 at ``start`` within the line: 途径为：1、网站；2、公告栏.

    Where the line break before the first was lost, a sentence has to end before the second: 改进措施 1、统一认识。2、….
    """
    stop = text.find("\n", start, start + 200)
    stop = stop if stop >= 0 else start + 200
    if previous in ":：":
        return text.find("2、", start + 3, stop) >= 0
    return (previous >= "一" or previous in " \u3000") and _SECOND_ITEM.search(text, start + 3, stop) is not None


def _continues_code(text: str, start: int, end: int) -> bool:
    """Whether the digit after a joining sign goes on with a code: 1+6, 2021-2025, -3 after a digit or letter.

    A plus between two counts adds them (1名网格长+3名网格员), and before a rate it is a sign (同比+12.3%).
    """
    before = text[start - 2]
    if before >= "一" and text[start - 1] in "+＋" and text[end : end + 1] in ("%", "％"):
        return False
    if before >= "一" and text[start - 1] in "+＋" and text[end : end + 1] in ("名", "人", "件", "家", "户"):
        return False
    return (before.isalnum() and before.isascii()) or before in "０１２３４５６７８９" or text[start - 1] in "+＋·•#№@"


def _is_list_mark(text: str, start: int, end: int) -> bool:
    """A closing bracket needs an opening one; 12、 opens an item only if no further number follows it (3、4份)."""
    last, opened = text[end - 1], text[start - 1 : start] in ("(", "（")
    if last in "）)":
        return opened
    if opened:
        return False
    return not (last == "、" and text[end : end + 1].isdigit())


def skip_han(text: str, start: int, end: int) -> int:
    """The offset where a trap that begins with the Chinese numeral at ``start`` ends, or 0 where no trap begins."""
    following = text[end : end + 1]
    previous = text[start - 1 : start]
    if previous == "第":
        return _ordinal(text, start, end)
    single = end - start == 1
    if not single and text[start] in FORMAL and text[start + 1] in _PLAIN:
        return start + 1
    joined = previous in _HAN_PREFIXES or (previous in _BEFORE_ONE and single and text[start] == "一")
    if joined or (previous == "数" and text[start] in _PLACES_OF_TEN) or _is_ranked(text, start, end, previous):
        return end
    if single and (following not in HAN_FOLLOWERS or (text[start] in FORMAL and start)):
        return end
    if previous in _WEEK and text[start] in "一二三四五六日" and following not in _RHYTHM:
        return end
    for pattern in (_HAN_TIME, _SESSION, _PLACE):
        match = pattern.match(text, start)
        if match is not None:
            return match.end()
    if single and following == "是":
        return end + 1
    return _han_item(text, start, previous) if previous in _CLAUSE_BEFORE else _meeting(text, start, end, previous)


def _han_item(text: str, start: int, previous: str) -> int:
    """一、 （二） 三是 四要: the number of an item."""
    match = _LIST_MARK.match(text, start)
    if match is None or (text[match.end() - 1] in "）)" and previous not in "（("):
        return 0
    return match.end()


def _meeting(text: str, start: int, end: int, previous: str) -> int:
    """第十二届人大一次会议, 人大五次、六次会议: the numbers of a session's meetings."""
    match = _MEETING.match(text, end) if previous in _SESSIONS else None
    return match.end() if match is not None else 0


HAN_FOLLOWERS = (
    frozenset(UNITS_BY_FIRST)
    | frozenset("年月日天周季号时分秒余多来几半到至-—~～、和或点是要届中又 个\n。，；！？,.;!?")
    | {""}
)
