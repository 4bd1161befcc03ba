"""The contract of ``samehand detect``: options, exit codes, what is said."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from samehand.layers import RATES, TRAITS
from samehand.run import open_run
from samehand.texts.lines import columns_of
from tests.cli.terminal import samehand
from tests.pipeline.worlds import differences, found, found_without_estimate, moved, reported, world


def config_of(folder: Path) -> dict[str, object]:
    return json.loads((folder / "run.json").read_text())["config"]


def test_the_command_gives_what_python_gives(monday) -> None:
    folder, done = monday
    assert (done.code, done.err.replace("First run: compiling", "")[:1] in {"", " "}) == (0, True)
    assert differences(found(), open_run(folder)) == {}
    assert (folder / "report.html").stat().st_size > 10_000
    assert [f.name for f in folder.parent.iterdir() if f.name.startswith(".")] == []


def test_the_answer_is_said(monday) -> None:
    folder, done = monday
    info = open_run(folder).info
    assert f"{info.n_reported} suspected fleets with {info.n_accounts_reported:,} accounts" in done.said
    assert "at a false-discovery rate of 0.05" in done.said
    assert "in 20 surrogate logs" in done.said
    assert f"report: {folder / 'report.html'}" in done.said
    assert done.out.index("F0001") < done.out.index("F0002")
    assert "NOT estimated" not in done.said


def test_how_often_innocents_would_be_accused_is_said(monday) -> None:
    _, done = monday
    tried = [one for one in found().info.controls.by_kind if one.kind != "surrogate"]
    n = sum(one.n_groups for one in tried)
    assert f"negative controls: 0 of {n} innocent groups and 0 of" in done.said


def test_a_group_that_is_known_to_be_innocent_and_accused_is_named(sim, tmp_path) -> None:
    fleet = max(reported(found_without_estimate()), key=len)
    lines = [
        *(f"{account},night\x1b[2J shift" for account in sorted(fleet)),
        "stranger,choir",
        f"{min(fleet)},choir",
    ]
    (tmp_path / "known.csv").write_text("\n".join(["account,group", *lines]))
    done = samehand(
        *("detect", sim / "events.parquet", "--out", tmp_path / "run", "--surrogates", 0),
        *("--innocent", tmp_path / "known.csv"),
    )
    assert done.code == 0
    assert "\x1b" not in done.out
    named = f"warning: the group night⟨U+001B⟩[2J shift, known to be innocent, has {len(fleet)} accounts in suspected"
    assert named in done.said
    assert "warning: the group choir, known to be innocent, has 1 account in suspected fleets" in done.said
    assert "not tried: 1 accounts of known groups (the log does not hold them)" in done.said
    assert "not tried: 1 known groups with fewer than 5 accounts in the log" in done.said
    assert open_run(tmp_path / "run").info.controls.known_source == "known.csv"


def test_every_option_of_the_contract_is_taken(sim, tmp_path) -> None:
    log = world().events.rename_columns({"account": "who", "time": "at"})
    pq.write_table(log.slice(0, 7_000), tmp_path / "a.parquet")
    pq.write_table(log.slice(7_000), tmp_path / "b.parquet")
    out = tmp_path / "out"
    done = samehand(
        *("detect", tmp_path / "a.parquet", tmp_path / "b.parquet", "--out", out),
        *("--map", "account=who", "--map", "time=at", "--timezone", "Asia/Shanghai"),
        *("--layers", "rhythm, co_target", "--fdr", "0.2", "--surrogates", "5", "--min-accounts", "6"),
        *("--seed", "3", "--threads", "1", "--memory", "2", "--quiet"),
    )
    assert (done.code, done.out, done.err) == (0, "", "")
    assert config_of(out) == {
        "fdr": 0.2,
        "surrogates": 5,
        "min_accounts": 6,
        "seed": 3,
        "layers": ["rhythm", "co_target"],
        "threads": 1,
        "memory_gib": 2.0,
        "engine": "local",
        "spark_master": "local[*]",
        "spark_work": None,
    }
    run = open_run(out)
    assert [source.name for source in run.info.sources] == ["a.parquet", "b.parquet"]
    assert run.info.mapping["account"] == ["who"]
    assert min(run.fleets["n_accounts"].to_pylist()) >= 6
    assert run.info.quality.n_events == world().events.num_rows


def test_the_preset_names_the_columns(tmp_path) -> None:
    log = world().events.select(["time", "account", "action", "target"]).rename_columns({"time": "ts"})
    pq.write_table(log, tmp_path / "stars.parquet")
    done = samehand(
        *("detect", tmp_path / "stars.parquet", "--preset", "github", "--surrogates", 0),
        *("--out", tmp_path / "out"),
    )
    assert done.code == 0
    assert "github" in done.said
    assert open_run(tmp_path / "out").info.mapping["time"] == ["ts"]


def test_settings_come_from_a_file_and_options_win(sim, tmp_path) -> None:
    (tmp_path / "s.toml").write_text('surrogates = 0\nseed = 5\nlayers = ["co_target"]\nmin_accounts = 7\n')
    done = samehand(
        *("detect", sim / "events.parquet", "--config", tmp_path / "s.toml", "--seed", 6),
        *("--out", tmp_path / "out"),
    )
    assert done.code == 0
    config = config_of(tmp_path / "out")
    assert config["seed"] == 6
    assert (config["surrogates"], config["min_accounts"], config["layers"]) == (0, 7, ["co_target"])
    assert config["fdr"] == 0.05


def test_one_layer_is_used_where_one_is_wanted(sim, tmp_path) -> None:
    out = tmp_path / "out"
    assert (
        samehand("detect", sim / "events.parquet", "--layers", "rhythm", "--surrogates", 0, "--out", out).code
        == 0
    )
    run = open_run(out)
    assert [use.name for use in run.info.layers] == ["rhythm", *(one.name for one in (*TRAITS, *RATES))]
    assert set(run.edges["layer"].to_pylist()) <= {"rhythm"}


def test_a_layer_whose_columns_are_missing_is_skipped_and_said(tmp_path) -> None:
    pq.write_table(world().events.select(["time", "account", "action"]), tmp_path / "log.parquet")
    out = tmp_path / "out"
    done = samehand("detect", tmp_path / "log.parquet", "--surrogates", 0, "--out", out)
    assert done.code == 0
    assert "layer co_target not used" in done.said
    use = {use.name: use for use in open_run(out).info.layers}
    assert (use["co_target"].used, use["rhythm"].used) == (False, True)
    assert "target" in use["co_target"].reason
    assert use["co_target"].reason in done.said
    page = (out / "report.html").read_text()
    assert use["co_target"].reason in page or "co_target" in page


def test_only_time_and_account_are_needed(tmp_path) -> None:
    pq.write_table(world().events.select(["time", "account"]), tmp_path / "log.parquet")
    assert samehand("detect", tmp_path / "log.parquet", "--surrogates", 0, "--out", tmp_path / "o").code == 0


def test_no_fleet_is_an_answer(quiet_sim, tmp_path) -> None:
    out = tmp_path / "out"
    done = samehand("detect", quiet_sim / "events.parquet", "--surrogates", 3, "--out", out)
    assert done.code == 0
    assert "no suspected fleet" in done.said
    run = open_run(out)
    assert run.info.n_reported == 0
    assert True not in run.members["reported"].to_pylist()
    for suffix in ("html", "json", "graphml", "gexf", "csv"):
        assert samehand("report", out, "--format", suffix).code == 0
    assert samehand("explain", out, "F0001").code in {0, 2}


def test_quiet_says_nothing(quiet_sim, tmp_path) -> None:
    for arguments in (
        ("detect", quiet_sim / "events.parquet", "--surrogates", 0, "--out", tmp_path / "out", "--quiet"),
        ("detect", quiet_sim / "events.parquet", "--surrogates", 0, "--out", tmp_path / "out", "-q"),
        ("check", quiet_sim / "events.parquet", "--quiet"),
        ("simulate", "--accounts", 500, "--days", 1, "--out", tmp_path / "sim", "--quiet"),
    ):
        done = samehand(*arguments)
        assert (done.code, done.out, done.err) == (0, "", "")
    done = samehand("detect", tmp_path / "missing.csv", "--out", tmp_path / "o", "--quiet")
    assert done.code == 2
    assert "no such file" in done.err


def test_naive_times_are_read_in_the_zone_that_is_given(tmp_path) -> None:
    shanghai = moved(world().events, 8 * 3600)
    naive = shanghai["time"].cast(pa.timestamp("us"))
    pq.write_table(shanghai.set_column(1, "time", naive), tmp_path / "log.parquet")
    out = tmp_path / "out"
    done = samehand(
        *("detect", tmp_path / "log.parquet", "--timezone", "Asia/Shanghai", "--surrogates", 0, "--out", out)
    )
    assert done.code == 0
    assert differences(found_without_estimate(), open_run(out)) == {}
    assert "Asia/Shanghai" in done.said
    done = samehand("detect", tmp_path / "log.parquet", "--surrogates", 0, "--out", out)
    assert done.code == 0
    assert "warning:" in done.said
    assert "UTC" in done.said


def test_no_line_is_wider_than_a_terminal(monday, unestimated) -> None:
    for _, done in (monday, unestimated):
        for line in done.out.splitlines():
            assert columns_of(line) <= 80 or line.startswith("report: "), line


def test_a_failure_has_exit_code_1_and_leaves_nothing(sim, tmp_path, monkeypatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("out of luck")

    monkeypatch.setattr("samehand.run.write_run", fail)
    arguments = ("detect", sim / "events.parquet", "--surrogates", 0, "--out", tmp_path / "out")
    done = samehand(*arguments)
    assert done.code == 1
    assert "samehand: failed: RuntimeError: out of luck" in done.err
    assert "SAMEHAND_DEBUG=1" in done.err
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setenv("SAMEHAND_DEBUG", "1")
    with pytest.raises(RuntimeError, match="out of luck"):
        samehand(*arguments)


def test_an_interruption_is_said(sim, tmp_path, monkeypatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("samehand.run.write_run", interrupt)
    done = samehand("detect", sim / "events.parquet", "--surrogates", 0, "--out", tmp_path / "out")
    assert done.code == 130
    assert "nothing was written" in done.err
    assert list(tmp_path.iterdir()) == []


def test_the_events_that_were_read_do_not_stay(quiet_sim, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    samehand("check", quiet_sim / "events.parquet")
    samehand("detect", quiet_sim / "events.parquet", "--surrogates", 0, "--out", tmp_path / "out")
    assert [f.name for f in tmp_path.iterdir()] == ["out"]
