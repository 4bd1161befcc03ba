"""registration: new accounts that take the same first steps."""

from __future__ import annotations

import numpy as np

from samehand.engines.interface import Columns, Traces
from samehand.layers.interface import Layer

HOUR = 3_600_000_000
DAY = 24 * HOUR
FIRST_STEPS_US = HOUR
"""What an account does up to this age, on whatever target, are its first steps."""


def take(columns: Columns) -> Traces:
    """Take the first steps of new accounts; the feature is the action and the target."""
    assert columns.age_us is not None  # noqa: S101 - the layer asks for them
    target, action = columns.codes["target"], columns.codes["action"]
    young = (columns.age_us >= 0) & (columns.age_us <= FIRST_STEPS_US)
    event = np.flatnonzero(young & (target >= 0)).astype(np.int32)
    return Traces(event, (action[event].astype(np.int64) + 1) * columns.n_codes("target") + target[event])


REGISTRATION = Layer(
    name="registration",
    title="Same first steps",
    catches="accounts that are registered in bulk, or anew after a ban, and taken through one script",
    innocent_causes=(
        "people who come by one invitation or for one launch, and do what brought them",
        "a class that signs up in one lesson",
        "a page that has all new accounts follow the same few",
    ),
    family="registration",
    roles=("action", "target"),
    scales_us=(DAY, 2 * DAY, 3 * DAY, 6 * DAY),
    take=take,
    background="interest",
    stretch_us=14 * DAY,
    lag_control=False,
    reads_ages=True,
)
