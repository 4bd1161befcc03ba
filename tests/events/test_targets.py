from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from samehand.events.read import read_events
from tests.events.logs import at, rows, table, write

DATA = Path(__file__).parents[3] / "shared" / "data"
TIMES = [at(2026, 3, 2), at(2026, 3, 3), at(2026, 3, 4)]
CNT = "message_id,user_id,username,repost_id,reply_id,message,timestamp,urls\n"


def hits(log: object, *args: object, **options: object) -> list[tuple[object, ...]]:
    events = read_events(log, *args, **options)  # type: ignore[arg-type]
    return [(row["event_id"], row.get("action"), row["target"]) for row in rows(events)]


def test_each_of_several_columns_is_an_event_of_its_own() -> None:
    log = table(
        TIMES,
        action=["post", "post", "share"],
        url_id=[1, None, 3],
        hashtag_id=["x", "y", None],
        post_id=[7, 8, 9],
    )
    mapping = {"target": ["url_id", "hashtag_id"], "event_id": "post_id"}
    assert hits(log, mapping) == [
        *((7, "post:url_id", "1"), (7, "post:hashtag_id", "x")),
        (8, "post:hashtag_id", "y"),
        (9, "share:url_id", "3"),
    ]


def test_a_row_without_any_target_stays_one_event() -> None:
    log = table(TIMES, action=["post"] * 3, url_id=[1, None, None], hashtag_id=pa.array([None, "x", None]))
    assert hits(log, {"target": "url_id,hashtag_id"}) == [
        *((1, "post:url_id", "1"), (2, "post:hashtag_id", "x"), (3, "post", None)),
    ]


def test_without_an_action_the_column_is_the_action() -> None:
    log = table(TIMES, url_id=[1, 2, None], hashtag_id=[None, 2, 3])
    events = read_events(log, {"target": "url_id,hashtag_id"})
    assert events.roles == ("event_id", "time", "account", "action", "target")
    assert [(row["action"], row["target"]) for row in rows(events)] == [
        *(("url_id", "1"), ("url_id", "2"), ("hashtag_id", "2"), ("hashtag_id", "3")),
    ]


def test_lists_and_columns_together() -> None:
    log = table(TIMES, action=["post"] * 3, urls=[["u", "v"], [], None], reply=["r", "s", None])
    assert hits(log, {"target": "urls,reply"}) == [
        *((1, "post:urls", "u"), (1, "post:urls", "v"), (1, "post:reply", "r")),
        *((2, "post:reply", "s"), (3, "post", None)),
    ]


def test_json_lists_in_text(tmp_path: Path) -> None:
    text = 'time,account,target\n1772438701,a,"[""x"", ""y"", null, 7]"\n'
    text += "1772438702,b,[]\n1772438703,c,[no list\n"
    assert hits(write(tmp_path / "log.csv", text)) == [
        *((1, None, "x"), (1, None, "y"), (1, None, "7"), (2, None, None), (3, None, "[no list")),
    ]


def test_a_hostile_column_name_is_only_a_suffix() -> None:
    name = "x'); DROP TABLE t; --"
    log = table(TIMES, action=["post"] * 3, **{name: ["a", "b", "c"]}, other=[None, None, "d"])
    assert hits(log, {"target": [name, "other"]})[0] == (1, f"post:{name}", "a")


def test_coordination_network_toolkit(tmp_path: Path) -> None:
    text = CNT + (
        '0,u0,n0,r0,,"Text, with comma",1772438701,""\n'
        '1,u1,n1,,p0,answer,1772438702,"https://a.example https://b.example"\n'
        "2,u2,n2,,,post,1772438703,[]\n"
        '3,u3,n3,r0,,both,1772438704,"[""https://a.example""]"\n'
    )
    events = read_events(write(tmp_path / "posts.csv", "\ufeff" + text))
    assert events.mapping.preset is not None
    assert events.mapping.preset.name == "cnt"
    assert [(row["event_id"], row["action"], row["target"]) for row in rows(events)] == [
        (0, "repost", "r0"),
        *((1, "reply", "p0"), (1, "post:url", "https://a.example"), (1, "post:url", "https://b.example")),
        (2, "post", None),
        *((3, "repost", "r0"), (3, "post:url", "https://a.example")),
    ]
    assert rows(events)[0]["content"] == "Text, with comma"
    assert not events.quality.warnings


def test_the_toolkits_columns_by_position(tmp_path: Path) -> None:
    text = "mid,uid,name,rt,re,txt,when,links\n0,u0,n0,r0,,x,0,\n1,u1,n1,,,y,60,https://a.example\n"
    assert hits(write(tmp_path / "posts.csv", text), preset="cnt") == [
        (0, "repost", "r0"),
        (1, "post:url", "https://a.example"),
    ]


@pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not there")
def test_the_toolkits_own_file() -> None:
    found = hits(DATA / "cnt_coretweet_test_input.csv")
    assert len(found) == 15
    assert {action for _, action, _ in found} == {"repost"}
    assert len({target for _, _, target in found}) == 7


@pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not there")
def test_the_german_posts() -> None:
    log = DATA / "german_elections.parquet"
    names = ["url_id", "hashtag_id", "domain_id", "phash_id"]
    mapping = {"account": "account_id", "time": "timestamp", "event_id": "post_id", "target": names}
    events = read_events(log, mapping)
    source = pq.read_table(log)
    expected = set()
    for row in source.select(["post_id", "account_id", "timestamp", *names]).to_pylist():
        of_row = [(name, str(row[name])) for name in names if row[name] is not None] or [(None, None)]
        expected |= {(row["post_id"], row["account_id"], row["timestamp"], *hit) for hit in of_row}
    result = events.to_arrow()
    seconds = (value / 1e6 for value in result.column("time").cast(pa.int64()).to_pylist())
    columns = (result.column(name).to_pylist() for name in ("event_id", "account"))
    found = list(
        zip(
            *columns,
            seconds,
            *(result.column(name).to_pylist() for name in ("action", "target")),
            strict=True,
        )
    )
    assert len(found) == len(set(found)) == len(expected)
    assert set(found) == expected
    assert events.quality.n_rows == source.num_rows
