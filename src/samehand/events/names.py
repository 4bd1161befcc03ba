"""Which names columns commonly have for each role, in English and Chinese."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from samehand.columns import Role

# Three ranks a role: names that mean it and nothing else; names that usually do; names that may.
_NAMES: Final[dict[Role, tuple[str, str, str]]] = {
    "time": (
        (
            "time timestamp event_time event_timestamp created_at datetime date_time ts occurred_at "
            "starred_at timestamp_share send_time action_time 时间 事件时间 发生时间 时间戳 行为时间 "
            "操作时间 创建时间"
        ),
        (
            "created created_time create_time creation_time created_utc create_at time_utc utc_time "
            "log_time logged_at published_at publish_time posted_at post_time request_time visit_time "
            "t at unix_time epoch time_ms time_stamp event_date 日期时间 发布时间 登录时间 访问时间 "
            "请求时间 发送时间 提交时间 评论时间 点赞时间 关注时间 下单时间 记录时间"
        ),
        "date day when received_at server_time client_time ingested_at 日期",
    ),
    "account": (
        ("account account_id user_id uid 账号 账户 帐号 账号id 账户id 用户id 用户编号 账号编号 用户标识"),
        (
            "user username user_name actor actor_id author author_id member member_id player "
            "player_id customer_id account_name login screen_name sender sender_id from_user "
            "from_user_id from_id source_user src handle profile_id openid open_id subject 用户 "
            "用户名 作者 作者id 发送者 发送人 发送者id 会员id 玩家id 操作人 主播id"
        ),
        "name nickname owner owner_id email phone customer visitor_id 昵称 手机号 邮箱",
    ),
    "action": (
        (
            "action event_type event_name action_type action_name verb behavior behaviour 行为 动作 "
            "行为类型 动作类型 事件类型"
        ),
        (
            "type event activity operation activity_type interaction tweet_type op 操作 事件 操作类型 "
            "类型 事件名"
        ),
        "kind category method 方式",
    ),
    "target": (
        "target target_id object object_id 目标 目标id 对象 对象id 目标用户 目标账号",
        (
            "item item_id post_id content_id video_id article_id note_id product_id goods_id sku "
            "page_id page url link repo repo_name room_id live_id group_id channel_id topic_id "
            "thread_id to_user to_user_id to_id receiver receiver_id recipient recipient_id dst "
            "friend_id followee_id followed_id target_user target_user_id resource resource_id 帖子id "
            "视频id 作品id 文章id 笔记id 商品id 链接 网址 直播间id 群id 接收者 接收人 被关注者 好友id "
            "对方id 内容id"
        ),
        "subject_id ref post video article product 帖子 视频 作品 文章 商品 直播间",
    ),
    "device": (
        ("device device_id deviceid device_fingerprint 设备 设备id 设备号 设备编号 设备指纹 设备标识"),
        ("imei idfa idfv oaid android_id fingerprint fp machine_id hardware_id udid smid 机器码 硬件id"),
        "device_name device_uuid 手机型号",
    ),
    "address": (
        "ip ip_address ip_addr ipv4 ip地址 ip_v4",
        (
            "address client_ip remote_addr remote_ip remote_address src_ip source_ip login_ip user_ip "
            "ipv6 addr 地址 登录ip 客户端ip 来源ip 注册ip 用户ip"
        ),
        "host remote_host",
    ),
    "content": (
        "content text 内容 文本 正文",
        (
            "message body comment post_text tweet_text full_text message_text caption msg 消息 评论 "
            "评论内容 消息内容 发送内容 帖子内容 弹幕 弹幕内容 留言"
        ),
        "description title 标题 描述",
    ),
    "client": (
        "client user_agent ua 客户端 用户代理",
        (
            "app app_version app_name client_version browser platform source_app sdk sdk_version os "
            "浏览器 应用 应用版本 客户端版本 平台 操作系统 系统"
        ),
        "version channel 版本 渠道",
    ),
    "outcome": (
        "outcome result 结果 操作结果",
        (
            "status status_code http_code http_status response response_code success accepted 状态 "
            "状态码 是否成功 返回码"
        ),
        "code error reason",
    ),
    "risk": (
        "risk risk_tags device_risk risk_labels 风险 风险标签 设备风险 设备风险标签",
        "device_tags risk_flags risk_reasons device_labels 风险类型 设备标签",
        "",
    ),
    "event_id": (
        "event_id log_id record_id event_uuid 事件id 日志id 记录id 事件编号 流水号",
        (
            "id uuid guid message_id request_id activity_id row_id tweet_id msg_id comment_id 编号 "
            "序号 消息id 评论id 请求id"
        ),
        "seq sequence serial_number offset row_number",
    ),
}
_RANK_CONFIDENCE: Final = (0.95, 0.8, 0.5)


def normalise(name: str) -> str:
    """Bring a column's name to one way of writing.

    >>> normalise("userID"), normalise("IP Address"), normalise("用户 ＩＤ"), normalise("actor.login")
    ('user_id', 'ip_address', '用户id', 'actor_login')
    """
    name = unicodedata.normalize("NFKC", name).strip()
    name = re.sub(r" \(\d+\)$", "", name)  # the mark of a name that stands there twice
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    name = re.sub(r"[^\w]+|_+", "_", name.lower()).strip("_")
    return re.sub(r"(?<=[\u3400-\u9fff])_|_(?=[\u3400-\u9fff])", "", name)


def _index() -> dict[str, list[tuple[Role, float]]]:
    index: dict[str, list[tuple[Role, float]]] = {}
    for role, ranks in _NAMES.items():
        for names, confidence in zip(ranks, _RANK_CONFIDENCE, strict=True):
            for name in names.split():
                index.setdefault(name.replace("_", ""), []).append((role, confidence))
    return index


_INDEX: Final = _index()


def roles_by_name(name: str) -> dict[Role, float]:
    """Tell which roles a column's name speaks for, and how surely (0 to 1).

    >>> roles_by_name("userId")
    {'account': 0.95}
    """
    plain = normalise(name)
    found = dict(_INDEX.get(plain.replace("_", ""), []))
    if not found:  # "event_data.user_id", "raw_user_id": the last words may still say it, less surely
        words = plain.split("_")
        for start in range(1, len(words)):
            inner = dict(_INDEX.get("".join(words[start:]), []))
            if start == len(words) - 1:
                inner.pop("event_id", None)  # a bare "id" at the end is the id of something else
            found = {role: sure * 0.6 for role, sure in inner.items() if sure > _RANK_CONFIDENCE[2]}
            if found:
                break
    return found
