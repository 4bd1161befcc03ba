"""The network types of coordination-network-toolkit: what two messages must share, and where it stands."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute

from samehand.compat.ids import Integers, encode, is_text, take
from samehand.compat.own_columns import OwnColumns
from samehand.errors import InputError

pc: Any = pyarrow.compute  # its stubs refuse Python scalars, which it accepts

TOOL: Final = "coordination-network-toolkit"
_CSV_COLUMNS: Final = (
    "message_id",
    "user_id",
    "username",
    "repost_id",
    "reply_id",
    "message",
    "timestamp",
    "urls",
)
_MENTION: Final = re.compile(r"@(?:\S|[\x1c-\x1f])*")

Column: TypeAlias = "pa.ChunkedArray[Any]"
Features: TypeAlias = tuple[Integers, Column]
"""Row numbers, and a feature for each."""


@dataclass(frozen=True, kw_only=True)
class NetworkType:
    """What two messages must share to be a pair."""

    column: str | None
    """The column that holds it; None: nothing, the time is enough."""
    reposts: bool
    """Whether reposts take part."""
    split: Callable[[Column], Features]
    """Turns the column into features: none, one or many a message."""
    blank: str = ""
    """What the tool takes for shared when it is empty: "link", "text"; empty: nothing."""


def split_ids(column: Column) -> Features:
    """Give the rows that hold an id, and their ids; empty text is none."""
    known = pc.is_valid(column)
    if is_text(column.type):
        known = pc.and_(known, pc.not_equal(column, ""))
    known = pc.fill_null(known, False)
    return np.flatnonzero(known.to_numpy()), column.filter(known)


def _urls(column: Column) -> Features:
    if not pa.types.is_list(column.type) and not pa.types.is_large_list(column.type):
        column = pc.split_pattern(_text(column, "urls"), " ")
    lists = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    urls = pa.chunked_array([pc.list_flatten(lists)])
    return np.asarray(pc.list_parent_indices(lists)).astype(np.int64), _text(urls, "urls")


def _texts(column: Column) -> Features:
    texts = encode(_text(column, "message"), "message")
    normal = pa.array([_normalise(str(text)) for text in texts.values], pa.large_string())
    return np.arange(len(column)), take(normal, texts.codes)


def _normalise(text: str) -> str:
    r"""Drop mentions, lower the case, make all white space single blanks, as the tool does before comparing.

    >>> _normalise("@bob  Hello\nWorld")
    'hello world'
    """
    return " ".join(_MENTION.sub("", text.lower()).split())


def _text(column: Column, name: str) -> Column:
    """Give a column as text; a missing one is empty, as it is in the CSV files of the tool."""
    if not (is_text(column.type) or pa.types.is_null(column.type)):
        raise InputError(f"the column {name} is of type {column.type}", hint="text")
    text: Column = pc.fill_null(column.cast(pa.large_string()), "")
    return text


def _nothing(column: Column) -> Features:
    return np.arange(len(column)), pa.chunked_array([pa.repeat("", len(column))])


NETWORK_TYPES: Final = {
    "co_retweet": NetworkType(column="repost_id", reposts=True, split=split_ids),
    "co_reply": NetworkType(column="reply_id", reposts=False, split=split_ids),
    "co_link": NetworkType(column="urls", reposts=False, split=_urls, blank="link"),
    "co_tweet": NetworkType(column="message", reposts=False, split=_texts, blank="text"),
    "co_post": NetworkType(column=None, reposts=True, split=_nothing),
}


def columns(network_type: str) -> OwnColumns:
    """Name the columns that a network type reads."""
    kind = NETWORK_TYPES[network_type]
    wanted = {"message_id", "user_id", "timestamp", kind.column}
    if not kind.reposts:
        wanted.add("repost_id")
    return OwnColumns(
        tool=TOOL,
        needed=tuple(name for name in _CSV_COLUMNS if name in wanted),
        by_position=_CSV_COLUMNS,
        blank_is_missing=False,
    )
