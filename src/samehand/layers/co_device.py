"""co_device: several accounts on one phone, and phones that are handed on."""

from __future__ import annotations

from samehand.layers.interface import Trait
from samehand.layers.values import values_of

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
    take=values_of("device"),
)
