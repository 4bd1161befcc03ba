"""How a fleet lives and dies as the window and the cut move: a fleet that needs just one of each may be an accident.

A *cut* is the largest p-value, after choosing from all accounts, at which a member's own evidence is taken for more
than chance. At a window and a cut, the members whose evidence passes *stand*.
"""

from __future__ import annotations

from itertools import product
from typing import Final

import numpy as np
import pyarrow as pa

from samehand.arrays import F64
from samehand.columns import STABILITY
from samehand.fleets.score import STAY_P, Candidate, Look

CUTS: Final = (STAY_P, *(10.0**-n for n in range(2, 13)))
"""From the cut beyond which detection itself lets a member go, a decade at a time, to one in a million million. A
looser cut calls members what detection does not; a stricter one tells nothing apart, since no log is looked at in so
many ways that chance would pass the last of these."""
ENOUGH: Final = 0.5
"""A fleet stands where this share of its members does."""


def share_standing(look: Look) -> F64:
    """Give the share of the members that stand at each of ``CUTS``, in one layer at one scale."""
    needed = np.log2(look.n_accounts) - np.log2(CUTS)
    n_members = len(look.member_bits)
    share: F64 = (n_members - np.searchsorted(look.member_bits, needed)) / max(n_members, 1)
    return share


def stability(candidate: Candidate) -> float:
    """Give the share of all scales and cuts at which the group stands, in the layer that carries it."""
    stands = [share_standing(look) >= ENOUGH for look in _carrying(candidate)]
    return float(np.mean(stands))


def carrying_scales_us(candidate: Candidate) -> list[int]:
    """Give the scales at which the group stands at the loosest cut, in the layer that carries it, ascending."""
    looks = _carrying(candidate)
    return sorted(look.scale_us for look in looks if share_standing(look)[0] >= ENOUGH)


def stability_table(fleet_id: str, candidate: Candidate) -> pa.Table:
    """Give the rows of a group: every layer, scale and cut, in the order in which layers and scales were looked at."""
    looks = candidate.looks
    rows = list(product(looks, CUTS))
    shares = [share_standing(look) for look in looks]
    return pa.table(
        [
            pa.array([fleet_id] * len(rows), pa.string()),
            pa.array([look.layer for look, _ in rows], pa.string()),
            pa.array([look.layer == candidate.layer.name for look, _ in rows], pa.bool_()),
            pa.array([look.scale_us for look, _ in rows], pa.int64()),
            pa.array([cut for _, cut in rows], pa.float64()),
            pa.array(np.concatenate(shares)),
        ],
        schema=STABILITY,
    )


def _carrying(candidate: Candidate) -> list[Look]:
    return [look for look in candidate.looks if look.layer == candidate.layer.name]
