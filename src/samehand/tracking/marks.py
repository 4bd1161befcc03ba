"""Marks: which member of which candidate shows which trace. Candidates and accounts are numbered through all runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import numpy as np
import pyarrow as pa

from samehand.arrays import BOOL, I32, I64

Trace = Literal["device", "address", "prefix", "template", "target", "script"]
TRACES: Final[tuple[Trace, ...]] = get_args(Trace)


@dataclass(frozen=True, eq=False)
class Marks:
    """Which member of which candidate shows which features of one kind. A row each, by candidate, account, feature."""

    fleet: I32
    """Number of the candidate, counted through all runs."""
    account: I64
    feature: I64
    own: BOOL
    """Counts as a trace of the candidate; all rows count where it is asked how common a feature is."""
    names: Sequence[str | None]
    """A feature each, for people."""


@dataclass(frozen=True, eq=False)
class MemberEvents:
    """Events of members of all runs; an element an event."""

    fleet: I32
    account: I64
    joint: BOOL
    time_us: I64
    table: pa.Table
    """Columns action, target, device, address, content, all text."""


def codes(encoded: Any) -> I64:
    """Codes of a dictionary-encoded array; -1 where there is nothing."""
    codes: I64 = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return codes


def make_marks(
    fleet: I32,
    account: I64,
    feature: I64,
    joint: BOOL,
    names: Sequence[str | None],
    *,
    of_the_fleet: bool,
) -> Marks:
    """Make each row once; tell those that count as a trace of the candidate.

    Args:
        fleet, account, feature, joint: Of each event.
        names: Of the features.
        of_the_fleet: Only what two members at least show in joint events counts: else it is a member's own.
    """
    rows = pa.table({"fleet": fleet, "account": account, "feature": feature, "joint": joint})
    rows = rows.group_by(["fleet", "account", "feature"]).aggregate([("joint", "max")])
    rows = rows.sort_by([(name, "ascending") for name in ("fleet", "account", "feature")])
    fleet, account, feature, joint = (
        rows[name].to_numpy() for name in ("fleet", "account", "feature", "joint_max")
    )
    own = np.ones(len(fleet), np.bool_)
    if of_the_fleet:
        key = fleet.astype(np.int64) * (len(names) + 1) + feature
        _, place, counts = np.unique(key[joint], return_inverse=True, return_counts=True)
        own = joint.copy()
        own[joint] = counts[place] >= 2
    return Marks(fleet, account, feature, own, names)
