"""Dossiers hold exactly the rows of their fleet: against slow, obvious twins."""

from dataclasses import replace
from itertools import combinations

import pyarrow as pa
import pytest

from samehand.report.dossier import open_dossiers, read_fleets
from tests.report.fake_run import fake_run


@pytest.fixture(scope="module", params=["text", "int"])
def run(request):
    return fake_run(3, 60, ids=request.param)


def rows_of(table, fleet_id):
    return [row for row in table.to_pylist() if row["fleet_id"] == fleet_id]


def test_rows_are_those_of_the_fleet_the_most_telling_first(run):
    _, tables = run
    fleets = read_fleets(tables.fleets)
    for fleet, dossier in zip(fleets, open_dossiers(tables, fleets), strict=True):
        assert dossier.fleet == fleet
        for name in ("members", "evidence", "explanations"):
            mine = getattr(dossier, name).to_pylist()
            key = "weight" if name == "explanations" else "bits"
            assert sorted(map(str, mine)) == sorted(map(str, rows_of(getattr(tables, name), fleet.fleet_id)))
            weights = [row[key] for row in mine if row[key] is not None]
            assert weights == sorted(weights, reverse=True)
        accounts = dossier.members["account"].to_pylist()
        events = dossier.events
        assert [accounts[m] for m in events.member] == dossier.event_rows["account"].to_pylist()
        assert (events.time_us[1:] >= events.time_us[:-1]).all()
        assert events.coaction.sum() == fleet.n_coactions
        driven = {(r["event_id"], r["account"]) for r in rows_of(tables.driven, fleet.fleet_id)}
        asked = [(r["event_id"], r["account"]) for r in dossier.event_rows.to_pylist()]
        assert events.driven.tolist() == [one in driven for one in asked]
        assert 0 < (events.driven != events.coaction).sum() < len(asked)


def test_a_run_of_an_older_samehand_has_no_driven_events(run):
    _, tables = run
    rows = [row | {"n_driven": None} for row in tables.members.to_pylist()]
    members = pa.Table.from_pylist(rows, tables.members.schema)
    older = replace(tables, members=members, driven=tables.driven.slice(0, 0))
    for dossier in open_dossiers(older, read_fleets(older.fleets)):
        assert (dossier.events.driven == dossier.events.coaction).all()


def test_events_of_one_id_are_told_apart_by_their_accounts(run):
    _, tables = run
    events, driven = tables.member_events, tables.driven
    one = events["event_id"][0]
    same = pa.repeat(one.as_py(), events.num_rows).cast(events["event_id"].type)
    first = driven.slice(0, 1)
    tables = replace(
        tables,
        member_events=events.set_column(events.column_names.index("event_id"), "event_id", same),
        driven=first.set_column(1, "event_id", same.slice(0, 1)),
    )
    (dossier,) = open_dossiers(tables, read_fleets(tables.fleets)[:1])
    account = first["account"][0].as_py()
    assert dossier.event_rows.filter(dossier.events.driven)["account"].unique().to_pylist() == [account]


def test_links_are_the_best_scale_of_each_layer_summed(run):
    _, tables = run
    fleets = read_fleets(tables.fleets)
    more = tables.edges.slice(0, 200)
    # The same pairs again: another scale of the layer, weaker, and another layer.
    weaker = more.set_column(7, "bits", pa.array([b / 2 for b in more["bits"].to_pylist()]))
    other = more.set_column(0, "layer", pa.array(["of_a_plugin"] * 200))
    edges = pa.concat_tables([weaker, tables.edges, other])
    tables = replace(tables, edges=edges)
    for dossier in open_dossiers(tables, fleets):
        accounts = dossier.members["account"].to_pylist()
        best = {}
        for row in edges.to_pylist():
            pair = frozenset([row["account_a"], row["account_b"]])
            if pair <= set(accounts):
                layers = best.setdefault(pair, {})
                layers[row["layer"]] = max(layers.get(row["layer"], 0), row["bits"])
        expected = {pair: sum(layers.values()) for pair, layers in best.items()}
        links = dossier.links
        found = {
            frozenset([accounts[a], accounts[b]]): bits
            for a, b, bits in zip(links.a, links.b, links.bits, strict=True)
        }
        assert found == pytest.approx(expected)
        assert (links.bits[1:] <= links.bits[:-1]).all()


def test_a_member_took_part_in_the_rows_that_hold_its_events(run):
    _, tables = run
    fleets = read_fleets(tables.fleets)
    for dossier in open_dossiers(tables, fleets):
        own = {}
        for row in dossier.event_rows.to_pylist():
            own.setdefault(row["account"], set()).add(row["event_id"])
        expected = tuple(
            tuple(
                n
                for n, ids in enumerate(dossier.evidence["event_ids"].to_pylist())
                if own[account] & set(ids)
            )
            for account in dossier.members["account"].to_pylist()
        )
        assert dossier.took_part == expected


def test_only_the_fleets_asked_for_in_the_order_asked_for(run):
    _, tables = run
    fleets = read_fleets(tables.fleets)
    for some in combinations(fleets, 2):
        assert [d.fleet for d in open_dossiers(tables, some[::-1])] == list(some[::-1])
    assert list(open_dossiers(tables, ())) == []
