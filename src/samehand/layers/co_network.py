"""co_network: accounts of one site, or of one block of a provider, where hardly anybody else comes from."""

from __future__ import annotations

import numpy as np

from samehand.engines.interface import Columns, Traces
from samehand.layers.interface import Trait


def take(columns: Columns) -> Traces:
    """Take the site and the block of each event's address."""
    assert columns.networks is not None  # noqa: S101 - the trait asks for them
    code = columns.codes["address"]
    n_codes = len(columns.networks)
    parts = []
    for place in (1, 2):
        network = np.where(code >= 0, columns.networks[:, place][code], -1) if n_codes else code
        event = np.flatnonzero(network >= 0).astype(np.int32)
        parts.append((event, network[event].astype(np.int64) * 2 + place - 1))
    event, feature = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(event, kind="stable")
    return Traces(event[order], feature[order])


CO_NETWORK = Trait(
    name="co_network",
    title="Same networks",
    catches="accounts that come from a rented rack, whatever address of it they have at a time",
    innocent_causes=(
        "an office, a school or a campus",
        "customers of a small provider or of one VPN",
    ),
    family="network",
    roles=("address",),
    take=take,
    reads_networks=True,
)
