"""Pieces of the log inside a task: Arrow tables from Spark as the arrays that the local engine's kernels work on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from samehand.arrays import I32, I64
from samehand.engines.traces import Sorted
from samehand.kernels.order import by_account
from samehand.kernels.units import Exempt, no_exemption

SORTED: Final = ("feature", "time", "account", "action", "target", "row")
"""Traces stand in this order, as in the local engine."""
FEATURE_BITS: Final = 32
"""A feature's rank: how many traces are on it, then, in so many bits, its code."""


def whole(
    work: Callable[[pa.Table], pa.Table],
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """Let work be done on a whole partition: Spark hands it over in batches."""

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        together = list(batches)
        if together:
            yield from work(pa.Table.from_batches(together)).to_batches()

    return run


def column(table: pa.Table, name: str, empty: int | None = None) -> NDArray[Any]:
    """A column as an array; ``empty`` stands for nulls."""
    chunks = table[name].chunks
    values: pa.Array[Any] = (
        pa.concat_arrays(chunks) if chunks else pa.array([], table.schema.field(name).type)
    )
    if empty is not None and values.null_count:
        values = values.fill_null(empty)
    return np.asarray(values.to_numpy(zero_copy_only=False))


def runs(*keys: NDArray[Any]) -> I32:
    """Number the runs of equal keys, in order."""
    begins = np.zeros(len(keys[0]), np.bool_)
    for key in keys:
        begins[1:] |= key[1:] != key[:-1]
    return np.cumsum(begins, dtype=np.int32)


def exempt_of(table: pa.Table) -> Exempt:
    """Which traces are no co-action; see ``kernels.units.Exempt``.

    Args:
        table: Traces with the columns avoid, author, person, post, post_ranks.
    """
    exempt = no_exemption()
    if table["avoid"].null_count < len(table):
        exempt = exempt._replace(avoid=column(table, "avoid", -1).astype(np.int32))
    if table["person"].null_count < len(table):
        person = column(table, "person", -1).astype(np.int32)
        exempt = exempt._replace(author=column(table, "author").astype(np.int32), person=person)
    post = column(table, "post", -1).astype(np.int64)
    if not (post >= 0).any():
        return exempt
    events = np.flatnonzero(post >= 0)
    _, at, number = np.unique(post[events], return_index=True, return_inverse=True)
    lists: Any = table["post_ranks"].combine_chunks().take(events[at])
    size = lists.value_lengths().to_numpy()
    ranks = lists.flatten().to_numpy()
    # Which of its post's features is the event's own: both by post and feature.
    each = np.repeat(np.arange(len(size)), size) << FEATURE_BITS | ranks & ((1 << FEATURE_BITS) - 1)
    in_order = np.argsort(each)
    asked = number << FEATURE_BITS | column(table, "feature")[events].astype(np.int64)
    begin, own = np.full(len(post), -1, np.int32), np.full(len(post), -1, np.int32)
    begin[events] = (np.cumsum(size) - size)[number]
    own[events] = in_order[np.searchsorted(each[in_order], asked)]
    in_log = np.unique(ranks, return_inverse=True)[1].astype(np.int32)
    return exempt._replace(post=begin, own=own, ranks=in_log)


def to_sorted(table: pa.Table, accounts: I32, n_windows: int) -> tuple[Sorted, I64]:
    """Traces of some accounts as the local engine has them.

    Args:
        table: Traces, each once, from ``in_order``.
        accounts: All accounts that matter, ascending; their places stand for them. Those of the traces are among them.
        n_windows: Windows an occasion of the layer.

    Returns:
        The traces, whose features are those of the whole log, and the row of each event behind them.
    """
    account = np.searchsorted(accounts, column(table, "account")).astype(np.int32)
    row, time = column(table, "row"), column(table, "time")
    in_time = np.lexsort([row, *(column(table, name) for name in ("target", "action", "account", "time"))])
    event = np.empty(len(row), np.int32)
    event[in_time] = runs(row[in_time])
    rows = np.empty(int(event.max(initial=-1)) + 1, np.int64)
    rows[event] = row
    first, order = by_account(account, len(accounts))
    feature = column(table, "feature").astype(np.int32)
    traces = Sorted(
        account=account,
        feature=feature,
        time=time,
        event=event,
        exempt=exempt_of(table),
        n_features=int(feature.max(initial=-1)) + 1,
        n_windows_an_occasion=n_windows,
        n_repeats=0,
        first=first,
        order=order,
    )
    return traces, rows


def in_order(table: pa.Table) -> pa.Table:
    """Traces in the order of ``to_sorted``."""
    return table.sort_by([(name, "ascending") for name in SORTED])
