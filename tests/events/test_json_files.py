from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest

from samehand.errors import InputError, OptionError
from samehand.events.read import read_events
from tests.events.logs import at, rows, write

TIME = "2026-03-02T08:00:00Z"


def lines(*objects: object) -> str:
    return "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in objects)


def read(tmp_path: Path, text: str, name: str = "log.ndjson", **options: object) -> list[dict[str, object]]:
    return rows(read_events(write(tmp_path / name, text), **options))  # type: ignore[arg-type]


def test_one_object_a_line(tmp_path: Path) -> None:
    text = lines({"time": TIME, "account": "张三", "target": "x"}, {"account": "b", "time": 1772438701})
    found = read(tmp_path, text)
    assert [(row["account"], row["target"], row["time"]) for row in found] == [
        ("张三", "x", at(2026, 3, 2, 8)),
        ("b", None, at(2026, 3, 2, 8, 5, 1)),
    ]


@pytest.mark.parametrize("indent", [None, 2])
def test_an_array_of_objects(tmp_path: Path, indent: int | None) -> None:
    objects = [{"time": TIME, "account": "a"}, {"time": TIME, "account": "b"}]
    found = read(tmp_path, json.dumps(objects, indent=indent), "log.json")
    assert [row["account"] for row in found] == ["a", "b"]


def test_objects_over_several_lines(tmp_path: Path) -> None:
    text = "".join(json.dumps({"time": TIME, "account": account}, indent=1) + "\n" for account in "ab")
    assert [row["account"] for row in read(tmp_path, text, "log.json")] == ["a", "b"]


def test_fields_of_nested_objects_have_dots(tmp_path: Path) -> None:
    text = lines(
        *(
            {
                "id": f"{i}",
                "type": "WatchEvent",
                "actor": {"id": i, "login": f"user{i}"},
                "repo": {"name": "owner/repo"},
                "payload": {"action": "started"},
                "public": True,
                "created_at": TIME,
            }
            for i in (1, 2)
        )
    )
    events = read_events(write(tmp_path / "2026-03-02-8.json", text))
    assert events.mapping.preset is not None
    assert events.mapping.preset.about == "GH Archive"
    assert [(row["event_id"], row["account"], row["action"], row["target"]) for row in rows(events)] == [
        ("1", "user1", "WatchEvent", "owner/repo"),
        ("2", "user2", "WatchEvent", "owner/repo"),
    ]
    given = {"account": "actor.id", "time": "created_at", "target": "payload.action"}
    assert [row["account"] for row in read(tmp_path, text, mapping=given)] == [1, 2]


def test_a_deep_field_and_odd_keys(tmp_path: Path) -> None:
    objects = [{"a/b": {"c~d": {'"': {"user": account}}}, "at": TIME, "select": "x"} for account in "ab"]
    mapping = {"account": 'a/b.c~d.".user', "time": "at", "target": "select"}
    assert [row["account"] for row in read(tmp_path, lines(*objects), mapping=mapping)] == ["a", "b"]


def test_keys_that_differ_in_case_only(tmp_path: Path) -> None:
    text = lines({"ID": 1, "id": 2, "time": TIME}, {"ID": 3, "id": 4, "time": TIME})
    assert [row["account"] for row in read(tmp_path, text, mapping={"account": "id"})] == [2, 4]


def test_ids_keep_their_type(tmp_path: Path) -> None:
    numbers = lines({"time": TIME, "account": 7}, {"time": TIME, "account": 8.0})
    assert [row["account"] for row in read(tmp_path, numbers)] == [7, 8]
    texts = lines({"time": TIME, "account": "7"}, {"time": TIME, "account": "8"})
    assert [row["account"] for row in read(tmp_path, texts)] == ["7", "8"]


def test_ids_of_both_types_become_text(tmp_path: Path) -> None:
    text = lines({"time": TIME, "account": 7}, {"time": TIME, "account": "x"}, {"time": TIME, "account": 7.0})
    events = read_events(write(tmp_path / "log.ndjson", text))
    assert [row["account"] for row in rows(events)] == ["7", "x", "7"][:2]
    assert events.quality.n_duplicates == 1
    assert "partly numbers and partly text" in events.quality.warnings[0]


def test_long_numbers_keep_all_digits(tmp_path: Path) -> None:
    text = '{"time":1772438701,"account":9007199254740993,"target":18446744073709551615}\n'
    text += '{"time":1772438702,"account":9007199254740995,"target":12345678901234567890}\n'
    found = read(tmp_path, text)
    assert [row["account"] for row in found] == [9007199254740993, 9007199254740995]
    assert found[0]["target"] == "18446744073709551615"


def test_lists_of_targets_are_taken_apart(tmp_path: Path) -> None:
    text = lines(
        {"time": TIME, "account": "a", "action": "post", "tags": ["x", "y", None, ""]},
        {"time": TIME, "account": "b", "action": "post", "tags": []},
        {"time": TIME, "account": "c", "action": "post", "tags": "z"},
        {"time": TIME, "account": "d", "action": "post"},
    )
    found = read(tmp_path, text, mapping={"target": "tags"})
    assert [(row["event_id"], row["account"], row["action"], row["target"]) for row in found] == [
        *((1, "a", "post", "x"), (1, "a", "post", "y"), (2, "b", "post", None)),
        *((3, "c", "post", "z"), (4, "d", "post", None)),
    ]


def test_null_true_and_numbers_as_values(tmp_path: Path) -> None:
    text = lines(
        {"time": TIME, "account": "a", "outcome": True, "target": None, "device": 1.5},
        {"time": TIME, "account": "b", "outcome": 200, "target": "null", "device": {"os": "x"}},
    )
    found = read(tmp_path, text, mapping={"device": None})
    assert [(row["outcome"], row["target"]) for row in found] == [("true", None), ("200", None)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '{"time":1,"account":"a"}\n{"time":2,"account":\n{"time":3,"account":"c"}\n',
            r"line 2: not valid JSON",
        ),
        ('{"time":1,"account":"a"}\n{"time":2,"acc', r"line 2: not valid JSON"),
        ("1\n2\n", "the file holds no JSON objects"),
        ("hello\n", r"line 1: not valid JSON"),
        ("", "the file is empty"),
    ],
)
def test_what_is_no_json(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as raised:
        read(tmp_path, text)
    assert str(tmp_path / "log.ndjson") in raised.value.where


def test_a_row_that_is_no_object(tmp_path: Path) -> None:
    filler = lines(*({"time": TIME, "account": f"a{i}"} for i in range(3_000)))
    with pytest.raises(InputError, match=r"log\.ndjson, row 3,001: the row is no JSON object"):
        read(tmp_path, filler + "[1]\n")


def test_a_bad_line_far_behind_the_head(tmp_path: Path) -> None:
    filler = lines(*({"time": TIME, "account": f"a{i}"} for i in range(50_000)))
    with pytest.raises(InputError, match=r"line 50,001: not valid JSON"):
        read(tmp_path, filler + '{"time": tomorrow}\n')


def test_text_that_is_not_utf8(tmp_path: Path) -> None:
    log = write(
        tmp_path / "log.ndjson",
        f'{{"time":"{TIME}","account":"a"}}\n{{"time":"{TIME}","account":"José"}}\n',
        "cp1252",
    )
    with pytest.raises(InputError, match="line 2: the text is not UTF-8; it seems to be WINDOWS-1252"):
        read_events(log)


def test_a_wrapped_array_names_what_is_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the columns are data"):
        read(tmp_path, json.dumps({"data": [{"time": TIME, "account": "a"}]}), "log.json")


def test_a_key_that_is_unknown(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"(?s)no column 'acount' in the log.*account"):
        read(tmp_path, lines({"time": TIME, "account": "a"}), mapping={"account": "acount"})


def test_a_zstandard_file_that_ends_with_a_whole_line(tmp_path: Path) -> None:
    text = lines(*({"time": TIME, "account": f"a{i * 7919 % 9973}"} for i in range(50_000)))
    packed = pa.compress(text.encode(), "zstd", asbytes=True)
    log = tmp_path / "log.ndjson.zst"
    log.write_bytes(packed[:-10])
    with pytest.raises(InputError, match="no whole zstd file"):
        read_events(log)


def test_files_with_different_keys(tmp_path: Path) -> None:
    write(tmp_path / "a.ndjson", lines({"time": TIME, "account": "a"}))
    write(tmp_path / "b.ndjson", lines({"account": "b", "device": "d", "time": TIME}))
    found = rows(read_events(tmp_path))
    assert [(row["account"], row["device"]) for row in found] == [("a", None), ("b", "d")]
