from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from samehand.events.check import Quality
from samehand.events.read import read_events
from tests.events.logs import at

SECOND = 1_000_000
START = 1_772_409_600 * SECOND  # 2026-03-02 00:00 UTC


def check(micros: object, **options: object) -> Quality:
    times = pa.array(np.asarray(micros, np.int64)).cast(pa.timestamp("us"))
    accounts = [f"a{i}" for i in range(len(times))]
    return read_events(pa.table({"time": times, "account": accounts}), timezone="UTC", **options).quality  # type: ignore[arg-type]


def spread(n: int, step: int, span: int = 14 * 86_400 * SECOND) -> np.ndarray:
    draws = np.random.default_rng(7).integers(0, span // step, n)
    return START + draws * step


@pytest.mark.parametrize(
    "step",
    [1, 1_000, SECOND, 10 * SECOND, 60 * SECOND, 300 * SECOND, 900 * SECOND, 3600 * SECOND, 86_400 * SECOND],
)
def test_the_resolution_is_the_coarsest_step_that_all_times_keep(step: int) -> None:
    assert check(spread(5_000, step, 400 * 86_400 * SECOND)).clock_resolution_us == step


def test_one_exception_in_a_thousand_does_not_matter() -> None:
    times = spread(5_000, 60 * SECOND)
    times[:5] += 7
    assert check(times).clock_resolution_us == 60 * SECOND
    times[:6] += 7
    assert check(times).clock_resolution_us == 1


def test_few_rows_do_not_show_a_coarse_clock_by_accident() -> None:
    assert check(START + np.array([0, 60]) * SECOND).clock_resolution_us == 1_000
    assert check(START + np.array([0, 60, 120]) * SECOND).clock_resolution_us == 10 * SECOND
    assert check(START + np.array([0, 60, 120, 180]) * SECOND).clock_resolution_us == 60 * SECOND


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Europe/Berlin", "Asia/Shanghai"])
def test_hours_and_days_are_those_of_the_log(zone: str) -> None:
    days = [(datetime(2026, 3, 1) + timedelta(days=i)).isoformat() for i in range(60)]
    hours = [(datetime(2026, 3, 1) + timedelta(hours=7 * i)).isoformat() for i in range(60)]
    for texts, step in ((days, 86_400 * SECOND), (hours, 3600 * SECOND)):
        log = pa.table({"time": texts, "account": [f"a{i}" for i in range(60)]})
        assert read_events(log, timezone=zone).quality.clock_resolution_us == step


def test_midnights_only_are_said() -> None:
    assert "All times are at midnight" in " ".join(check(spread(500, 86_400 * SECOND)).warnings)


def test_times_in_the_future_and_before_1990_are_said() -> None:
    times = spread(1_000, 1)
    times[0] = int((datetime.now(UTC) + timedelta(days=400)).timestamp()) * SECOND
    times[1] = 10**15 // 2
    said = " ".join(check(times).warnings)
    assert "1 of 1,000 times are in the future, up to" in said
    assert "1 of 1,000 times are before 1990." in said


def test_an_instant_that_holds_too_much_is_said() -> None:
    times = spread(20_000, 1)
    times[:300] = times[0]
    quality = check(times)
    shown = datetime.fromtimestamp(int(times[0]) / SECOND, tz=UTC).strftime("%Y-%m-%d %H:%M")
    assert f"300 events (1.5%) carry the very same time {shown}" in " ".join(quality.warnings)
    times[150:300] += 1
    assert not check(times).warnings


def test_long_silences_are_said() -> None:
    times = np.concatenate(
        [spread(1_000, 1, 86_400 * SECOND), spread(1_000, 1, 86_400 * SECOND) + 5 * 86_400 * SECOND]
    )
    said = " ".join(check(times).warnings)
    assert "1 gaps without any event are longer than 24 hours" in said
    assert not check(spread(20_000, 1)).warnings


def test_a_sparse_log_has_no_silences() -> None:
    assert not check(START + 86_400 * SECOND * np.arange(50) + 1 + np.arange(50)).warnings


def test_a_few_rows_are_no_crowd() -> None:
    assert not check([START + 1] * 90 + [START + 2]).warnings


def test_the_span_is_exact() -> None:
    quality = check([START + 1, START + 86_400 * SECOND + 2])
    assert quality.first_time == at(2026, 3, 2) + timedelta(microseconds=1)
    assert quality.last_time == at(2026, 3, 3) + timedelta(microseconds=2)
