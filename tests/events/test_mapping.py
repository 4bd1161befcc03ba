from __future__ import annotations

import pytest

from samehand.columns import ROLES
from samehand.errors import InputError, OptionError
from samehand.events.formats.interface import Column
from samehand.events.mapping import choose_mapping
from samehand.events.names import normalise, roles_by_name
from samehand.events.presets import PRESETS, recognise


def columns(*names: str, **examples: tuple[str, ...]) -> list[Column]:
    return [
        Column(name=name, kind="untyped", path=(name,), examples=examples.get(name, ())) for name in names
    ]


def guessed(*names: str, **examples: tuple[str, ...]) -> dict[str, list[str]]:
    return choose_mapping(columns(*names, **examples), None, None).as_lists()


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (
            ["user_id", "created_at", "action", "item_id", "device_id", "ip"],
            {"time": "created_at", "account": "user_id", "action": "action", "target": "item_id"}
            | {"device": "device_id", "address": "ip"},
        ),
        (
            ["用户ID", "时间", "行为", "目标", "设备", "IP地址", "内容", "客户端", "结果", "事件ID"],
            {"account": "用户ID", "time": "时间", "action": "行为", "target": "目标", "device": "设备"}
            | {
                "address": "IP地址",
                "content": "内容",
                "client": "客户端",
                "outcome": "结果",
                "event_id": "事件ID",
            },
        ),
        (
            ["账号", "操作时间", "操作类型", "视频ID", "设备号", "登录IP", "评论内容"],
            {
                "account": "账号",
                "time": "操作时间",
                "action": "操作类型",
                "target": "视频ID",
                "device": "设备号",
            }
            | {"address": "登录IP", "content": "评论内容"},
        ),
        (
            ["userId", "EventTime", "eventType", "postId", "DeviceID", "ClientIP", "userAgent"],
            {"account": "userId", "time": "EventTime", "action": "eventType", "target": "postId"}
            | {"device": "DeviceID", "address": "ClientIP", "client": "userAgent"},
        ),
        (
            ["id", "timestamp", "author", "url", "text", "status"],
            {"event_id": "id", "time": "timestamp", "account": "author", "target": "url", "content": "text"}
            | {"outcome": "status"},
        ),
        (
            ["from_user_id", "to_user_id", "send_time", "message"],
            {"account": "from_user_id", "target": "to_user_id", "time": "send_time", "content": "message"},
        ),
        (["time", "User ID", "Event Name"], {"time": "time", "account": "User ID", "action": "Event Name"}),
        (["event.user_id", "event.time"], {"account": "event.user_id", "time": "event.time"}),
    ],
)
def test_names_in_two_languages(names: list[str], expected: dict[str, str]) -> None:
    assert guessed(*names) == {role: [expected[role]] for role in ROLES if role in expected}


def test_a_surer_name_wins_and_the_other_is_shown() -> None:
    mapping = choose_mapping(columns("username", "user_id", "created_at", "updated_at"), None, None)
    account = next(item for item in mapping.roles if item.role == "account")
    assert account.columns == ("user_id",)
    assert account.runner_up == "username"
    assert "guessed (95%), or username" in mapping.to_text()
    assert "updated_at" in mapping.to_text().splitlines()[-1]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["user_id", "account_id", "time"], "each of user_id, account_id may be the account"),
        (["created_at", "event_time", "user_id"], "each of created_at, event_time may be the time"),
    ],
)
def test_an_ambiguous_time_or_account_is_refused(names: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        guessed(*names)


def test_the_ambiguity_ends_when_one_is_given() -> None:
    chosen = choose_mapping(columns("user_id", "account_id", "time"), {"account": "account_id"}, None)
    assert chosen.columns("account") == ("account_id",)


def test_values_decide_where_names_do_not() -> None:
    found = guessed(
        "who",
        "stamp",
        "net",
        "key",
        "user_id",
        stamp=("2026-03-02 08:05:01", "2026-03-02 08:06:01"),
        net=("10.0.0.1", "2001:db8::1"),
        key=("0278ee83-43b6-49c3-941e-80ce08685c4b", "1278ee83-43b6-49c3-941e-80ce08685c4b"),
    )
    assert found == {"event_id": ["key"], "time": ["stamp"], "account": ["user_id"], "address": ["net"]}


def test_values_can_speak_against_a_name() -> None:
    found = guessed("user_id", "time", "address", "id", address=("12 Main St",), id=("7", "7", "7", "7", "8"))
    assert found == {"time": ["time"], "account": ["user_id"]}


def test_two_columns_of_times_by_value_are_no_guess() -> None:
    with pytest.raises(
        InputError, match="no column seems to be the time; the columns are user_id, first, last"
    ):
        guessed("user_id", "first", "last", first=("2026-03-02 08:05:01",), last=("2026-03-02 08:05:01",))


def test_columns_without_names_are_shown_with_values() -> None:
    with pytest.raises(InputError, match=r"column1 \(u1\), column2 \(1772438701\)"):
        guessed("column1", "column2", column1=("u1",), column2=("1772438701",))


def test_given_columns_win_and_the_rest_is_guessed() -> None:
    given = {"account": "actor", "device": None}
    chosen = choose_mapping(columns("actor", "user_id", "time", "device_id", "ip"), given, None)
    assert chosen.as_lists() == {"time": ["time"], "account": ["actor"], "address": ["ip"]}


@pytest.mark.parametrize("value", ["url_id,hashtag_id", ["url_id", "hashtag_id"], ("url_id", "hashtag_id")])
def test_the_target_may_have_several_columns(value: object) -> None:
    given = {"target": value}
    chosen = choose_mapping(columns("account_id", "time", "url_id", "hashtag_id"), given, None)  # type: ignore[arg-type]
    assert chosen.columns("target") == ("url_id", "hashtag_id")
    assert "the target's column names it" in chosen.to_text()


def test_a_name_with_a_comma_is_one_column() -> None:
    chosen = choose_mapping(columns("account", "time", "a,b"), {"target": "a,b"}, None)
    assert chosen.columns("target") == ("a,b",)


def test_one_column_may_have_two_roles() -> None:
    chosen = choose_mapping(columns("account", "time", "ip"), {"address": "ip", "device": "ip"}, None)
    assert chosen.columns("address") == chosen.columns("device") == ("ip",)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"acount": "user"}, r"(?s)unknown role 'acount'.*Try: account"),
        ({"user": "user"}, r"(?s)unknown role 'user'.*Try: one of event_id, time, account"),
        ({"account": "usr_id"}, r"(?s)mapping of account: no column 'usr_id' in the log.*Try: user_id"),
        ({"account": "zzz"}, r"(?s)no column 'zzz'.*Try: one of user_id, time"),
        ({"account": ["user_id", "time"]}, "2 columns for account"),
    ],
)
def test_a_wrong_mapping_names_what_is_near(given: dict[str, str], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        choose_mapping(columns("user_id", "time"), given, None)


def test_a_required_role_cannot_be_taken_away() -> None:
    with pytest.raises(InputError, match="no column seems to be the account"):
        choose_mapping(columns("user_id", "time"), {"account": None}, None)


def test_a_nested_column_names_its_fields() -> None:
    nested = [Column(name="user", kind="nested", path=("user",)), *columns("user.id", "user.name", "time")]
    with pytest.raises(
        InputError, match=r"(?s)'user' is nested .* the account.*one of its fields: user.id, user.name"
    ):
        choose_mapping(nested, {"account": "user"}, None)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.about)
def test_each_preset_recognises_its_own_columns(preset: object) -> None:
    assert recognise([*reversed(preset.needed)]) is preset
    mapping = choose_mapping(columns(*preset.needed), None, None)
    assert mapping.preset is preset
    assert f"preset {preset.name}" in mapping.to_text()
    assert {item.how for item in mapping.roles} == {"preset"}


def test_a_further_column_is_no_preset() -> None:
    assert recognise(["object_id", "account_id", "content_id", "timestamp_share", "language"]) is None


def test_a_preset_can_be_overridden() -> None:
    names = ["object_id", "account_id", "content_id", "timestamp_share"]
    mapping = choose_mapping(columns(*names), {"event_id": None, "content": "content_id"}, None)
    assert mapping.as_lists() == {
        "time": ["timestamp_share"],
        "account": ["account_id"],
        "target": ["object_id"],
        "content": ["content_id"],
    }


def test_a_preset_by_position() -> None:
    names = ["mid", "uid", "name", "rt", "re", "txt", "when", "links"]
    mapping = choose_mapping(columns(*names), None, "cnt")
    assert mapping.columns("account") == ("uid",)
    assert mapping.columns("target") == ("rt", "re", "links")


def test_a_preset_that_does_not_fit() -> None:
    with pytest.raises(
        InputError, match="no column content_id, object_id, timestamp_share, which the preset coortweet"
    ):
        choose_mapping(columns("account_id", "time"), None, "coortweet")
    with pytest.raises(OptionError, match=r"(?s)unknown preset 'coor'.*coortweet, cnt, github, tirreno"):
        choose_mapping(columns("account_id", "time"), None, "coor")


def test_the_table_has_a_line_for_each_role() -> None:
    text = choose_mapping(columns("user_id", "time", "colour"), None, None).to_text()
    lines = text.splitlines()
    assert [line.split()[0] for line in lines[: len(ROLES)]] == list(ROLES)
    assert lines[len(ROLES)] == "Without a role: colour"


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("userID", "user_id"),
        ("IPAddress", "ip_address"),
        (" Event-Time ", "event_time"),
        ("用户_ID", "用户id"),
        ("ＩＰ地址", "ip地址"),
        ("HTTPCode", "http_code"),
        ("time (2)", "time"),
    ],
)
def test_names_are_brought_to_one_form(name: str, plain: str) -> None:
    assert normalise(name) == plain


def test_what_a_terminal_would_obey_is_not_shown() -> None:
    names = ["user_id", "time", "evil\x1b[2J\r", *(f"c{i}" for i in range(100))]
    text = choose_mapping(columns(*names), None, None).to_text()
    assert "evil\\x1b[2J\\r" in text
    assert text.endswith("and 61 more")
    assert all(c.isprintable() or c == "\n" for c in text)


def test_the_id_of_something_is_no_event_id() -> None:
    assert "event_id" not in roles_by_name("hashtag_id")
