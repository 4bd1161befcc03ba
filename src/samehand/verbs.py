"""Words of platforms, English and Chinese: what people do, by the behaviour of fleets that it serves, and answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_WORDS: Final = {
    "boost": """
        like view read play share retweet repost vote upvote downvote favourite favorite star fork watch rate review
        listen install download click watchevent forkevent
        点赞 阅读 播放 转发 收藏 投票 好评 浏览 分享 下载""",
    "follow_farm": "follow subscribe join 关注 订阅",
    "mass_add": "add addfriend friendrequest friend connect invite greet 加好友 添加好友 好友申请 打招呼",
    "mass_message": "message dm chat send comment reply 发消息 私信 消息 群发 评论 回复",
    "bulk_registration": "register signup createaccount accountcreated registration 注册 账号注册",
}
VERBS: Final[Mapping[str, frozenset[str]]] = {
    name: frozenset(words.split()) for name, words in _WORDS.items()
}
"""Behaviour -> verbs, without case and punctuation."""
COMMENTS: Final = frozenset({"comment", "reply", "评论", "回复"})
"""Verbs of messages that may stand under posts: where a fleet boosts more than that, they are one more way to boost."""
SIGN_UP: Final = "bulk_registration"
"""The behaviour whose verbs are sign-ups."""

POSITIVE: Final = frozenset(
    {"accepted", "replied", "answered", "success", "ok", "confirmed", "通过", "接受", "回复", "成功"}
)
"""Outcomes, in lower case, that show that the other side agreed."""


def plain_verb(action: str) -> str:
    """Write an action without case, spaces and punctuation.

    >>> plain_verb("Add_Friend")
    'addfriend'
    """
    return "".join(c for c in action.casefold() if c.isalnum())


def is_positive(outcome: str) -> bool:
    """Tell whether an outcome shows that the other side agreed.

    >>> is_positive(" Accepted"), is_positive("ignored")
    (True, False)
    """
    return outcome.strip().lower() in POSITIVE


def is_sign_up(action: str) -> bool:
    """Tell whether an action is the making of an account.

    >>> is_sign_up("Sign-Up"), is_sign_up("sign_in")
    (True, False)
    """
    return plain_verb(action) in VERBS[SIGN_UP]
