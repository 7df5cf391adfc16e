"""Partial: figures that are only a part of what an indicator counts, by what stands around them.

The conventions (``docs/conventions.md``): a figure of one campaign, one law, one village, one organisation, of a sample
or of the rest is a part, and so is what each of several did, an average, and a total over several years.
"""

from __future__ import annotations

import re

from transforms.lexicon import Lexicon
from transforms.quantity import Quantity

_YEARS = re.compile(
    "“?[五六七八九]五”?普?法?(?:以来|期间|启动以来|实施以来)|近[一二两三四五六七八九十0-9]+年|(?<![0-9〇零])[二两三四五六七八九十3-9]年(?:以|多)?来|连续[一二两三四五六七八九十0-9]+年|历年来?(?:累计|共|合计)"
)
_RUNNING = re.compile("连续[一二两三四五六七八九十0-9]+年")
"""出庭率连续三年100%: a rate that is the same each year is this year's too."""
_FOUNDED = re.compile("(?:成立|挂牌|揭牌|运行|运营|启用|投用|开办|设立|入驻|开通|上线)以来")
_SINCE = re.compile(
    "以来|历年|年来|年多来|五”?普?法?期间|近[一二两三四五六七八九十0-9]|连续[一二两三四五六七八九十0-9]"
)
"""One of these is in every such period."""
_PRESENT = re.compile("目前|现有|现在|在岗|在册|增加到|增加至|增至|发展到|扩大到")
"""成立以来力量逐步充实，目前在岗10人: what there is now is no sum over years."""
_THIS_YEAR = re.compile("今年|本年|全年|年内|20[0-9]{2}年(?!以来|至|到|-|—)")
_EACH = re.compile("各(?:聘请?|配备|设立?|建成?|有|开展|举办|配)?$")
_EACH_OF = re.compile("各(?:聘请?|聘任|配备|设立|设置|建成|开展|举办|安排|确定|明确)[^，。；、各]{1,10}$")
_AVERAGE = re.compile("[日月年人户村队]均(?!为|达|有|已|设|建|配|开|未|按)|平均")
_REST = re.compile("余下|剩余|其余|剩下|另外|仍有|还有|还缺|尚有")
_SOME = re.compile("[均余剩另仍还尚抽]")
"""One of these is in every average, rest and sample."""
_SAMPLE = re.compile("抽[查测取检]")
_INCREASE = re.compile("新[增添]|增[设配聘建添]")
_MADE = re.compile("新[建聘装设招配创]|新(?:培[育养]|打造|成立|命名|认定|购)|建成|打造|获评|创成")
_STANDS = re.compile("[，；、](?!占)[^。0-9]{0,14}(?:累计|总数|总量|现有|已有|加上|目前)")
"""What tells, behind what was made this year, how much there is now."""
_THEME = re.compile("以[^，。；、]{0,4}《[^》]{2,20}》[^，。；、]{0,3}为(?:主题|内容|重点)")
_THEMES = re.compile(
    "反诈|诈骗|溺水|消防|防火|道路交通|交通安全|燃气|秸秆|禁烧|禁毒|防汛|食品安全|垃圾分类|人居环境|河长制?|疫情|反邪教|电动自?行?车|非法集资"
    "|烟花爆竹|防灾减灾|医保|征兵|返贫|森林|扫黑除恶"
)
_LEGAL = re.compile("法治|普法|法律|宪法|民法典|法制|法规|条例")
_OVER_ALL = re.compile("等|全年|累计|[合总]计|共|各类")
"""Words of a total over several themes."""
_THEMED, _NOUN = 80, 10
"""Characters before a figure in which its theme is told, and behind it in which its noun stands."""
_LAW = re.compile("依[照据][^，。；]{0,4}《")
_CAMPAIGN = re.compile(
    "(?:[周月日节](?:活动)?(?:期间|当天|当日)|(?:专项斗争|专项行动|专项整治|换届|疫情防控)”?(?:中|期间))[，,]|(?:宪法|法治|民法典|普法|安全|禁毒)宣传[周月日](?:中|里)?(?:，|开展|组织|集中)"
)
_IN = re.compile("期间|中，|日，|宣传[周月日]")
"""One of these is in every campaign."""
_ELSEWHERE = re.compile(
    "[ \u3000]*(?:[（(]?[一二三四五六七八九十0-9]{1,2}[）)、.．])?[\u4e00-\u9fff]{0,4}"
    "(?:派出所|法庭|交警[中大]?队|市场监管所|监督管理所|自然资源所|消防救援站|卫生院|税务所)(?![等、）)]|联合|配合|会同|协助)"
)
"""Another body as the sentence's subject."""
_NOT_A_NAME = (
    "指导|推动|组织|督促|落实|推进|联系|帮助|要求|引导|鼓励|选派|深入|进驻|动员|开展|依托|健全|完善|建立|加强|强化"
    "|发挥|利用|通过"
)
_VILLAGE = re.compile(
    f"[ \u3000\n]*(?!{_NOT_A_NAME}|[^村]{{0,2}}(?:农村|进社区))"
    "(?:(?![各全该每本我两镇街乡城辖在多对为向以])[\u4e00-\u9fff]){2,3}"
    "(?:村(?![村级民干居每两组务规（(、及和])|社区(?![矫戒康服民工网治级干居两（(、及和]))"
)
"""A named village as the sentence's subject."""
_WHOLE = ("全镇", "全乡", "全街道", "我镇", "我乡", "我街道", "各村", "全辖区")
_LABEL = re.compile(
    "[^\n。；，]{0,4}?[ \u3000]*(?:[（(]?[一二三四五六七八九十0-9]{0,2}[）)、.．]|——|[一二三四五六七八九十]是)?"
    "([^\n，。；：:]{2,14})[。：:]"
)
_LABELLED = 220
"""Characters of a paragraph for which its label speaks."""


def partial(text: str, quantity: Quantity, left: int, lexicon: Lexicon, owners: set[int]) -> str:
    """Why a figure is a part of what its indicators count, or an empty string.

    Args:
        text: The cleaned text.
        quantity: The figure.
        left: Where the words next to it begin.
        lexicon: The compiled dictionary.
        owners: The indicators that its words speak of.
    """
    low, start = quantity.sentence[0], quantity.start
    reason = _by_words(text[left:start], quantity.unit) or _by_sentence(text, low, start)
    if reason == "several years" and quantity.unit == "%" and _RUNNING.search(text, low, start):
        reason = ""
    if owners and all(map(lexicon.stocks.__getitem__, owners)):
        if reason == "several years" and _PRESENT.search(text, low, start):
            reason = ""
        if not reason and _increased(text, quantity, left):
            reason = "an increase"
    if not reason and all(map(lexicon.enforcing.__getitem__, owners)):
        reason = _one_field(text, quantity, lexicon)
    if not reason and owners and all(lexicon.domains[owner] == "legal_publicity" for owner in owners):
        reason = _one_theme(text, quantity)
    return reason


def _by_words(own: str, unit: str) -> str:
    """日均办件70件; 剩余5件; 抽查案卷40份: what the words next to the figure tell."""
    if not _SOME.search(own):
        return ""
    if _AVERAGE.search(own):
        return "average"
    if _REST.search(own):
        return "the rest"
    if unit != "次" and _SAMPLE.search(own.rpartition("等")[2]):
        return "a sample"
    return ""


def _by_sentence(text: str, low: int, start: int) -> str:
    """五年来累计…; 宣传周期间，…; 北张村…; 派出所…: what the sentence up to the figure tells."""
    if _several_years(text, low, start):
        return "several years"
    if text.find("》", low, start) >= 0 and _THEME.search(text, low, start):
        return "one law"
    if _in_campaign(text, low, start):
        return "one campaign"
    if _one_village(text, low, start):
        return "one village"
    if _ELSEWHERE.match(text, low, start):
        return "another body"
    return ""


def _increased(text: str, quantity: Quantity, left: int) -> bool:
    """新增法律明白人12名; 新建法治广场3处，累计29处: what was added to a stock is not the stock."""
    if _INCREASE.search(text, left, quantity.start):
        return True
    made = _MADE.search(text, left, quantity.start)
    return made is not None and _STANDS.match(text, quantity.end, quantity.sentence[1]) is not None


def each(own: str) -> bool:
    """在两所学校上法治课各2次: what each of several did is no sum; ``own`` are the words beside it."""
    return "各" in own[-16:] and (_EACH.search(own) or _EACH_OF.search(own)) is not None


def _several_years(text: str, low: int, start: int) -> bool:
    """“八五”普法以来…; 五年来建成31处，其中2025年…: a total over several years, unless this year is named after it.

    So is what a body did since it was founded, unless the sentence names this year.
    """
    if _SINCE.search(text, low, start) is None:
        return False
    period = _YEARS.search(text, low, start)
    if period is None:
        return _FOUNDED.search(text, low, start) is not None and _THIS_YEAR.search(text, low, start) is None
    return _THIS_YEAR.search(text, period.end(), start) is None


def _in_campaign(text: str, low: int, start: int) -> bool:
    """宣传周期间，开展活动26场."""
    if _IN.search(text, low, start) is None:
        return False
    campaign = _CAMPAIGN.search(text, low, start)
    return campaign is not None and "等" not in text[low : campaign.start()]


def _one_theme(text: str, quantity: Quantity) -> str:
    """入户宣讲防溺水知识，发放手册1200份: publicity of another theme, where neither law nor a total is told."""
    low = max(text.rfind("\n", 0, quantity.start) + 1, quantity.start - _THEMED)
    theme = max(_THEMES.finditer(text, low, quantity.start), key=re.Match.end, default=None)
    if theme is None or _LEGAL.search(text, low, quantity.end + _NOUN) is not None:
        return ""
    return "" if _OVER_ALL.search(text, theme.end(), quantity.start) is not None else "one theme"


def _one_village(text: str, low: int, start: int) -> bool:
    """北张村成立评理会，调解纠纷23起."""
    village = _VILLAGE.match(text, low, start)
    return village is not None and not any(word in text[village.end() : start] for word in _WHOLE)


def _one_field(text: str, quantity: Quantity, lexicon: Lexicon) -> str:
    """依据《…条例》立案17起; 1.市容环境方面。清理占道经营3296起: one law, or one of several fields."""
    start = quantity.start
    if _LAW.search(text, quantity.sentence[0], start):
        return "one law"
    paragraph = text.rfind("\n", max(0, start - _LABELLED), start)
    if paragraph >= 0:
        label = _LABEL.match(text, paragraph + 1, start)
        if label is not None and lexicon.fields.search(label.group(1)):
            return "one field"
    return ""
