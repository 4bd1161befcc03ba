"""co_address: accounts that come through the same addresses, one after another."""

from __future__ import annotations

import numpy as np

from samehand.arrays import I32
from samehand.engines.interface import Columns, Traces
from samehand.layers.interface import Layer

DAY = 86_400_000_000


def take(columns: Columns) -> Traces:
    """Take the events with which an account comes to an address after a day without it; the feature is the address."""
    address = own_address(columns)
    known = np.flatnonzero(address >= 0)
    order = known[np.lexsort((columns.time_us[known], columns.account[known], address[known]))]
    comes = np.ones(len(order), np.bool_)
    comes[1:] = np.diff(columns.time_us[order]) >= DAY
    for same in (columns.account, address):
        comes[1:] |= np.diff(same[order]) != 0
    event = np.sort(order[comes]).astype(np.int32)
    return Traces(event, address[event].astype(np.int64))


def own_address(columns: Columns) -> I32:
    """The address of each event, one number for all of one home's; -1 where it has none or a private one."""
    assert columns.networks is not None  # noqa: S101 - the layer asks for them
    code = columns.codes["address"]
    return np.where(code >= 0, columns.networks[:, 0][code], -1) if len(columns.networks) else code


CO_ADDRESS = Layer(
    name="co_address",
    title="Same addresses",
    catches="accounts that go through one pool of addresses by turns",
    innocent_causes=(
        "a household, an office, a school or a campus behind a few addresses",
        "customers of one carrier, one VPN or one satellite network",
    ),
    family="network",
    roles=("address",),
    scales_us=(DAY, 3 * DAY),
    take=take,
    background="interest",
    lag_control=False,
    convicts=False,
    reads_networks=True,
)
