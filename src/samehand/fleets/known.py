"""Members that were banned or cleared before, beside what chance gives. It is shown; it moves no rank and no rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.stats import hypergeom

from samehand import columns
from samehand.engines.interface import Engine
from samehand.events.account_tables import as_ids
from samehand.events.known import KnownAccounts, KnownUse
from samehand.texts import say
from samehand.texts.rows import Row

BANNED: Final = "banned"
CLEARED: Final = "cleared"


@dataclass(frozen=True)
class Marked:
    """Tables of a run with what is known of its members."""

    fleets: pa.Table
    members: pa.Table
    use: KnownUse


def mark_known(engine: Engine, fleets: pa.Table, members: pa.Table, known: KnownAccounts) -> Marked:
    """Write into the tables who was banned or cleared before.

    Args:
        engine: The log, which says what accounts there are.
        fleets: Table of fleets.
        members: Table of members.
        known: What is known.
    """
    ids = as_ids(known.accounts, members.schema.field("account").type)
    in_log = engine.account_codes(ids) >= 0
    banned = int((in_log & known.banned).sum())
    use = KnownUse(
        name=known.name,
        n_bytes=known.n_bytes,
        sha256=known.sha256,
        n_banned=banned,
        n_cleared=int(in_log.sum()) - banned,
        n_unknown=int((~in_log).sum()),
    )
    place = pc.index_in(members["account"].combine_chunks(), value_set=ids, skip_nulls=True)
    words = pa.array(np.where(known.banned, BANNED, CLEARED).tolist(), pa.string())
    status: pa.Array[Any] = words.take(place)
    members = members.set_column(members.column_names.index("known"), members.schema.field("known"), status)
    counts = {
        "n_known_banned": _count(fleets, members, status, BANNED),
        "n_known_cleared": _count(fleets, members, status, CLEARED),
    }
    for name, values in counts.items():
        fleets = fleets.set_column(fleets.column_names.index(name), columns.FLEETS.field(name), values)
    return Marked(fleets, members, use)


def _count(fleets: pa.Table, members: pa.Table, status: pa.Array[Any], word: str) -> pa.Array[Any]:
    has = np.array([one == word for one in status.to_pylist()], np.bool_)
    found = pc.index_in(members["fleet_id"], value_set=fleets["fleet_id"].combine_chunks()).to_numpy()[has]
    return pa.array(np.bincount(found, minlength=fleets.num_rows).astype(np.int32))


def known_points(
    fleet: Row, known: KnownUse | None, n_accounts: int, lang: str
) -> tuple[list[str], list[str]]:
    """Write what is known of a fleet's members from before: what speaks for it, and what against.

    Args:
        fleet: Row of the table of fleets.
        known: What the run was told; None: nothing.
        n_accounts: Accounts of the log.
        lang: Language of the words.
    """
    n_banned, n_cleared = fleet.get("n_known_banned"), fleet.get("n_known_cleared")
    if known is None or n_banned is None or n_cleared is None:
        return [], []
    n, told = fleet["n_accounts"], {"file": known.name}
    speaks_for: list[str] = []
    against: list[str] = []
    for key, count, n_known, points in (
        ("known.banned", n_banned, known.n_banned, speaks_for),
        ("known.cleared", n_cleared, known.n_cleared, against),
    ):
        if count:
            expected, p = by_chance(count, n, n_known, n_accounts)
            points.append(say(key, lang, n=count, total=n, expected=expected, p=p, **told))
    if not n_banned:
        against.append(
            say("known.none_banned", lang, total=n, n_banned=known.n_banned, n_accounts=n_accounts, **told)
        )
    return speaks_for, against


def by_chance(count: int, n_fleet: int, n_known: int, n_accounts: int) -> tuple[float, float]:
    """Give how many known accounts a fleet drawn by chance would hold, and how often as many as ``count``.

    >>> expected, p = by_chance(5, 10, 100, 10_000)
    >>> round(expected, 3), p < 1e-6, by_chance(0, 10, 100, 10_000)[1]
    (0.1, True, 1.0)
    """
    total = max(n_accounts, n_fleet, n_known)
    p = float(hypergeom.sf(count - 1, total, n_known, n_fleet)) if count else 1.0
    return n_fleet * n_known / total, min(1.0, p)
