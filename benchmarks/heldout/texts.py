"""Texts: what people write themselves, what they pass on, and the templates of fleets and offices."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .rows import NONE, Ints, mix

_ENGLISH, _CHINESE = (
    text.split()
    for text in (
        """
I you we they he she this that it mine yours the a one some every no another old new last first two many
few really never always maybe just still already almost often not so too very quite rather is was has had
can will would should think know want need like found saw bought tried lost kept sold made sent got read
wrote works breaks good bad small big cheap late early red blue quiet odd warm broken honest boring
lovely price colour sound battery screen page answer point link photo video guide house train dog garden
winter morning week friend brother teacher shop box cable engine kernel branch test patch error cheese
coffee bread match goal coach vote council storm road because although when where since after before with
without for from about against under over into near and or but
""",
        """
我 你 我们 他们 大家 这个 那个 今天 明天 昨天 周末 早上 晚上 刚才 真的 有点 还是 已经 可能 应该 一直 从来
不 没 很 太 觉得 知道 看到 买了 吃了 去过 想要 需要 喜欢 听说 忘了 试试 发现 准备 开始 回来 出差 加班
下雨 堵车 放假 排队 好吃 便宜 贵 漂亮 奇怪 累 开心 麻烦 简单 有意思 孩子 老师 同事 朋友 老家 公司 学校
地铁 餐厅 电影 照片 文章 手机 天气 菜 咖啡 衣服 房子 作业 考试 会议 快递 票 价格 问题 办法 时间 因为 所以
但是 而且 如果 然后 哈哈 吧 呢 啊 了 吗
""",
    )
)
_SHORT = {
    "en": (
        "thanks!",
        "this",
        "nice one",
        "lol",
        "+1",
        "agreed",
        "source?",
        "works for me",
        "same here",
        "good stuff",
    ),
    "zh": ("好的", "收到", "哈哈哈", "谢谢", "嗯嗯", "👍", "在吗", "晚安", "可以", "不错"),
}
GREETINGS = {
    "en": (
        "Happy holidays to everyone on here, stay safe and see you all next year!",
        "Season's greetings, friends! Pass it on to ten people who make you smile.",
        "Wishing you and yours a peaceful new year full of health and good threads :)",
        "Happy new year!! May all your posts reach the front page",
    ),
    "zh": (
        "新春快乐！祝您和家人龙年大吉，身体健康，万事如意！🧧",
        "金龙献瑞，福满人间。愿新的一年平安喜乐，阖家幸福！（转发给十位好友，好运一整年）",
        "爆竹声中一岁除，春风送暖入屠苏。给您拜年啦！",
        "过年好！祝大家新年新气象，财源滚滚来！",
        "除夕快乐，岁岁平安，年年有余！🎆🎆",
    ),
}
_SERVICE = {
    "en": (
        "Hello, thank you for contacting us. Your order is on its way, please allow two working days.",
        "Hello, we are sorry for the trouble. Could you send us a photo and your order number?",
        "Your refund was approved and reaches your account in three to five days. Anything else?",
    ),
    "zh": (
        "您好，感谢您的咨询，订单已安排发货，请耐心等待1-2个工作日。",
        "您好，给您带来不便非常抱歉，请提供一下订单号和照片。",
        "您的退款已审核通过，预计3-5个工作日到账，请问还有其他可以帮您的吗？",
    ),
}
_TEMPLATE = {
    "en": (
        ("Hi", "Hello there", "Hey friend", "Good day"),
        (
            " I saw your profile and",
            " a mate told me about you and",
            " just a quick word,",
            " you look serious so",
        ),
        (" I want to share", " let me show you", " please have a look at", " you should know"),
        (" how I earn", " an easy way to make", " the trick that brings", " what got me"),
        (" 300 dollars a day", " three hundred bucks daily", " a second salary", " good money from home"),
        (", add me on telegram", ", message me for the link", ", the link is in my bio", ", write me today"),
        (" @profit{}", " @winner{}", " @coach{}", " @desk{}"),
    ),
    "zh": (
        ("你好", "您好呀", "亲", "朋友你好"),
        ("，看到你的朋友圈", "，群里看到你", "，朋友推荐的", "，冒昧打扰"),
        ("，想介绍一个", "，分享一个", "，有一个", "，给你推荐个"),
        ("在家兼职", "副业项目", "手机赚钱的方法", "日结兼职"),
        ("，一天200-300", "，每天两三百", "，日入三百", "，轻松月入过万"),
        ("，感兴趣加我", "，想了解私聊我", "，名额不多速来", "，加薇详聊"),
        (" vx{}", " 薇{}", " V信{}", " wx{}"),
    ),
}


def language(style: str) -> str:
    """Tell what the users of a style write."""
    return "zh" if style == "chat" else "en"


def service_texts(style: str) -> list[str]:
    """Give the set phrases of a customer service."""
    return list(_SERVICE[language(style)])


def fleet_texts(style: str, spin: int, rng: np.random.Generator) -> list[str]:
    """Spin a fleet's template: its ``spin`` first slots vary, the others are fixed once for the fleet.

    With seven slots spun the text also gets odd spaces and marks that a reader overlooks.
    """
    slots = _TEMPLATE[language(style)]
    fixed = [str(rng.choice(slot)) for slot in slots]
    number = str(rng.integers(1000, 9999))
    texts = set()
    for _ in range(1 if spin == 0 else 4 ** min(spin, 4)):
        parts = [str(rng.choice(slot)) if i < spin else fixed[i] for i, slot in enumerate(slots)]
        text = "".join(parts).format(number)
        if spin >= len(slots):
            place = int(rng.integers(1, len(text)))
            text = text[:place] + str(rng.choice(["\u200b", " ", ".", "～", "\u2060"])) + text[place:]
        texts.add(text)
    return sorted(texts)


def write(style: str, codes: Ints, shared: list[str]) -> pa.Array[Any]:
    """Turn text codes into texts: shared ones by their place, one's own from the seed, null where none.

    Returns:
        Text, as long as ``codes``.
    """
    lang = language(style)
    vocabulary = pa.array(_CHINESE if lang == "zh" else _ENGLISH)
    own = codes[codes >= 0]
    length = (mix(own, 99) % np.uint64(11)).astype(np.int64) + 4
    words = []
    for place in range(15):
        number = (mix(own, place) % np.uint64(len(vocabulary))).astype(np.int64)
        words.append(vocabulary.take(pa.array(number, pa.int64(), mask=place >= length)))
    separator = "" if lang == "zh" else " "
    join: Any = pc.binary_join_element_wise  # its stub knows no single text as separator
    long = join(*words, separator, null_handling="skip")
    short = pa.array(_SHORT[lang]).take((mix(own, 77) % np.uint64(10)).astype(np.int64))
    own_texts = pc.if_else(pa.array(mix(own, 55) % np.uint64(100) < 22), short, long)
    everything: pa.Array[Any] = pa.concat_arrays([own_texts.cast(pa.string()), pa.array(shared, pa.string())])
    row = np.where(codes >= 0, np.cumsum(codes >= 0) - 1, len(own) + NONE - 1 - codes)
    return everything.take(pa.array(row, pa.int64(), mask=codes == NONE))
