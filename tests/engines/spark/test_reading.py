"""Spark reads a log as one machine does: the same events in the same order, and the same said of their quality."""

from __future__ import annotations

import dataclasses
import itertools
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from samehand.config import Config
from samehand.engines.opening import open_log
from samehand.errors import InputError, OptionError
from samehand.events.for_engine import read_for
from samehand.events.read import read_events
from tests.engines.spark.alike import assert_alike
from tests.engines.spark.test_parity import ALL, CO_TARGET, LOOKS

MORNING = datetime(2026, 3, 2, 8, tzinfo=UTC)


def typed(n=400, seed=0):
    """Times with a zone, numbers as accounts, texts with gaps, lists of targets; some rows twice."""
    rng = np.random.default_rng(seed)
    rows = [
        {
            "created_at": MORNING + timedelta(seconds=int(rng.integers(86_400 * 3))),
            "user_id": int(rng.integers(40)) if rng.random() > 0.02 else None,
            "action": ["like", "share", "null", None][int(rng.integers(4))],
            "post": [f"p{p}" for p in rng.integers(12, size=int(rng.integers(3)))],
            "ip": ["10.0.0.1", "-", "2a00::1", ""][int(rng.integers(4))],
        }
        for _ in range(n)
    ]
    kinds = {"created_at": pa.timestamp("us", "UTC"), "user_id": pa.int64(), "post": pa.list_(pa.string())}
    return pa.Table.from_pylist(rows + rows[:15], pa.schema([
        (name, kinds.get(name, pa.string())) for name in rows[0]
    ]))  # fmt: skip


def written_by_hand(n=120, seed=1):
    """Dates whose order only some rows tell, ids that are numbers in some files only, nested names, own event ids."""
    rng = np.random.default_rng(seed)
    days = [*rng.integers(1, 13, n - 1).tolist(), 27]
    return pa.table(
        {
            "when": [f"{day:02}/03/2026 {int(rng.integers(24)):02}:05" for day in days[:-3]]
            + ["", "never", f"{days[-1]}/03/2026 09:00"],
            "actor": [{"login": "robot" if i > n - 5 else str(i % 9), "kind": "x"} for i in range(n)],
            "id": [f"e{i - (i % 50 == 0)}" for i in range(n)],
            "video": [f"v{i % 4}" for i in range(n)],
        }
    )


def naive(n=100):
    times = [datetime(2026, 10, 25, 2) + timedelta(minutes=i) for i in range(n)]
    return pa.table({"time": pa.array(times, pa.timestamp("us")), "account": [f"a{i % 7}" for i in range(n)]})


def in_files(table, folder, n_files, name="part"):
    folder.mkdir(parents=True, exist_ok=True)
    cuts = [len(table) * i // n_files for i in range(n_files + 1)]
    for i, (begin, end) in enumerate(itertools.pairwise(cuts)):
        pq.write_table(table.slice(begin, end - begin), folder / f"{name} {i:02}.parquet", row_group_size=50)
    return folder


LOGS = {
    "typed": (typed, {}),
    "by hand": (written_by_hand, {"mapping": {"account": "actor.login", "time": "when", "target": "video"}}),
    "naive": (naive, {"timezone": "Europe/Berlin"}),
    "naive, no zone": (naive, {}),
}


def read_both(spark, source, work, **how):
    from samehand.events.spread.read import read_with_spark
    from samehand.events.spread.sources import source_for_spark

    how = {"mapping": None} | how
    own = dict(how)
    mapping = own.pop("mapping")
    found = read_with_spark(spark, source_for_spark(str(source)), mapping, work=work, **own)
    return found, read_events(str(source), mapping, **own)


@pytest.mark.parametrize("name", LOGS)
def test_the_events_are_those_of_one_machine(spark, tmp_path, name):
    make, how = LOGS[name]
    folder = in_files(make(), tmp_path / "log", 3)
    found, expected = read_both(spark, folder, str(tmp_path / "work"), **how)
    assert found.roles == expected.roles
    assert found.schema == expected.schema
    assert found.to_arrow().equals(expected.to_arrow())
    assert dataclasses.asdict(found.quality) == dataclasses.asdict(expected.quality)
    assert found.sources == expected.sources
    assert found.mapping.as_lists() == expected.mapping.as_lists()


def test_folders_that_say_something_are_columns(spark, tmp_path):
    for day in ("2026-03-01", "2026-03-02"):
        rows = {"account": [f"a{i % 5}" for i in range(20)], "action": ["like"] * 20}
        in_files(pa.table(rows), tmp_path / "log" / f"day={day}", 1)
    found, expected = read_both(spark, tmp_path / "log", None, mapping={"time": "day"})
    assert found.to_arrow().equals(expected.to_arrow())


def test_what_was_read_is_read_once(spark, tmp_path):
    from samehand.events.spread.read import read_with_spark
    from samehand.events.spread.sources import source_for_spark

    folder, work = in_files(naive(), tmp_path / "log", 2), tmp_path / "work"
    first = read_with_spark(spark, source_for_spark(str(folder)), work=str(work))
    written = {file: file.stat().st_mtime_ns for file in first.files}
    again = read_with_spark(spark, source_for_spark(str(folder)), work=str(work))
    assert {file: file.stat().st_mtime_ns for file in again.files} == written
    assert again.quality == first.quality
    in_files(naive(60), folder, 1, "more")
    other = read_with_spark(spark, source_for_spark(str(folder)), work=str(work))
    assert other.digest != first.digest
    assert other.quality.n_rows == first.quality.n_rows + 60


def test_a_table_of_spark_is_read_too(spark, tmp_path):
    from samehand.events.spread.read import read_with_spark
    from samehand.events.spread.sources import source_for_spark

    folder = in_files(naive(), tmp_path / "log", 2)
    spark.sql(f"CREATE TABLE clicks USING parquet LOCATION '{folder}'")
    try:
        found = read_with_spark(spark, source_for_spark("table://clicks"))
        assert found.to_arrow().equals(read_events(str(folder)).to_arrow())
        assert [source.name for source in found.sources] == ["table://clicks"]
    finally:
        spark.sql("DROP TABLE clicks")


BAD = {
    "a mix of units": (lambda n: pa.table({"time": [1_772_438_701] * (n - 1) + [1_772_438_701_000],
                                           "account": [f"a{i}" for i in range(n)]}), "mixes units"),
    "no times": (lambda n: pa.table({"time": ["soon"] * n, "account": [f"a{i}" for i in range(n)]}), "are no times"),
    "no time at all": (lambda n: pa.table({"time": pa.nulls(n, pa.string()), "account": ["a", "b"] * (n // 2)}),
                       "no row has a time"),
    "one account": (lambda n: pa.table({"time": list(range(1_772_438_700, 1_772_438_700 + n)), "account": ["a"] * n}),
                    "only one account"),
    "nobody": (lambda n: pa.table({"time": list(range(1_772_438_700, 1_772_438_700 + n)), "account": ["-"] * n}),
               "no row can be used"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_one_machine_refuses_is_refused_in_the_same_words(spark, tmp_path, name):
    make, words = BAD[name]
    folder = in_files(make(90), tmp_path / "log", 2)
    with pytest.raises(InputError, match=words) as expected:
        read_events(str(folder), {"time": "time", "account": "account"})
    with pytest.raises(InputError) as found:
        read_both(spark, folder, None, mapping={"time": "time", "account": "account"})
    assert (found.value.found, found.value.where) == (expected.value.found, expected.value.where)


def test_columns_of_other_types_in_other_files_are_named(spark, tmp_path):
    folder = in_files(naive(), tmp_path / "log", 1)
    other = naive().set_column(1, "account", pa.array(range(100)))
    in_files(other, folder, 1, "other")
    with pytest.raises(InputError, match="Spark cannot read it"):
        read_both(spark, folder, None)


def test_other_formats_are_read_by_one_machine(tmp_path):
    from samehand.events.spread.sources import source_for_spark

    (tmp_path / "log.csv").write_text("time,account\n1772438701,a\n1772438702,b\n")
    assert source_for_spark(str(tmp_path / "log.csv")) is None
    assert source_for_spark(naive()) is None
    assert source_for_spark("s3a://bucket/logs").address == "s3a://bucket/logs"
    with pytest.raises(OptionError, match="one such address"):
        source_for_spark(["s3a://bucket/logs", "s3a://bucket/more"])


def test_the_events_are_not_written_to_a_url(spark, tmp_path):
    folder = in_files(naive(), tmp_path / "log", 1)
    with pytest.raises(OptionError, match="to a folder"):
        read_both(spark, folder, "s3a://bucket/work")


def test_what_spark_read_is_searched_where_it_lies(spark, tmp_path):
    """From a folder of Parquet to pairs, as the settings ask for it, and as one machine finds them."""
    folder = in_files(typed(), tmp_path / "log", 2)
    found = {}
    for engine in ("local", "spark"):
        config = Config(engine=engine, spark_work=str(tmp_path / "work") if engine == "spark" else None)
        events = read_for(config, str(folder))
        assert (events.digest is None) == (engine == "local")
        log = open_log(events.files, events.roles, config, digest=events.digest)
        found[engine] = log.size, log.candidate_pairs(CO_TARGET, LOOKS["10 min"][2], ALL)
    assert found["spark"][0] == found["local"][0]
    assert_alike(found["spark"][1], found["local"][1])
