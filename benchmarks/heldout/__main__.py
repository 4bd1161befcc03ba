"""Describe a world in figures, or write it: ``python -m heldout chat --evasion 2 --out DIR``."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from . import EVASION, STYLES, World, make_world
from .describe import LEAST_COMMON, WINDOWS_S, measure


def main() -> None:
    parser = argparse.ArgumentParser(prog="heldout", description=__doc__)
    parser.add_argument("style", choices=list(STYLES))
    parser.add_argument("--evasion", type=int, default=0, choices=range(len(EVASION)))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--no-fleets", action="store_true")
    parser.add_argument("--out", type=Path, help="write events, truth and crowds there as Parquet")
    given = parser.parse_args()
    world = make_world(
        given.style,
        evasion=given.evasion,
        fleets=not given.no_fleets,
        seed=given.seed,
        accounts=given.accounts,
    )
    if given.out:
        given.out.mkdir(parents=True, exist_ok=True)
        for name in ("events", "truth", "crowds"):
            pq.write_table(getattr(world, name), given.out / f"{name}.parquet")
    show(world)


def show(world: World) -> None:
    """Print the sizes, and a line for each fleet, kind of crowd, and people at large."""
    column = {role: world.events[name] for role, name in world.mapping.items()}
    sizes = {role: pc.count_distinct(column[role]).as_py() for role in ("account", "target")}
    print(f"{world.events.num_rows:,} events, {sizes['account']:,} accounts, {sizes['target']:,} targets")
    if "action" in column:
        actions = Counter(column["action"].to_pylist())
        print(", ".join(f"{action} {count:,}" for action, count in actions.most_common()))
    windows = " / ".join(f"{w:.0f} s" for w in WINDOWS_S)
    print(
        f"common features of a pair: at all; within {windows}; share of pairs with >= {LEAST_COMMON} within"
    )
    for g in measure(world):
        size = f"{len(g.sizes)} x {min(g.sizes)}-{max(g.sizes)}" if len(g.sizes) > 1 else str(g.sizes[0])
        within = " / ".join(f"{k:.2f}" for k in g.common_within)
        shares = " / ".join(f"{share:.4f}" for share in g.together)
        lead = f"{g.name:24} {size:>10} {g.events_per_account:6.1f} ev"
        print(f"{lead}  {g.common_features:6.2f}; {within}; {shares}")


if __name__ == "__main__":
    main()
