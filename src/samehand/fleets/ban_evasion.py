"""Fleets that act from devices of accounts that were banned before: suspected evasion of a ban."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa
from scipy.stats import binom

from samehand import columns
from samehand.arrays import I32
from samehand.engines.answers import Held
from samehand.engines.interface import Engine
from samehand.events.account_tables import as_ids
from samehand.events.known import KnownAccounts
from samehand.layers.co_device import CO_DEVICE
from samehand.texts.sentences import behaviour_sentence

BAN_EVASION: Final = "ban_evasion"
LEAST_MEMBERS: Final = 3
RARE_P: Final = 1e-6
"""So many members on devices of banned accounts must be this rare among accounts drawn by chance."""


def name_ban_evasion(
    engine: Engine, fleets: pa.Table, members: pa.Table, behaviours: pa.Table, known: KnownAccounts
) -> tuple[pa.Table, pa.Table]:
    """Add to the tables of fleets and behaviours which fleets act from devices of banned accounts.

    Members that were banned themselves do not count: what is evaded is shown by others who go on. Chance draws from all
    accounts, of which at most as many as hold one of these devices can be on one.

    Args:
        engine: The log.
        fleets, members, behaviours: Tables of the run.
        known: Who was banned.
    """
    banned = engine.account_codes(as_ids(known.accounts, members.schema.field("account").type))
    banned = np.unique(banned[known.banned & (banned >= 0)])
    if "device" not in engine.roles or len(banned) == 0:
        return fleets, behaviours
    names = [str(name) for name in fleets["fleet_id"].to_pylist()]
    accounts = [_members_of(engine, members, name) for name in names]
    *groups, of_banned = engine.held(CO_DEVICE, [*accounts, banned]).groups
    rate = _rate(of_banned, engine.size.n_accounts)
    rows, named = [], fleets["behaviours"].to_pylist()
    for place, (name, codes, held) in enumerate(zip(names, accounts, groups, strict=True)):
        on_device = np.unique(held.member[np.isin(held.value, of_banned.value)])
        n = int((~np.isin(codes[on_device], banned)).sum())
        p = float(binom.sf(n - 1, len(codes), rate))
        if n < LEAST_MEMBERS or p > RARE_P:
            continue
        row: dict[str, Any] = dict.fromkeys(columns.BEHAVIOURS.names)
        row |= {
            "fleet_id": name,
            "behaviour": BAN_EVASION,
            "n_accounts": n,
            "expected": len(codes) * rate,
            "p_value": p,
        }
        rows.append(row | {"sentence": behaviour_sentence("en", row, len(codes))})
        named[place] = [*(named[place] or []), BAN_EVASION]
    at = fleets.column_names.index("behaviours")
    field = columns.FLEETS.field("behaviours")
    return (
        fleets.set_column(at, field, pa.array(named, field.type)),
        pa.concat_tables([behaviours, pa.Table.from_pylist(rows, columns.BEHAVIOURS)]),
    )


def _members_of(engine: Engine, members: pa.Table, fleet_id: str) -> I32:
    own = np.array(members["fleet_id"].to_pylist()) == fleet_id
    return np.sort(engine.account_codes(members["account"].combine_chunks().filter(pa.array(own))))


def _rate(of_banned: Held, n_accounts: int) -> float:
    """Share of all accounts that are on a device of a banned account, at most."""
    first = np.unique(of_banned.value, return_index=True)[1]
    return min(1.0, float(of_banned.n_holders[first].sum()) / max(n_accounts, 1))
