from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samehand.errors import InputError, OptionError
from samehand.events.read import read_events
from tests.events.logs import at, read_times, write

SHANGHAI = {"timezone": "Asia/Shanghai"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-02T08:05:01Z", at(2026, 3, 2, 8, 5, 1)),
        ("2026-03-02T08:05:01.25+08:00", at(2026, 3, 2, 0, 5, 1, 250_000)),
        ("2026-03-02 08:05:01+0530", at(2026, 3, 2, 2, 35, 1)),
        ("2026-03-02 08:05:01+08", at(2026, 3, 2, 0, 5, 1)),
        ("2026-03-02 08:05:01 +08:00", at(2026, 3, 2, 0, 5, 1)),
        ("2026-03-02 08:05:01 UTC", at(2026, 3, 2, 8, 5, 1)),
        ("2026-03-02T08:05:01+08:00[Asia/Shanghai]", at(2026, 3, 2, 0, 5, 1)),
        ("2026-03-02T08:05:01.123456789Z", at(2026, 3, 2, 8, 5, 1, 123_456)),
        ("2026/3/2 8:05+08:00", at(2026, 3, 2, 0, 5)),
        ("20260302T080501Z", at(2026, 3, 2, 8, 5, 1)),
        ("Wed Oct 10 20:19:24 +0000 2018", at(2018, 10, 10, 20, 19, 24)),
        ("Mon, 02 Mar 2026 08:05:01 +0800", at(2026, 3, 2, 0, 5, 1)),
        ("Mon, 02 Mar 2026 08:05:01 GMT", at(2026, 3, 2, 8, 5, 1)),
        ("02/Mar/2026:08:05:01 +0800", at(2026, 3, 2, 0, 5, 1)),
    ],
)
def test_an_offset_is_converted(text: str, expected: datetime) -> None:
    times, events = read_times([text, text])
    assert times == [expected, expected]
    assert not any("zone" in warning for warning in events.quality.warnings)


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("2026-03-02T08:05:01", at(2026, 3, 2, 8, 5, 1)),
        ("2026-03-02 08:05", at(2026, 3, 2, 8, 5)),
        ("2026/3/2 8:05", at(2026, 3, 2, 8, 5)),
        ("2026.03.02 08:05:01", at(2026, 3, 2, 8, 5, 1)),
        ("2026-03-02 08:05:01,123", at(2026, 3, 2, 8, 5, 1, 123_000)),
        (" 2026-03-02 08:05:01.5 ", at(2026, 3, 2, 8, 5, 1, 500_000)),
        ("2026-03-02", at(2026, 3, 2)),
        ("20260302", at(2026, 3, 2)),
        ("20260302080501", at(2026, 3, 2, 8, 5, 1)),
        ("2026年3月2日 8:05", at(2026, 3, 2, 8, 5)),
        ("2026年03月02日 08:05:09", at(2026, 3, 2, 8, 5, 9)),
        ("2026年3月2日 下午3时05分", at(2026, 3, 2, 15, 5)),
        ("2026年3月2日8时5分30秒", at(2026, 3, 2, 8, 5, 30)),
        ("2026年3月2日", at(2026, 3, 2)),
        ("25.03.2026 08:05", at(2026, 3, 25, 8, 5)),
        ("02.03.2026", at(2026, 3, 2)),
        ("25/03/2026 08:05", at(2026, 3, 25, 8, 5)),
        ("03/25/2026 8:05:01 PM", at(2026, 3, 25, 20, 5, 1)),
        ("3/25/2026", at(2026, 3, 25)),
        ("25-03-2026 08:05", at(2026, 3, 25, 8, 5)),
        ("Mar 2, 2026, 8:05 PM", at(2026, 3, 2, 20, 5)),
        ("2 March 2026 08:05", at(2026, 3, 2, 8, 5)),
        ("Mon Mar  2 08:05:01 2026", at(2026, 3, 2, 8, 5, 1)),
    ],
)
def test_a_time_without_offset_is_local_or_utc_with_a_warning(text: str, local: datetime) -> None:
    times, events = read_times([text, text])
    assert times == [local, local]
    assert "2 times name no time zone and were taken as UTC" in " ".join(events.quality.warnings)
    times, events = read_times([text, text], **SHANGHAI)
    assert times == [local - timedelta(hours=8)] * 2
    assert "Asia/Shanghai" in events.quality.time_format
    assert not any("taken as UTC" in warning for warning in events.quality.warnings)


def test_mixed_offsets_are_converted_row_by_row() -> None:
    times, events = read_times(
        ["2026-03-02T08:00:00+08:00", "2026-03-02T08:00:00Z", "2026-03-02T08:00:00-05:00"]
    )
    assert times == [at(2026, 3, 2), at(2026, 3, 2, 8), at(2026, 3, 2, 13)]
    assert events.quality.time_format == "ISO with offset (+08:00, -05:00, Z)"


def test_offset_and_none_in_one_column_are_both_read_and_said() -> None:
    times, events = read_times(["2026-03-02T08:00:00+08:00", "2026-03-02T08:00:00"], **SHANGHAI)
    assert times == [at(2026, 3, 2), at(2026, 3, 2)]
    assert "Some times name their offset (1) and some do not (1)" in " ".join(events.quality.warnings)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1_772_438_701, "epoch seconds"),
        (1_772_438_701_000, "epoch milliseconds"),
        (1_772_438_701_000_000, "epoch microseconds"),
        (1_772_438_701_000_000_000, "epoch nanoseconds"),
    ],
)
@pytest.mark.parametrize("make", [int, str, float])
def test_units_of_epoch_times_are_told_by_size(number: int, said: str, make: type) -> None:
    times, events = read_times([make(number), make(number + number // 10**9)])
    assert times[0] == at(2026, 3, 2, 8, 5, 1)
    assert events.quality.time_format == said


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (
            [1772438701.25, 1772438701.123456],
            [at(2026, 3, 2, 8, 5, 1, 250_000), at(2026, 3, 2, 8, 5, 1, 123_456)],
        ),
        (["1772438701.25", "1.772438701e9"], [at(2026, 3, 2, 8, 5, 1, 250_000), at(2026, 3, 2, 8, 5, 1)]),
        (["1772438701123.5", "1772438701000"], [at(2026, 3, 2, 8, 5, 1, 123_500), at(2026, 3, 2, 8, 5, 1)]),
        (["1772438701123456789"] * 2, [at(2026, 3, 2, 8, 5, 1, 123_456)] * 2),
        ([-86_400, 59], [at(1969, 12, 31), at(1970, 1, 1, 0, 0, 59)]),
        ([20260302, 20260303], [at(2026, 3, 2), at(2026, 3, 3)]),
    ],
)
def test_numbers_keep_their_fractions(values: list[object], expected: list[datetime]) -> None:
    assert read_times(values)[0] == expected


def test_spreadsheet_days() -> None:
    times, events = read_times([46083.5, 46083.25, 46084.0], **SHANGHAI)
    assert times[0] == at(2026, 3, 2, 4)
    assert events.quality.time_format == "Excel serial dates, in Asia/Shanghai"


def test_mixed_units_name_a_row() -> None:
    with pytest.raises(
        InputError, match=r"(?s)in memory, row 3: .*mixes units.*epoch seconds.*epoch milliseconds"
    ):
        read_times([1_772_438_701, 1_772_438_702, 1_772_438_703_000, 1_772_438_704])


def test_two_readings_of_a_date_are_refused() -> None:
    with pytest.raises(InputError, match=r"03/04/2026 08:00 may be day 03 of month 04 or day 04 of month 03"):
        read_times(["03/04/2026 08:00", "05/06/2026 09:00"])


def test_one_row_can_settle_the_order() -> None:
    assert read_times(["03/04/2026", "25/04/2026"])[0] == [at(2026, 4, 3), at(2026, 4, 25)]
    assert read_times(["03/04/2026", "04/25/2026"])[0] == [at(2026, 3, 4), at(2026, 4, 25)]


def test_both_orders_in_one_column_name_both_rows() -> None:
    with pytest.raises(
        InputError, match=r"row 2 and in memory, row 3: .*day first in 25/03/2026.*month first in 03/25/2026"
    ):
        read_times(["03/04/2026", "25/03/2026", "03/25/2026"])


TYPED = [
    (pa.array([1772438701], pa.timestamp("s")), False),
    (pa.array([1772438701000], pa.timestamp("ms")), False),
    (pa.array([1772438701000000000], pa.timestamp("ns")), False),
    (pa.array([1772438701000000], pa.timestamp("us", "UTC")), True),
    (pa.array([1772438701000], pa.timestamp("ms", "Asia/Shanghai")), True),
]


@pytest.mark.parametrize(("value", "zoned"), TYPED)
def test_typed_times(value: pa.Array, zoned: bool) -> None:
    both = pa.concat_arrays([value, value])
    assert read_times(both)[0] == [at(2026, 3, 2, 8, 5, 1)] * 2
    local = read_times(both, **SHANGHAI)[0][0]
    assert local == (at(2026, 3, 2, 8, 5, 1) if zoned else at(2026, 3, 2, 0, 5, 1))


def test_typed_dates() -> None:
    times, events = read_times([date(2026, 3, 2), date(2026, 3, 3)])
    assert times == [at(2026, 3, 2), at(2026, 3, 3)]
    assert events.quality.time_format == "dates without time of day, taken as UTC"


def test_a_zone_that_is_not_needed_is_said() -> None:
    _, events = read_times(["2026-03-02T08:00:00Z"] * 2, **SHANGHAI)
    assert "was not needed" in " ".join(events.quality.warnings)


def test_clock_changes_are_counted() -> None:
    spring = ["2026-03-29 01:59", "2026-03-29 02:30", "2026-03-29 03:00"]  # 02:30 does not exist in Berlin
    autumn = ["2026-10-25 01:59", "2026-10-25 02:30", "2026-10-25 03:00"]  # 02:30 is there twice
    times, events = read_times(spring + autumn, timezone="Europe/Berlin")
    assert times == [
        *(at(2026, 3, 29, 0, 59), at(2026, 3, 29, 1, 30), at(2026, 3, 29, 1)),
        *(at(2026, 10, 24, 23, 59), at(2026, 10, 25, 0, 30), at(2026, 10, 25, 2)),
    ]
    said = " ".join(events.quality.warnings)
    assert "1 times do not exist in Europe/Berlin" in said
    assert "1 times exist twice in Europe/Berlin" in said


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.datetimes(datetime(1975, 1, 1), datetime(2037, 1, 1)), min_size=2, max_size=8, unique=True),
    st.sampled_from(
        ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/St_Johns"]
    ),
)
def test_local_times_become_what_the_standard_library_says(times: list[datetime], zone: str) -> None:
    from zoneinfo import ZoneInfo

    read, _ = read_times([time.isoformat(sep=" ") for time in times], timezone=zone)
    assert read == [time.replace(fold=0, tzinfo=ZoneInfo(zone)).astimezone(UTC) for time in times]


@pytest.mark.parametrize("name", ["+08:00", "UTC+8", "+0800"])
def test_an_offset_is_a_zone(name: str) -> None:
    assert read_times(["2026-03-02 08:00"] * 2, timezone=name)[0][0] == at(2026, 3, 2)


@pytest.mark.parametrize(("name", "hint"), [("Asia/Shangai", "Asia/Shanghai"), ("Beijing", "Asia/Shanghai")])
def test_an_unknown_zone_names_a_near_one(name: str, hint: str) -> None:
    with pytest.raises(OptionError, match=hint):
        read_times(["2026-03-02 08:00"] * 2, timezone=name)


@pytest.mark.parametrize("name", ["../etc/passwd", "", "CST6CDT7", "+99:00"])
def test_a_zone_that_is_none(name: str) -> None:
    with pytest.raises(OptionError, match="unknown time zone"):
        read_times(["2026-03-02 08:00"] * 2, timezone=name)


def test_invalid_times_are_skipped_counted_and_shown(tmp_path) -> None:
    log = write(
        tmp_path / "log.csv",
        "time,account\n2026-03-02T08:00:00Z,a\nsoon,b\n2026-02-30T08:00:00Z,c\n,d\n2026-03-02T08:00:01Z,e\nNaN,f\n"
        "2026-03-02T08:00:02Z,g\n2026-03-02T08:00:03Z,h\n",
    )
    quality = read_events(log).quality
    assert (quality.n_rows, quality.n_events) == (8, 4)
    left_out = {item.what: item for item in quality.left_out}
    assert left_out["rows without a time"].count == 2
    assert left_out["rows with an invalid time"].count == 2
    assert (
        f"'soon' ({log}, row 2); '2026-02-30T08:00:00Z' ({log}, row 3)"
        in left_out["rows with an invalid time"].why
    )


def test_a_column_that_is_no_time_is_refused() -> None:
    with pytest.raises(
        InputError, match=r"2 of 3 values of the column 'time' are no times: 'x' \(in memory, row 1\)"
    ):
        read_times(["x", "y", "2026-03-02"], mapping={"time": "time"})


@pytest.mark.parametrize(
    "column",
    [
        pa.array([[1], [2]]),
        pa.array([1, 2], pa.time64("us")),
        pa.array([True, False]),
        pa.array([b"\x00", b"\x01"]),
    ],
)
def test_a_type_that_is_no_time_is_refused(column: pa.Array) -> None:
    with pytest.raises(InputError, match="the column 'time' holds"):
        read_times(column, mapping={"time": "time"})


def test_an_empty_column_of_times_is_refused() -> None:
    with pytest.raises(InputError, match="is empty: no row has a time"):
        read_times([None, None], mapping={"time": "time"})


def test_time_zero_stands_for_none_among_recent_times() -> None:
    times, events = read_times([1_772_438_701, 0, 1_772_438_702, 1_772_438_703])
    assert times[1] is None
    assert [(item.what, item.count) for item in events.quality.left_out] == [("rows whose time is zero", 1)]


def test_time_zero_is_a_time_among_others_near_it() -> None:
    assert read_times([0, 59, 60])[0] == [at(1970, 1, 1), at(1970, 1, 1, 0, 0, 59), at(1970, 1, 1, 0, 1)]


def test_times_beyond_the_calendar_are_invalid() -> None:
    times, events = read_times(
        pa.array([2**62, 1_772_438_701_000_000, 1_772_438_701_000_001], pa.timestamp("us"))
    )
    assert times[0] is None
    assert events.quality.left_out[0].what == "rows with an invalid time"


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.datetimes(datetime(1975, 1, 1), datetime(2200, 1, 1)), st.integers(-14 * 4, 14 * 4)),
        min_size=2,
        max_size=8,
    )
)
def test_iso_text_of_any_offset_is_the_same_instant(times: list[tuple[datetime, int]]) -> None:
    from datetime import timezone

    instants = [time.replace(tzinfo=timezone(timedelta(minutes=15 * quarter))) for time, quarter in times]
    assert read_times([instant.isoformat() for instant in instants])[0] == instants
