"""rhythm: accounts that act in step though every target differs."""

from __future__ import annotations

import numpy as np

from samehand.engines.interface import Columns, Traces
from samehand.layers.interface import Layer

SECOND = 1_000_000


def take(columns: Columns) -> Traces:
    """Take every event; its feature is the action alone."""
    n_events = len(columns.time_us)
    feature = columns.codes["action"] if "action" in columns.codes else np.zeros(n_events, np.int32)
    return Traces(np.arange(n_events, dtype=np.int32), feature.astype(np.int64))


RHYTHM = Layer(
    name="rhythm",
    title="In step",
    catches="mass friend-adding and mass messaging: a console moves all phones at once and deals each another victim",
    innocent_causes=(
        "posts that a brand's scheduler sends at the full minute",
        "clients that report in batches",
        "a shift in a call centre",
        "a clock that is coarser than it looks",
    ),
    family="timing_and_targets",
    roles=(),
    scales_us=(1 * SECOND, 3 * SECOND, 10 * SECOND),
    take=take,
    background="hour",
    lag_control=False,
    n_windows_an_occasion=30,  # fewer: one sitting is several occasions; more: an hour of work is few
    slot_us=30 * SECOND,  # all whose scheduler posts at nine meet anew each day, but they chose nine once
    avoid="target",
    avoids_answers=True,
)
