"""Directed edges as coordination-network-toolkit counts them: one function, a table of network types.

Source: coordination-network-toolkit daa0e11 (MIT), read for what it counts; nothing is copied. docs/compat.md
states the rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute

from samehand.compat.ids import Flags, Ids, Integers, count_distinct, encode, is_text, take
from samehand.compat.network_types import NETWORK_TYPES, TOOL, Column, NetworkType, split_ids
from samehand.compat.own_columns import note_on_times, seconds
from samehand.compat.window import pairs_within, with_a_neighbour

pc: Any = pyarrow.compute  # its stubs refuse Python scalars, which it accepts


@dataclass(frozen=True, kw_only=True)
class Traces:
    """One row is one feature of one message."""

    feature: Ids
    account: Ids
    message: Ids
    time: npt.NDArray[np.float64]
    """Seconds; NaN where there is none."""

    def select(self, rows: Integers) -> Traces:
        """Give some of the rows."""
        return Traces(
            feature=self.feature.select(rows),
            account=self.account.select(rows),
            message=self.message.select(rows),
            time=self.time[rows],
        )


def count_cnt(
    table: pa.Table, *, network_type: str, window_s: float, min_weight: int, keep_loops: bool, correct: bool
) -> tuple[pa.Table, pa.Table, tuple[str, ...]]:
    """Count pairs of messages and directed edges between accounts.

    Args:
        table: The columns of ``columns(network_type)``.
        network_type: One of ``NETWORK_TYPES``.
        window_s: Largest difference in seconds, inclusive.
        min_weight: Edges below it are left out of the edges.
        keep_loops: Keep pairs of two messages of one account.
        correct: Mend what the tool gets wrong.

    Returns:
        Pairs, edges (the schemas of ``pairs_schema`` and ``edges_schema``) and notes.
    """
    traces, notes = _traces(table, network_type, correct)
    first, second = _sweep(traces, window_s, keep_loops)
    if keep_loops:
        notes.append(
            f"No message was paired with itself; {TOOL} 1.5.2, the release, does that: its loops are larger."
        )
    edges = _edges(traces, first, second, network_type)
    heavy = pa.array(np.asarray(edges["weight"]) >= min_weight)
    return _pair_table(traces, first, second), edges.filter(heavy), tuple(notes)


def pairs_schema(feature: pa.DataType, message: pa.DataType, account: pa.DataType) -> pa.Schema:
    """One row is two messages that share a feature within the window; ``_y`` is the newer one.

    ``feature``: the repost_id, reply_id, link or normalised text that they share; empty where they share only
    the time. ``time_delta``: seconds between them.
    """
    return pa.schema(
        [
            pa.field("feature", feature),
            pa.field("message_id", message),
            pa.field("message_id_y", message),
            pa.field("time_delta", pa.float64()),
            pa.field("user_id", account),
            pa.field("user_id_y", account),
        ]
    )


def edges_schema(account: pa.DataType) -> pa.Schema:
    """One row is one direction between two accounts: the tool's source is account_a, its target account_b.

    ``weight``: distinct messages of account_a that are in a pair with a message of account_b. ``edge_type``:
    the network type.
    """
    return pa.schema(
        [
            pa.field("account_a", account),
            pa.field("account_b", account),
            pa.field("weight", pa.int64()),
            pa.field("edge_type", pa.string()),
        ]
    )


def _traces(table: pa.Table, network_type: str, correct: bool) -> tuple[Traces, list[str]]:
    """Turn messages into traces: the features of the messages that take part, each once."""
    kind = NETWORK_TYPES[network_type]
    time = seconds(table["timestamp"], "timestamp")
    account = encode(_without_blanks(table["user_id"], correct), "user_id")
    message = encode(_without_blanks(table["message_id"], correct), "message_id")
    usable, notes = _taking_part(table, kind, account, message, correct)
    rows, features = kind.split(table[kind.column or "message_id"])
    kept = usable[rows]
    if kind.blank:
        blank = np.asarray(pc.equal(features, ""))
        n_blank = len(np.unique(rows[blank & kept]))
        done = "they share nothing by that" if correct else f"as in {TOOL}, they all share it"
        if n_blank:
            notes.append(f"{n_blank} messages have an empty {kind.blank}: {done}.")
        if correct:
            kept &= ~blank
    traces = Traces(
        feature=encode(features, kind.column or "feature"),
        account=account.select(rows),
        message=message.select(rows),
        time=time[rows],
    ).select(np.flatnonzero(kept))
    once = _first_rows(traces.message.codes * max(len(traces.feature.values), 1) + traces.feature.codes)
    return traces.select(np.flatnonzero(once & np.isfinite(traces.time))), [*note_on_times(time), *notes]


def _taking_part(
    table: pa.Table, kind: NetworkType, account: Ids, message: Ids, correct: bool
) -> tuple[Flags, list[str]]:
    """Tell which rows of the log take part, and what to say of the others."""
    notes = []
    usable = ~(account.missing | message.missing)
    if not usable.all():
        n_missing = int(np.count_nonzero(~usable))
        notes.append(f"{n_missing} rows lack a message id or a user id; they were left out.")
    rows = np.flatnonzero(usable)
    first = np.zeros_like(usable)
    first[rows] = _first_rows(message.codes[rows])
    n_repeated = len(rows) - int(np.count_nonzero(first))
    # the tool stores links in a table of their own, without asking whether the message was a repeated one
    links_of_repeated = kind.column == "urls" and not correct
    if n_repeated:
        counted = (
            f"as in {TOOL}, links that are new to the message count"
            if links_of_repeated
            else "the first row counts"
        )
        notes.append(f"{n_repeated} rows repeat the message id of an earlier row: {counted}.")
    if not links_of_repeated:
        usable &= first
    if not kind.reposts:
        usable[split_ids(table["repost_id"])[0]] = False
    return usable, notes


def _without_blanks(column: Column, correct: bool) -> Column:
    return pc.if_else(pc.equal(column, ""), None, column) if correct and is_text(column.type) else column


def _first_rows(codes: Integers) -> Flags:
    """Tell which rows hold their code for the first time."""
    first = np.zeros(len(codes), dtype=np.bool_)
    first[np.unique(codes, return_index=True)[1]] = True
    return first


def _sweep(traces: Traces, window_s: float, keep_loops: bool) -> tuple[Integers, Integers]:
    """Give the older and the newer row of each pair; of simultaneous ones, account then message decide."""
    rows = with_a_neighbour(traces.feature.codes, traces.time, window_s)
    by = (traces.message.ranked(rows)[0], traces.account.ranked(rows)[0], traces.time[rows])
    rows = rows[np.lexsort((*by, traces.feature.ranked(rows)[0]))]
    account = traces.account.codes[rows]

    def keep(first: Integers, second: Integers) -> Flags:
        return np.asarray((account[first] != account[second]) | keep_loops)

    first, second = pairs_within(traces.feature.codes[rows], traces.time[rows], window_s, keep)
    return rows[first], rows[second]


def _pair_table(traces: Traces, first: Integers, second: Integers) -> pa.Table:
    columns = [
        traces.feature.at(first),
        traces.message.at(first),
        traces.message.at(second),
        pa.chunked_array([traces.time[second] - traces.time[first]], pa.float64()),
        traces.account.at(first),
        traces.account.at(second),
    ]
    kinds = (traces.feature.values.type, traces.message.values.type, traces.account.values.type)
    return pa.table(columns, schema=pairs_schema(*kinds))


def _edges(traces: Traces, first: Integers, second: Integers, network_type: str) -> pa.Table:
    """Count for each direction the distinct messages of its source."""
    sources = np.concatenate([first, second])
    ranks, accounts = traces.account.ranked(sources)
    left, right = ranks[: len(first)], ranks[len(first) :]
    n_accounts = max(len(accounts), 1)
    key, edge = np.unique(
        np.concatenate([left, right]) * n_accounts + np.concatenate([right, left]), return_inverse=True
    )
    columns = [
        take(accounts, key // n_accounts),
        take(accounts, key % n_accounts),
        count_distinct(edge, traces.message.codes[sources], len(key)),
        pa.repeat(network_type, len(key)),
    ]
    return pa.table(columns, schema=edges_schema(traces.account.values.type))
