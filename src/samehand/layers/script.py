"""script: accounts that go through the same rare steps at the same pace, at whatever hour."""

from __future__ import annotations

from typing import Final

import numpy as np

from samehand.arrays import I64
from samehand.engines.interface import Columns, Traces
from samehand.layers.interface import Trait

N_STEPS: Final = 4
"""Actions of a script: shorter ones are what everybody does."""
LONGEST_PAUSE_US: Final = 3_600_000_000
"""After a longer pause another sitting begins."""
PAUSES_AN_OCTAVE: Final = 3
"""Two pauses that differ by less than about a quarter count as one."""


def take(columns: Columns) -> Traces:
    """Take each account's runs of steps with the pauses between them; the feature is actions and rounded pauses."""
    action = columns.codes["action"].astype(np.int64) + 1
    order = np.lexsort((columns.time_us, columns.account))
    if len(order) < N_STEPS:
        return Traces(np.empty(0, np.int32), np.empty(0, np.int64))
    pause = np.diff(columns.time_us[order], append=0)
    linked = (np.diff(columns.account[order], append=-1) == 0) & (pause < LONGEST_PAUSE_US)
    rounded = np.round(np.log2(np.maximum(pause, 1) / 1e6 + 1) * PAUSES_AN_OCTAVE).astype(np.int64)
    n_starts = len(order) - N_STEPS + 1
    feature = np.zeros(n_starts, np.int64)
    whole = np.ones(n_starts, np.bool_)
    for step in range(N_STEPS):
        piece = slice(step, step + n_starts)
        feature = _mixed(feature, action[order][piece])
        if step < N_STEPS - 1:
            whole &= linked[piece]
            feature = _mixed(feature, rounded[piece])
    event = order[:n_starts][whole]
    in_time = np.argsort(event, kind="stable")
    return Traces(event[in_time].astype(np.int32), feature[whole][in_time])


def _mixed(feature: I64, more: I64) -> I64:
    """Mix another number into a hash (splitmix64, Steele, Lea and Flood 2014); equal numbers stay equal."""
    x = (feature.view(np.uint64) + more.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    return (x ^ (x >> np.uint64(31))).view(np.int64) & np.int64(0x7FFFFFFFFFFFFFFF)


SCRIPT = Trait(
    name="script",
    title="Same script",
    catches="one script that is replayed on many phones, at other hours and on other targets",
    innocent_causes=(
        "a way through the app that its pages suggest",
        "clients that send what was done in batches",
        "canned work of a service team",
    ),
    family="timing_and_targets",
    roles=("action",),
    take=take,
)
