"""When accounts signed up, and how old they were at each event."""

from __future__ import annotations

from typing import Final

import duckdb
import numpy as np

from samehand.arrays import I64
from samehand.engines.interface import Columns
from samehand.verbs import is_sign_up

NEVER: Final = int(np.iinfo(np.int64).max)
"""The sign-up is not in the log."""


def times(database: duckdb.DuckDBPyConnection, columns: Columns, n_accounts: int) -> I64:
    """The first sign-up of each account, in microseconds; ``NEVER`` where the log holds none."""
    found = np.full(n_accounts, NEVER, np.int64)
    if "action" not in columns.codes:
        return found
    with database.cursor() as cursor:
        named = cursor.sql("SELECT action, code FROM codes_action").fetchall()
    codes = [code for action, code in named if is_sign_up(str(action))]
    events = np.flatnonzero(np.isin(columns.codes["action"], codes)) if codes else np.empty(0, np.int64)
    np.minimum.at(found, columns.account[events], columns.time_us[events])
    return found


def ages(columns: Columns, sign_up_us: I64) -> I64:
    """Microseconds from the account's sign-up to each event; -1 before it and where it is not in the log."""
    since = sign_up_us[columns.account]
    return np.where(since == NEVER, -1, np.maximum(columns.time_us - np.where(since == NEVER, 0, since), -1))
