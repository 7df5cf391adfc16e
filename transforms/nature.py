"""Nature: is a document a report at all, and is it a township's? Told by its title first, by its wording after.

Generous in what counts as a report (法治政府建设年度报告, 工作总结, 述职述法, 信息公开年报, 政府工作报告 ...), strict
in whose it is: a county's, a bureau's, a village's or a school's report is refused even where it stands on a township's
page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from transforms.document import Refused
from transforms.front import GENRE, NOT_GENRE, YEAR, Front
from transforms.places import Site, Unit

BLANK = re.compile(
    r"(?:(?<![A-Za-z])[×xX]{1,4}|[*＊]{1,4}|_{2,}|[○◯〇]{2,}|[（(][ 　]+[)）])(?:余|多)?"
    r"(?:名|人次|人|场次|场|次|件|份|起|个|宗|例|万元|元|条|户|村|期|项|家|％|%|年|月|日|镇|乡|街道|县|区|市)"
)
BLANK_MARK = re.compile(r"[×xX*＊◯_○〇]")
COUNTED = re.compile(r"\d(?:余|多|万)?(?:名|人|场|次|件|份|起|个|宗|例|万元|元|条|户|期|项|家|％|%)")
BLANK_NAME = re.compile(
    r"(?:(?<![A-Za-z])[xX×]{1,4}|[*＊]{1,4}|[○◯〇]{2,}|_{2,}|(?<![\u3400-\u9fff])某某?|(?<=[县市区])某某?)(?:镇|乡|街道|县|区|市)"
    r"|20(?:[xX×*＊○_]{1,2}|[ 　]{2,})年"
)
SAMPLES = re.compile(r"范文|模板|样本|示例|填报说明|[精优]选\d|[【(（]\d+篇|通用\d+篇|\d篇[】)）]")
OFFERED = re.compile(
    r"(?:小编|本站)(?:为|给|替)(?:大家|您|你)|供(?:大家|您|你)?(?:参考|借鉴)(?:借鉴|学习)?[。，,！]|网友投稿|仅展示\d+字|免费预览|笔杆子"
)
"""What sites that hand out sample texts say of themselves."""
PRESENTED = re.compile(
    r"^(?:[【\[（(])?(?:(?:文字|图文|图片|图说|政策|视频|音频|动漫|专家|部门|负责人)*解读|(?:一图|一张图|图)(?:读懂|看懂|解)|数说|图解)"
)
"""A title that tells of a report in place of being one (文字解读：某镇年度报告)."""
NOT_REPORTS = re.compile(
    r"(?:通知|方案|计划|要点|规划|意见|办法|公告|公示|通告|批复|函|制度|清单|预案|决定|规定|规则|细则|台账|目录|指南|名单|讲话|会议|大会|推进会|座谈会|培训会|现场会|评议会|动员会|部署会|仪式|活动|简报|倡议书|合同|招标|"
    r"解读|问答|须知|流程|流程图|职责|章程|议程|部署|安排|思路|打算|设想|建议|提案|答复|论文|研究|探析|浅析)(?:[（(].{0,20}[)）])?$"
)
EVENTS = re.compile(
    r"召开|举行|举办|开展|组织|走进|慰问|调研|启动|赴|推进会|培训会|座谈会|现场会|联席会|活动|集中学习|专题学习|检查|宣讲|观摩|到我|来我|获评|荣获|喜获|入选|传达"
)
NEWS = re.compile(
    r"本报讯|本网讯|(?:记者|通讯员|供稿|摄影)[:：]?[\u3400-\u9fff]{2,4}|(?:近日|日前|连日来|\d{1,2}月\d{1,2}日(?:上午|下午)?)，"
)
AS_FOLLOWS = re.compile(
    r"(?:报告|汇报|总结|公布|公开|通报|自评|说明|发布|小结)如下|如下(?:报告|汇报|总结)|编制(?:本|了?《?)|本(?:年度)?报告|报告如下"
)
PLAN_FOLLOWS = re.compile(
    r"(?:特|现|结合.{0,12})?(?:制定|制订|拟定|提出)(?:如下|本|以下)(?:工作)?(?:方案|计划|意见|办法|制度|预案|细则|安排|要点)|有关事项通知如下|通知如下"
)
ORGAN = re.compile(
    r"^(?:[（(].{1,12}[)）])?(?:(?:镇|乡|街道)?(?:党委|党工委|委员会|工委)?(?:、|和|及|与)?)?"
    r"(?:(?:镇|乡)?人民政府|(?:镇|乡)政府|政府|党委|党工委|工委|委员会|街道办事处|街道办|办事处|管委会|管理委员会)?(?:党政|党建|综合|政府)?(?:办公室)?"
)
PART = re.compile(
    r"^[\u3400-\u9fff]{0,14}?(?:(?:(?<![农乡])村|[\u3400-\u9fff][农乡]村)(?:民委员会|委会|委)?|社区(?:居委会|居民委员会)?|司法所|派出所|财政所|市场监管所|税务所|所|局|学校|小学|中学|幼儿园|"
    r"卫生院|医院|卫生服务中心|[中大支]队|公司|中心|站|协会|商会|合作社|人大(?:主席团|工委)?|纪委|纪工委|团委|妇联|工会|武装部|法庭|法院|敬老院|办公室|[科办])"
    r"(?=20\d\d|二[〇○零]|关于|[（(]|$)"
    r"|^[\u3400-\u9fff]{0,10}?(?:司法所|派出所|财政所|卫生院|小学|中学|学校|幼儿园|执法[中大]队|供电所|敬老院)(?!协|联)"
)
BODY = re.compile(
    r"(?:局|厅|署|总站|研究院|人民法院|人民检察院|检察院|法院|学院|大学|中学|小学|学校|公司|集团|银行|协会|联合会|总工会|团[县市区]委|妇联|残联|"
    r"医院|[支大]队|委员会办公室|(?:改革|健康|事务|工作|城乡建设|城市管理|体育|标准化|金融|监督管理|开发)委员会|[县市区]委办(?:公室)?|政府办(?:公室)?|信访办|医保局|中心|电视台|[县市区]委(?:宣传部|组织部|政法委|编办)?|人大常委会|政协|管理处)"
    r"(?=20\d\d|二[〇○零]|关于|法治|依法|年度|政府信息|政务|[（(]|工作|述|履|贯|落|$)"
)
OWN = re.compile(
    r"[我全本该](?:镇|乡|街道|街(?!道)|苏木|场|农场|林场|办事处)|镇党委|乡党委|街道党工委|镇政府|乡政府|街道办"
)
HIGHER = re.compile(r"[我全](?:县|区|市|旗|州|省)|[县区市旗]政府常务会")
VILLAGE = re.compile(
    r"^[\u3400-\u9fff]{2,12}?(?:村|社区)(?:村民委员会|村委会|居民委员会|居委会|党支部|党总支|“?两委”?)?(?=20\d\d|二[〇○零]|工作|$)"
)


def require_report(front: Front, text: str) -> None:
    """Refuse what is no report: a template, a plan, a notice, a news item, a page without substance.

    Raises:
        Refused: ``not_a_report``, with what gave it away.
    """
    if reason := _template(front, text):
        raise Refused(
            "not_a_report",
            f"模板或已遮盖数字的文本（{reason}）：请取原文 / a template or masked copy: fetch the original",
        )
    if reason := _presented(front) or _other_genre(front, text):
        raise Refused(
            "not_a_report",
            f"不是年度报告或总结（{reason}）/ not a yearly report or summary: take it off the source list",
        )


def _template(front: Front, text: str) -> str | None:
    head = f"{front.title}\n{front.page_title}\n{front.opening[:300]}"
    if sample := SAMPLES.search(f"{front.title} {front.page_title}"):
        return sample[0]
    if offered := OFFERED.search(text[:600]) or OFFERED.search(text[-200:]):
        return offered[0]
    blanks = BLANK.findall(text) if BLANK_MARK.search(text) or "（ " in text or "( " in text else []
    named = BLANK_NAME.search(head)
    if named and (BLANK_NAME.search(front.title) or len(blanks) > 1):
        return named[0]
    if len(blanks) > 2 and 2 * len(blanks) > len(COUNTED.findall(text)):
        return "、".join(dict.fromkeys(blanks[:3]))
    return None


def is_genre(title: str) -> bool:
    """Whether a title is a report's or summary's, also where a notice hands it on (关于印发《...总结》的通知)."""
    inner = re.search(r"《([^》]*)》", title)
    if inner and GENRE.search(inner[1]) and not NOT_REPORTS.search(inner[1]):
        return "解读" not in title
    if not GENRE.search(title) or NOT_GENRE.search(title):
        return False
    if not NOT_REPORTS.search(title):
        return True
    # 2023年工作总结及2024年工作计划 is a report, 2024年工作报告撰写方案 is not
    return bool(
        re.search(
            r"(?:总结|报告|汇报|情况|回顾)(?:及|和|与|暨|、|以及)[^》]*(?:计划|安排|打算|思路|设想|要点|部署)", title
        )
    )


def _presented(front: Front) -> str | None:
    return next((title[:40] for title in (front.title, front.page_title) if PRESENTED.search(title)), None)


def _other_genre(front: Front, text: str) -> str | None:
    titles = [title for title in (front.title, front.page_title) if title]
    if any(is_genre(title) for title in titles):
        return None
    follows = AS_FOLLOWS.search(front.opening)
    for title in titles:
        if NOT_REPORTS.search(title):
            return title[-30:]
        if EVENTS.search(title) and not follows:
            return title[:40]
    if (plan := PLAN_FOLLOWS.search(front.opening)) and not follows:
        return plan[0]
    if follows or re.search(r"\n(?:[一二三]、|[（(][一二三][)）])", text):
        return None
    if news := NEWS.search(front.opening[:120]):
        return news[0]
    if len(text) < 200:
        return f"只有{len(text)}字"
    return None if YEAR.search(front.opening) and OWN.search(text) else front.opening[:30]


def require_township(front: Front, found: Sequence[Unit], before: Sequence[Site], text: str) -> None:
    """Refuse the report of a county, a bureau, a village or another body; ``found`` and ``before`` are of the title.

    Raises:
        Refused: ``not_a_township``, with the words that name the body.
    """
    title = front.title or front.page_title
    subject = next((unit for unit in found if not unit.partner), None)
    if subject is not None:
        rest = title[subject.end :]
        part = PART.match(rest[ORGAN.match(rest).end() :]) if not rest.startswith(("政府信息", "机关")) else None  # type: ignore[union-attr]
        if part:
            raise Refused(
                "not_a_township", _whose(f"{subject.name}{rest[:20]}", "乡镇所属单位或村 / a body under the township")
            )
        return
    bare = re.sub(r"《[^》]*》", "", title or _announced(front.opening))
    if body := BODY.search(bare):
        raise Refused("not_a_township", _whose(bare[: body.end()][-30:], "部门或单位 / a bureau or another body"))
    if (
        before
        and not before[-1].away
        and re.match(
            r"(?:人民政府|政府|委|委员会)?(?:办公室)?(?:关于|20|二[〇○零]|法治|依法|年度|政府|工作|报告|总结|[（(]|$)",
            bare[before[-1].end :],
        )
    ):
        raise Refused("not_a_township", _whose(before[-1].name, "县级以上 / a county or higher"))
    if VILLAGE.match(bare):
        raise Refused("not_a_township", _whose(bare[:20], "村或社区 / a village"))
    own, higher = len(OWN.findall(text)), len(HIGHER.findall(text))
    if not own and (higher > 1 or re.search(r"[我本](?:局|院|校|公司|中心|委|厅)", text)):
        raise Refused(
            "not_a_township",
            _whose(front.opening[:30], "通篇无“我镇”一类自称 / speaks of itself as a higher or other body"),
        )


def _announced(opening: str) -> str:
    """The title that a text without one announces (现公布某区人民政府办公室2022年政府信息公开工作年度报告)."""
    match = re.search(
        r"(?:公布|公开|发布|编制|印发)《?([\u3400-\u9fff]{3,30}?(?:20\d\d年?度?)?[\u3400-\u9fff]{0,20}?年度?报告)",
        opening,
    )
    return match[1] if match else ""


def _whose(name: str, body: str) -> str:
    return (
        f"不是乡镇街道的报告：{name}（{body}）；若是登记册中的开发区、农场等，请在来源表中写明其township_code"
        f" / not a township's report; if it is a zone or farm of the registry, give its code in the source list"
    )
