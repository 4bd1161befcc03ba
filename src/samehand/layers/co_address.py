"""co_address: accounts that come through the same addresses, one after another."""

from __future__ import annotations

import numpy as np

from samehand.arrays import I32
from samehand.engines.interface import Columns, Traces
from samehand.layers.interface import Layer

DAY = 86_400_000_000


def take(columns: Columns) -> Traces:
    """Take each account's first event a day at each address; the feature is the address."""
    address = own_address(columns)
    event = np.argsort(columns.time_us, kind="stable")  # a log comes in this order: then it costs nothing
    event = event[address[event] >= 0]
    day = columns.time_us[event] // DAY
    place = (
        address[event].astype(np.int64) * (int(np.ptp(day)) + 1 if len(day) else 1) + day - day.min(initial=0)
    )
    visit = place * (int(columns.account.max(initial=-1)) + 1) + columns.account[event]
    first = np.sort(event[np.unique(visit, return_index=True)[1]])
    return Traces(first.astype(np.int32), address[first].astype(np.int64))


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
