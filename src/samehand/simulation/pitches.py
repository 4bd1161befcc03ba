"""What fleets write: praise under customers' posts and offers to strangers, varied as their level says.

Made up and harmless, Chinese and English. The disguises are look-alike letters and characters without width.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from samehand.simulation.chance import Ints
from samehand.simulation.evasion import TextUse
from samehand.simulation.people import CHINESE
from samehand.simulation.phrases import Slots
from samehand.simulation.wording import choose, join_texts, write_slots

Families = tuple[Slots, ...]


def _slots(*slots: str) -> Slots:
    return tuple(tuple(phrases.split("|")) for phrases in slots)


# A template is a family of slots; the phrases of a slot may stand for one another; the first is plain.
_OFFERS: Final[tuple[Families, Families]] = (
    (
        _slots(
            "你好，|您好呀，|哈喽，|打扰一下，|朋友你好，",
            "看到你的主页很有趣，|我们好像有共同爱好，|刷到你的动态了，|觉得你很有品味，",
            "我们有个优惠群，|这里有个福利小组，|最近建了个折扣圈子，|我们团队在送券，",
            "每天发优惠券，|每晚都有红包，|天天更新好物，|周周有免费试用，",
            "加我拉你进群。|回复1进群。|通过一下我发你。|感兴趣就回我。",
        ),
        _slots(
            "在吗？|有空吗？|忙不？|方便聊两句吗？",
            "我这边有份兼职，|在招线上帮手，|缺几个兼职的朋友，|有个在家做的活，",
            "时间自由，|不耽误上班，|每天一小时，|手机就能做，",
            "当天结算，|做完就结，|日结不拖欠，|收入稳定，",
            "想了解回我。|有意思说一声。|要的话发你资料。|名额不多了。",
        ),
    ),
    (
        _slots(
            "Hi there, |Hello, |Hey, |Good day, |Hi friend, ",
            "I came across your profile|we like the same things|saw your latest post|would love to connect",
            " and we run a coupon group| and there is a deals club| and we give vouchers| and share offers",
            " with new offers daily.| with gifts each night.| updated all the time.| with free trials.",
            " Reply 1 to join.| Add me and I let you in.| Message me for more.| Interested? Tell me.",
        ),
        _slots(
            "Quick question: |Got a minute? |Are you free? |May I ask, ",
            "looking for some extra work|want a side job|need a bit of income|like working from home",
            "? Your own hours,|? One hour a day,|? Only a phone needed,|? No experience,",
            " paid the same day.| paid daily.| steady pay.| quick payout.",
            " Answer for details.| Just say yes.| I can send the sheet.| Few places left.",
        ),
    ),
)
_OFFERS_ANEW: Final = _slots(
    "买东西之前先来问我一声，多半能便宜些|想省点钱的话，咱们这边天天有人分享折扣|我朋友建了个群，里面券多得用不完|"
    "你平时网购多吗，我有条省钱的路子|这周活动力度很大，不来有点亏|试用装免费领，写两句感受就行|"
    "下班后多挣一份，不用出门|有台手机就能开工，教你，不收钱|学生和宝妈都在做，一天也就个把小时|"
    "钱当晚到账，做多少算多少|我们组还差两个人，看你挺合适|不是推销，真的只是想找人一起拼单",
    "before you buy, ask me, it is usually cheaper|people in our circle post bargains all day|"
    "a friend keeps a list of coupons nobody uses up|do you shop online a lot? I know a cheaper way|"
    "this week the reductions are silly, do come|free samples if you write two lines about them|"
    "earn a little after work without going out|all it takes is your mobile, I show you how|"
    "students and parents do it, an hour or so a day|money arrives the same night, as much as you do|"
    "our group needs two more, you would fit|not selling, just looking for someone to split an order",
)
_PRAISE_ANEW: Final = _slots(
    "看完只想点赞|这水平不火没道理|反复看了好几遍还是喜欢|终于等到更新|细节控狂喜|比我想象的好太多|"
    "已经安利给全家|收到货就来评论了，没失望|用了一周，确实可以|价格合适东西也好|客服态度不错，会再来|值这个价",
    "had to leave a like|how is this not famous yet|on my fifth replay and still smiling|finally an update|"
    "the details are wonderful|far better than expected|showed it to the whole family|"
    "arrived this morning and no complaints|a week in and still happy|good thing for the price|"
    "kind service, will be back|worth every cent",
)
_PRAISE: Final[tuple[Families, Families]] = (
    (
        _slots(
            "太棒了，|真不错，|好喜欢，|很赞，",
            "博主用心了，|质量很高，|内容很实用，|拍得真好，",
            "必须支持！|大力支持！|果断关注！|已经转发！",
        ),
        _slots(
            "已经下单了，|刚买了，|回购第二次，|朋友推荐来的，",
            "效果很好，|性价比高，|包装精致，|用着舒服，",
            "推荐大家试试。|值得入手。|放心买。|下次还来。",
        ),
    ),
    (
        _slots(
            "Great work, |Awesome, |Love this, |So good, ",
            "really well made|top quality|very useful|beautifully shot",
            ", full support!|, keep it up!|, followed!|, shared with friends!",
        ),
        _slots(
            "Just ordered, |Bought it twice, |A friend told me, |Got mine today, ",
            "works well|fair price|nice packaging|feels great",
            ", try it.|, worth it.|, no regrets.|, will come back.",
        ),
    ),
)
_NAMES: Final = (
    *_slots(
        "小雨|阿杰|晨晨|大宇|婷婷|老王|小北|思思|阿亮|可可|佳佳|小鱼|浩然|梦琪|子轩|阿芳|乐乐|小林|一诺|文静"
    )[0],
    *_slots("Alex|Sam|Mia|Leo|Nina|Tom|Ella|Max|Ivy|Ben|Zoe|Omar|Lily|Jack|Rosa|Finn|Ada|Noah|Ruth|Carl")[0],
)
_AFTER_NAME: Final = ("，", ", ")
_EMOJI: Final = ("😊", "🎁", "🔥", "✨", "💰", "🌹", "👏", "❤️", "", "")
_INVISIBLE: Final = ("", "", "\u200b", "\u200c", "\u2060", "\u200b\u200b")
_LOOK_ALIKE: Final = str.maketrans("aeopcxyi加群券回，1好！", "аеорсхуі咖裙劵囘,①恏!")
_OPENERS: Final[tuple[tuple[str, ...], ...]] = _slots(
    "|说真的，|不好意思，|冒昧问下，|刚刚|今天|周末|这边|我姐说，|朋友说，|昨天聊到，",
    "|Honestly, |Sorry to bother, |Just asking: |Today: |By the way, |My sister says: |As we said, |So, ",
)
_ENDERS: Final[tuple[tuple[str, ...], ...]] = _slots(
    "|哈|哦|呢|～谢谢|，不急|，晚上也行|，等你|，祝好|，别介意|，先这样",
    "| Thanks.| No rush.| Tonight works.| All the best.| Never mind if not.| Bye for now.| Cheers.",
)


def write_offers(use: TextUse, group: Ints, language: Ints, rng: np.random.Generator) -> pa.StringArray:
    """Write an offer in each language; the texts of one ``group`` (a session) come from one template."""
    if use is TextUse.PARAPHRASED:
        return _write_anew(_OFFERS_ANEW, language, rng)
    return _write(_OFFERS, use, group, language, rng)


def write_praise(use: TextUse, group: Ints, language: Ints, rng: np.random.Generator) -> pa.StringArray:
    """Write praise in each language; the texts of one ``group`` (an order) come from one template."""
    if use is TextUse.PARAPHRASED:
        return _write_anew(_PRAISE_ANEW, language, rng)
    return _write(_PRAISE, use, group, language, rng)


def _write_anew(wordings: Slots, language: Ints, rng: np.random.Generator) -> pa.StringArray:
    """Say the same in one of many ways, with something before and after."""
    slots = (_OPENERS, wordings, _ENDERS)
    chinese, english = (write_slots(tuple(s[number] for s in slots), len(language), rng) for number in (0, 1))
    return choose(chinese, english, language != CHINESE)


def _write(
    families: tuple[Families, Families], use: TextUse, group: Ints, language: Ints, rng: np.random.Generator
) -> pa.StringArray:
    group = group + rng.integers(0, 1_000)  # fleets do not all begin with the same template
    chinese, english = (_in_language(number, families[number], use, group, rng) for number in (0, 1))
    return choose(chinese, english, language != CHINESE)


def _in_language(
    number: int, families: Families, use: TextUse, group: Ints, rng: np.random.Generator
) -> pa.StringArray:
    """Write one text a row in one language."""
    n = len(group)
    text = _from_slots(families[0], use, n, rng)
    for place, slots in enumerate(families[1:], start=1):
        text = choose(text, _from_slots(slots, use, n, rng), group % len(families) == place)
    if use is TextUse.NAMED:
        return join_texts(write_slots((_NAMES, _AFTER_NAME[number : number + 1]), n, rng), text)
    return text


def _from_slots(slots: Slots, use: TextUse, n: int, rng: np.random.Generator) -> pa.StringArray:
    if use in (TextUse.ONE_TEMPLATE, TextUse.NAMED):
        return write_slots(tuple(phrases[:1] for phrases in slots), n, rng)
    if use is TextUse.SPUN:
        return write_slots(slots, n, rng)
    parts: list[tuple[str, ...]] = []
    for place, phrases in enumerate(slots):
        parts.append((*phrases, *(phrase.translate(_LOOK_ALIKE) for phrase in phrases)))
        parts.append(_INVISIBLE if place % 2 else _EMOJI)
    return write_slots(tuple(parts), n, rng)
