"""Counts: known answers, a slow twin, and the published SQL run again by somebody else."""

from __future__ import annotations

import dataclasses
import shutil

import duckdb
import pyarrow.parquet as pq
import pytest

import samehand
from samehand.errors import InputError, OptionError
from samehand.harm.folder import render_sql
from samehand.harm.ledger import count_harm
from samehand.harm.queries import COUNTED
from samehand.harm.views import ALL
from tests.harm.made import Event, Member, World, count_slowly, random_world, read_log, run_of

OF_LOG = {query.item for query in COUNTED if "log" in query.needs}


def figures(ledger):
    return {
        (one.scope, one.item, one.of): (one.low, one.mid, one.high)
        for one in ledger.counts
        if one.missing is None
    }


@pytest.mark.parametrize(
    ("seed", "ints", "candidates"), [(0, False, False), (1, True, True), (2, False, True)]
)
def test_counts_are_those_of_a_slow_twin(tmp_path, seed, ints, candidates):
    world = random_world(seed, ints=ints)
    _, events = read_log(world, tmp_path)
    ledger = count_harm(run_of(world, events), log=events, all=candidates)
    fleets = world.fleets if candidates else world.reported
    wanted = count_slowly(world, {ALL: fleets} | {fleet: [fleet] for fleet in fleets})
    found = figures(ledger)
    assert found.keys() == wanted.keys()
    for key, three in wanted.items():
        assert found[key] == pytest.approx(three, abs=1e-5), key


def test_low_is_at_most_mid_is_at_most_high(ledger):
    found = figures(ledger)
    assert len(found) > 60
    for key, (low, mid, high) in found.items():
        assert 0 <= low <= mid + 1e-9 <= high + 2e-9, key


def test_anybody_who_runs_the_published_sql_gets_the_same(place, ledger, tmp_path, monkeypatch):
    """In a folder with the tables of the run and the log as harm.sql says how to read it, and nothing of samehand."""
    _, folder, _ = place
    work = shutil.copytree(folder / "run", tmp_path / "work")
    log = samehand.read_events(
        [folder / ledger.info.sources[0].name],
        {role: ledger.info.mapping.get(role) for role in ledger.info.mapping},
    )
    pq.write_table(log.to_arrow(), work / "log.parquet")
    monkeypatch.chdir(work)
    database = duckdb.connect()
    database.execute("SET TimeZone = 'Asia/Shanghai'")
    views, *answers = render_sql(ledger.info).split("\n-- actions\n")[0], *ledger.info.queries.items()
    database.execute(views)
    n = 0
    for item, sql in answers:
        assert f"-- {item}\n{sql}\nORDER BY ALL;" in render_sql(ledger.info)
        for scope, of, *three in database.execute(sql).fetchall():
            if of is None or three[-1]:
                assert [float(x or 0) for x in three] == pytest.approx(
                    _found(ledger, item, scope, of), abs=2e-6
                )
                n += 1
    counted = [one for one in ledger.counts if one.missing is None]
    zeros = [one for one in counted if one.high == 0]
    assert n >= len(counted) - len(zeros) > 50


def _found(ledger, item, scope, of):
    one = ledger.count(item, scope, of)
    return [one.low, one.mid, one.high]


def test_the_whole_script_runs_as_it_stands(place, ledger, tmp_path, monkeypatch):
    _, folder, _ = place
    work = shutil.copytree(folder / "run", tmp_path / "work")
    pq.write_table(
        samehand.read_events(folder / ledger.info.sources[0].name).to_arrow(), work / "log.parquet"
    )
    monkeypatch.chdir(work)
    duckdb.connect().execute(render_sql(ledger.info))


def known_world() -> World:
    """Two full-time members and one part-time member like t1; others like t2; one message to u."""
    events = [
        Event(id="1", account="a", minute=0, target="t1", coaction=True, p=0.99),
        Event(id="2", account="b", minute=1, target="t1", coaction=True, p=0.98),
        Event(id="3", account="c", minute=2, target="t1", p=0.6),
        Event(id="4", account="c", minute=3, target="t3"),
        Event(id="5", account="a", minute=4, target="t3"),
        Event(id="6", account="o", minute=5, target="t2"),
        Event(id="7", account="o2", minute=6, target="t2"),
        Event(id="8", account="a", minute=1441, action="message", target="u", outcome="ignored", coaction=True, p=1.0),
    ]  # fmt: skip
    members = [
        Member(account="a", fleet="F0001", known="banned"),
        Member(account="b", fleet="F0001"),
        Member(account="c", fleet="F0001", part_time=True),
    ]
    return World(events, members)


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    folder, world = tmp_path_factory.mktemp("known"), known_world()
    _, events = read_log(world, folder)
    return run_of(world, events), events


def test_a_part_time_members_own_actions_are_never_counted(known):
    run, events = known
    found = figures(count_harm(run, log=events))
    assert found["F0001", "actions", None] == (
        2.97,
        3.57,
        5,
    )  # 1, 2, 3, 8; high also 5, of a, and not 4, of c
    assert found["F0001", "share_of_traffic", None] == (0.37125, 0.44625, 0.625)
    assert found["F0001", "share_of_target", "t1"] == (0.656667, 0.856667, 1.0)
    assert found["F0001", "orders", "boost"] == (1, 1, 1)
    # 3, 2 and 2 likes: without the fleet t1 is last; in the high figure t3 has one left, and stays second.
    assert found["F0001", "raised", None] == (1, 1, 1)
    assert found["F0001", "lowered", None] == (1, 2, 2)
    assert found["F0001", "contacted", None] == (1, 1, 1)
    assert found["F0001", "unanswered", None] == (1, 1, 1)
    assert found["F0001", "known_banned", None] == (1, 1, 1)
    assert found["F0001", "accounts", None] == (2, 3, 3)
    assert found["F0001", "active_days", None] == (2, 2, 2)


def test_where_the_log_cannot_tell_a_life_of_ones_own_nothing_that_may_be_one_counts(known):
    run, events = known
    members = run.tables.members.to_pylist()
    unknown = run.tables.members.from_pylist(
        [row | {"part_time": None} for row in members], run.tables.members.schema
    )
    tables = dataclasses.replace(run.tables, members=unknown)
    ledger = count_harm(samehand.Run(run.info, tables), log=events)
    assert figures(ledger)["F0001", "actions", None] == (2.97, 3.57, 4)
    assert figures(ledger)["F0001", "accounts", None] == (0, 3, 3)


def test_a_run_of_an_older_samehand_counts_what_was_joint(known):
    run, events = known
    members = run.tables.members.to_pylist()
    old = run.tables.members.from_pylist(
        [row | {"part_time": None, "n_driven": None} for row in members], run.tables.members.schema
    )
    tables = dataclasses.replace(run.tables, members=old, driven=run.tables.driven.slice(0, 0))
    ledger = count_harm(samehand.Run(run.info, tables), log=events)
    assert figures(ledger)["F0001", "actions", None] == (3, 3, 3)


def test_without_the_log_its_heads_are_not_counted_and_never_zero(known):
    run, _ = known
    ledger = count_harm(run)
    assert "log.of.run.parquet" in ledger.info.log
    of_log = [one for one in ledger.counts if one.item in OF_LOG]
    assert {one.item for one in of_log} == OF_LOG
    assert {(one.missing, one.low, one.mid, one.high) for one in of_log} == {("log", None, None, None)}
    assert not OF_LOG & ledger.info.queries.keys()
    assert ledger.count("actions").mid == 3.57


def test_columns_that_the_log_lacks_are_not_counted_and_never_zero(known):
    run, _ = known
    events = run.tables.member_events.drop_columns(["target", "outcome", "device", "content"])
    tables = dataclasses.replace(run.tables, member_events=events)
    ledger = count_harm(samehand.Run(run.info, tables))
    missing = {one.item: one.missing for one in ledger.counts}
    assert missing["orders"] == "target"
    assert missing["unanswered"] == "outcome"
    assert missing["shared_devices"] == "device"
    assert missing["text_bytes"] == "content"
    assert missing["actions"] is None
    assert ledger.value("gain_by_order").missing == "target"


def test_another_log_is_refused(known, tmp_path):
    run, _ = known
    other, events = read_log(random_world(3), tmp_path)
    with pytest.raises(InputError, match="SHA-256 differs"):
        count_harm(run, log=other)
    with pytest.raises(InputError, match="SHA-256 differs"):
        count_harm(run, log=events)


def test_the_log_of_the_run_that_changed_is_as_if_it_were_not_there(place, tmp_path, monkeypatch):
    _, folder, _ = place
    work = shutil.copytree(folder / "run", tmp_path / "run")
    (tmp_path / "log.of.run.parquet").write_bytes(b"other")
    monkeypatch.chdir(tmp_path)
    ledger = count_harm(work)
    assert "SHA-256 differs" in ledger.info.log
    assert ledger.count("share_of_traffic").missing == "log"


def test_one_fleet_can_be_counted_also_a_candidate(place, ledger):
    _, folder, _ = place
    alone = count_harm(folder / "run", fleets=["F0003"])
    assert alone.scopes == ("all", "F0003")
    assert figures(alone)["all", "actions", None] == figures(alone)["F0003", "actions", None]
    assert ledger.scopes == ("all", "F0001", "F0002")
    with pytest.raises(OptionError, match="no fleet 'F0009'"):
        count_harm(folder / "run", fleets=["F0009"])


def test_the_same_run_gives_the_same_ledger_whatever_the_order_of_its_rows(place, ledger):
    _, folder, run = place
    turned = dataclasses.replace(
        run.tables,
        **{name: getattr(run.tables, name)[::-1] for name in ("members", "member_events", "driven")},
    )
    other = count_harm(samehand.Run(run.info, turned), log=folder / "log.of.run.parquet")
    assert other.counts == ledger.counts
