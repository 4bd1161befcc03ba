"""The log of a run is found again, and another log is not taken for it."""

from __future__ import annotations

import dataclasses

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from samehand.errors import InputError
from samehand.events.read import read_events
from samehand.pricing.log import find_again, read_again
from samehand.run_folder import RunInfo, Source
from tests.pricing.logs import PLAIN, plain_log, run


@pytest.fixture
def written(tmp_path):
    """Give a folder with a log, and run.json as detection on it would write it."""
    pq.write_table(plain_log(), tmp_path / "log.parquet")
    return tmp_path, info_of(tmp_path / "log.parquet")


def info_of(*files, **more) -> RunInfo:
    with read_events([str(file) for file in files], **more) as read:
        return dataclasses.replace(
            run().info,
            sources=tuple(Source(name=s.name, n_bytes=s.n_bytes, sha256=s.sha256) for s in read.sources),
            mapping=read.mapping.as_lists(),
            quality=read.quality,
        )


def test_a_log_in_the_working_folder_or_beside_the_run_is_found(written, monkeypatch, tmp_path_factory):
    folder, info = written
    (folder / "run").mkdir()
    with read_again(info, None, folder / "run", PLAIN) as events:
        assert events.quality.n_events == info.quality.n_events
    monkeypatch.chdir(folder)
    assert find_again(info.sources, None) == ["log.parquet"]
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    with pytest.raises(InputError, match=r"log\.parquet: the log of the run is not here"):
        read_again(info, None, None, PLAIN)


def test_a_run_from_memory_asks_for_its_log(written):
    _, info = written
    info = dataclasses.replace(info, sources=(Source(name="in memory", n_bytes=None, sha256=None),))
    with pytest.raises(InputError, match="in memory"):
        read_again(info, None, None, PLAIN)
    with read_again(info, plain_log(), None, PLAIN) as events:
        assert events.quality.n_events == info.quality.n_events


def test_a_file_that_changed_is_not_taken(written):
    folder, info = written
    pq.write_table(plain_log().slice(1), folder / "log.parquet")
    with pytest.raises(InputError, match="SHA-256"):
        read_again(info, str(folder / "log.parquet"), None, PLAIN)


def test_another_table_is_not_taken_for_the_log(written):
    _, info = written
    with pytest.raises(InputError, match="events 6000 then, 5999 now"):
        read_again(info, plain_log().slice(1), None, PLAIN)
    with read_events(plain_log().slice(1)) as events, pytest.raises(InputError, match="reads otherwise"):
        read_again(info, events, None, PLAIN)


def test_a_preset_that_is_not_given_again_is_missed(tmp_path):
    table = plain_log().drop(["action"]).rename_columns(["starred_at", "actor", "repo_name"])
    pq.write_table(table, tmp_path / "log.parquet")
    info = info_of(tmp_path / "log.parquet")
    with read_again(info, None, tmp_path, PLAIN) as events:  # its columns are exactly those of the preset
        assert "action" in events.roles
    without = {role: n for role, n in info.quality.missing.items() if role != "action"}
    info = dataclasses.replace(info, quality=dataclasses.replace(info.quality, missing=without))
    with pytest.raises(InputError, match="columns of the roles differ"):
        read_again(info, None, tmp_path, PLAIN)


def test_part_of_the_files_is_not_the_log(tmp_path):
    files = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    pq.write_table(plain_log().slice(0, 3_000), files[0])
    pq.write_table(plain_log().slice(3_000), files[1])
    info = info_of(*files)
    with pytest.raises(InputError, match="made from 2 files, here are 1"):
        read_again(info, str(files[0]), None, PLAIN)
    with read_again(info, [str(file) for file in reversed(files)], None, PLAIN) as events:
        assert events.quality.n_events == info.quality.n_events


def test_the_columns_and_the_zone_of_the_run_are_used_again(tmp_path):
    table = plain_log()
    texts = pc.strftime(table["time"], format="%Y-%m-%d %H:%M:%S")
    odd = pa.table(
        {
            "a": texts,
            "b": table["account"],
            "c": table["target"],
            "account": table["action"],
            "time": table["account"],
        }
    )
    pyarrow.csv.write_csv(odd, tmp_path / "odd.csv")
    mapping = {"time": "a", "account": "b", "target": "c", "action": "account"}
    info = info_of(tmp_path / "odd.csv", mapping=mapping, timezone="Asia/Shanghai")
    with read_again(info, None, tmp_path, PLAIN, timezone="Asia/Shanghai") as events:
        assert events.mapping.as_lists() == info.mapping
    with pytest.raises(InputError, match="--timezone"):
        read_again(info, None, tmp_path, PLAIN)
