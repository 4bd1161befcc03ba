"""What is asked of a log as a whole: how large it is, who acts on whom, how acts end, when; and events as they were."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from samehand.arrays import I32, I64
from samehand.columns import TIMELINE, Role
from samehand.engines.answers import LogSize
from samehand.engines.interface import Columns
from samehand.engines.sign_ups import NEVER
from samehand.kernels.order import first_of_each


def size(columns: Columns, n_accounts: int, sign_up_us: I64) -> LogSize:
    """See ``LogSize``."""
    time = columns.time_us
    if len(time) == 0:
        return LogSize(0, 0, 0, 0)
    n_sign_ups = int((sign_up_us < NEVER).sum())
    return LogSize(len(time), n_accounts, int(time[0]), int(time[-1]), n_sign_ups)


def events_of(
    database: duckdb.DuckDBPyConnection, columns: Columns, row: I64, ids: pa.Array[Any], codes: I32
) -> pa.Table:
    """See ``Engine.events_of``; ``row``: row of each event in the files, ``ids``: of all accounts."""
    wanted = np.zeros(len(ids), np.bool_)
    wanted[codes] = True
    events = np.flatnonzero(wanted[columns.account])
    events = events[np.argsort(row[events], kind="stable")]
    with database.cursor() as cursor:
        cursor.register("wanted", pa.table({"event": row[events]}))
        found: pa.Table = cursor.sql(
            "SELECT * FROM events SEMI JOIN wanted USING (event) ORDER BY event"
        ).to_arrow_table()
    # In a surrogate the accounts are others than in the files.
    account = columns.account[events]
    named = ids.take(account).cast(found.schema.field("account").type)
    found = found.set_column(found.schema.get_field_index("account"), "account", named)
    in_order: pa.Table = found.take(np.lexsort((row[events], columns.time_us[events], account)))
    return in_order


def audience(database: duckdb.DuckDBPyConnection, columns: Columns, n_accounts: int) -> I32:
    """See ``Engine.audience``."""
    counts = np.zeros(n_accounts, np.int32)
    if "target" not in columns.codes:
        return counts
    found = database.sql(
        "SELECT codes_account.code AS account, codes_target.code AS target FROM codes_account "
        "JOIN codes_target ON codes_account.account::VARCHAR = codes_target.target::VARCHAR"
    ).fetchnumpy()
    target = columns.codes["target"]
    is_account = np.zeros(int(target.max(initial=-1)) + 2, np.bool_)
    is_account[found["target"]] = True
    concerned = is_account[target]  # the last place, where -1 looks, stays False
    pairs = np.unique(target[concerned].astype(np.int64) << 32 | columns.account[concerned])
    n_acting = np.bincount(pairs >> 32, minlength=len(is_account))
    counts[found["account"]] = n_acting[found["target"]]
    return counts


def outcomes(database: duckdb.DuckDBPyConnection, row: I64, roles: frozenset[Role]) -> pa.Table:
    """See ``Engine.outcomes``; ``row``: rows of the files that are events of the log."""
    if "outcome" not in roles:
        text = pa.array([], pa.string())
        return pa.table({"action": text, "outcome": text, "n_events": pa.array([], pa.int64())})
    action = "action" if "action" in roles else "''"
    with database.cursor() as cursor:
        cursor.register("kept", pa.table({"event": row}))
        counted: pa.Table = cursor.sql(
            f"SELECT {action} AS action, outcome, count(*) AS n_events "  # noqa: S608
            "FROM events SEMI JOIN kept USING (event) WHERE outcome IS NOT NULL GROUP BY ALL ORDER BY ALL"
        ).to_arrow_table()
    return counted


def timeline(columns: Columns, size: LogSize, n_accounts: int, n_bins: int) -> pa.Table:
    """See ``Engine.timeline``."""
    width = max(1, -(-(size.last_us - size.first_us + 1) // n_bins))
    place = ((columns.time_us - size.first_us) // width).astype(np.int32)
    once = first_of_each(place, columns.account, n_accounts)
    n = int(place[-1]) + 1 if len(place) else 0
    return pa.table(
        [
            pa.array(size.first_us + width * np.arange(n)).cast(TIMELINE.field("time").type),
            pa.array(np.bincount(place, minlength=n)),
            pa.array(np.bincount(place[once], minlength=n)),
        ],
        schema=TIMELINE,
    )
