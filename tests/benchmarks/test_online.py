"""The benchmark of streams: its cells can be run, and its page says what was measured and what was not."""

from __future__ import annotations

import argparse

import pytest

from harness.cells import Cell, Done
from online import _parse
from samehand.online.settings import SECOND_US, StreamSettings
from streams.ingest import made_up, measure_ingest
from streams.plan import PARTS, cells
from streams.sections import limits, sections

REGISTRATION = {
    "n_looks": 3, "signed_up": 50, "of_fleets": 20, "bulk": 10,
    "told_end": 20, "right_end": 19, "found_end": 8, "told_ever": 20, "right_ever": 18, "found_ever": 9,
    "held_end": 9, "held_ever": 10,
}  # fmt: skip


def given() -> argparse.Namespace:
    return _parse([])


def test_all_cells_are_streams_that_can_be_begun() -> None:
    for part in PARTS:
        for cell in cells(part, given()):
            tick_s = cell.settings.get("tick_s", 60)
            assert StreamSettings(tick_us=tick_s * SECOND_US).tick_us == tick_s * SECOND_US
            assert cell.settings.get("seed", 101) > 100  # logs that rules were tried on have seeds below


def test_a_small_stream_is_taken_in_whole() -> None:
    assert sum(n for _, n in made_up(100, 25_000, 60)) == 25_000
    size = {"accounts": 1_000, "events": 30_000, "seconds": 300, "rate": 10}
    found = measure_ingest(Cell("ingest", size))
    assert found["n_events"] == 10_000  # two blocks of ten thousand come before the clock starts
    assert set(found["us_an_event"]) == {"read", "journal", "forming"}
    assert 0 < found["peak_gib"] < 4


def test_limits_say_what_was_measured_and_what_was_not() -> None:
    delays = [Done(Cell("delay", {"evasion": 0}), {"n_looks": 5, "delays_s": [10.0, 70.0, 900.0]}, 1.0)]
    told = [Done(Cell("registration", {"evasion": 2}), REGISTRATION, 1.0)]
    results = {"delay": delays, "registration": told}
    judged = {one.name: one for one in limits(results)}
    assert judged["delay, median, s of event time"].passed is False
    assert judged["registration, precision at the end"].value == pytest.approx(0.95)
    assert judged["registration, precision of all ever told"].passed is False
    assert judged["registration, recall at the end"].passed is True
    assert judged["door, 99th percentile, ms (own client)"].passed is None
    registration, delay = sections(results)
    assert (registration.title, delay.title) == ("Registration", "Delay")
    assert registration.text.split("\n")[-1].split("|")[6:-1] == [
        f" {share:>{width}} "
        for share, width in zip(
            ("95.0", "80.0", "90.0", "90.0", "90.0", "100.0"), (14, 11, 9, 15, 12, 10), strict=True
        )
    ]
