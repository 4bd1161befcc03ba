"""Pairs and edges as CooRTweet 2 counts them: ``detect_groups``, then ``generate_coordinated_network``.

Source: CooRTweet d31a008 (MIT), read for what it counts; nothing is copied. docs/compat.md states the rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from samehand.compat.ids import Flags, Ids, Integers, count_distinct, encode, equal_rows, take
from samehand.compat.own_columns import OwnColumns, note_on_times, seconds
from samehand.compat.window import pairs_within, with_a_neighbour

COLUMNS: Final = OwnColumns(
    tool="CooRTweet",
    needed=("object_id", "account_id", "content_id", "timestamp_share"),
    aliases={"id_user": "account_id"},
)


@dataclass(frozen=True, kw_only=True)
class Shares:
    """One row is one share: an account shared an object by a content of its own."""

    object: Ids
    account: Ids
    content: Ids
    time: npt.NDArray[np.float64]
    """Seconds; NaN where there is none."""


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Pairs of rows of ``Shares``; the first row of each is the older."""

    first: Integers
    second: Integers

    def where(self, kept: Flags) -> Pairs:
        """Give some of the pairs."""
        return Pairs(first=self.first[kept], second=self.second[kept])


def count_coortweet(
    table: pa.Table,
    *,
    window_s: float,
    min_participation: int,
    min_weight: int,
    keep_loops: bool,
    correct: bool,
    edge_weight: float,
) -> tuple[pa.Table, pa.Table, tuple[str, ...]]:
    """Count pairs of shares and edges between accounts.

    Args:
        table: The columns of ``COLUMNS``.
        window_s: Largest difference in seconds, inclusive.
        min_participation: Rows that an account needs, first in all, then in pairs.
        min_weight: Edges below it are left out of the edges.
        keep_loops: Keep pairs of an account with itself and with its own content.
        correct: Mend what CooRTweet gets wrong.
        edge_weight: The quantile of the weights that ``weight_threshold`` compares with.

    Returns:
        Pairs, edges (the schemas of ``pairs_schema`` and ``edges_schema``) and notes.
    """
    shares = Shares(
        object=encode(table["object_id"], "object_id"),
        account=encode(table["account_id"], "account_id"),
        content=encode(table["content_id"], "content_id"),
        time=seconds(table["timestamp_share"], "timestamp_share"),
    )
    rows = _without_repeats(shares) if correct else np.arange(len(shares.time))
    notes = [*note_on_times(shares.time), *_note_repeats(shares, len(rows), correct)]
    active = rows[np.bincount(shares.account.codes[rows])[shares.account.codes[rows]] >= min_participation]
    usable, missing = _usable(shares, active, keep_loops)
    notes += missing
    pairs = _sweep(shares, usable, window_s, keep_loops, correct)
    kept = _kept_by_content(shares, active, pairs, min_participation)
    if correct:
        kept_by_row = _kept_by_row(shares, pairs, min_participation)
        n_changed = int(np.count_nonzero(kept != kept_by_row))
        notes.append(f"Participation was counted by row, not by content id: {n_changed} pairs changed.")
        kept = kept_by_row
    pairs = pairs.where(kept)
    edges, edge_notes = _edges(shares, pairs, correct, edge_weight)
    heavy = pa.array(np.asarray(edges["weight"]) >= min_weight)
    return _pair_table(shares, pairs), edges.filter(heavy), (*notes, *edge_notes)


def pairs_schema(object_id: pa.DataType, account: pa.DataType, content: pa.DataType) -> pa.Schema:
    """One row is two shares of one object within the window; ``_y`` is the newer one.

    ``time_delta``: seconds between them.
    """
    return pa.schema(
        [
            pa.field("object_id", object_id),
            pa.field("content_id", content),
            pa.field("content_id_y", content),
            pa.field("time_delta", pa.float64()),
            pa.field("account_id", account),
            pa.field("account_id_y", account),
        ]
    )


def edges_schema(account: pa.DataType) -> pa.Schema:
    """One row is two accounts, account_a <= account_b, that are in at least one pair.

    ``weight``: pairs. ``n_content_id``, ``n_content_id_y``: distinct contents among the older and among the
    newer shares; when corrected, contents of account_a and of account_b. ``edge_symmetry_score``: the smaller
    of these over the larger. ``weight_threshold``: 1 where the weight exceeds the quantile ``edge_weight``.
    """
    return pa.schema(
        [
            pa.field("account_a", account),
            pa.field("account_b", account),
            pa.field("weight", pa.int64()),
            pa.field("avg_time_delta", pa.float64()),
            pa.field("n_content_id", pa.int64()),
            pa.field("n_content_id_y", pa.int64()),
            pa.field("edge_symmetry_score", pa.float64()),
            pa.field("weight_threshold", pa.int32()),
        ]
    )


def _without_repeats(shares: Shares) -> Integers:
    """Give the rows without those that repeat an earlier row in every column."""
    content = shares.content.codes
    twice = np.flatnonzero(np.bincount(content)[content] > 1)
    columns = (shares.object.codes, shares.account.codes, content, np.nan_to_num(shares.time, nan=-np.inf))
    ordered = twice[np.lexsort([column[twice] for column in columns])]
    repeats = np.ones(max(len(ordered) - 1, 0), dtype=np.bool_)
    for column in columns:
        repeats &= column[ordered[1:]] == column[ordered[:-1]]
    return np.delete(np.arange(len(content)), ordered[1:][repeats])


def _note_repeats(shares: Shares, n_kept: int, correct: bool) -> list[str]:
    rows_of = np.bincount(shares.content.codes[~shares.content.missing])
    n_contents, n_rows = int(np.count_nonzero(rows_of > 1)), int(rows_of[rows_of > 1].sum())
    notes = []
    if n_contents:
        counted = (
            "each row counts for itself"
            if correct
            else "as in CooRTweet, all rows of a content count as soon as one of them is in a pair"
        )
        notes.append(f"{n_contents} content ids stand in more than one row ({n_rows} rows): {counted}.")
    if correct:
        notes.append(
            f"{len(shares.time) - n_kept} rows that repeat an earlier row in every column were left out."
        )
    return notes


def _usable(shares: Shares, rows: Integers, keep_loops: bool) -> tuple[Integers, list[str]]:
    """Give the rows that can be in a pair, and what to say of the others."""
    missing = shares.object.missing | shares.account.missing | shares.content.missing
    n_missing = int(np.count_nonzero(missing))
    notes = (
        [f"{n_missing} rows lack an object, account or content id; they are in no pair."] if n_missing else []
    )
    out = missing | ~np.isfinite(shares.time)
    if not keep_loops:
        out |= equal_rows(shares.object, shares.content)
    return rows[~out[rows]], notes


def _sweep(shares: Shares, rows: Integers, window_s: float, keep_loops: bool, correct: bool) -> Pairs:
    """Give all pairs within the window, loops left out or not, in the order of object, time and tie-break.

    Of two simultaneous rows CooRTweet takes for the older the one whose account comes first in the log, then
    the earlier row. Corrected, it is the one whose account, then content, comes first in order, so that the
    order of the rows of a log changes nothing.
    """
    rows = rows[with_a_neighbour(shares.object.codes[rows], shares.time[rows], window_s)]
    keys: list[npt.NDArray[Any]] = [shares.time[rows], shares.object.ranked(rows)[0]]
    if correct:
        keys = [shares.content.ranked(rows)[0], shares.account.ranked(rows)[0], *keys]
    else:
        keys = [shares.account.codes[rows], *keys]
    rows = rows[np.lexsort(keys)]
    account, content = shares.account.codes[rows], shares.content.codes[rows]

    def keep(first: Integers, second: Integers) -> Flags:
        if keep_loops:
            return np.ones(len(first), dtype=np.bool_)
        return np.asarray((account[first] != account[second]) & (content[first] != content[second]))

    first, second = pairs_within(shares.object.codes[rows], shares.time[rows], window_s, keep)
    return Pairs(first=rows[first], second=rows[second])


def _kept_by_content(shares: Shares, active: Integers, pairs: Pairs, min_participation: int) -> Flags:
    """Tell which pairs CooRTweet keeps: one content is of an account with enough rows of paired contents."""
    account, content = shares.account.codes, shares.content.codes
    paired = np.zeros(len(shares.content.values), dtype=np.bool_)
    paired[content[pairs.first]] = paired[content[pairs.second]] = True
    rows = active[paired[content[active]]]
    enough = np.bincount(account[rows], minlength=len(shares.account.values)) >= min_participation
    kept = np.zeros_like(paired)
    kept[content[rows[enough[account[rows]]]]] = True
    return np.asarray(kept[content[pairs.first]] | kept[content[pairs.second]])


def _kept_by_row(shares: Shares, pairs: Pairs, min_participation: int) -> Flags:
    """Tell which pairs have an account that has enough rows in pairs."""
    account = shares.account.codes
    rows = np.unique(np.concatenate([pairs.first, pairs.second]))
    enough = np.bincount(account[rows], minlength=len(shares.account.values)) >= min_participation
    return np.asarray(enough[account[pairs.first]] | enough[account[pairs.second]])


def _pair_table(shares: Shares, pairs: Pairs) -> pa.Table:
    schema = pairs_schema(shares.object.values.type, shares.account.values.type, shares.content.values.type)
    columns = [
        shares.object.at(pairs.first),
        shares.content.at(pairs.first),
        shares.content.at(pairs.second),
        pa.chunked_array([shares.time[pairs.second] - shares.time[pairs.first]], pa.float64()),
        shares.account.at(pairs.first),
        shares.account.at(pairs.second),
    ]
    return pa.table(columns, schema=schema)


def _edges(
    shares: Shares, pairs: Pairs, correct: bool, edge_weight: float
) -> tuple[pa.Table, tuple[str, ...]]:
    """Group the pairs by their two accounts."""
    ranks, accounts = shares.account.ranked(np.concatenate([pairs.first, pairs.second]))
    left, right = ranks[: len(pairs.first)], ranks[len(pairs.first) :]
    n_accounts = max(len(accounts), 1)
    key, edge = np.unique(np.minimum(left, right) * n_accounts + np.maximum(left, right), return_inverse=True)
    weight = np.bincount(edge, minlength=len(key))
    delta = shares.time[pairs.second] - shares.time[pairs.first]
    older, newer = shares.content.codes[pairs.first], shares.content.codes[pairs.second]
    n_content = count_distinct(edge, older, len(key)), count_distinct(edge, newer, len(key))
    notes: tuple[str, ...] = ()
    if correct:
        as_counted, n_content = n_content, _contents_by_account(edge, left - right, older, newer, len(key))
        n_changed = int(np.count_nonzero((as_counted[0] != n_content[0]) | (as_counted[1] != n_content[1])))
        notes = (f"Contents were counted by account, not by age: {n_changed} of {len(key)} edges changed.",)
    columns = [
        take(accounts, key // n_accounts),
        take(accounts, key % n_accounts),
        weight,
        np.bincount(edge, weights=delta, minlength=len(key)) / weight,
        *n_content,
        np.minimum(*n_content) / np.maximum(*n_content),
        _exceeds_quantile(weight, edge_weight),
    ]
    return pa.table(columns, schema=edges_schema(shares.account.values.type)), notes


def _contents_by_account(
    edge: Integers, side: Integers, older: Integers, newer: Integers, n_edges: int
) -> tuple[Integers, Integers]:
    """Count the contents of account_a and account_b; ``side`` > 0: the older is account_b's; 0: a loop."""
    of_a, of_b = np.where(side > 0, newer, older), np.where(side > 0, older, newer)
    loop = side == 0  # both contents are of the one account
    both = np.concatenate([edge, edge[loop]])
    return (
        count_distinct(both, np.concatenate([of_a, of_b[loop]]), n_edges),
        count_distinct(both, np.concatenate([of_b, of_a[loop]]), n_edges),
    )


def _exceeds_quantile(weight: Integers, probability: float) -> npt.NDArray[np.int32]:
    """Tell (1 or 0) which weights exceed their quantile, computed in the steps of R's default, type 7.

    >>> _exceeds_quantile(np.array([1, 1, 2, 5]), 0.5)
    array([0, 0, 1, 1], dtype=int32)
    """
    if len(weight) == 0:
        return np.empty(0, dtype=np.int32)
    ordered = np.sort(weight)
    index = 1 + (len(weight) - 1) * probability  # from one, as in R: the sum decides the rounding
    share = index - np.floor(index)
    low, high = ordered[int(np.floor(index)) - 1], ordered[int(np.ceil(index)) - 1]
    quantile = low if low == high else (1 - share) * low + share * high
    return np.asarray(weight > quantile, dtype=np.int32)
