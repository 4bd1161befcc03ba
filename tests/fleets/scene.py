"""Groups of accounts with evidence made up, or taken from a log."""

from __future__ import annotations

import dataclasses

import numpy as np
import pyarrow as pa

from samehand.engines.answers import GroupEvidence, LogSize
from samehand.fleets.facts import Facts
from samehand.fleets.score import score
from samehand.layers import LAYERS

SECOND, MINUTE, HOUR, DAY = 1_000_000, 60_000_000, 3_600_000_000, 86_400_000_000
CO_TARGET, RHYTHM, REGISTRATION, CO_ADDRESS = (
    next(x for x in LAYERS if x.name == name)
    for name in ("co_target", "rhythm", "registration", "co_address")
)
NOBODY = np.empty(0, np.int32)
NAN = float("nan")


def evidence_of(accounts, bits, *, without=None, lag=0.0, features=2):
    """Evidence with so many bits for each account of so many joint features, and no events."""
    n = len(accounts)

    def log_p(some):
        return -np.log(2) * np.broadcast_to(np.array(some, float), n).copy()

    zeros = np.zeros(n, np.int32)
    empty = np.empty(0, np.int64)
    return GroupEvidence(
        accounts=np.array(accounts, np.int32), n_features=np.broadcast_to(np.array(features, np.int32), n),
        n_coactions=zeros, expected=np.zeros(n), log_p=log_p(bits),
        log_p_without=log_p(bits if without is None else without), log_p_lag=log_p(lag),
        n_trials=zeros, n_near=zeros, event=empty, event_account=empty.astype(np.int32), event_feature=empty,
        event_others=empty.astype(np.int32),
    )  # fmt: skip


class ToldEngine:
    """An engine that says of groups what it was told to. ``tell(layer, scale_us, members, others)``."""

    def __init__(self, tell, n_accounts=1000):
        self.tell = tell
        self.size = LogSize(10**6, n_accounts, 0, 30 * DAY)
        self.asked = []

    def n_accounts_in(self, _layer):
        return self.size.n_accounts

    def group_evidence(self, layer, scale_us, groups, _suspects, _interests, *, others=False):
        self.asked.append((layer.name, scale_us))
        return [self.tell(layer, scale_us, members, others) for members in groups]


def candidate_of(engine, names, looks, *, interests=None, suspects=()):
    """The group of these accounts in a log, scored."""
    group, out = (
        np.sort(engine.account_codes(pa.array(list(some), pa.string()))) for some in (names, suspects)
    )
    return score(engine, looks, [group], [out], interests)[0]


GUILTY = Facts(
    n_accounts=30, lag_control=True, on_targets=True, of_texts=False, convicts=True, of_first_steps=False,
    lag_bits=200.0,
    lag_scale_us=60 * SECOND, scale_us=60 * SECOND, at_birth=0.0, n_outside=40.0, focus=1.0, n_joint_features=20.0,
    n_occasions=50.0, n_occasions_log=100.0, own_life=0.0, together_in_place=0.0, apart_in_place=0.0,
    address_shared=1.0, device_shared=0.0, audience=0.0, audience_usual=3.0, answered=0.05, answered_usual=0.5,
    round_clock=0.03,
)  # fmt: skip
"""A group that no innocent cause explains."""


def facts(**changes):
    return dataclasses.replace(GUILTY, **changes)
