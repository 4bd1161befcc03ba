"""Phrases that ordinary people write, Chinese and English, in slots put together freely. All made up."""

from __future__ import annotations

from typing import Final

Slots = tuple[tuple[str, ...], ...]


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


_ZH_OPEN: Final = _phrases(
    "|||真的，|说实话，|哈哈，|啊，|我觉得|没想到|今天才发现|第一次看到|突然觉得|话说|讲真，|昨天也想说，|同意楼上，"
)
_ZH_TOPIC: Final = _phrases(
    "这首歌|这道菜|这件衣服|这个机位|这段舞|这只猫|这条狗|这场球|这个进球|这关|这个角色|这本书|这段旅行|这家店|这杯咖啡|这个妆|这双鞋|这台相机|这段路|这座山|这个海边|这趟高铁|"
    "这个方案|这道题|这节课|这次更新|这个版本|这个镜头|这段对白|这个结局|这位老师|这支队|这次比赛|这个早餐|这碗面|这锅汤|这盆花|这面墙|这套房|这个阳台|这件手工|这张画|这组照片|"
    "这个滤镜|这段吉他|这个鼓点|这部剧|这部电影|这辆车|这个配色"
)
_ZH_SAY: Final = _phrases(
    "太好看了|很有感觉|让我想起小时候|一般般|比上次好|有点意思|看得我饿了|值得再看一遍|我也想试试|在哪里可以找到|要花多少钱|细节做得很好|声音有点小|光线很舒服|没看懂|笑死我了|好厉害|"
    "学到了|收藏了慢慢看|节奏可以再快一点|和我家那个一模一样|期待下一期|周末就去|太短了不够看|我妈也喜欢|有教程吗|颜色真舒服|这个月看过最好的|不太同意|先存着|比我想的难多了|适合下班后看|"
    "想起去年这个时候|看了三遍|新手能做吗|这次发挥不错|差一点点|可惜了|稳|绝了"
)
_ZH_END: Final = _phrases("||||。|！|～|😂|👍|🥹|哈哈哈|……|，谢谢分享|，蹲一个后续|，有人一起吗|🌸")
_EN_OPEN: Final = _phrases(
    "|||honestly, |wow, |ok but |not gonna lie, |I think |funny how |just noticed |first time seeing |"
    "hm, |wait, |for me |agree, |haha "
)
_EN_TOPIC: Final = _phrases(
    "this song|this recipe|that jacket|the second shot|this dance|your cat|that dog|the match|"
    "that goal|this level|this character|the book|this trip|that cafe|this coffee|the makeup|"
    "those shoes|this camera|that road|the mountain|this beach|the train ride|this plan|"
    "the last question|this lesson|the new update|this build|that scene|the dialogue|this ending|"
    "the coach|our team|the race|this breakfast|the noodles|that soup|the garden|this wall|the flat|"
    "the balcony|this craft|that sketch|these photos|the filter|the guitar part|that drum fill|"
    "this series|the movie|the car|this palette"
)
_EN_SAY: Final = _phrases(
    " looks great| made my day| reminds me of home| is just okay| beats the last one| is growing on me|"
    " makes me hungry| deserves a second look| is something I want to try| costs how much?|"
    " has so much detail| needs better sound| has lovely light| went over my head| cracked me up|"
    " is impressive| taught me something| goes into my list| could move faster| is exactly like ours|"
    " needs a part two| is my weekend plan| was too short| got my mum hooked| needs a tutorial|"
    " has such nice colours| is the best this month| is not for me| is harder than it looks|"
    " is perfect after work| takes me back a year| had me watching three times| works for beginners?|"
    " went well today| was so close| is a pity| is solid| is unreal| surprised me| is worth the wait"
)
_EN_END: Final = _phrases(
    "||||.|!| :)| 😂| 👍| 🥹| lol|...| thanks for sharing| anyone else?| keep going| 🌸"
)

COMMENTS: Final[tuple[Slots, Slots]] = (
    (_ZH_OPEN, _ZH_TOPIC, _ZH_SAY, _ZH_END),
    (_EN_OPEN, _EN_TOPIC, _EN_SAY, _EN_END),
)
"""Opening, topic, what is said of it, ending; Chinese first, as everywhere here."""

_ZH_CHAT_OPEN: Final = _phrases("||诶，|嗯，|对了，|那个，|好吧，|刚才|明天|晚上|周末|等下|我|你|他们|老板")
_ZH_CHAT_SAY: Final = _phrases(
    "到哪了|吃了吗|在开会|还没写完|要不要一起吃饭|下雨了记得带伞|帮我看一下那个文件|快递到了|几点的票|堵在路上|把照片发我|钱转你了|困死了|作业写完没|去不去打球|猫又打翻杯子了|"
    "电影开始了|想喝奶茶|今天好冷|马上到|忘了带钥匙|给妈打个电话|车停在二楼|排队的人好多|那家店关门了|多买一份|听说要放假|先睡了|改到下周|发错群了"
)
_ZH_CHAT_END: Final = _phrases("||||？|。|！|哈哈|～|😅|，你呢|，别急|，行吗|，等我|，好的|😴")
_EN_CHAT_OPEN: Final = _phrases(
    "||hey, |hm, |btw |ok |well, |just now |tomorrow |tonight |this weekend |later |I think |"
    "you know, |they say |boss says "
)
_EN_CHAT_SAY: Final = _phrases(
    "where are you|have you eaten|still in a meeting|not done yet|want to grab dinner|take an umbrella|"
    "check that file please|the parcel is here|what time is the train|stuck in traffic|"
    "send me the photos|sent you the money|so tired|homework done?|up for football|"
    "the cat broke a cup again|movie is starting|need coffee|it is freezing|almost there|"
    "forgot my keys|call mum please|parked on level two|the queue is huge|that place is closed|"
    "get one more|we may get a day off|going to bed|moved to next week|wrong chat sorry"
)
_EN_CHAT_END: Final = _phrases("||||?|.|!| haha| :)| 😅|, you?|, no rush|, ok?|, wait for me|, thanks| 😴")

CHAT: Final[tuple[Slots, Slots]] = (
    (_ZH_CHAT_OPEN, _ZH_CHAT_SAY, _ZH_CHAT_END),
    (_EN_CHAT_OPEN, _EN_CHAT_SAY, _EN_CHAT_END),
)

_ZH_SHORT: Final = _phrases(
    "哈哈哈|哈哈哈哈哈|好看|666|厉害|支持|来了|打卡|第一|可爱|👍|😂😂|❤️|学到了|蹲|赞|太真实了|早|羡慕|加油"
)
_EN_SHORT: Final = _phrases(
    "lol|nice|so good|love it|haha|first|wow|same|❤️|👍|😂😂|this|amazing|cute|well done|great|omg|yes|"
    "true|saved"
)
_ZH_CHAT_SHORT: Final = _phrases("嗯|好|好的|哈哈|在吗|ok|收到|来了|？|😂|晚安|早|行|谢谢|知道了|不是吧")
_EN_CHAT_SHORT: Final = _phrases(
    "ok|yes|no|haha|lol|sure|thanks|k|?|😂|good night|morning|cool|really|on my way|same"
)

SHORT_COMMENTS: Final[tuple[Slots, Slots]] = ((_ZH_SHORT,), (_EN_SHORT,))
"""Stock words that everybody writes."""
SHORT_CHAT: Final[tuple[Slots, Slots]] = ((_ZH_CHAT_SHORT,), (_EN_CHAT_SHORT,))

GREETINGS: Final = (
    "祝你和家人节日快乐，身体健康，平安喜乐！把这份祝福转给你在乎的人，好运传下去。",
    "月圆人圆事事圆，愿你岁岁常欢愉。收到请转发给十位好友，福气满满！",
    "Happy holidays to you and your family! Pass this on to those you care about and keep the light going.",
    "Wishing you a bright and peaceful festival. Send this to ten people who made you smile this year!",
)
"""Two Chinese, two English."""
GREETING_MARKS: Final = _phrases("||||🌕|🎉|❤️|[转]| ~")

_ZH_SERVICE_HELLO: Final = _phrases("您好，|亲，您好，|您好，我是客服，|您好，这里是售后，")
_ZH_SERVICE_WHAT: Final = _phrases("您的订单|您反馈的问题|您申请的退款|您的快递|您的预约|您咨询的发票")
_ZH_SERVICE_STATE: Final = _phrases(
    "已经处理完成|正在核实中|今天内会更新|已为您加急|需要补充一张照片|已经登记"
)
_ZH_SERVICE_END: Final = _phrases(
    "，请您留意。|，感谢您的耐心。|，有问题随时联系。|，单号尾号{n}。|，预计{n}分钟内回复。|。"
)
_EN_SERVICE_HELLO: Final = _phrases("Hello, |Hi, this is support, |Good day, |Thank you for waiting, ")
_EN_SERVICE_WHAT: Final = _phrases(
    "your order|the issue you reported|your refund|your parcel|your booking|the invoice you asked for"
)
_EN_SERVICE_STATE: Final = _phrases(
    " has been processed| is being checked| will be updated today| has been moved up|"
    " needs one more photo| is registered"
)
_EN_SERVICE_END: Final = _phrases(
    ". Please have a look.|. Thanks for your patience.|. Reach us any time.|, ticket {n}.|"
    ", reply within {n} minutes.|."
)

SERVICE: Final[tuple[Slots, Slots]] = (
    (_ZH_SERVICE_HELLO, _ZH_SERVICE_WHAT, _ZH_SERVICE_STATE, _ZH_SERVICE_END),
    (_EN_SERVICE_HELLO, _EN_SERVICE_WHAT, _EN_SERVICE_STATE, _EN_SERVICE_END),
)
"""A call centre's messages; {n} stands for a number."""
