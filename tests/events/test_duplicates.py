from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from samehand.events.duplicates import find_repeated
from samehand.events.read import read_events
from tests.events.logs import at, rows, table

TIME = at(2026, 3, 2)


def test_an_exact_repetition_is_kept_once_in_the_place_of_the_first() -> None:
    log = table([TIME] * 5, account=["a", "b", "a", "c", "a"], target=["x", "x", "x", None, "y"])
    events = read_events(log)
    assert [(row["event_id"], row["account"], row["target"]) for row in rows(events)] == [
        *((1, "a", "x"), (2, "b", "x"), (4, "c", None), (5, "a", "y")),
    ]
    assert (events.quality.n_rows, events.quality.n_events, events.quality.n_duplicates) == (5, 4, 1)


def test_rows_that_lack_the_same_values_are_repetitions_too() -> None:
    log = table([TIME] * 3, account=["a", "a", "b"], target=pa.array([None, "", None], pa.string()))
    assert read_events(log).quality.n_duplicates == 1


def test_the_same_instant_in_another_offset_is_a_repetition() -> None:
    log = table(
        ["2026-03-02T08:00:00+08:00", "2026-03-02T00:00:00Z", "2026-03-02T00:00:00Z"], account=["a", "a", "b"]
    )
    assert read_events(log).quality.n_duplicates == 1


def test_an_event_id_of_its_own_makes_an_event() -> None:
    log = table([TIME] * 3, account=["a", "a", "b"], id=[1, 2, 2])
    events = read_events(log, {"event_id": "id"})
    assert events.quality.n_duplicates == 0
    assert "1 events carry the id of an earlier event with other content" in events.quality.warnings[0]


def test_ids_of_events_that_were_taken_apart_are_not_shared() -> None:
    log = table([TIME] * 3, account=["a", "b", "b"], id=[1, 2, 2], tags=[["x", "y"], ["x"], ["x"]])
    events = read_events(log, {"event_id": "id", "target": "tags"})
    assert events.quality.n_duplicates == 1
    assert not events.quality.warnings


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 2),
            st.sampled_from(["a", "b"]),
            st.sampled_from(["x", "", None]),
            st.integers(0, 3),
        ),
        min_size=2,
        max_size=30,
    ),
    st.booleans(),
)
def test_the_same_rows_stay_as_in_a_plain_loop(log: list[tuple[Any, ...]], has_ids: bool) -> None:
    log = [*log, (9, "a", None, 9), (9, "b", None, 9)]
    source = pa.table(
        {
            "time": [1_772_438_701 + row[0] for row in log],
            "account": [row[1] for row in log],
            "target": pa.array([row[2] for row in log], pa.string()),
            "id": [row[3] for row in log],
        }
    )
    events = read_events(source, {"event_id": "id" if has_ids else None})
    first: dict[tuple[Any, ...], int] = {}
    for i, (time, account, target, key) in enumerate(log):
        first.setdefault((time, account, target or None, key if has_ids else 0), i)
    kept = sorted(first.values())
    expected = [(log[i][3] if has_ids else i + 1, log[i][1], log[i][2] or None) for i in kept]
    assert [(row["event_id"], row["account"], row["target"]) for row in rows(events)] == expected
    assert events.quality.n_duplicates == len(log) - len(kept)


@given(st.lists(st.integers(0, 20)))
def test_repeated_values(values: list[int]) -> None:
    found = find_repeated(np.array(values, np.uint64)).tolist()
    assert found == sorted({value for value in values if values.count(value) > 1})
