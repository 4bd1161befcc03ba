"""A world in figures: how big it is, and how co-ordinated each fleet and each innocent crowd is in time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .rows import NONE, Floats, Ints
from .world import World

Accounts: TypeAlias = "pa.ChunkedArray[Any]"
WINDOWS_S = (60.0, 600.0, 3600.0)
LEAST_COMMON = 3


@dataclass(frozen=True)
class Group:
    """The timing of one fleet, of all crowds of a kind, or of people at large."""

    name: str
    sizes: list[int]
    events_per_account: float
    common_features: float
    """Of a pair of one group, at any distance in time, with the same action; mean."""
    common_within: tuple[float, ...]
    """The same within each window."""
    together: tuple[float, ...]
    """Share of the pairs with at least ``LEAST_COMMON`` within each window."""


def seconds(world: World) -> Floats:
    """Read the times of a world's events as seconds since 1970 (naive ones as if they were UTC)."""
    time = world.events[world.mapping["time"]].combine_chunks()
    if pa.types.is_integer(time.type):
        values = time.to_numpy().astype(float)
        return values / 1000 if values.max() > 1e11 else values
    if pa.types.is_string(time.type):
        time = pc.strptime(
            pc.replace_substring(pc.utf8_rtrim(time, characters="Z"), "T", " "), "%Y-%m-%d %H:%M:%S", "s"
        )
    return time.cast(pa.timestamp("s")).cast(pa.int64()).to_numpy().astype(float)


def measure(world: World, strangers: int = 1500) -> Iterator[Group]:
    """Measure every fleet, every kind of crowd, and ``strangers`` accounts that are in neither."""
    events = world.events
    account = events[world.mapping["account"]]
    feature = events[world.mapping["target"]].cast(pa.string())
    if "action" in world.mapping:
        join: Any = pc.binary_join_element_wise  # its stub knows no single text as separator
        feature = join(events[world.mapping["action"]], feature, "\x1f")
    number = pc.index_in(feature, pc.unique(feature).drop_null()).fill_null(NONE).to_numpy().astype(np.int64)
    time = seconds(world)

    def of(name: str, groups: list[Accounts]) -> Group:
        return _group(name, [_events_of(account, number, time, members) for members in groups])

    for labels, column in ((world.truth, "fleet"), (world.crowds, "kind")):
        for name in pc.unique(labels[column]):
            rows = labels.filter(pc.equal(labels[column], name))
            parts = pc.unique(rows[rows.column_names[1]])
            yield of(str(name), [rows.filter(pc.equal(rows[1], part))["account"] for part in parts])
    labelled = pa.chunked_array([*world.truth["account"].chunks, *world.crowds["account"].chunks])
    others = pc.unique(account.filter(pc.invert(pc.is_in(account, labelled))))
    yield of("no crowd, no fleet", [others.take(np.arange(0, len(others), max(1, len(others) // strangers)))])


def _events_of(
    account: Accounts, number: Ints, time: Floats, members: Accounts
) -> tuple[int, Ints, Ints, Floats]:
    place = pc.index_in(account, pc.unique(members))
    these = np.flatnonzero(pc.is_valid(place).to_numpy())
    return len(pc.unique(members)), place.to_numpy()[these].astype(np.int64), number[these], time[these]


def _group(name: str, parts: list[tuple[int, Ints, Ints, Floats]]) -> Group:
    windows = (np.inf, *WINDOWS_S)
    counts = [_common(*part, windows) for part in parts]
    pooled = np.concatenate(counts, axis=1)
    mean = pooled.mean(axis=1)
    return Group(
        name,
        [size for size, *_ in parts],
        sum(len(who) for _, who, _, _ in parts) / sum(size for size, *_ in parts),
        float(mean[0]),
        tuple(mean[1:].tolist()),
        tuple((pooled[1:] >= LEAST_COMMON).mean(axis=1).tolist()),
    )


def _common(n: int, who: Ints, feature: Ints, time: Floats, windows: tuple[float, ...]) -> Ints:
    """Count the features that each pair of accounts shares within each window: windows x pairs."""
    table = np.zeros((len(windows), n * n), dtype=np.int64)
    order = np.lexsort((time, feature))
    order = order[feature[order] != NONE]
    for cell in np.split(order, np.flatnonzero(np.diff(feature[order])) + 1):
        if len(cell) < 2:
            continue
        gap = np.abs(time[cell][:, None] - time[cell][None, :])
        pair = who[cell][:, None] * n + who[cell][None, :]
        for row, window in enumerate(windows):
            table[row, np.unique(pair[gap <= window])] += 1
    upper = np.flatnonzero(np.triu(np.ones((n, n), dtype=bool), 1).ravel())
    return table[:, upper]
