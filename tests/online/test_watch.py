"""Watching a stream: the same as batch, the same after a kill, each lead once, and a budget that is kept."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from samehand.columns import ROLES
from samehand.errors import OptionError
from samehand.online.arriving import LineReader
from samehand.online.budget import look_bits
from samehand.online.intake import Intake
from samehand.online.leads import Leads
from samehand.online.profiles import PROFILES, load_profiles
from samehand.online.settings import open_settings
from samehand.simulation.platform import SimulationConfig, simulate
from tests.online.streams import (
    HOUR_US,
    SETTINGS,
    batch,
    events,
    lines,
    lines_of,
    open_leads,
    told,
    watch,
    write,
)


def test_after_a_replay_the_leads_are_what_detect_reports(watched) -> None:
    run = batch()
    members: dict[str, set[str]] = {}
    for row in run.members.to_pylist():
        members.setdefault(row["fleet_id"], set()).add(row["account"])
    reported = {
        frozenset(members[row["fleet_id"]]): {
            name: row[name] for name in ("score_bits", "q_value", "behaviours", "n_events", "innocent_weight")
        }
        for row in run.fleets.to_pylist()
        if row["reported"]
    }
    assert len(reported) == 3
    assert open_leads(told(watched)) == reported


def test_fleets_are_told_long_before_the_end(watched) -> None:
    first = [one for one in told(watched) if one.status == "new" and one.look > 0]
    assert len(first) >= 2
    assert all(one.time < "2026-03-02T23:00" for one in first)
    assert all(one.score_bits >= one.look_bits > 0 for one in first)


def test_a_lead_is_told_again_only_where_it_changed(watched) -> None:
    leads = told(watched)
    assert [one.seq for one in leads] == list(range(1, len(leads) + 1))
    last: dict[str, object] = {}
    for one in leads:
        said = (one.status, one.accounts, one.behaviours, one.layers, one.look == 0)
        assert last.get(one.fleet_id) != said
        assert (one.fleet_id in last) == (one.status != "new")
        last[one.fleet_id] = said


def test_each_lead_has_what_a_reader_needs(watched) -> None:
    for line in (watched / "leads.ndjson").read_text().splitlines():
        lead = json.loads(line)
        assert {"fleet_id", "accounts", "score_bits", "time", "behaviours"} <= lead.keys()
        assert "suspected" in lead["summary"].lower() or lead["summary"]


def test_killed_and_started_again_it_says_the_same(watched, log, tmp_path) -> None:
    """Killed twice with no time to tidy up, the second time while a lead was new."""
    state, out = tmp_path / "state", tmp_path / "leads.ndjson"
    code = (
        "import sys; from pathlib import Path; from tests.online.streams import SETTINGS; "
        "from samehand.online.outputs import FileOutput; from samehand.online.watch import Watch; "
        "from samehand.online.settings import open_settings; "
        "from samehand.online.sources.lines import GrowingFile; import samehand.online.sources.lines as l; "
        "l._BLOCK = 4096; s = Path(sys.argv[1]); "
        "w = Watch(s, open_settings(s, SETTINGS), [FileOutput(Path(sys.argv[3]))]); "
        "w.run(GrowingFile(Path(sys.argv[2]), SETTINGS, follow=False)); w.close()"
    )
    command = [sys.executable, "-c", code, str(state), str(log), str(out)]
    chance = np.random.default_rng(1)
    for wanted in (1, 2):
        process = subprocess.Popen(command)
        while process.poll() is None and len(told(state)) < wanted:
            time.sleep(0.02)
        time.sleep(chance.random())
        process.send_signal(signal.SIGKILL)
        process.wait()
    subprocess.run(command, check=True)
    assert told(state) == told(watched)
    assert out.read_bytes() == (state / "leads.ndjson").read_bytes()


def test_what_comes_twice_counts_once(watched, tmp_path) -> None:
    """An at-least-once sender repeats half of its lines, and all of them once more."""
    chance = np.random.default_rng(1)
    twice = [line for one in lines() for line in ([one, one] if chance.random() < 0.5 else [one])]
    watching = watch(tmp_path / "state", write(tmp_path / "log", [*twice, *twice[-50:]]))
    assert told(tmp_path / "state") == told(watched)
    assert watching.intake.journal.n_rows == len(lines())
    note = watching.intake.note  # what comes again when it is late is counted as late
    assert note.n_repeated + note.n_late == len(twice) + 50 - len(lines())
    assert note.n_late <= 50


def test_late_events_count_and_later_ones_are_counted(tmp_path) -> None:
    some = list(lines())[:400]
    arrived = LineReader(SETTINGS).read(b"".join([*some[1:300], some[0], *some[300:]]))  # hours late
    for name, lateness_us, expected in (("a", 24 * HOUR_US, (400, 0)), ("b", 600_000_000, (399, 1))):
        intake = Intake(tmp_path / name, replace(SETTINGS, lateness_us=lateness_us))
        intake.take(arrived, None, "test")
        assert (intake.journal.n_rows, intake.note.n_late) == expected
        intake.close()


def test_events_out_of_order_within_the_lateness_change_nothing_in_the_end(watched, tmp_path) -> None:
    chance = np.random.default_rng(2)
    shuffled = [
        line for _, line in sorted((i + chance.uniform(0, 3), line) for i, line in enumerate(lines()))
    ]
    settings = replace(SETTINGS, lateness_us=2 * HOUR_US, look_every_us=20 * HOUR_US)
    watch(tmp_path / "state", write(tmp_path / "log", shuffled), settings)
    assert open_leads(told(tmp_path / "state")) == open_leads(told(watched))


def test_streams_without_fleets_raise_no_lead_however_often_they_are_looked_at(tmp_path) -> None:
    """A look every three hours at least: chance and crowds of a log must not be told in any of them.

    The nominal rate is ``fdr`` false leads over the life of a stream; of two streams at 0.05, none is to be expected.
    """
    n_looks = 0
    for seed in range(2):
        made = simulate(SimulationConfig(accounts=500, days=1, seed=seed, fleets=False))
        log = write(tmp_path / f"log{seed}", lines_of(made.events))
        settings = replace(
            SETTINGS, look_every_us=3 * HOUR_US, config=replace(SETTINGS.config, surrogates=0, fdr=0.05)
        )
        watching = watch(tmp_path / f"state{seed}", log, settings)
        n_looks += watching.analysis.n_looks
        assert told(tmp_path / f"state{seed}") == []
    assert n_looks >= 12


def test_a_stream_with_few_columns_is_watched_too(tmp_path) -> None:
    few = events().select(["time", "account", "target"])
    watch(tmp_path / "state", write(tmp_path / "log", lines_of(few)), replace(SETTINGS, tick_us=3 * HOUR_US))
    assert open_leads(told(tmp_path / "state"))
    profiles = load_profiles(tmp_path / "state" / PROFILES)
    assert all(set(fleet.shares) == {"co_target"} for fleet in profiles.fleets)


def test_the_shares_of_all_looks_add_up_to_the_budget() -> None:
    shares = [2 ** -look_bits(k, 0.05) for k in range(1, 200_001)]
    assert sum(shares) == pytest.approx(0.05, rel=1e-4)
    assert sum(shares) < 0.05


def test_what_cannot_pay_for_its_look_is_no_lead() -> None:
    """The same run raises each fleet or not by its score alone; the closing look asks for none."""
    scores = sorted(row["score_bits"] for row in batch().fleets.to_pylist() if row["reported"])
    for n, asked in enumerate([0.0, *(score + 0.01 for score in scores)]):
        told_now = Leads().update(batch(), at="2026-03-02T12:00:00+00:00", look=1, at_least_bits=asked)
        assert [one.score_bits for one in told_now] == scores[n:][::-1]


def test_another_budget_or_window_is_another_stream(watched) -> None:
    with pytest.raises(OptionError, match="begun with another look_every"):
        open_settings(watched, replace(SETTINGS, look_every_us=HOUR_US))
    with pytest.raises(OptionError, match="begun with another config"):
        open_settings(watched, replace(SETTINGS, config=replace(SETTINGS.config, fdr=0.1)))
    more = replace(SETTINGS, config=replace(SETTINGS.config, threads=1))
    assert open_settings(watched, more).config.threads == 1


def test_the_state_of_a_stream_is_nobody_elses_folder(tmp_path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "a.txt").write_text("dear")
    with pytest.raises(OptionError, match="not the state of a stream"):
        open_settings(tmp_path / "letters", SETTINGS)
    assert os.listdir(tmp_path / "letters") == ["a.txt"]
    assert "time" in ROLES
