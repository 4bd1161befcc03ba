"""co_device: several accounts on one phone, and phones that are handed on."""

from __future__ import annotations

import numpy as np

from samehand.engines.interface import Columns, Traces
from samehand.layers.interface import Trait


def take(columns: Columns) -> Traces:
    """Take the device of each event."""
    value = columns.codes["device"]
    event = np.flatnonzero(value >= 0).astype(np.int32)
    return Traces(event, value[event].astype(np.int64))


CO_DEVICE = Trait(
    name="co_device",
    title="Same devices",
    catches="several accounts on one phone, and phones that are handed on",
    innocent_causes=(
        "a family with one tablet",
        "devices of a school, a library or a shop",
        "a phone that was sold",
    ),
    family="device",
    roles=("device",),
    take=take,
)
