"""Write a large event log for the speed benchmarks: heavy tails, bursts, a daily rhythm, a few fleets.

    python benchmarks/big_log.py /tmp/big.parquet --events 10000000 --accounts 1000000 [--hot 1000000]

It is made in pieces of two million rows, so that its size is not bounded by memory.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

DAY_S = 86_400
DAYS = 14
PIECE = 2_000_000
START_US = 1_772_409_600_000_000  # 2026-03-02T00:00Z
ACTIONS = np.array(["view", "like", "share", "comment", "follow"])
ACTION_WEIGHTS = [0.55, 0.25, 0.08, 0.07, 0.05]


def write_big_log(path: Path, n_events: int, n_accounts: int, n_hot: int = 0, seed: int = 0) -> None:
    """Write the log; ``n_hot`` adds that many events on one target within one hour."""
    rng = np.random.default_rng(seed)
    n_targets = max(1000, n_events * 3 // 100)
    n_communities = 200
    born = rng.random(n_targets) * DAYS * DAY_S
    fame = rng.pareto(1.2, n_targets) + 0.05
    activity = rng.lognormal(0.0, 1.2, n_accounts)
    chance = np.cumsum(activity) / activity.sum()
    community = rng.integers(0, n_communities, n_accounts)
    by_community = [np.flatnonzero(np.arange(n_targets) % n_communities == c) for c in range(n_communities)]
    fame_in = [np.cumsum(fame[own]) / fame[own].sum() for own in by_community]
    schema = pa.schema(
        [
            ("time", pa.timestamp("us", tz="UTC")),
            ("account", pa.string()),
            ("action", pa.string()),
            ("target", pa.string()),
        ]
    )
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        left = n_events - n_hot
        while left > 0:
            n = min(PIECE, left)
            left -= n
            account = np.searchsorted(chance, rng.random(n))
            own = np.where(rng.random(n) < 0.75, community[account], rng.integers(0, n_communities, n))
            target = np.empty(n, np.int64)
            for c in range(n_communities):
                here = np.flatnonzero(own == c)
                target[here] = by_community[c][np.searchsorted(fame_in[c], rng.random(len(here)))]
            time = born[target] + rng.lognormal(np.log(2 * 3600), 1.7, n)
            time = np.where(time < DAYS * DAY_S, time, rng.random(n) * DAYS * DAY_S)
            night = (time / 3600 + community[account] % 24) % 24 < 7
            time = np.where(night & (rng.random(n) < 0.8), (time + 8 * 3600) % (DAYS * DAY_S), time)
            action = rng.choice(len(ACTIONS), n, p=ACTION_WEIGHTS)
            writer.write_table(_table(time, account, action, target, schema))
        if n_hot:
            account = rng.integers(0, n_accounts, n_hot)
            writer.write_table(
                _table(
                    5 * DAY_S + rng.random(n_hot) * 3600,
                    account,
                    np.ones(n_hot, int),
                    np.zeros(n_hot, int),
                    schema,
                )
            )
        writer.write_table(_fleets(rng, n_accounts, n_targets, schema))


def _fleets(rng: np.random.Generator, n_accounts: int, n_targets: int, schema: pa.Schema) -> pa.Table:
    parts = []
    for size in (20, 40, 80, 160):
        members = rng.choice(n_accounts, size, replace=False)
        for target in rng.integers(0, n_targets, 40):
            who = members[rng.random(size) < 0.7]
            time = rng.random() * (DAYS - 1) * DAY_S + rng.random(len(who)) * 300
            parts.append((time, who, np.ones(len(who), int), np.full(len(who), target)))
    return _table(*(np.concatenate(column) for column in zip(*parts, strict=True)), schema)


def _table(
    time: np.ndarray, account: np.ndarray, action: np.ndarray, target: np.ndarray, schema: pa.Schema
) -> pa.Table:
    columns = [
        pa.array((time * 1e6).astype("int64") + START_US).cast(schema.field("time").type),
        pa.array(np.char.add("u", np.char.zfill((account * 7_919 % 99_999_989).astype("U8"), 8))),
        pa.array(ACTIONS[action]),
        pa.array(np.char.add("post_", target.astype("U9"))),
    ]
    return pa.table(columns, schema=schema)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("path", type=Path)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--hot", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    write_big_log(args.path, args.events, args.accounts, args.hot, args.seed)


if __name__ == "__main__":
    main()
