"""Traces that are in what a fleet does and writes: fingerprints of its texts, steps and pauses of its script."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samehand.arrays import I32, I64
from samehand.engines.texts import sketch
from samehand.kernels.fingerprints import NONE
from samehand.tracking.marks import Marks, MemberEvents, codes, make_marks

LONGEST_PAUSE_S: Final = 3_600
"""After a longer pause an account begins anew: the pause says nothing of a script."""


def templates(events: MemberEvents) -> Marks:
    """Fingerprints of the texts. Of those that come in the same texts of a candidate, one stands for all."""
    encoded: Any = events.table["content"].combine_chunks().dictionary_encode()
    text = codes(encoded)
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
    made = make_marks(
        events.fleet[event], events.account[event], shown, events.joint[event], names, of_the_fleet=True
    )
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


def scripts(events: MemberEvents) -> Marks:
    """Three joint events of an account in a row: what it did, with pauses on a scale of powers of two."""
    action_or_none: Any = events.table["action"].combine_chunks()
    named: Any = pc.fill_null(action_or_none, "")
    encoded = named.dictionary_encode()
    action, actions = codes(encoded), encoded.dictionary.to_pylist()
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
    return make_marks(
        events.fleet[order][at],
        events.account[order][at],
        feature,
        np.ones(len(at), np.bool_),
        names,
        of_the_fleet=True,
    )


def _pause(step: int) -> str:
    """Write a pause: at least half a power of two, below it.

    >>> _pause(0), _pause(4)
    ('[<1 s]', '[8-16 s]')
    """
    return "[<1 s]" if step <= 0 else f"[{2 ** (step - 1)}-{2**step} s]"
