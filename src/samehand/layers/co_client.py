"""co_client: phones of one model with one version of the app, bought and set up as a batch."""

from __future__ import annotations

import numpy as np

from samehand.engines.interface import Columns, Traces
from samehand.layers.interface import Trait


def take(columns: Columns) -> Traces:
    """Take the client of each event."""
    value = columns.codes["client"]
    event = np.flatnonzero(value >= 0).astype(np.int32)
    return Traces(event, value[event].astype(np.int64))


CO_CLIENT = Trait(
    name="co_client",
    title="Same clients",
    catches="phones of one model with one version of the app, bought and set up as a batch",
    innocent_causes=(
        "a company that hands out phones of one model",
        "a model or a version that is rare on this platform",
    ),
    family="device",
    roles=("client",),
    take=take,
)
