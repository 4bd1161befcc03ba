"""What a run found, against what is true: plain counts, to be added up over seeds."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pyarrow as pa

import samehand as sh
from samehand.evaluation.metrics import evaluate
from samehand.run_folder import RunTables

DESCRIBED = 20
"""False fleets that are described one by one."""


def count_found(run: sh.Run, truth: pa.Table, crowds: pa.Table) -> dict[str, Any]:
    """Count accounts and fleets, found, missed and false, and describe false fleets.

    Args:
        run: What was found.
        truth: Columns account, fleet, kind.
        crowds: Columns account, crowd, kind.
    """
    return {
        "n_events": run.info.quality.n_events,
        **count_answers(run.tables, run.info.quality.n_accounts, truth, crowds),
        "false_fleets": [one for one in describe_fleets(run, truth, crowds) if one["false"]][:DESCRIBED],
    }


def count_answers(tables: RunTables, n_accounts: int, truth: pa.Table, crowds: pa.Table) -> dict[str, Any]:
    """Count accounts and fleets, found, missed and false.

    Args:
        tables: What was found; of fleets and members only.
        n_accounts: Accounts of the log.
        truth: Columns account, fleet, kind.
        crowds: Columns account, crowd, kind.
    """
    judged = evaluate(tables, truth, crowds)
    kinds: dict[str, set[str]] = {}
    for row in crowds.select(["account", "kind"]).to_pylist():
        kinds.setdefault(row["kind"], set()).add(str(row["account"]))
    n_false = sum(judged.false_accounts_by_cause.values())
    return {
        "n_accounts": n_accounts,
        "n_true": judged.n_accounts_true,
        "n_innocent": n_accounts - judged.n_accounts_true,
        "n_reported": judged.n_accounts_reported,
        "n_good": judged.n_accounts_reported - n_false,
        "n_false": n_false,
        "n_fleets_reported": judged.n_fleets_reported,
        "n_fleets_false": judged.n_fleets_false,
        "b_cubed": [judged.b_cubed_precision, judged.b_cubed_recall],
        "fleets": _true_fleets(tables, truth),
        "false_by_cause": judged.false_accounts_by_cause,
        "n_in_no_crowd": n_accounts - len(set().union(*kinds.values()) | _texts(truth["account"])),
        "n_in_crowds": {kind: len(accounts) for kind, accounts in sorted(kinds.items())},
    }


def _texts(column: pa.ChunkedArray) -> set[str]:
    return {str(value) for value in column.to_pylist()}


def _true_fleets(tables: RunTables, truth: pa.Table) -> list[dict[str, Any]]:
    """Give each true fleet with its members, those reported, and the most in one reported fleet."""
    members = tables.members.select(["fleet_id", "account", "reported"]).to_pylist()
    found_in = {str(row["account"]): row["fleet_id"] for row in members if row["reported"]}
    true: dict[tuple[str, str], list[str]] = {}
    for row in truth.to_pylist():
        true.setdefault((row["fleet"], row["kind"]), []).append(str(row["account"]))
    return [
        {
            "kind": kind,
            "size": len(accounts),
            "n_reported": sum(a in found_in for a in accounts),
            "n_together": max(Counter(found_in[a] for a in accounts if a in found_in).values(), default=0),
        }
        for (_, kind), accounts in sorted(true.items())
    ]


def describe_fleets(run: sh.Run, truth: pa.Table, crowds: pa.Table) -> list[dict[str, Any]]:
    """Describe each reported fleet of a simulated log: its causes, and what the run says of it."""
    kind_of = {str(row["account"]): row["kind"] for row in truth.select(["account", "kind"]).to_pylist()}
    cause_of = {str(row["account"]): row["kind"] for row in crowds.select(["account", "kind"]).to_pylist()}
    rows = []
    for fleet in reported_fleets(run):
        accounts = members_of(run, fleet["fleet_id"])
        n_true = sum(a in kind_of for a in accounts)
        causes = Counter(kind_of.get(a) or f"innocent: {cause_of.get(a, 'no crowd')}" for a in accounts)
        rows.append(fleet | {"false": 2 * n_true < len(accounts), "causes": dict(causes.most_common(3))})
    return rows


def reported_fleets(run: sh.Run) -> list[dict[str, Any]]:
    """Give what a run says of each reported fleet, as plain values."""
    wanted = [
        "fleet_id", "n_accounts", "n_events", "n_coactions", "score_bits", "q_value", "layers", "scale_us",
        "behaviours", "innocent", "innocent_weight", "summary",
    ]  # fmt: skip
    table = run.tables.fleets
    rows = table.filter(table["reported"]).select([*wanted, "first_time", "last_time"]).to_pylist()
    return [
        row | {name: f"{row[name]:%Y-%m-%d %H:%M}" for name in ("first_time", "last_time")} for row in rows
    ]


def members_of(run: sh.Run, fleet_id: str) -> list[str]:
    """Ids of a fleet's accounts, as text."""
    table = run.tables.members
    return [
        str(row["account"])
        for row in table.select(["fleet_id", "account"]).to_pylist()
        if row["fleet_id"] == fleet_id
    ]
