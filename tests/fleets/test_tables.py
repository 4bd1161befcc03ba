"""The tables of a run, and the rows of evidence in them."""

from __future__ import annotations

import dataclasses
import math
from collections import defaultdict
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest

from samehand import columns
from samehand.fleets import edges as edges_module
from samehand.fleets import evidence as evidence_module
from samehand.fleets import tables as tables_module
from samehand.fleets.driven import attribute_events
from samehand.fleets.edges import edge_table
from samehand.fleets.evidence import list_evidence
from samehand.fleets.facts import survey
from samehand.fleets.innocent import Explanation
from samehand.fleets.judge import judge
from samehand.fleets.score import bits, score
from samehand.fleets.settling import _disjoint
from samehand.fleets.tables import build_tables, rank
from samehand.graph.backbone import judge as judge_pairs
from tests.engines.load import to_table
from tests.fleets.scene import HOUR, RHYTHM, SECOND, candidate_of
from tests.fleets.test_judge import FLEET, LOOKS, PAIR, log_with_two_fleets
from tests.kernels import twins


@pytest.fixture
def rows():
    found = log_with_two_fleets()
    return [{**row, "event_id": f"e{n}", "device": f"d{row['account']}"} for n, row in enumerate(found)]


@pytest.fixture
def engine(engine_of, rows):
    return engine_of(rows)


def judged_of(engine, *groups, looks=LOOKS):
    candidates = [candidate_of(engine, names, looks) for names in groups]
    return judge(engine, looks, candidates, None, survey(engine, SECOND))


def explained(judged, weight):
    one = Explanation("fan_club", tested=True, weight=weight, figures={"focus": 2.0})
    return dataclasses.replace(judged, explanations=[one])


def scored(judged, score_bits):
    return dataclasses.replace(judged, candidate=dataclasses.replace(judged.candidate, score_bits=score_bits))


def tables_of(engine, rows, ranked, looks=LOOKS):
    judged = [one.judged for one in ranked]
    driven = attribute_events(engine, looks, judged, None, survey(engine, SECOND))
    posteriors = [(0.5, np.full(len(one.candidate.accounts), 0.25)) for one in judged]
    return build_tables(engine, ranked, driven, posteriors, to_table(rows).schema)


# --- ranking


def test_reported_come_first_then_the_stronger(engine):
    one, two = judged_of(engine, FLEET, PAIR)
    four = [
        scored(explained(one, 0.0), 10.0),
        scored(explained(one, 0.9), 900.0),
        scored(explained(two, 0.0), 500.0),
        scored(explained(two, 0.0), 20.0),
    ]
    ranked = rank(four, np.array([0.01, 0.01, 0.2, 0.05]), np.array([0.0, 0.1, 0.2, 0.3]), 0.05)
    assert [one.fleet_id for one in ranked] == ["F0001", "F0002", "F0003", "F0004"]
    assert [one.judged.candidate.score_bits for one in ranked] == [20.0, 10.0, 900.0, 500.0]
    assert [one.reported for one in ranked] == [True, True, False, False]
    # The q-value is the larger of what chance and what the best innocent explanation give.
    assert [one.q_value for one in ranked] == [0.05, 0.01, 0.9, 0.2]
    assert [one.chance_count for one in ranked] == [0.3, 0.0, 0.1, 0.2]


@pytest.mark.parametrize(("weight", "reported"), [(0.05, True), (0.051, False)])
def test_without_surrogates_only_innocent_causes_decide(engine, weight, reported):
    (one,) = judged_of(engine, FLEET)
    (found,) = rank([explained(one, weight)], None, None, 0.05)
    assert (found.q_value, found.chance_count, found.reported) == (None, None, reported)


def test_equal_scores_are_ranked_by_account(engine):
    one, two = (scored(j, 7.0) for j in judged_of(engine, FLEET, PAIR))
    for judged in ([one, two], [two, one]):
        assert [r.judged.candidate.accounts[0] for r in rank(judged, None, None, 0.99)] == sorted(
            j.candidate.accounts[0] for j in judged
        )


def test_nothing_to_rank(engine, rows):
    assert rank([], None, None, 0.05) == []
    tables = tables_of(engine, rows, [])
    assert tables.fleets.schema == columns.FLEETS
    assert tables.members.schema == columns.members(pa.string())
    assert tables.evidence.schema == columns.evidence(pa.string())
    assert tables.explanations.schema == columns.EXPLANATIONS
    assert tables.member_events.schema == columns.member_events(pa.string(), pa.string())
    assert all(
        t.num_rows == 0 for t in (tables.fleets, tables.members, tables.evidence, tables.member_events)
    )


def test_an_account_goes_to_the_strongest_group_that_has_it():
    groups = [np.array(g, np.int32) for g in ([1, 2, 3, 4], [3, 4, 5], [5, 6], [])]
    found = [g.tolist() for g in _disjoint(groups, [10.0, 30.0, 20.0, 99.0])]
    assert found == [[1, 2], [3, 4, 5], [6], []]
    tied = [g.tolist() for g in _disjoint(groups[:2], [5.0, 5.0])]
    assert tied == [[1, 2, 3, 4], [5]], "of equally strong ones, the first"


# --- tables


@pytest.fixture
def ranked(engine):
    judged = [explained(one, 0.0) for one in judged_of(engine, FLEET, PAIR)]
    return rank(judged, np.array([0.01, 0.02]), np.array([0.0, 0.1]), 0.05)


def test_a_row_for_each_fleet(engine, rows, ranked):
    table = tables_of(engine, rows, ranked).fleets
    assert table.schema == columns.FLEETS
    strong, weak = table.to_pylist()
    assert (strong["fleet_id"], weak["fleet_id"]) == ("F0001", "F0002")
    assert (strong["n_accounts"], weak["n_accounts"]) == (12, 6)
    assert (strong["n_events"], strong["n_coactions"]) == (360, 360)
    own = [row["time"] for row in rows if row["account"] in FLEET]
    assert strong["first_time"] == datetime.fromtimestamp(min(own) / 1e6, UTC)
    assert strong["last_time"] == datetime.fromtimestamp(max(own) / 1e6, UTC)
    assert strong["score_bits"] > weak["score_bits"] > 0
    assert (strong["q_value"], strong["chance_count"], strong["reported"]) == (0.01, 0.0, True)
    assert (strong["coordination"], strong["inauthenticity"]) == (0.99, 1.0)
    assert (strong["layers"], strong["behaviours"]) == (["co_target"], ["boost"])
    assert (strong["innocent"], strong["innocent_weight"]) == (None, 0.0)
    assert "12" in strong["summary"]


def test_an_innocent_fleet_is_named_so(engine, rows):
    (one,) = judged_of(engine, FLEET)
    ranked = rank([explained(one, 0.8)], np.array([0.01]), np.array([0.2]), 0.05)
    (row,) = tables_of(engine, rows, ranked).fleets.to_pylist()
    assert (row["innocent"], row["innocent_weight"], row["q_value"]) == ("fan_club", 0.8, 0.8)
    assert (row["reported"], row["inauthenticity"]) == (False, pytest.approx(0.2))
    assert row["coordination"] == pytest.approx(0.8), "chance gives 0.2 such groups: that much is not sure"


def test_without_surrogates_nothing_is_said_of_chance(engine, rows):
    (one,) = judged_of(engine, FLEET)
    (row,) = tables_of(engine, rows, rank([one], None, None, 0.05)).fleets.to_pylist()
    assert (row["q_value"], row["chance_count"], row["coordination"]) == (None, None, None)


def test_a_row_for_each_member(engine, rows, ranked):
    table = tables_of(engine, rows, ranked).members
    assert table.schema == columns.members(pa.string())
    found = table.to_pylist()
    assert len({row["account"] for row in found}) == len(found) == 18, "an account is in one fleet at most"
    for one in ranked:
        mine = [row for row in found if row["fleet_id"] == one.fleet_id]
        evidence = one.judged.candidate.evidence
        assert [row["bits"] for row in mine] == sorted((row["bits"] for row in mine), reverse=True)
        by_account = {row["account"]: row for row in mine}
        for code, name in zip(
            evidence.accounts, engine.account_ids(evidence.accounts).to_pylist(), strict=True
        ):
            place = evidence.accounts.tolist().index(code)
            row = by_account[name]
            times = [r["time"] for r in rows if r["account"] == name]
            assert row["reported"] is True
            assert row["bits"] == pytest.approx(bits(evidence.log_p)[place])
            assert row["leave_one_out_bits"] == pytest.approx(bits(evidence.log_p_without)[place])
            assert row["n_events"] == len(times)
            assert row["n_coactions"] == evidence.n_coactions[place]
            assert row["share_of_events"] == pytest.approx(row["n_coactions"] / row["n_events"])
            assert row["first_time"] == datetime.fromtimestamp(min(times) / 1e6, UTC)
            assert row["last_time"] == datetime.fromtimestamp(max(times) / 1e6, UTC)


def test_who_acts_with_one_member_only_does_not_hold_without_him(engine_of):
    """z00 .. z04 serve 20 orders; x acts only where z00 alone is with it: nothing is left when he is left out."""
    rng = np.random.default_rng(0)
    rows = [
        {
            "time": int(rng.integers(300 * HOUR)),
            "account": f"p{n % 100}",
            "action": "like",
            "target": f"t{n % 80}",
        }
        for n in range(3000)
    ]
    names = [f"z{n:02d}" for n in range(5)]
    for target in range(40):
        here = names if target < 20 else ["z00", "x"]
        at = int(rng.integers(300 * HOUR))
        rows += [
            {"time": at + n * SECOND, "account": name, "action": "like", "target": f"t{target}"}
            for n, name in enumerate(here)
        ]
    engine = engine_of(rows)
    (one,) = judged_of(engine, [*names, "x"])
    tables = tables_of(engine, rows, rank([one], None, None, 0.05))
    found = {row["account"]: row for row in tables.members.to_pylist()}
    assert found["x"]["bits"] > 50
    assert found["x"]["leave_one_out_bits"] == 0
    assert all(found[name]["leave_one_out_bits"] > 50 for name in names)


def test_numbers_as_ids_stay_numbers(engine_of, rows):
    numbers = [{**row, "account": int(row["account"][1:]) + 1000 * ord(row["account"][0]), "event_id": n}
               for n, row in enumerate(rows)]  # fmt: skip
    engine = engine_of(numbers)
    codes = engine.account_codes(pa.array([1000 * ord("z") + n for n in range(12)]))
    candidates = score(engine, LOOKS, [np.sort(codes)], [np.empty(0, np.int32)], None)
    judged = judge(engine, LOOKS, candidates, None, survey(engine, SECOND))
    tables = tables_of(engine, numbers, rank(judged, None, None, 0.05))
    assert tables.members.schema == columns.members(pa.int64())
    assert sorted(tables.members["account"].to_pylist()) == [1000 * ord("z") + n for n in range(12)]
    assert tables.member_events.schema == columns.member_events(pa.int64(), pa.int64())


def test_explanations_are_shown_with_their_figures_or_what_is_missing(engine, rows):
    (one,) = judged_of(engine, FLEET)
    table = tables_of(engine, rows, rank([one], None, None, 0.05)).explanations
    assert table.schema == columns.EXPLANATIONS
    by_name = {row["explanation"]: row for row in table.to_pylist()}
    interest, answers = by_name["shared_interest"], by_name["call_centre"]
    assert (interest["tested"], answers["tested"]) == (True, False)
    assert interest["weight"] is not None
    assert set(dict(interest["figures"])) == {"lag_bits", "lag_scale_us"}
    assert answers["weight"] is None
    assert dict(answers["figures"]) == {"outcome": 0.0}
    assert all(row["sentence"] for row in by_name.values())


def test_events_of_members_are_all_there(engine, rows, ranked):
    table = tables_of(engine, rows, ranked).member_events
    assert table.schema == columns.member_events(pa.string(), pa.string())
    found = table.to_pylist()
    own = {row["event_id"]: row for row in rows if row["account"] in {*FLEET, *PAIR}}
    assert {row["event_id"] for row in found} == set(own)
    for row in found:
        assert (row["account"], row["target"], row["device"]) == tuple(
            own[row["event_id"]][name] for name in ("account", "target", "device")
        )
        assert row["coaction"] is True
        assert row["address"] is None, "a column that the log lacks"


def test_joint_events_are_kept_first_and_the_rest_is_counted(engine_of, rows, monkeypatch):
    extra = [
        {**rows[0], "time": n * 1000, "account": FLEET[0], "target": f"own{n}", "event_id": f"own{n}"}
        for n in range(50)
    ]
    engine = engine_of([*rows, *extra])
    (one,) = judged_of(engine, FLEET)
    monkeypatch.setattr(tables_module, "MOST_EVENTS", 370)
    tables = tables_of(engine, rows, rank([one], None, None, 0.05))
    assert tables.member_events.num_rows == 370
    assert sum(tables.member_events["coaction"].to_pylist()) == 360
    (left,) = [left for left in tables.bounded if "events of members" in left.what]
    assert left.count == 40
    assert "F0001" in left.what
    assert tables.fleets["n_events"].to_pylist() == [410]


# --- rows of evidence


def test_evidence_by_hand(engine, rows):
    (one,) = judged_of(engine, FLEET)
    found = list_evidence(engine, "F0007", one)
    assert found.n_left_out == 0
    assert len(found.rows) == 30, "one for each target that they served"
    by_target = defaultdict(list)
    for row in rows:
        if row["account"] in FLEET:
            by_target[row["target"]].append(row)
    members_did = len([row for row in rows if row["account"] in FLEET])
    for row in found.rows:
        mine = by_target[row["target"]]
        assert (row["fleet_id"], row["layer"], row["action"]) == ("F0007", "co_target", "like")
        assert row["feature"] == f"like → {row['target']}"
        assert (row["n_accounts"], row["n_events"]) == (12, 12)
        assert sorted(row["event_ids"]) == sorted(r["event_id"] for r in mine)
        assert row["first_time"].timestamp() == min(r["time"] for r in mine) / 1e6
        assert row["last_time"].timestamp() == max(r["time"] for r in mine) / 1e6
        span_us = (row["last_time"] - row["first_time"]).total_seconds() * 1e6
        windows = 1 + span_us / (2 * row["scale_us"])
        expected = members_did * (row["n_others"] + 1) * windows / engine.size.n_events
        assert row["expected"] == pytest.approx(expected)
        assert row["p_value"] == pytest.approx(twins.poisson_tail(12, expected), rel=1e-6)
        assert row["bits"] == pytest.approx(-math.log2(row["p_value"]))
        assert row["sentence"]
    p_values = [row["p_value"] for row in found.rows]
    assert p_values == sorted(p_values), "the least likely first"


def test_the_strongest_rows_are_kept_and_the_rest_is_counted(engine, rows, monkeypatch):
    (one,) = judged_of(engine, FLEET)
    everything = list_evidence(engine, "F0001", one).rows
    monkeypatch.setattr(evidence_module, "MOST_ROWS", 4)
    found = list_evidence(engine, "F0001", one)
    assert found.rows == everything[:4]
    assert found.n_left_out == 26
    tables = tables_of(engine, rows, rank([one], None, None, 0.05))
    assert tables.evidence.num_rows == 4
    assert [left.count for left in tables.bounded if "evidence" in left.what] == [26]


def test_where_every_target_differs_none_is_named(engine_of):
    rng = np.random.default_rng(1)
    rows = [
        {"time": int(rng.integers(90 * HOUR)), "account": f"p{n % 50}", "action": "add", "target": f"q{n}"}
        for n in range(1500)
    ]
    rows += [
        {"time": h * HOUR + n * 10_000, "account": f"z{n}", "action": "add", "target": f"v{h}-{n}"}
        for h in range(20)
        for n in range(6)
    ]
    engine = engine_of(rows)
    (one,) = judged_of(engine, [f"z{n}" for n in range(6)], looks=[(RHYTHM, SECOND)])
    found = list_evidence(engine, "F0001", one).rows
    assert len(found) == 20
    assert {(row["action"], row["target"], row["feature"]) for row in found} == {("add", None, "add")}
    assert {row["n_accounts"] for row in found} == {6}


# --- pairs


def test_pairs_of_a_run(engine, monkeypatch):
    layer, scale_us = LOOKS[1]
    pairs = engine.candidate_pairs(layer, scale_us, 0.0)
    limit = float(np.quantile(pairs.log_p, 0.3))
    retest = engine.retest(layer, scale_us, pairs, pairs.log_p < -20, None, limit)
    edges = judge_pairs(layer.name, scale_us, pairs, retest, engine.size.n_accounts)
    table, left_out = edge_table(engine, [edges], [], [], pa.string())
    assert left_out is None
    assert table.schema == columns.edges(pa.string())
    assert 66 < table.num_rows == (edges.weak | edges.strong).sum() < len(pairs)
    assert 0 < table["p_lag"].null_count < table.num_rows
    for row in table.to_pylist():
        assert row["account_a"] < row["account_b"]
        lags = 1.0 if row["p_lag"] is None else row["p_lag"]
        assert row["p_value"] == pytest.approx(max(row["p_local"], row["p_interest"], lags))
        assert row["bits"] == pytest.approx(-math.log2(max(row["p_local"], row["p_interest"])), abs=1e-9)
        assert (row["p_lag"] is None) == (math.log(row["p_value"]) > limit), "null where it was not tested"
        lockstep = row["p_lag"] is not None and row["p_lag"] <= 1e-5
        assert row["strong"] == (lockstep and row["p_value"] <= 0.1 / engine.size.n_accounts**1.5)
        assert row["strong"] == (row["account_a"] in FLEET and row["account_b"] in FLEET)
    monkeypatch.setattr(edges_module, "MOST_EDGES", 20)
    few, left_out = edge_table(engine, [edges, edges], [], [], pa.string())
    assert few.num_rows == 20
    assert left_out.count == 2 * table.num_rows - 20
    assert min(few["bits"].to_pylist()) >= sorted(table["bits"].to_pylist())[-10]


def test_what_explains_a_group_explains_its_pairs(engine):
    layer, scale_us = LOOKS[1]
    pairs = engine.candidate_pairs(layer, scale_us, 0.0)
    retest = engine.retest(layer, scale_us, pairs, pairs.log_p < -20, None, 0.0)
    edges = judge_pairs(layer.name, scale_us, pairs, retest, engine.size.n_accounts)
    (plain,) = judged_of(engine, FLEET)
    cleared, suspected = explained(plain, 0.4), explained(plain, 0.01)
    without, of_suspected, of_cleared = (
        edge_table(engine, [edges], judged, [], pa.string())[0] for judged in ([], [suspected], [cleared])
    )
    assert of_suspected.equals(without)
    inside = 0
    for before, after in zip(without.to_pylist(), of_cleared.to_pylist(), strict=True):
        both = before["account_a"] in FLEET and before["account_b"] in FLEET
        inside += both
        assert before["p_innocent"] is None
        assert after["p_innocent"] == (0.4 if both else None)
        assert after["p_value"] == (max(0.4, before["p_value"]) if both else before["p_value"])
        assert after["bits"] == before["bits"]
    assert 0 < inside < without.num_rows
