"""``samehand check``: everything that a reader must know of a log, on lines that fit a terminal."""

from __future__ import annotations

import pytest

from samehand.texts.lines import columns_of
from tests.cli.terminal import Done, samehand

START = "2026-03-02T08:{:02d}:{:02d}Z"


def rows(n: int = 400) -> list[list[str]]:
    """Time, account, action, target, device."""
    return [
        [START.format(i // 60, i % 60), f"a{i % 23}", "view", f"x{i % 97}", f"d{i % 23}"] for i in range(n)
    ]


def check(folder, table, *options: object, header: str = "time,account,action,target,device") -> Done:
    file = folder / "log.csv"
    file.write_text("\n".join([header, *(",".join(row) for row in table)]) + "\n")
    done = samehand("check", file, *options)
    assert done.code == 0, done
    assert done.err == ""
    for line in done.out.splitlines():
        assert columns_of(line) <= 80, line
        assert line == line.rstrip(), line
    assert [f.name for f in folder.iterdir()] == ["log.csv"]
    return done


def test_size_span_and_clock(tmp_path) -> None:
    done = check(tmp_path, rows())
    assert "400 events of 23 accounts" in done.said
    assert "2026-03-02 08:00 to 2026-03-02 08:06 UTC" in done.said
    assert "steps of 1 s" in done.said
    assert "ISO with offset" in done.said
    for nothing in ("left out", "repeated", "without a value", "rows in the log", "warning"):
        assert nothing not in done.said


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ([f"2026-03-02T08:{i:02d}:00Z" for i in range(40)], "steps of 60 s"),
        ([f"2026-03-02T08:00:{i:02d}.{i:03d}Z" for i in range(40)], "steps of 1 ms"),
        ([f"2026-03-02T08:00:{i:02d}.{i:06d}Z" for i in range(40)], "steps of 1 µs"),
        ([str(1_772_438_400 + i) for i in range(40)], "epoch seconds"),
        ([str(1_772_438_400_123 + i * 999) for i in range(40)], "epoch milliseconds"),
    ],
)
def test_how_times_were_understood(tmp_path, times, said) -> None:
    table = [[time, *row[1:]] for time, row in zip(times, rows(40), strict=True)]
    assert said in check(tmp_path, table).said


def test_the_guess_is_shown_with_its_reason(tmp_path) -> None:
    done = check(tmp_path, rows(), header="created_at,user_id,verb,post,phone")
    for role, column in (("time", "created_at"), ("account", "user_id"), ("target", "post")):
        assert any(line.split()[:2] == [role, column] for line in done.out.splitlines()), done.out
    assert any(line.split()[:2] == ["address", "-"] for line in done.out.splitlines())
    done = check(tmp_path, rows(), "--map", "target=phone", header="created_at,user_id,verb,post,phone")
    assert any(line.split()[:2] == ["target", "phone"] for line in done.out.splitlines()), done.out


def test_columns_in_chinese(tmp_path) -> None:
    done = check(tmp_path, rows(), header="时间,用户ID,行为,目标,设备")
    assert any(line.split()[:2] == ["account", "用户ID"] for line in done.out.splitlines()), done.out


def test_duplicates_missing_values_and_what_was_left_out(tmp_path) -> None:
    table = rows()
    table += table[:7]  # seven repeats
    table += [["2026-03-02T09:00:00Z", "a1", "view", "", "d1"]] * 1 + [
        ["2026-03-02T09:00:01Z", "a1", "view", "x1", ""]
    ]
    table += [["", "a1", "view", "x1", "d1"], ["2026-03-02T09:00:02Z", "", "view", "x1", "d1"]]
    done = check(tmp_path, table)
    assert "402 events" in done.said
    assert "411 rows in the log" in done.said
    assert "7 repeated rows were taken once" in done.said
    assert "events without a value: target 1, device 1" in done.said
    assert "left out: 1 rows without a time" in done.said
    assert "left out: 1 rows without an account" in done.said


def test_hot_targets(tmp_path) -> None:
    table = rows(2_000)
    for place in range(0, 2_000, 4):
        table[place][3] = "viral"
    assert "hot target: viral with 25" in check(tmp_path, table).said


@pytest.mark.parametrize(
    ("times", "said"),
    [
        (["1970-01-01T00:00:00Z"] * 30, "1970"),
        (["2093-01-01T00:00:00Z"] * 3, "future"),
        (["2026-03-02T08:00:00Z"] * 300, "08:00:00"),
    ],
)
def test_clock_anomalies(tmp_path, times, said) -> None:
    extra = [[time, f"a{i % 23}", "view", f"y{i}", "d"] for i, time in enumerate(times)]
    done = check(tmp_path, rows() + extra)
    assert "warning:" in done.said or "left out:" in done.said
    assert said in done.said


def test_naive_times_are_warned_of(tmp_path) -> None:
    table = [[row[0].removesuffix("Z"), *row[1:]] for row in rows()]
    done = check(tmp_path, table)
    assert "warning:" in done.said
    assert "UTC" in done.said
    assert "warning:" not in check(tmp_path, table, "--timezone", "Asia/Shanghai").said


def test_long_and_wide_names_fit_the_terminal(tmp_path) -> None:
    table = [[*row[:3], "长" * 120 if place % 2 else "t" * 300, row[4]] for place, row in enumerate(rows())]
    done = check(tmp_path, table, header="time,account,action," + "目标" * 40 + "," + "device_" * 20)
    assert "目标目标" in done.said
    assert "device_device" in done.said
    done = check(
        tmp_path, table, "--map", "target=" + "目标" * 40, header="time,account,action," + "目标" * 40 + ",d"
    )
    assert "hot target" in done.said
