"""Ids keep the type and the text that they had in the log, from reading to every table and report."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import samehand as sh
from samehand import columns

START = 1_772_438_400
N_FLEET, N_TARGETS, N_CROWD = 8, 30, 60
PLAIN = sh.Config(surrogates=0)


def log(name_of, event_id_of=None) -> pa.Table:
    """Eight accounts that come to thirty targets within seconds, and sixty that come when they like."""
    rows = [
        (START + target * 3_000 + member, member, f"t{target}")
        for target in range(N_TARGETS)
        for member in range(N_FLEET)
    ]
    random = np.random.default_rng(1)
    n_visits = 20 * N_TARGETS
    times = START + random.integers(0, 3_000 * N_TARGETS, n_visits)
    visitors = N_FLEET + random.integers(0, N_CROWD, n_visits)
    targets = random.integers(0, N_TARGETS, n_visits)
    rows += [
        (t, a, f"t{x}") for t, a, x in zip(times.tolist(), visitors.tolist(), targets.tolist(), strict=True)
    ]
    table = {
        "time": [row[0] for row in rows],
        "account": [name_of(row[1]) for row in rows],
        "target": [row[2] for row in rows],
    }
    if event_id_of:
        table["event_id"] = [event_id_of(place) for place in range(len(rows))]
    return pa.table(table)


NAMES = {
    "leading zeros": (lambda i: f"{i:03d}", pa.string()),
    "small numbers": (lambda i: i, pa.int64()),
    "negative numbers": (lambda i: -i - 1, pa.int64()),
    "numbers of 18 digits": (lambda i: 900_719_925_474_099_300 + i, pa.int64()),
    "numbers beyond 64 bits": (lambda i: f"{2**70 + i}", pa.string()),
    "other alphabets": (lambda i: f"用户·{chr(0x1F600 + i)}é{i}", pa.string()),
    "spaces and quotes": (lambda i: f" a'\"{i}, ", pa.string()),
    "case": (lambda i: ("User" if i % 2 else "uSER") + str(i // 2), pa.string()),
}


@pytest.mark.parametrize("kind", NAMES)
def test_accounts_keep_their_type_and_text(kind, tmp_path) -> None:
    name_of, expected = NAMES[kind]
    run = sh.open_run(sh.detect(log(name_of), PLAIN).save(tmp_path / "run"))
    fleet = {name_of(member) for member in range(N_FLEET)}
    for table, named in (
        (run.members, ["account"]),
        (run.edges, ["account_a", "account_b"]),
        (run.member_events, ["account"]),
    ):
        assert {table[column].type for column in named} == {expected}
        assert {account for column in named for account in table[column].to_pylist()} >= fleet
    assert run.members.to_arrow().schema.remove_metadata() == columns.members(expected)
    first = run.fleets.to_pylist()[0]["fleet_id"]
    assert {r["account"] for r in run.members.to_pylist() if r["fleet_id"] == first} == fleet
    assert str(name_of(0)).strip() in run.explain(str(name_of(0))).title
    document = json.loads(run.report(tmp_path / "r.json").read_text())
    assert {member["account"] for member in document["fleets"][0]["members"]} == {str(n) for n in fleet}


@pytest.mark.parametrize("unsigned", [False, True])
def test_numbers_in_a_csv_and_unsigned_ones_stay_numbers(tmp_path, unsigned) -> None:
    table = log(lambda i: 10**18 + i)
    if unsigned:
        table = table.set_column(1, "account", table["account"].cast(pa.uint64()))
        run = sh.detect(table, PLAIN)
    else:
        table.to_pandas().to_csv(tmp_path / "log.csv", index=False)
        run = sh.detect(tmp_path / "log.csv", PLAIN)
    assert run.members["account"].type == pa.int64()
    assert run.members["account"].to_pylist()[0] >= 10**18


def test_text_that_looks_like_numbers_keeps_its_zeros_in_a_csv(tmp_path) -> None:
    log(lambda i: f"{i:03d}").to_pandas().to_csv(tmp_path / "log.csv", index=False)
    run = sh.detect(tmp_path / "log.csv", PLAIN)
    assert "007" in run.members["account"].to_pylist()


@pytest.mark.parametrize(
    ("event_id_of", "kind"),
    [
        (lambda i: 10**17 + i, pa.int64()),
        (lambda i: f"{i:05d}", pa.string()),
        (lambda i: f"é/{i}", pa.string()),
        (None, pa.int64()),
    ],
)
def test_events_are_named_as_in_the_log(event_id_of, kind) -> None:
    table = log(lambda i: f"u{i}", event_id_of)
    run = sh.detect(table, PLAIN)
    known = set(table["event_id"].to_pylist()) if event_id_of else set(range(1, table.num_rows + 1))
    assert run.evidence["event_ids"].type == pa.list_(kind)
    assert run.member_events["event_id"].type == kind
    named = {event for events in run.evidence["event_ids"].to_pylist() for event in events}
    assert named
    assert named <= known


def test_the_account_in_the_truth_finds_that_in_the_log(tmp_path) -> None:
    for name_of in (lambda i: i, lambda i: f"{i:03d}"):
        run = sh.detect(log(name_of), PLAIN)
        truth = pa.table(
            {
                "account": [name_of(i) for i in range(N_FLEET)],
                "fleet": ["x"] * N_FLEET,
                "kind": ["k"] * N_FLEET,
            }
        )
        pq.write_table(truth, tmp_path / "truth.parquet")
        assert run.evaluate(tmp_path / "truth.parquet").recall == 1.0
