"""How each account turns to strangers: to how many, how many of them answer, and how often with the same words."""

from __future__ import annotations

from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as pa

from samehand.arrays import BOOL, I32, I64
from samehand.engines.answers import Contacts
from samehand.engines.coding import read_values
from samehand.engines.interface import Columns
from samehand.kernels.order import small_codes
from samehand.verbs import is_positive

HOUR_US: Final = 3_600_000_000


def contacts(database: duckdb.DuckDBPyConnection, columns: Columns, ids: pa.Array[Any]) -> Contacts:
    """See ``Engine.contacts``.

    Args:
        database: Where the files of the log are open.
        columns: With whom each event is on, codes of outcomes, and fingerprints of texts, where the log has them.
        ids: Account ids by code.
    """
    n = len(ids)
    if columns.person is None:
        none = np.zeros(n, np.int64)
        return Contacts(none, none, none, none, none)
    event = np.flatnonzero(columns.person >= 0)
    who, whom = columns.account[event].astype(np.int64), columns.person[event].astype(np.int64)
    # Events are in order of time: the first of each pair is the earliest.
    pairs, first, pair_of = np.unique(who * n + whom, return_index=True, return_inverse=True)
    caller = pairs // n
    begun = columns.time_us[event[first]] - columns.time_us[0]  # nothing may depend on the calendar
    back = (pairs % n) * n + caller
    place = np.minimum(np.searchsorted(pairs, back), max(len(pairs) - 1, 0))
    returned = pairs[place] == back
    stranger = ~(returned & (begun[place] < begun))
    agreed = np.bincount(pair_of[_positive(database, columns)[event]], minlength=len(pairs)) > 0
    hours = np.unique(caller[stranger] * (1 << 33) + begun[stranger] // HOUR_US)
    says, repeats = words(columns, event[first][stranger], caller[stranger])
    counted = (caller[stranger], hours >> 33, caller[stranger & (returned | agreed)], says, repeats)
    return Contacts(*(np.bincount(accounts, minlength=n) for accounts in counted))


def _positive(database: duckdb.DuckDBPyConnection, columns: Columns) -> BOOL:
    """Which events were answered or accepted, as far as the log says how they came out."""
    if "outcome" not in columns.codes:
        return np.zeros(len(columns.account), np.bool_)
    good = [is_positive(str(value)) for value in read_values(database, "outcome").to_pylist()]
    return np.array([*good, False], np.bool_)[columns.codes["outcome"]]


def words(columns: Columns, event: I64, who: I64) -> tuple[I64, I64]:
    """Accounts of the events that say something, and of those that say what the account said in an earlier of them."""
    if columns.fingerprints is None:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    order = np.argsort(event)
    who, code = who[order], columns.codes["content"][event[order]]
    said = code >= 0
    who, found = who[said], columns.fingerprints[code[said]]
    place, at = np.nonzero(found >= 0)
    phrase = small_codes(found[place, at]).astype(np.int64)
    own = who[place] * (int(phrase.max(initial=0)) + 1) + phrase
    _, first, phrase_of = np.unique(own, return_index=True, return_inverse=True)
    again = np.unique(place[place[first][phrase_of] < place])
    return who[np.unique(place)], who[again]


def persons(database: duckdb.DuckDBPyConnection, columns: Columns) -> I32:
    """Account that the target of each event is; -1 for none and for its own."""
    with database.cursor() as cursor:
        named = cursor.sql(
            "SELECT codes_account.code AS account, codes_target.code AS target FROM codes_account "
            "JOIN codes_target ON codes_account.account::VARCHAR = codes_target.target::VARCHAR"
        ).fetchnumpy()
    found = np.full(int(columns.codes["target"].max(initial=-1)) + 2, -1, np.int32)
    found[np.ma.getdata(named["target"])] = np.ma.getdata(named["account"])
    person = found[columns.codes["target"]]  # the last place is where -1 looks
    person[person == columns.account] = -1
    return person
