"""fan_out, unanswered, repetition: accounts that turn to many strangers an hour, in vain, with the same words."""

from __future__ import annotations

from typing import Final

import numpy as np

from samehand.arrays import F64, I64
from samehand.engines.answers import Contacts
from samehand.layers.interface import Rate

FEWEST: Final = 3
"""Of fewer strangers, or texts to them, nothing is said."""


def strangers_an_hour(contacts: Contacts) -> F64:
    """Accounts to which each account turned first, for each hour in which it did so to any."""
    return _share(contacts.n_strangers, contacts.n_hours, fewest=1)


def unanswered(contacts: Contacts) -> F64:
    """Share of the strangers who neither agreed, by the outcome that the log tells, nor turned to the account after."""
    return 1 - _share(contacts.n_answered, contacts.n_strangers, fewest=FEWEST)


def repetition(contacts: Contacts) -> F64:
    """Strangers whom the account wrote what it had written before to another of them.

    A number and no share: who passes one greeting on to three strangers repeats it as often as he can, too.
    """
    return np.where(contacts.n_written >= FEWEST, contacts.n_repeated.astype(np.float64), np.nan)


def _share(some: I64, of: I64, *, fewest: int) -> F64:
    return np.where(of >= fewest, some / np.maximum(of, 1), np.nan)


_INNOCENT: Final = (
    "call centres and service teams",
    "sellers, recruiters and organisers who write to many",
)

FAN_OUT: Final = Rate(
    name="fan_out",
    title="Turning to strangers",
    catches="mass friend-adding and mass messaging: strangers by the dozen, hour after hour",
    innocent_causes=(*_INNOCENT, "newcomers who look for people whom they know"),
    family="contacts",
    roles=("target",),
    of=strangers_an_hour,
)
UNANSWERED: Final = Rate(
    name="unanswered",
    title="Strangers who do not answer",
    catches="requests and messages that hardly anybody accepts, answers or returns (by `outcome`, and by what they do)",
    innocent_causes=(
        *_INNOCENT,
        "people whom others ignore",
        "answers that come on another way than the log shows",
    ),
    family="contacts",
    roles=("target",),
    of=unanswered,
)
REPETITION: Final = Rate(
    name="repetition",
    title="The same words to strangers",
    catches="one template for all strangers whom an account turns to",
    innocent_causes=(*_INNOCENT, "people who pass a greeting or a chain letter on to everybody"),
    family="contacts",
    roles=("target", "content"),
    of=repetition,
)
