"""co_target: accounts that do the same to the same targets at the same time."""

from __future__ import annotations

import numpy as np

from samehand.engines.interface import Columns, Traces
from samehand.layers.interface import Layer

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE


def take(columns: Columns) -> Traces:
    """Take each event that has a target; its feature is the action and the target."""
    target = columns.codes["target"]
    event = np.flatnonzero(target >= 0).astype(np.int32)
    feature = target[event].astype(np.int64)
    if "action" in columns.codes:
        feature += (columns.codes["action"][event].astype(np.int64) + 1) * columns.n_codes("target")
    return Traces(event, feature)


CO_TARGET = Layer(
    name="co_target",
    title="Same targets, same time",
    catches="inflated reads, likes, follows, installs and votes: many accounts serve the same orders",
    innocent_causes=(
        "fans of one channel",
        "a notification that reaches everybody at once",
        "a class that opens the teacher's link",
        "a sale, a launch, a live event",
        "outlets of one publisher",
    ),
    family="timing_and_targets",
    roles=("target",),
    scales_us=(10 * SECOND, MINUTE, 10 * MINUTE, HOUR, 2 * HOUR, 6 * HOUR, 24 * HOUR),
    take=take,
    background="interest",
    lag_control=True,
)
