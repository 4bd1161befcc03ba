"""What is in a run folder, and that it is there whole or not at all."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from samehand import columns, placing, run_folder
from samehand.errors import InputError, OptionError
from samehand.layers import LAYERS, RATES, TRAITS
from samehand.run import open_run
from samehand.run_folder import FORMAT, RunTables, check_target, replacing
from tests.pipeline.worlds import differences, found, world
from tests.report.fake_run import fake_run

PROMISED = {
    "edges": "layer scale_us account_a account_b n_features expected p_value bits",
    "fleets": "fleet_id n_accounts n_events first_time last_time score_bits q_value chance_count layers "
    "behaviours innocent summary reported",
    "members": "fleet_id account bits leave_one_out_bits share_of_events n_events first_time last_time reported",
    "evidence": "fleet_id layer feature n_accounts n_events first_time last_time expected p_value event_ids "
    "sentence",
}


def snapshot(folder: Path) -> dict[str, bytes]:
    """Everything below a folder, hidden files too."""
    return {str(f.relative_to(folder)): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}


def small():
    """A run that costs nothing to make."""
    from samehand.run import Run

    return Run(*fake_run(2, 20))


@pytest.fixture(scope="module")
def folder(run, tmp_path_factory) -> Path:
    return run.save(tmp_path_factory.mktemp("runs") / "monday")


def test_the_folder_holds_what_was_promised(folder) -> None:
    names = {file.name for file in folder.iterdir()}
    assert names >= {"run.json", "report.html", *(f"{name}.parquet" for name in PROMISED)}
    assert names == {"run.json", "report.html", *(f"{field.name}.parquet" for field in fields(RunTables))}
    for name, wanted in PROMISED.items():
        assert set(wanted.split()) <= set(pq.read_schema(folder / f"{name}.parquet").names)
    assert pq.read_schema(folder / "fleets.parquet").remove_metadata() == columns.FLEETS
    assert folder.stat().st_mode & 0o777 == 0o755


def test_run_json_says_how_the_run_came_about(folder) -> None:
    info = json.loads((folder / "run.json").read_text())
    assert info["format"] == FORMAT
    assert info["config"]["seed"] == 0
    assert info["config"]["surrogates"] == 20
    assert info["quality"]["n_events"] == world().events.num_rows
    assert info["mapping"]["account"] == ["account"]
    assert [layer["name"] for layer in info["layers"]] == [one.name for one in (*LAYERS, *TRAITS, *RATES)]
    assert {"python", "numpy", "numba", "duckdb", "pyarrow"} <= set(info["versions"])
    assert info["timings_s"]
    assert info["sources"] == [{"name": "in memory", "n_bytes": None, "sha256": None}]
    assert info["n_candidates"] == pq.read_table(folder / "fleets.parquet").num_rows


def test_a_file_is_named_with_its_hash(tmp_path) -> None:
    import hashlib

    from samehand.config import Config
    from samehand.pipeline import detect

    pq.write_table(world().events.slice(0, 2_000), tmp_path / "log.parquet")
    (source,) = detect(tmp_path / "log.parquet", Config(surrogates=0)).info.sources
    content = (tmp_path / "log.parquet").read_bytes()
    assert (source.name, source.n_bytes) == ("log.parquet", len(content))
    assert source.sha256 == hashlib.sha256(content).hexdigest()


def test_members_are_reported_as_their_fleet_is(folder) -> None:
    fleets, members = (pq.read_table(folder / f"{name}.parquet") for name in ("fleets", "members"))
    is_reported = dict(zip(fleets["fleet_id"].to_pylist(), fleets["reported"].to_pylist(), strict=True))
    assert [is_reported[fleet] for fleet in members["fleet_id"].to_pylist()] == members[
        "reported"
    ].to_pylist()
    sizes = members.group_by("fleet_id").aggregate([("account", "count_distinct")])
    found_sizes = dict(zip(*(column.to_pylist() for column in sizes.columns), strict=True))
    assert found_sizes == dict(
        zip(fleets["fleet_id"].to_pylist(), fleets["n_accounts"].to_pylist(), strict=True)
    )
    assert pc.count_distinct(members["account"]).as_py() == members.num_rows


def test_fleets_are_ranked_and_reported_by_their_q_value(folder) -> None:
    rows = pq.read_table(folder / "fleets.parquet").to_pylist()
    assert [row["fleet_id"] for row in rows] == [f"F{place:04d}" for place in range(1, len(rows) + 1)]
    assert all(row["reported"] == (row["q_value"] <= 0.05) for row in rows)
    assert rows == sorted(rows, key=lambda row: (not row["reported"], -row["score_bits"]))


def test_what_refers_to_the_log_is_in_the_log(folder) -> None:
    log = {row["event_id"]: row for row in world().events.to_pylist()}
    members = pq.read_table(folder / "members.parquet").to_pylist()
    member_of = {row["account"]: row["fleet_id"] for row in members}
    n_of: dict[str, int] = {}
    for row in log.values():
        n_of[row["account"]] = n_of.get(row["account"], 0) + 1
    assert all(n_of[row["account"]] == row["n_events"] for row in members)
    for row in pq.read_table(folder / "evidence.parquet").to_pylist():
        events = [log[event] for event in row["event_ids"]]
        assert row["n_events"] == len(events)
        assert row["n_accounts"] == len({event["account"] for event in events})
        assert {member_of[event["account"]] for event in events} == {row["fleet_id"]}
        assert row["first_time"] == min(event["time"] for event in events)
        assert row["last_time"] == max(event["time"] for event in events)
        if row["target"] is not None:
            assert {event["target"] for event in events} == {row["target"]}
    edges = pq.read_table(folder / "edges.parquet").to_pylist()
    assert all(row["account_a"] < row["account_b"] for row in edges)
    assert {row["account_a"] for row in edges} | {row["account_b"] for row in edges} <= set(n_of)


def test_a_run_is_read_back_as_it_was(folder, run) -> None:
    again = open_run(folder)
    assert differences(run, again) == {}
    assert again.info == run.info
    assert repr(again) == repr(run)


def without(table, *names):
    return table.drop_columns(list(names))


def test_a_run_of_the_first_version_is_still_read(tmp_path) -> None:
    """It has neither stability nor controls; what can be said without it is said as ever."""
    folder, new = small().save(tmp_path / "old"), small()
    for name in ("stability", "controls", "behaviours"):
        (folder / f"{name}.parquet").unlink()
    info = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps({k: v for k, v in info.items() if k != "controls"}))
    fleets = pq.read_table(folder / "fleets.parquet")
    pq.write_table(without(fleets, "stability", "carrying_scales_us"), folder / "fleets.parquet")
    old = open_run(folder)
    for table, schema in ((old.tables.stability, columns.STABILITY), (old.tables.controls, columns.CONTROLS)):
        assert (table.schema, table.num_rows) == (schema, 0)
    assert old.info.controls is None
    assert old.tables.fleets.schema == new.tables.fleets.schema
    assert old.tables.fleets["stability"].null_count == old.tables.fleets.num_rows
    said = [" ".join(run.explain("F0001").text.split()) for run in (old, new)]
    assert ["Windows that carry it" in text for text in said] == [False, True]
    for format in ("html", "json", "csv", "graphml", "gexf"):  # noqa: A001
        assert old.report(tmp_path / f"report.{format}").stat().st_size > 0
    for name in ("stability", "carrying_scales_us"):
        assert differences(new, old, name) != differences(new, old)
    assert differences(new, old, "stability", "carrying_scales_us") == {
        "stability": columns.STABILITY.names,
        "controls": columns.CONTROLS.names,
        "behaviours": columns.BEHAVIOURS.names,
    }
    html = [run.report(tmp_path / "report.html").read_text() for run in (old, new)]
    assert ["Would innocents have been accused?" in text for text in html] == [False, True]


def test_driven_events_are_those_of_the_members(folder) -> None:
    tables = {name: pq.read_table(folder / f"{name}.parquet") for name in ("driven", "members", "fleets")}
    log = {row["event_id"]: row["account"] for row in world().events.to_pylist()}
    n_of: dict[tuple[str, str], int] = {}
    for row in tables["driven"].to_pylist():
        assert log[row["event_id"]] == row["account"]
        assert 0.5 <= row["p_driven"] <= 1
        n_of[row["fleet_id"], row["account"]] = n_of.get((row["fleet_id"], row["account"]), 0) + 1
    members = tables["members"].to_pylist()
    assert {(row["fleet_id"], row["account"]): row["n_driven"] for row in members if row["n_driven"]} == n_of
    assert all(row["share_driven"] == row["n_driven"] / row["n_events"] for row in members)
    for fleet in tables["fleets"].to_pylist():
        mine = [row["part_time"] for row in members if row["fleet_id"] == fleet["fleet_id"]]
        assert fleet["n_part_time"] == sum(mine)


def test_a_run_of_an_older_samehand_is_read(tmp_path) -> None:
    folder = small().save(tmp_path / "older")
    (folder / "driven.parquet").unlink()
    for name, added in (("members", ["n_driven", "share_driven", "part_time"]), ("fleets", ["n_part_time"])):
        table = pq.read_table(folder / f"{name}.parquet")
        pq.write_table(table.drop_columns(added), folder / f"{name}.parquet")
    older = open_run(folder)
    assert older.tables.driven.num_rows == 0
    assert older.tables.members["n_driven"].null_count == older.tables.members.num_rows
    assert older.tables.fleets.schema == columns.FLEETS
    for what in ("F0001", str(older.tables.members["account"][0])):
        assert "driven" not in older.explain(what).text
    for suffix in ("html", "json", "csv", "graphml"):
        assert older.report(tmp_path / f"report.{suffix}").stat().st_size
    again = open_run(older.save(tmp_path / "again"))
    assert differences(older, again) == {}


def test_a_damaged_run_is_named(tmp_path) -> None:
    info = json.loads((small().save(tmp_path / "whole") / "run.json").read_text())
    later = {"format": FORMAT + 1, "samehand": "9.9", "something": "new"}
    for number, (name, content, message) in enumerate(
        (
            ("run.json", None, "no run here"),
            ("run.json", b"{", "run.json cannot be read"),
            ("run.json", json.dumps(info | {"mapping": 7}).encode(), "run.json cannot be read"),
            ("run.json", json.dumps(later).encode(), f"the run has format {FORMAT + 1}"),
            ("edges.parquet", None, "edges.parquet is missing or damaged"),
            ("members.parquet", b"PAR1", "members.parquet is missing or damaged"),
            ("stability.parquet", b"PAR1", "stability.parquet is missing or damaged"),
            ("driven.parquet", None, "driven.parquet is missing or damaged"),
        )
    ):
        folder = small().save(tmp_path / str(number))
        (folder / name).unlink()
        if content is not None:
            (folder / name).write_bytes(content)
        with pytest.raises(InputError, match=message) as caught:
            open_run(folder)
        assert caught.value.where == str(folder)
        assert caught.value.hint
    (tmp_path / "whole" / "run.json").unlink()
    (tmp_path / "whole" / "run.json").mkdir()
    with pytest.raises(InputError, match="no run here"):
        open_run(tmp_path / "whole")


def test_an_earlier_run_is_replaced_and_nothing_is_left_beside(tmp_path) -> None:
    target = tmp_path / "runs" / "monday"
    small().save(target)
    (target / "report.zh.html").write_text("made from the earlier run")
    found().save(target)
    assert differences(found(), open_run(target)) == {}
    assert not (target / "report.zh.html").exists()
    assert [f.name for f in target.parent.iterdir()] == ["monday"]


def test_an_empty_folder_is_taken_and_a_link_stays_a_link(tmp_path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real", target_is_directory=True)
    for _ in range(2):
        small().save(tmp_path / "link")
        assert (tmp_path / "link").is_symlink()
        assert open_run(tmp_path / "real").info.n_candidates
    assert sorted(f.name for f in tmp_path.iterdir()) == ["link", "real"]


def test_the_current_folder_can_be_the_target(tmp_path, monkeypatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    small().save(".")
    assert open_run(tmp_path / "here").info.n_candidates
    assert [f.name for f in tmp_path.iterdir()] == ["here"]


@pytest.mark.parametrize(
    "content",
    [
        {"notes.txt": "mine"},
        {"run.json": "{}"},
        {"run.json": "not even JSON"},
        {"run.json": '[{"samehand": "1", "format": 1}]'},
        {"run.json": '{"name": "another tool", "format": 1}'},
        {"fleets.parquet": "no run.json beside it"},
    ],
)
def test_a_folder_that_is_no_run_is_never_replaced(tmp_path, content) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    for name, text in content.items():
        (folder / name).write_text(text)
    before = snapshot(tmp_path)
    for attempt in (lambda: check_target(folder), lambda: small().save(folder)):
        with pytest.raises(OptionError, match="exists and is not a run folder") as caught:
            attempt()
        assert (caught.value.where, caught.value.exit_code) == (str(folder), 2)
    assert snapshot(tmp_path) == before


def test_places_where_no_folder_can_be_are_refused_before_any_work(tmp_path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "dangling").symlink_to("nowhere")
    for place in ("file", "dangling"):
        with pytest.raises(OptionError, match="exists and is not a run folder"):
            check_target(tmp_path / place)
    for place in ("file/run", "file/deep/run"):
        with pytest.raises(OptionError, match="no folder that can be written to"):
            check_target(tmp_path / place)
    check_target(tmp_path / "new" / "deep" / "run")
    assert sorted(f.name for f in tmp_path.iterdir()) == ["dangling", "file"]


def test_a_version_of_the_future_may_be_replaced(tmp_path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "run.json").write_text('{"format": 99, "samehand": "9.9"}')
    small().save(tmp_path / "run")
    assert open_run(tmp_path / "run").info.format == FORMAT


def failing_writes(monkeypatch, fail_at: str) -> None:
    write_table = pq.write_table

    def full_disk(table, path, **options):
        if Path(path).name == fail_at:
            raise OSError(28, "No space left on device")
        write_table(table, path, **options)

    monkeypatch.setattr(run_folder.pq, "write_table", full_disk)


@pytest.mark.parametrize("fail_at", ["fleets.parquet", "timeline.parquet"])
@pytest.mark.parametrize("there", [True, False])
def test_a_failure_while_writing_leaves_everything_as_it_was(tmp_path, monkeypatch, fail_at, there) -> None:
    if there:
        small().save(tmp_path / "run")
    before = snapshot(tmp_path)
    failing_writes(monkeypatch, fail_at)
    with pytest.raises(OSError, match="No space left"):
        found().save(tmp_path / "run")
    assert snapshot(tmp_path) == before
    assert [f.name for f in tmp_path.iterdir()] == ["run"] * there


def test_a_report_that_fails_leaves_everything_as_it_was(tmp_path, monkeypatch) -> None:
    small().save(tmp_path / "run")
    before = snapshot(tmp_path)

    def fail(*_: object) -> bytes:
        raise RuntimeError("no report")

    monkeypatch.setattr("samehand.run.render_report", fail)
    with pytest.raises(RuntimeError, match="no report"):
        found().save(tmp_path / "run")
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("at_once", [True, False])
def test_the_exchange_at_the_end_leaves_one_run_or_the_other(tmp_path, monkeypatch, at_once) -> None:
    """Systems without an exchange of names rename twice; what fails between is taken back."""
    if not at_once:
        monkeypatch.setattr(placing, "_exchange_at_once", lambda *_: False)
    target = small().save(tmp_path / "run")
    small().save(target)
    before = snapshot(tmp_path)
    assert [f.name for f in tmp_path.iterdir()] == ["run"]
    rename, n_calls = os.rename, 0

    def fail_second(source, to):
        nonlocal n_calls
        n_calls += 1
        if n_calls == 2:
            raise OSError(5, "Input/output error")
        rename(source, to)

    monkeypatch.setattr(placing.os, "rename", fail_second)
    if at_once:
        found().save(target)
        assert n_calls == 0
        return
    with pytest.raises(OSError, match="Input/output"):
        found().save(target)
    assert n_calls == 3
    assert snapshot(tmp_path) == before
    assert [f.name for f in tmp_path.iterdir()] == ["run"]


def test_an_exchange_that_the_system_refuses_is_an_error(tmp_path) -> None:
    (tmp_path / "here").mkdir()
    with pytest.raises(FileNotFoundError):
        placing._exchange_at_once(tmp_path / "here", tmp_path / "missing")


def test_an_interruption_inside_leaves_nothing(tmp_path) -> None:
    def interrupted() -> None:
        with replacing(tmp_path / "run") as fresh:
            (fresh / "half").write_text("x")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


KILLED = """
import sys, time
import pyarrow.parquet as pq
from pathlib import Path
from samehand import run_folder
from samehand.run import open_run
write_table, source, target = pq.write_table, *sys.argv[1:]
def slow(table, path, **options):
    write_table(table, path, **options)
    if Path(path).name == "members.parquet":
        print("writing", flush=True)
        time.sleep(60)
run_folder.pq.write_table = slow
open_run(source).save(target)
"""


@pytest.mark.parametrize("there", [True, False])
def test_a_kill_in_the_middle_leaves_an_existing_run_as_it_was(tmp_path, folder, there) -> None:
    target = tmp_path / "runs" / "monday"
    before = {}
    if there:
        small().save(target)
        before = snapshot(target)
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(folder), str(target)], stdout=subprocess.PIPE, text=True
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == "writing\n"
        os.kill(child.pid, signal.SIGKILL)
    assert child.returncode == -signal.SIGKILL
    assert target.exists() == there
    if there:
        assert snapshot(target) == before
        assert open_run(target).info.n_candidates
    # What the killed process had begun is hidden, and no glob or folder of logs takes it for one.
    left = [f for f in target.parent.iterdir() if f.name != "monday"]
    assert [f.name.startswith(".monday.") for f in left] == [True]
    long_ago(left[0])
    found().save(target)
    assert differences(found(), open_run(target)) == {}
    assert list(target.parent.iterdir()) == [target], "the next run removes what the killed one left"


def long_ago(folder: Path) -> None:
    os.utime(folder, (0, 0))


def test_only_what_nobody_works_on_is_removed(tmp_path) -> None:
    names = (
        ".monday.samehand-ab12_cde",
        ".monday.20261125",  # somebody's own: hidden, beside the run and named after it
        ".tuesday.samehand-ab12_cde",
        ".mon[d]ay.samehand-ab12_cde",
    )
    target = tmp_path / "monday"
    with placing.replaced_folder(target) as busy:
        long_ago(busy)
        for name in names:
            (tmp_path / name).mkdir()
            long_ago(tmp_path / name)
        young = tmp_path / ".monday.samehand-young_00"
        young.mkdir()
        small().save(target)
        assert {f.name for f in tmp_path.iterdir()} == {"monday", busy.name, young.name, *names[1:]}
    assert {f.name for f in tmp_path.iterdir()} == {"monday", young.name, *names[1:]}


def test_the_only_copy_of_a_run_is_not_removed(tmp_path) -> None:
    """Killed between two renames, where a file system cannot exchange names, both stay until somebody looks."""
    names = ".monday.samehand-ab12cdef", ".monday.samehand-ab12cdef.old"
    for name in names:
        (tmp_path / name).mkdir()
        long_ago(tmp_path / name)
    small().save(tmp_path / "monday")
    assert {f.name for f in tmp_path.iterdir()} == {"monday", *names}
