"""What planted accounts take from the log: lives of ordinary accounts, and events that show what orders are for."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from samehand.arrays import I64
from samehand.columns import Role
from samehand.engines.coding import open_events
from samehand.errors import InputError
from samehand.events.events import Events
from samehand.events.sql import Session, open_session
from samehand.pricing.names import FreshIds, fresh_ids
from samehand.pricing.plan import SECOND_US

POOL: Final = 50_000
"""Events of ordinary accounts that orders are drawn from."""
BUSIEST: Final = 0.99
"""Accounts busier than this share of all are not copied: one of them may have as many events as all others."""
_EPOCH: Final = "epoch_us(time)"


@dataclass(frozen=True, eq=False)
class Ordinary:
    """A log as planted fleets see it. Nothing in it depends on the names of accounts or on the order of rows."""

    lives: pa.Table
    """Events of the accounts that are copied, one account after the other, in order of time."""
    life_first: I64
    """The events of copied account i are rows ``life_first[i] : life_first[i + 1]``."""
    pool: pa.Table
    """A sample of the events of ordinary accounts, those with a target where the log has any; in order of time."""
    accounts: FreshIds
    event_ids: FreshIds
    first_us: int
    last_us: int
    clock_us: int
    """Steps that the log's times keep."""
    n_events: int
    n_ordinary: int
    """Accounts that are in no candidate fleet of the run."""

    @property
    def n_lives(self) -> int:
        """Accounts that are copied."""
        return len(self.life_first) - 1

    @property
    def days(self) -> float:
        """Length of the log."""
        return (self.last_us - self.first_us) / (86_400 * SECOND_US)


def look_at(
    events: Events,
    suspects: pa.Array[Any],
    *,
    n_lives: int,
    seed: int,
    memory_gib: float | None = None,
    threads: int | None = None,
) -> Ordinary:
    """Draw lives and events from a log.

    Args:
        events: The log.
        suspects: Accounts of candidate fleets, which are not ordinary.
        n_lives: Accounts to copy at most.
        seed: Of the drawing.
        memory_gib, threads: Of the reading; None: 60 % of the machine's memory, all cores.

    Raises:
        InputError: No ordinary account is left, or none with a target.
    """
    first, last = (round(time.timestamp() * 1e6) for time in _ends(events))
    with (
        tempfile.TemporaryDirectory(prefix="samehand-") as scratch,
        open_session(Path(scratch), memory_gib, threads) as session,
    ):
        open_events(session, events.files)
        session.register("suspects", pa.table({"account": suspects.cast(events.account_type)}))
        accounts = _ordinary_accounts(session, first)
        n_ordinary = len(accounts)
        copied = accounts[: max(1, int(BUSIEST * n_ordinary))]
        chosen = np.random.default_rng([seed, 0]).permutation(len(copied))[:n_lives]
        lives, life_first = _lives(session, copied.take(chosen), events.roles)
        also = ("target",) if "target" in events.roles else ()
        return Ordinary(
            lives=lives,
            life_first=life_first,
            pool=_pool(session, events.roles, seed),
            accounts=fresh_ids(session, "account", events.account_type, also),
            event_ids=fresh_ids(session, "event_id", events.event_id_type),
            first_us=first,
            last_us=last,
            clock_us=max(events.quality.clock_resolution_us, 1),
            n_events=events.quality.n_events,
            n_ordinary=n_ordinary,
        )


def count_ordinary(events: Events, suspects: pa.Array[Any]) -> int:
    """Count the accounts that are in no candidate fleet."""
    return events.quality.n_accounts - len(suspects.unique())


def _ends(events: Events) -> tuple[Any, Any]:
    return events.quality.first_time, events.quality.last_time


def _ordinary_accounts(session: Session, first_us: int) -> pa.ChunkedArray[Any]:
    """Accounts in no candidate fleet, the least busy first; names tell apart only who acted at the same times."""
    found: pa.Table = session.sql(
        f"SELECT account FROM (SELECT account, count(*) AS n, min({_EPOCH}) AS first, max({_EPOCH}) AS last, "  # noqa: S608
        f"sum({_EPOCH} - {first_us}) AS total FROM events ANTI JOIN suspects USING (account) GROUP BY account) "
        "ORDER BY n, first, last, total, account"
    ).to_arrow_table()
    if found.num_rows == 0:
        raise InputError(
            "every account is in a candidate fleet; nobody is left whose life could be copied",
            where="the log of the run",
            hint="a run with fewer candidates",
        )
    return found["account"]


def _lives(session: Session, copied: pa.ChunkedArray[Any], roles: Sequence[Role]) -> tuple[pa.Table, I64]:
    session.register("copied", pa.table({"account": copied, "life": np.arange(len(copied))}))
    order = ", ".join(["life", *(role for role in _stable(roles) if role != "account"), "event_id"])
    table: pa.Table = session.sql(
        f"SELECT life, {', '.join(roles)} FROM events JOIN copied USING (account) ORDER BY {order}"  # noqa: S608
    ).to_arrow_table()
    sizes = np.bincount(table["life"].to_numpy(), minlength=len(copied))
    return table.drop(["life"]).combine_chunks(), np.concatenate([[0], np.cumsum(sizes)])


def _pool(session: Session, roles: Sequence[Role], seed: int) -> pa.Table:
    """Draw events by hashes of what they are, which neither names of accounts nor the order of rows change."""
    some = _some_targets(session) if "target" in roles else False
    shown = [role for role in ("action", "target") if role in roles]
    hashed = ", ".join([_EPOCH, *shown, str(seed)])
    columns = _stable(roles)
    table: pa.Table = session.sql(
        f"SELECT {', '.join(columns)} FROM (SELECT * FROM events ANTI JOIN suspects USING (account) "  # noqa: S608
        f"{'WHERE target IS NOT NULL ' if some else ''}ORDER BY hash({hashed}) LIMIT {POOL}) "
        f"ORDER BY {', '.join(role for role in columns if role != 'account')}"
    ).to_arrow_table()
    return table.combine_chunks()


def _some_targets(session: Session) -> bool:
    query = "SELECT count(target) AS n FROM events ANTI JOIN suspects USING (account)"
    return bool(session.sql(query).to_arrow_table()["n"].to_pylist() != [0])


def _stable(roles: Sequence[Role]) -> list[Role]:
    """All columns but the event ids, which are row numbers where the log has none."""
    return ["time", *(role for role in roles if role not in {"time", "event_id"})]
