"""Figures are never rounded into a claim that is not true."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samehand.texts import figures as write


@given(st.floats(-1e12, 1e12))
def test_only_zero_reads_as_zero(value):
    assert (write.number(value) == "0") == (value == 0)


@given(st.floats(0, 1))
def test_only_none_and_all_read_as_such(share):
    assert (write.percent(share) == "0%") == (share == 0)
    assert (write.percent(share) == "100%") == (share == 1)


@given(st.floats(1e-4, 1e9))
def test_a_figure_reads_within_five_percent_of_itself(value):
    assert float(write.number(value).replace(",", "")) == pytest.approx(value, rel=0.05)


def test_what_was_not_measured_is_a_dash():
    assert [write.number(None), write.percent(None), write.p_value(None), write.number(float("nan"))] == [
        "—"
    ] * 4


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (0, "0 s", "0 秒"), (2e-6, "2 µs", "2 微秒"), (8.94, "8.9 s", "8.9 秒"), (119.4, "119 s", "119 秒"),
        (119.6, "2 min", "2 分钟"), (3599.6, "1 h", "1 小时"), (7260, "2 h 1 min", "2 小时 1 分钟"),
        (172_799.6, "2 d", "2 天"), (1_209_600, "14 d", "14 天"),
    ],
)  # fmt: skip
def test_durations(seconds, english, chinese):
    assert write.duration(seconds * 1e6, "en") == english
    assert write.duration(seconds * 1e6, "zh") == chinese


def test_times_are_converted_to_utc_not_stripped():
    shanghai = timezone(timedelta(hours=8))
    assert write.moment(datetime(2024, 3, 1, 7, 59, 59, tzinfo=shanghai), "en") == "2024-02-29 23:59:59 UTC"
    assert (
        write.moment(datetime(2024, 3, 1, 12, 0, 0, 999_999, tzinfo=UTC), "zh") == "2024年3月1日 12:00:00 UTC"
    )
