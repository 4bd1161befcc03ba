"""Reading events: all that is one, nothing that is none, and each refusal with its reason."""

from __future__ import annotations

import json
import os

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samehand.columns import ROLES
from samehand.errors import InputError
from samehand.online.arriving import LineReader, read_time
from samehand.online.forming import Forming, hashes
from samehand.online.intake import Intake, SeenBefore
from samehand.online.settings import StreamSettings
from samehand.online.sources.lines import GrowingFile, StandardInput
from tests.online.streams import events, watch, write

READER = LineReader(StreamSettings())


def test_events_come_back_as_they_were() -> None:
    from tests.online.streams import lines

    found = READER.read(b"".join(lines())).events
    assert found.select(events().column_names).to_pylist() == events().to_pylist()
    assert all(
        found.column(role).null_count == found.num_rows for role in set(ROLES) - set(events().column_names)
    )


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"time": "2026-03-02T00:00:00Z"}', "no account"),
        ('{"account": "a"}', "no time"),
        ('{"time": "yesterday", "account": "a"}', "no time"),
        ('{"time": true, "account": "a"}', "no time"),
        ('{"time": -5, "account": "a"}', "no time"),
        ('{"time": "2990-01-01T00:00:00Z", "account": "a"}', "future"),
        ('{"time": 1772409600, "account": {"id": 1}}', "the account is no text"),
        ('{"time": 1772409600, "account": "a", "device": [1]}', "the device"),
        ('{"time": 1772409600, "account": ""}', "no account"),
        ('{"time": 1772409600, "account": "a"', "no JSON object"),
        ("[1, 2]", "no JSON object"),
        ("\x00\x01", "no JSON object"),
    ],
)
def test_what_is_no_event_is_refused_with_the_reason(line, reason) -> None:
    good = '{"time": 1772409600, "account": 17, "target": "t"}'
    arrived = READER.read(f"{good}\n{line}\n\n{good}\n".encode())
    assert arrived.events.column("account").to_pylist() == ["17", "17"]
    assert len(arrived.refused) == 1
    assert reason in arrived.refused[0].reason


def test_several_targets_are_several_events() -> None:
    arrived = READER.read(b'{"time": 1772409600, "account": "a", "target": ["x", "y"], "event_id": 5}')
    assert [(r["event_id"], r["target"]) for r in arrived.events.to_pylist()] == [("5", "x"), ("5", "y")]


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(line) -> None:
    arrived = READER.read(line)
    assert arrived.events.num_rows + len(arrived.refused) <= line.count(b"\n") + 1


@given(st.datetimes(timezones=st.just(None)))
def test_naive_times_are_of_the_zone(moment) -> None:
    from datetime import UTC, datetime, timedelta, timezone

    found = read_time(moment.isoformat(), timezone(timedelta(hours=8)))
    expected = (moment - timedelta(hours=8) - datetime(1970, 1, 1)) if moment.year > 1 else None
    if expected is not None:
        assert found == expected // timedelta(microseconds=1)
    assert read_time(moment.replace(tzinfo=UTC).isoformat()) is not None


def test_other_names_of_keys_and_a_zone() -> None:
    reader = LineReader(StreamSettings(mapping={"account": "uid", "time": "at"}, zone="Asia/Shanghai"))
    (row,) = reader.read(b'{"uid": 3, "at": "2026-03-02 08:00:00", "account": "no"}').events.to_pylist()
    assert (row["account"], row["time"].isoformat()) == ("3", "2026-03-02T00:00:00+00:00")


def test_a_file_of_something_else_is_refused_at_once(tmp_path) -> None:
    log = write(tmp_path / "log", [b'{"user": 1}\n'] * 200)
    with pytest.raises(InputError, match="none of the first") as error:
        watch(tmp_path / "state", log)
    assert "--map account=KEY" in error.value.hint


def test_refused_lines_are_kept_with_their_reason(tmp_path) -> None:
    from tests.online.streams import lines

    log = write(tmp_path / "log", [*lines()[:30], b"\xff\xfe broken\n"])
    watching = watch(tmp_path / "state", log)
    assert watching.intake.note.n_refused == 1
    (kept,) = map(json.loads, (tmp_path / "state" / "refused.ndjson").read_text().splitlines())
    assert "no JSON object" in kept["reason"]
    assert "broken" in kept["line"]


def test_a_line_without_end_does_not_fill_the_memory(tmp_path) -> None:
    good = b'{"time": 1772409600, "account": "a"}\n'
    log = write(tmp_path / "log", [good, b"x" * 5_000_000, b"\n", good.replace(b'"a"', b'"b"')])
    source = GrowingFile(log, StreamSettings(), follow=False)
    batches = list(source.batches(None))
    assert [a for b in batches for a in b.arrived.events.column("account").to_pylist()] == ["a", "b"]
    assert [r.reason for b in batches for r in b.arrived.refused] == ["longer than 1,048,576 bytes"]
    assert batches[-1].position["offset"] == log.stat().st_size


@given(st.lists(st.integers(-50, 50), max_size=300), st.integers(1, 40))
def test_seen_before_is_a_set(keys, piece) -> None:
    seen, known = SeenBefore(1_000_000), set()
    for i in range(0, len(keys), piece):
        some = np.array(keys[i : i + piece], np.int64)
        fresh = seen.first_times(some, 0)
        for key, new in zip(some.tolist(), fresh.tolist(), strict=True):
            # 0 and 1 share a key
            assert new == (max(key, 1) if key == 0 else key not in known) if key not in (0, 1) else True
            known.add(key)


def test_many_keys_make_the_set_grow() -> None:
    seen = SeenBefore(1_000_000)
    keys = np.arange(2, 200_000)
    assert seen.first_times(keys, 0).all()
    assert not seen.first_times(keys, 0).any()
    assert not seen.first_times(keys, 1_500_000).any()  # they are the older half now
    seen.first_times(keys[:1], 3_000_000)
    assert seen.first_times(keys[1:], 3_000_000).all()  # forgotten: all of them are late by then


def test_hashes_do_not_change() -> None:
    """They are in checkpoints."""
    import pyarrow as pa

    assert (
        hashes(pa.array(["", "a", None, "群控"])).tolist()
        == hashes(pa.array(["x", "", "a", None, "群控"]))[1:].tolist()
    )
    assert hashes(pa.array(["a"])).tolist() == [9413272369427828315]
    assert hashes(pa.array([None], pa.string())).tolist() == [0]


def test_those_who_meet_again_and_again_call_for_a_look() -> None:
    """Six accounts on four targets within seconds; six others on as many targets, hours apart."""
    base = 1_772_409_600_000_000
    rows = []
    for post in range(4):
        for member in range(6):
            at = base + post * 3_600_000_000 + member * 1_000_000
            rows.append({"time": at, "account": f"m{member}", "action": "like", "target": f"p{post}"})
            late = at + member * 1_800_000_000
            rows.append({"time": late, "account": f"o{member}", "action": "view", "target": f"q{post}"})
    read = READER.read(b"\n".join(map(msgspec.json.encode, rows)))
    import pyarrow as pa

    forming = Forming(1_000)
    forming.take(pa.Table.from_batches([read.events]))
    members = {int(h) for h in hashes(pa.array([f"m{i}" for i in range(6)]))}
    assert set(forming.restless()) == members
    assert forming.n_risen == 6
    forming.looked([])
    assert forming.n_risen == 0


def test_standard_input_that_breaks_off_leaves_a_refused_line(tmp_path) -> None:
    """The sender dies in the middle of a line: what came before it counts, and the torn line is told."""
    good = [b'{"time": 1772409600, "account": "a%d"}\n' % i for i in range(3)]
    reading, writing = os.pipe()
    os.write(writing, b"".join(good) + good[0][:20])
    os.close(writing)
    with open(reading, "rb") as stream:
        arrived = [
            one.arrived for one in StandardInput(StreamSettings(), stream).batches(None) if one.arrived
        ]
    assert [a for one in arrived for a in one.events.column("account").to_pylist()] == ["a0", "a1", "a2"]
    (refused,) = [one for some in arrived for one in some.refused]
    assert (refused.line, refused.reason.split(":")[0]) == (good[0][:20], "no JSON object")


def test_a_clock_that_jumps_back_is_late_until_it_has_caught_up(tmp_path) -> None:
    """An hour back, of which ten minutes are allowed: events of fifty minutes are counted as late, and no other."""
    minute, start = 60, 1_772_409_600
    before = [start + i * minute for i in range(120)]
    after = [before[-1] - 60 * minute + i * minute for i in range(1, 121)]
    intake = Intake(tmp_path, StreamSettings())
    for number, seconds in enumerate(before + after):
        line = msgspec.json.encode({"time": seconds, "account": "a", "event_id": f"e{number}"})
        intake.take(READER.read(line), None, "test")
    late = [one for one in after if one < before[-1] - 10 * minute]
    assert intake.note.n_late == len(late) == 49
    assert (intake.journal.n_rows, intake.note.n_repeated) == (240 - 49, 0)
    assert intake.latest_us == after[-1] * 1_000_000
    intake.close()
