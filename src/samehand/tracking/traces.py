"""What each candidate of each run shows of itself: devices, addresses, templates, targets, habits of its script.

Everything is numbered through all the runs, so that an account, a device or a text is the same number wherever it is.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final, Literal, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samehand.arrays import BOOL, I32, I64
from samehand.engines.texts import sketch
from samehand.kernels.fingerprints import NONE
from samehand.run_folder import RunTables

Trace = Literal["device", "address", "prefix", "template", "target", "script"]
TRACES: Final[tuple[Trace, ...]] = get_args(Trace)
OF_THE_FLEET: Final[frozenset[Trace]] = frozenset({"template", "target", "script"})
"""Looked at in joint events only, and only where two members at least show them: else they are a member's own."""
LONGEST_PAUSE_S: Final = 3_600
"""After a longer pause an account begins anew: the pause says nothing of a script."""
IPV4_PREFIX: Final = 24
IPV6_PREFIX: Final = 48


@dataclass(frozen=True, eq=False)
class Marks:
    """Which member of which candidate shows which features of one kind. A row each, by candidate, account, feature."""

    fleet: I32
    """Number of the candidate, counted through all runs."""
    account: I64
    feature: I64
    own: BOOL
    """Counts as a trace of the candidate; all rows count where it is asked how common a feature is."""
    names: Sequence[str | None]
    """A feature each, for people."""


@dataclass(frozen=True, eq=False)
class Shown:
    """The candidates of all runs and what they show."""

    run: I32
    """Of each candidate, the number of its run, from 0."""
    members: list[I64]
    """Of each candidate, its accounts, ascending."""
    marks: dict[Trace, Marks]


@dataclass(frozen=True, eq=False)
class _Events:
    """Events of members of all runs; an element an event."""

    fleet: I32
    account: I64
    joint: BOOL
    time_us: I64
    table: pa.Table
    """Columns action, target, device, address, content, all text."""


def collect(runs: Sequence[RunTables]) -> Shown:
    """Number the candidates and accounts of all runs, and take the traces of their events.

    Args:
        runs: Tables of the runs; candidates are numbered run by run, in the order of ``fleets``.
    """
    starts = [0, *accumulate(tables.fleets.num_rows for tables in runs)]
    fleets, accounts = [], []
    for tables, start in zip(runs, starts, strict=False):
        fleets.append(_fleet_of(tables.members, tables) + start)
        accounts.append(tables.members["account"].cast(pa.string()))
    names = _joined(accounts).dictionary_encode()
    code, fleet = _codes(names), np.concatenate([np.empty(0, np.int32), *fleets])
    members = [np.unique(code[fleet == number]) for number in range(starts[-1])]
    events = _events(runs, starts, names.dictionary)
    return Shown(
        run=np.repeat(np.arange(len(runs), dtype=np.int32), np.diff(starts)),
        members=members,
        marks={
            "device": _values(events, "device"),
            "address": _values(events, "address"),
            "prefix": _values(events, "address", prefix_of),
            "template": _templates(events),
            "target": _values(events, "target"),
            "script": _scripts(events),
        },
    )


def _fleet_of(table: pa.Table, tables: RunTables) -> I32:
    ids = tables.fleets["fleet_id"].combine_chunks()
    found: I32 = pc.index_in(table["fleet_id"], value_set=ids).to_numpy().astype(np.int32)
    return found


def _events(runs: Sequence[RunTables], starts: Sequence[int], names: pa.Array[Any]) -> _Events:
    roles = ("action", "target", "device", "address", "content")
    columns: dict[str, list[Any]] = {role: [] for role in ("account", *roles)}
    for tables in runs:
        table = tables.member_events
        for role, parts in columns.items():
            known = role in table.column_names
            parts.append(
                table[role].cast(pa.string())
                if known
                else pa.chunked_array([pa.nulls(len(table), pa.string())])
            )
    pieces = [tables.member_events for tables in runs]
    return _Events(
        fleet=np.concatenate(
            [
                _fleet_of(piece, tables) + start
                for piece, tables, start in zip(pieces, runs, starts, strict=False)
            ]
        ),
        account=pc.index_in(_joined(columns["account"]), value_set=names).to_numpy(False).astype(np.int64),
        joint=np.concatenate([piece["coaction"].to_numpy() for piece in pieces]),
        time_us=np.concatenate([piece["time"].cast(pa.int64()).to_numpy() for piece in pieces]),
        table=pa.table({role: _joined(columns[role]) for role in roles}),
    )


def _joined(parts: Sequence[pa.ChunkedArray[Any]]) -> pa.Array[Any]:
    chunks = [chunk for part in parts for chunk in part.chunks]
    return pa.concat_arrays(chunks) if chunks else pa.array([], pa.string())


def _codes(encoded: Any) -> I64:
    codes: I64 = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return codes


def _marks(
    trace: Trace, fleet: I32, account: I64, feature: I64, joint: BOOL, names: Sequence[str | None]
) -> Marks:
    """Make each row once; tell those that count as a trace of the candidate."""
    rows = pa.table({"fleet": fleet, "account": account, "feature": feature, "joint": joint})
    rows = rows.group_by(["fleet", "account", "feature"]).aggregate([("joint", "max")])
    rows = rows.sort_by([(name, "ascending") for name in ("fleet", "account", "feature")])
    fleet, account, feature, joint = (
        rows[name].to_numpy() for name in ("fleet", "account", "feature", "joint_max")
    )
    own = np.ones(len(fleet), np.bool_)
    if trace in OF_THE_FLEET:
        key = fleet.astype(np.int64) * (len(names) + 1) + feature
        _, place, counts = np.unique(key[joint], return_inverse=True, return_counts=True)
        own = joint.copy()
        own[joint] = counts[place] >= 2
    return Marks(fleet, account, feature, own, names)


def _values(events: _Events, role: Trace | str, part: Any = None) -> Marks:
    """Marks of the values of a column, or of what ``part`` makes of each."""
    encoded: Any = events.table[role].combine_chunks().dictionary_encode()
    values, feature = encoded.dictionary.to_pylist(), _codes(encoded)
    trace: Trace = "target" if role == "target" else "device"
    if part is not None:
        parts = [part(value) for value in values]
        values = sorted({one for one in parts if one is not None})
        place = {value: i for i, value in enumerate(values)} | {None: -1}
        feature = np.array([*(place[one] for one in parts), -1], np.int64)[feature]
    there = feature >= 0
    return _marks(
        trace, events.fleet[there], events.account[there], feature[there], events.joint[there], values
    )


def prefix_of(address: str) -> str | None:
    """Give the network that an address is in: /24, or /48 of IPv6; None where it is no address.

    >>> prefix_of("203.0.113.9"), prefix_of("2001:db8:1:2::3"), prefix_of("home")
    ('203.0.113.0/24', '2001:db8:1::/48', None)
    """
    try:
        known = ipaddress.ip_address(address.strip())
    except ValueError:
        return None
    bits = IPV4_PREFIX if known.version == 4 else IPV6_PREFIX
    return str(ipaddress.ip_network((known, bits), strict=False))


def _templates(events: _Events) -> Marks:
    """Fingerprints of the texts. Of those that come in the same texts of a candidate, one stands for all."""
    encoded: Any = events.table["content"].combine_chunks().dictionary_encode()
    text = _codes(encoded)
    prints = sketch(pa.chunked_array([encoded.dictionary], pa.string()), 1)
    row, column = np.nonzero(prints != NONE)
    values, feature = np.unique(prints[row, column], return_inverse=True)
    sample = np.full(len(values), -1)
    sample[feature[::-1]] = row[::-1]
    names = encoded.dictionary.take(pa.array(sample)).to_pylist() if len(values) else []
    first = np.searchsorted(row, np.arange(len(prints) + 1))
    event = np.flatnonzero(text >= 0)
    n_prints = np.diff(first)[text[event]]
    event = np.repeat(event, n_prints)
    within = np.arange(len(event)) - np.repeat(np.cumsum(n_prints) - n_prints, n_prints)
    shown = feature[first[text[event]] + within] if len(event) else np.empty(0, np.int64)
    made = _marks("template", events.fleet[event], events.account[event], shown, events.joint[event], names)
    stands = _standing(events.fleet[event], shown, text[event], values)
    key = made.fleet.astype(np.int64) * (len(values) + 1) + made.feature
    return Marks(made.fleet, made.account, made.feature, made.own & np.isin(key, stands), names)


def _standing(fleet: I32, feature: I64, text: I64, values: I64) -> I64:
    """Keys (candidate, feature) of the smallest fingerprint of each set of texts that have it."""
    size = len(values) + 1
    rows = np.unique(np.stack([fleet.astype(np.int64) * size + feature, text]), axis=1)
    if not rows.shape[1]:
        return np.empty(0, np.int64)
    key, start = np.unique(rows[0], return_index=True)
    mixed = (rows[1].astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(31))) * np.uint64(0xBF58476D1CE4E5B9)
    texts = np.add.reduceat(mixed, start)
    order = np.lexsort((key, texts, key // size))
    new = np.ones(len(order), np.bool_)
    new[1:] = (np.diff(key[order] // size) != 0) | (texts[order][1:] != texts[order][:-1])
    stands: I64 = key[order[new]]
    return stands


def _scripts(events: _Events) -> Marks:
    """Three joint events of an account in a row: what it did, with pauses on a scale of powers of two."""
    action_or_none: Any = events.table["action"].combine_chunks()
    named: Any = pc.fill_null(action_or_none, "")
    encoded = named.dictionary_encode()
    action, actions = _codes(encoded), encoded.dictionary.to_pylist()
    joint = np.flatnonzero(events.joint)
    order = joint[np.lexsort((events.time_us[joint], events.account[joint], events.fleet[joint]))]
    pause_s = np.diff(events.time_us[order]) / 1e6
    same = (np.diff(events.account[order]) == 0) & (np.diff(events.fleet[order]) == 0)
    fits = same & (pause_s <= LONGEST_PAUSE_S)
    step = np.floor(np.log2(np.maximum(pause_s, 0.5))).astype(np.int64) + 1
    at = np.flatnonzero(fits[:-1] & fits[1:]) if len(fits) > 1 else np.empty(0, np.int64)
    done = action[order]
    key = np.zeros(len(at), np.int64)
    for part, base in (
        (done[at], len(actions)), (step[at], 16), (done[at + 1], len(actions)),
        (step[at + 1], 16), (done[at + 2], len(actions)),
    ):  # fmt: skip
        key = key * base + part
    values, feature = np.unique(key, return_inverse=True)
    first = np.full(len(values), -1)
    first[feature[::-1]] = at[::-1]
    names = [
        " ".join(
            [
                actions[done[i]],
                _pause(step[i]),
                actions[done[i + 1]],
                _pause(step[i + 1]),
                actions[done[i + 2]],
            ]
        )
        for i in first.tolist()
    ]
    return _marks(
        "script",
        events.fleet[order][at],
        events.account[order][at],
        feature,
        np.ones(len(at), np.bool_),
        names,
    )


def _pause(step: int) -> str:
    """Write a pause: at least half a power of two, below it.

    >>> _pause(0), _pause(4)
    ('[<1 s]', '[8-16 s]')
    """
    return "[<1 s]" if step <= 0 else f"[{2 ** (step - 1)}-{2**step} s]"
