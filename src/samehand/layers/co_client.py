"""co_client: phones of one model with one version of the app, bought and set up as a batch."""

from __future__ import annotations

from samehand.layers.interface import Trait
from samehand.layers.values import values_of

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
    take=values_of("client"),
)
