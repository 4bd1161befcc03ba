"""Drop-in for two research tools: pairs and edges with their numbers, or with their mistakes mended."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from samehand.compat import coortweet, network_types
from samehand.compat.cnt import count_cnt
from samehand.compat.own_columns import read_own_columns
from samehand.errors import OptionError
from samehand.placing import replaced_folder

TOOLS: Final = ("coortweet", "cnt")
_FILES: Final = ("pairs.parquet", "edges.parquet")


@dataclass(frozen=True, kw_only=True)
class Network:
    """What a research tool makes of a log."""

    pairs: pa.Table
    """One row is two posts that share something within the window."""
    edges: pa.Table
    """One row is two accounts: account_a, account_b, weight and more."""
    notes: tuple[str, ...]
    """What was found, left out or corrected, a sentence with its count each."""


def network(
    source: object,
    *,
    compat: str,
    window_s: float,
    min_participation: int | None = None,
    min_weight: int = 1,
    keep_loops: bool = False,
    correct: bool = False,
    network_type: str | None = None,
    edge_weight: float = 0.5,
) -> Network:
    """Build the network that CooRTweet or coordination-network-toolkit builds, from the columns it reads.

    Args:
        source: A Parquet or CSV file, or any object with ``__arrow_c_stream__``.
        compat: "coortweet" or "cnt".
        window_s: Seconds within which two posts are a pair, inclusive.
        min_participation: CooRTweet only: rows that an account needs to take part; None: 2.
        min_weight: Edges below it are left out of ``edges``; ``pairs`` stay whole.
        keep_loops: Keep pairs of an account with itself.
        correct: Mend the tool's known mistakes; ``notes`` say what that changed.
        network_type: cnt only: co_retweet, co_reply, co_link, co_tweet or co_post; None: co_retweet.
        edge_weight: CooRTweet only: the quantile of the weights above which ``weight_threshold`` is 1.

    Returns:
        Pairs and edges in a fixed order, with the schemas of ``coortweet`` and ``cnt``.

    Raises:
        InputError: The source cannot be read, lacks columns, or gives more pairs than memory holds.
        OptionError: An option is unknown, out of range, or belongs to the other tool.

    >>> posts = pa.table({
    ...     "object_id": ["x", "x", "y", "y"], "account_id": ["ann", "bob", "ann", "bob"],
    ...     "content_id": [1, 2, 3, 4], "timestamp_share": [0, 10, 100, 104]})
    >>> found = network(posts, compat="coortweet", window_s=10)
    >>> found.edges.select(["account_a", "account_b", "weight", "avg_time_delta"]).to_pylist()
    [{'account_a': 'ann', 'account_b': 'bob', 'weight': 2, 'avg_time_delta': 7.0}]
    """
    _check(compat in TOOLS, f"compat is {compat!r}", f"one of {', '.join(TOOLS)}")
    _check(_is_number(window_s) and window_s >= 0, f"window_s is {window_s!r}", "seconds, 0 or more")
    _check(_is_count(min_weight), f"min_weight is {min_weight!r}", "1 or more")
    if compat == "coortweet":
        _check(network_type is None, f"network_type is {network_type!r}", "leave it out: it is for cnt")
        participation = 2 if min_participation is None else min_participation
        _check(_is_count(participation), f"min_participation is {participation!r}", "1 or more")
        good = _is_number(edge_weight) and 0 <= edge_weight <= 1
        _check(good, f"edge_weight is {edge_weight!r}", "a quantile between 0 and 1")
        table, notes = read_own_columns(source, coortweet.COLUMNS)
        pairs, edges, counted = coortweet.count_coortweet(
            table,
            window_s=window_s,
            min_participation=participation,
            min_weight=min_weight,
            keep_loops=keep_loops,
            correct=correct,
            edge_weight=edge_weight,
        )
        return Network(pairs=pairs, edges=edges, notes=notes + counted)
    _check(min_participation is None, "min_participation is set", "leave it out: it is for coortweet")
    kind = "co_retweet" if network_type is None else network_type
    known = network_types.NETWORK_TYPES
    _check(kind in known, f"network_type is {kind!r}", f"one of {', '.join(known)}")
    table, notes = read_own_columns(source, network_types.columns(kind))
    pairs, edges, counted = count_cnt(
        table,
        network_type=kind,
        window_s=window_s,
        min_weight=min_weight,
        keep_loops=keep_loops,
        correct=correct,
    )
    return Network(pairs=pairs, edges=edges, notes=notes + counted)


def write_network(network: Network, folder: str | Path) -> None:
    """Write pairs.parquet and edges.parquet into ``folder``: beside it first, then in its place.

    The notes are in both files, as JSON under the key "samehand.notes" of the schema. A folder that holds
    nothing else than an earlier network is replaced.

    Raises:
        OptionError: The folder holds something else, or cannot be written.
    """
    folder = Path(folder)
    if folder.exists() and not (folder.is_dir() and {file.name for file in folder.iterdir()} <= set(_FILES)):
        raise OptionError(
            "exists and holds something else than a network", where=str(folder), hint="another --out"
        )
    about = {"samehand.notes": json.dumps(network.notes, ensure_ascii=False)}
    tables = [table.replace_schema_metadata(about) for table in (network.pairs, network.edges)]
    with replaced_folder(folder) as fresh:
        for name, table in zip(_FILES, tables, strict=True):
            pq.write_table(table, fresh / name, compression="zstd")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool) and math.isfinite(value)


def _is_count(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and bool(value >= 1)


def _check(good: bool, found: str, hint: str) -> None:
    if not good:
        raise OptionError(found, hint=hint)
