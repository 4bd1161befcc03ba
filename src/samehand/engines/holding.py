"""Who has which values of a trait, and how each account turns to others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from samehand.arrays import I32, I64
from samehand.engines.interface import Columns, Contacts, Held, Holdings, Traces
from samehand.kernels.order import small_codes

HOUR_US = 3_600_000_000


def held(traces: Traces, account: I32, row: I64, n_accounts: int, groups: Sequence[I32]) -> Holdings:
    """See ``Engine.held``.

    Args:
        traces: Events in order of time with the values that they show.
        account, row: Of each event of the log.
        n_accounts: Accounts of the log.
        groups: Account codes of each group.
    """
    value = small_codes(traces.feature).astype(np.int64)
    pairs, first = np.unique(value * n_accounts + account[traces.event], return_index=True)
    of_value, of_account = pairs // max(n_accounts, 1), (pairs % max(n_accounts, 1)).astype(np.int32)
    n_holders = np.bincount(of_value, minlength=1).astype(np.int32)
    event = row[traces.event[first]]
    found = []
    for group in groups:
        place = np.full(n_accounts, -1, np.int32)
        place[group] = np.arange(len(group), dtype=np.int32)
        inside = np.flatnonzero(place[of_account] >= 0)
        found.append(
            Held(place[of_account[inside]], of_value[inside], n_holders[of_value[inside]], event[inside])
        )
    return Holdings(found, len(pairs), len(np.unique(of_account)), int(n_holders.max(initial=0)))


def contacts(database: duckdb.DuckDBPyConnection, columns: Columns, ids: pa.Array[Any]) -> Contacts:
    """See ``Engine.contacts``."""
    n = len(ids)
    none = np.zeros(n, np.int64)
    if "target" not in columns.codes:
        return Contacts(none, none, none)
    person = _account_of_target(database, columns)[columns.codes["target"]]
    event = np.flatnonzero((person >= 0) & (person != columns.account))
    who, whom, time = (
        columns.account[event].astype(np.int64),
        person[event].astype(np.int64),
        columns.time_us[event],
    )
    pairs, first = np.unique(
        who * n + whom, return_index=True
    )  # in order of time: the first of each is the earliest
    begun = (
        time[first] - columns.time_us[0] if len(first) else time[first]
    )  # nothing may depend on the calendar
    back = (pairs % max(n, 1)) * n + pairs // max(n, 1)
    place = np.minimum(np.searchsorted(pairs, back), max(len(pairs) - 1, 0))
    returned = pairs[place] == back if len(pairs) else np.empty(0, np.bool_)
    stranger = ~(returned & (begun[place] < begun)) if len(pairs) else returned
    answered = stranger & returned
    caller = (pairs // max(n, 1)).astype(np.int64)
    hours = np.unique(caller[stranger] * (1 << 33) + begun[stranger] // HOUR_US)
    return Contacts(
        np.bincount(caller[stranger], minlength=n),
        np.bincount(hours >> 33, minlength=n),
        np.bincount(caller[answered], minlength=n),
    )


def _account_of_target(database: duckdb.DuckDBPyConnection, columns: Columns) -> I32:
    """Code of the account that each target is; -1 for none, also in the last place, where -1 looks."""
    with database.cursor() as cursor:
        named = cursor.sql(
            "SELECT codes_account.code AS account, codes_target.code AS target FROM codes_account "
            "JOIN codes_target ON codes_account.account::VARCHAR = codes_target.target::VARCHAR"
        ).fetchnumpy()
    found = np.full(int(columns.codes["target"].max(initial=-1)) + 2, -1, np.int32)
    found[np.ma.getdata(named["target"])] = np.ma.getdata(named["account"])
    return found
