"""fan_out: accounts that turn to many strangers within an hour."""

from __future__ import annotations

import numpy as np

from samehand.arrays import F64
from samehand.engines.interface import Contacts
from samehand.layers.interface import Rate


def strangers_an_hour(contacts: Contacts) -> F64:
    """Accounts to which each account turned first, for each hour in which it did so to any."""
    with np.errstate(invalid="ignore"):
        return np.where(contacts.n_hours > 0, contacts.n_strangers / contacts.n_hours, np.nan)


FAN_OUT = Rate(
    name="fan_out",
    title="Turning to strangers",
    catches="mass friend-adding and mass messaging: strangers by the dozen, hour after hour",
    innocent_causes=(
        "call centres and service teams",
        "sellers, recruiters and organisers who write to many",
        "newcomers who look for people whom they know",
    ),
    family="timing_and_targets",
    roles=("target",),
    of=strangers_an_hour,
)
