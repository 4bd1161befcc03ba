from __future__ import annotations

import gc
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import samehand as sh
from samehand import columns
from samehand.errors import InputError, OptionError
from samehand.events.read import Events, read_events
from tests.events.logs import at, rows, table, write

DATA = Path(__file__).parents[3] / "shared" / "data"
TIMES = [at(2026, 3, 2), at(2026, 3, 3)]


def test_the_files_have_the_columns_of_the_schema() -> None:
    log = table(
        TIMES,
        **{role: ["x", None] for role in columns.ROLES if role not in {"time", "account", "event_id"}},
        event_id=["e1", "e2"],
    )
    events = read_events(log)
    assert events.roles == columns.ROLES
    file = pq.read_schema(events.files[0])
    assert file.names == list(columns.ROLES)
    assert pq.read_table(events.files[0]).schema.remove_metadata() == events.schema
    assert events.schema == columns.events(pa.string(), pa.string())
    assert events.quality.missing == {
        role: 0 if role in {"time", "account", "event_id"} else 1 for role in columns.ROLES
    }


def test_it_can_be_called_by_its_short_name() -> None:
    assert isinstance(sh.read_events(table(TIMES)), Events)


def test_events_go_to_the_given_folder_and_nothing_else_does(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "events"
    events = read_events(table(TIMES), folder=folder)
    assert list(folder.iterdir()) == [folder / "events.parquet"] == list(events.files)
    events.close()
    assert events.files[0].exists()


def test_a_private_folder_goes_with_the_events() -> None:
    events = read_events(table(TIMES))
    folder = events.files[0].parent
    assert [file.name for file in folder.iterdir()] == ["events.parquet"]
    del events
    gc.collect()
    assert not folder.exists()
    with read_events(table(TIMES)) as events:
        assert events.files[0].exists()
    assert not events.files[0].exists()


def test_a_failure_leaves_nothing_and_keeps_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    kept = read_events(table(TIMES), folder=tmp_path / "events").files[0].read_bytes()
    for log in (table(TIMES, account=["a", "a"]), table(["x", "y"]), table(TIMES, account=[None, None])):
        with pytest.raises(InputError):
            read_events(log, {"time": "time", "account": "account"}, folder=tmp_path / "events")
        with pytest.raises(InputError):
            read_events(log, {"time": "time", "account": "account"})
    assert [path.name for path in tmp_path.rglob("*")] == ["events", "events.parquet"]
    assert (tmp_path / "events" / "events.parquet").read_bytes() == kept


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    write(tmp_path / "file", "x")
    with pytest.raises(OptionError, match="cannot write here"):
        read_events(table(TIMES), folder=tmp_path / "file")


@pytest.mark.parametrize(
    ("log", "message"),
    [
        (table(TIMES, account=["a", "a"]), r"column account: the log has only one account"),
        (table(TIMES, account=[None, "a"]), r"only one account"),
        (table(TIMES, account=["", "null"]), r"no row can be used: 2 rows without an account"),
        (
            table([None, None, "2026-03-02"], account=["a", "b", None]),
            r"2 rows without a time, 1 rows without an account",
        ),
    ],
)
def test_logs_with_too_few_accounts(log: pa.Table, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_events(log)


def test_rows_without_an_account_are_counted_once() -> None:
    log = table(["2026-03-02"] * 4 + [None], account=["a", "b", "-", None, None])
    events = read_events(log)
    assert events.quality.n_events == 2
    assert [(item.what, item.count) for item in events.quality.left_out] == [
        ("rows without a time", 1),
        ("rows without an account", 2),
    ]


def test_its_own_events_can_be_read_again() -> None:
    first = read_events(table(TIMES, target=["x", None], address=["n/k", "y"]), {"address": "address"})
    again = read_events(first.files[0])
    assert again.mapping.preset is not None
    assert again.mapping.preset.name == "samehand"
    assert again.to_arrow().equals(first.to_arrow())
    assert not again.quality.warnings


def test_progress_is_told() -> None:
    told: list[str] = []
    read_events(table(TIMES), progress=told.append)
    assert told == ["reading", "understanding times and ids", "writing events", "checking"]


def test_what_is_shown_is_escaped() -> None:
    log = table(TIMES, account=["<script>alert(1)</script>", "b"])
    events = read_events(log, {"target": None})
    assert "events 2; accounts 2" in repr(events)
    assert "<th>accounts</th><td>2</td>" in events._repr_html_()
    assert "<script>" not in events._repr_html_()


def test_hostile_values_pass_through_unchanged() -> None:
    values = [
        "'; DROP TABLE events; --",
        '"',
        "\\",
        "{t}",
        "%s",
        "<b>",
        "a\nb",
        "a\x00b",
        "‮abc",
        "🙂",
        " x ",
        "[1",
    ]
    log = table([at(2026, 3, 2)] * len(values), account=values, target=values[::-1], content=values)
    found = rows(read_events(log))
    assert [row["account"] for row in found] == values
    assert [row["target"] for row in found] == values[::-1]
    assert [row["content"] for row in found] == values


def test_few_threads_and_little_memory_give_the_same(tmp_path: Path) -> None:
    n = 200_000
    log = pa.table(
        {
            "time": pa.array(1_772_438_701 + i // 3 for i in range(n)),
            "account": [f"a{i % 9_973}" for i in range(n)],
            "target": [f"t{i % 7}" for i in range(n)],
        }
    )
    pq.write_table(log, tmp_path / "log.parquet", row_group_size=10_000)
    wide = read_events(tmp_path / "log.parquet")
    narrow = read_events(tmp_path / "log.parquet", threads=1, memory_gib=0.35)
    assert wide.to_arrow().equals(narrow.to_arrow())
    assert wide.quality == narrow.quality


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(1_700_000_000, 1_700_000_300),
            st.sampled_from(["a", "b", "", None, "-"]),
            st.sampled_from(["x", "y", "z", None, "NaN"]),
        ),
        max_size=300,
    )
)
def test_the_counts_are_those_of_a_plain_loop(log: list[tuple[int, Any, Any]]) -> None:
    log = [*log, (1_700_000_000, "a", "x"), (1_700_000_000, "b", "x")]
    source = pa.table(
        {
            "time": [row[0] for row in log],
            "account": pa.array([row[1] for row in log], pa.string()),
            "target": pa.array([row[2] for row in log], pa.string()),
        }
    )
    quality = read_events(source).quality
    nothing = {"", None, "-", "NaN"}
    good = {
        (time, account, None if target in nothing else target)
        for time, account, target in log
        if account not in nothing
    }
    n_with_account = sum(account not in nothing for _, account, _ in log)
    assert quality.n_rows == len(log)
    assert quality.n_events == len(good)
    assert quality.n_duplicates == n_with_account - len(good)
    assert quality.missing["target"] == sum(target is None for _, _, target in good)
    assert sum(item.count for item in quality.left_out) == len(log) - n_with_account
    assert quality.n_accounts == 2


def test_hot_targets_are_counted_exactly() -> None:
    targets = ["hot"] * 400 + ["warm"] * 120 + [f"t{i}" for i in range(3_000)] + [None] * 50
    log = table([at(2026, 3, 2)] * len(targets), target=targets)
    hot = read_events(log).quality.hot_targets
    assert [(item.target, item.n_events) for item in hot] == [("hot", 400), ("warm", 120)]
    assert hot[0].share == pytest.approx(400 / 3_520)
    counts = Counter(targets)
    assert counts["hot"] == 400


def test_at_most_twenty_hot_targets() -> None:
    targets = [f"t{i % 40:02d}" for i in range(40 * 150)]
    hot = read_events(table([at(2026, 3, 2)] * len(targets), target=targets)).quality.hot_targets
    assert [item.target for item in hot] == [f"t{i:02d}" for i in range(20)]


def test_ids_that_a_spreadsheet_shortened_are_said(tmp_path: Path) -> None:
    log = write(
        tmp_path / "log.csv", "time,account\n2026-03-02T08:00:00Z,1.23457E+18\n2026-03-02T08:00:00Z,7\n"
    )
    assert "1 values of role account look like 1.23E+18" in read_events(log).quality.warnings[0]


@pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not there")
@pytest.mark.parametrize(
    ("name", "preset", "n_rows", "n_accounts"),
    [
        ("russian_coord_tweets.parquet", "coortweet", 35_125, 9_509),
        ("github_star_campaign.parquet", "github", 9_616, 636),
        ("cnt_coretweet_test_input.csv", "cnt", 15, 9),
    ],
)
def test_real_logs_are_recognised(name: str, preset: str, n_rows: int, n_accounts: int) -> None:
    events = read_events(DATA / name)
    assert events.mapping.preset is not None
    assert events.mapping.preset.name == preset
    assert (events.quality.n_rows, events.quality.n_accounts) == (n_rows, n_accounts)
    assert events.quality.clock_resolution_us == 1_000_000
