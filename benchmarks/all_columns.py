"""Give a log of ``big_log.py`` every column that samehand reads: what all layers cost is measured on it.

    python benchmarks/all_columns.py /tmp/big.parquet /tmp/all.parquet

Accounts have phones, homes, a carrier and a client of their own; comments have words; some follows are accepted; one
account of twenty signs up within the log. Nothing of it knows of fleets. It is made piece by piece.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

N_WORDS = 20_000
N_CARRIERS = 40
EXITS = 50
"""Addresses of a carrier."""
NEW = 20
"""One account of so many signs up within the log."""
SYLLABLES = [a + b for a in "bcdfghklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "er", "ing")]
CLIENTS = [f"app {major}.{minor}" for major in range(3, 9) for minor in range(5)]


def write_all_columns(plain: Path, path: Path, seed: int = 0) -> None:
    """Write the log again with all columns."""
    rng = np.random.default_rng(seed)
    words = _words(rng)
    source = pq.ParquetFile(plain)
    writer = None
    seen: set[int] = set()
    for piece in source.iter_batches(batch_size=1_000_000):
        table = pa.Table.from_batches([piece])
        number = table["account"].combine_chunks().dictionary_encode()
        of_account = np.array([int(name[1:]) for name in number.dictionary.to_pylist()], np.int64)
        who = of_account[number.indices.to_numpy()]
        table = _with_columns(table, who, words, rng)
        signed_up = _sign_ups(table, who, seen)
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)
        writer.write_table(signed_up)
    if writer:
        writer.close()


def _with_columns(table: pa.Table, who: np.ndarray, words: pa.Array, rng: np.random.Generator) -> pa.Table:
    n = len(who)
    action = table["action"].combine_chunks()
    follows = pc.equal(action, "follow").to_numpy(zero_copy_only=False)
    comments = pc.equal(action, "comment").to_numpy(zero_copy_only=False)
    device = np.where(who % 33 < 3, who - who % 33, who)  # some phones are shared
    outcome = rng.choice(np.array(["accepted", "ignored", "rejected"]), n, p=[0.4, 0.5, 0.1])
    return (
        table.append_column("device", pa.array(np.char.add("d", device.astype("U12"))))
        .append_column("address", _addresses(who, rng))
        .append_column("client", pa.array(CLIENTS).take(pa.array(_mixed(who, 1) % len(CLIENTS))))
        .append_column("outcome", pa.array(outcome, mask=~follows))
        .append_column("rooted", pa.array(_mixed(who, 2) % 100 == 0))
        .append_column("content", _texts(comments, words, rng))
    )


def _addresses(who: np.ndarray, rng: np.random.Generator) -> pa.Array:
    home = 0x05000000 + _mixed(who // 2, 3) % 0x30000000
    carrier = 0x64400000 + _mixed(who, 4) % N_CARRIERS * 256 + rng.integers(0, EXITS, len(who))
    number = np.where(rng.random(len(who)) < 0.6, home, carrier)
    parts = [pa.array((number >> shift & 255).astype("U3")) for shift in (24, 16, 8, 0)]
    return pc.binary_join_element_wise(*parts, ".")


def _texts(comments: np.ndarray, words: pa.Array, rng: np.random.Generator) -> pa.Array:
    n = int(comments.sum())
    lengths = rng.integers(3, 15, n)
    rank = np.minimum(np.exp(rng.random(lengths.sum()) * np.log(N_WORDS)).astype(np.int64), N_WORDS - 1)
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32))
    texts = pc.binary_join(pa.ListArray.from_arrays(offsets, words.take(pa.array(rank))), " ")
    place = np.cumsum(comments) - 1
    return texts.take(pa.array(place, mask=~comments))


def _words(rng: np.random.Generator) -> pa.Array:
    drawn = rng.integers(0, len(SYLLABLES), (N_WORDS, 4))
    n_syllables = rng.integers(1, 5, N_WORDS)
    return pa.array(
        ["".join(SYLLABLES[i] for i in row[:n]) for row, n in zip(drawn, n_syllables, strict=True)]
    )


def _sign_ups(table: pa.Table, who: np.ndarray, seen: set[int]) -> pa.Table:
    """One event each of new accounts that are here for the first time."""
    accounts, first = np.unique(who, return_index=True)
    is_new = np.array([_is_new(one) and one not in seen for one in accounts.tolist()], np.bool_)
    seen.update(accounts[is_new].tolist())
    rows = table.take(pa.array(first[is_new]))
    nothing = {
        name: pa.nulls(len(rows), rows.schema.field(name).type) for name in ("target", "outcome", "content")
    }
    rows = rows.set_column(2, "action", pa.array(["register"] * len(rows), pa.string()))
    for name, column in nothing.items():
        rows = rows.set_column(rows.schema.get_field_index(name), rows.schema.field(name), column)
    return rows.cast(table.schema)


def _is_new(account: int) -> bool:
    return account % NEW == 0


def _mixed(numbers: np.ndarray, salt: int) -> np.ndarray:
    """Numbers that look like chance and are the same for the same number."""
    key = (numbers.astype(np.uint64) + np.uint64(salt << 40)) * np.uint64(0x9E3779B97F4A7C15)
    key ^= key >> np.uint64(29)
    return (key * np.uint64(0xBF58476D1CE4E5B9) >> np.uint64(33)).astype(np.int64)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("plain", type=Path)
    parser.add_argument("path", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    write_all_columns(args.plain, args.path, args.seed)


if __name__ == "__main__":
    main()
