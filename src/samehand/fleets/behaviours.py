"""What a fleet does, by name, from the verbs of its joint events."""

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
    "bulk_registration": "register signup createaccount 注册",
}
VERBS: Final[Mapping[str, frozenset[str]]] = {
    name: frozenset(words.split()) for name, words in _WORDS.items()
}
"""Behaviour -> verbs, without case and punctuation."""
LEAST_SHARE: Final = 0.2
"""Share of the joint events that a behaviour must have to be named."""


def name_behaviours(events_by_action: Mapping[str, int]) -> list[str]:
    """Name what the joint events are, the most frequent first; ``mixed`` is added where there are several.

    >>> name_behaviours({"Like": 70, "add_friend": 30, "view": 2})
    ['boost', 'mass_add', 'mixed']
    >>> name_behaviours({"frobnicate": 5})
    []
    """
    total = sum(events_by_action.values())
    counts = dict.fromkeys(VERBS, 0)
    for action, n in events_by_action.items():
        verb = "".join(c for c in action.casefold() if c.isalnum())
        for behaviour, verbs in VERBS.items():
            if verb in verbs:
                counts[behaviour] += n
    named = [
        b for b, n in sorted(counts.items(), key=lambda item: -item[1]) if n > 0 and n >= LEAST_SHARE * total
    ]
    return [*named, "mixed"] if len(named) > 1 else named
