"""device_risk: accounts on devices that carry the same warnings, such as emulator or ADB."""

from __future__ import annotations

import numpy as np

from samehand.engines.interface import Columns, Traces
from samehand.layers.interface import Trait


def take(columns: Columns) -> Traces:
    """Take the tags of risk of each event."""
    assert columns.tags is not None  # noqa: S101 - the trait asks for them
    code = columns.codes["risk"]
    tagged = np.flatnonzero(code >= 0).astype(np.int32)
    found = columns.tags[code[tagged]]
    place, column = np.nonzero(found >= 0)
    return Traces(tagged[place], found[place, column].astype(np.int64))


DEVICE_RISK = Trait(
    name="device_risk",
    title="Risky devices",
    catches="phones under a group-control system: emulators, cloud phones, rooted or with ADB, without a SIM",
    innocent_causes=(
        "developers and testers of apps",
        "people who root their phones, or play on an emulator",
        "refurbished phones, and phones of one maker that a vendor misjudges",
    ),
    family="device",
    roles=("risk",),
    take=take,
    may_lack=True,
    reads_tags=True,
)
