"""Seeded chance for each part of the simulation, and numbers that depend on their inputs alone.

Every part draws from a generator of its own (a child of the seed's SeedSequence), so that leaving one part
out changes no other. What must be the same whenever it is asked for (the device of an account at an hour) is
mixed from its inputs.
"""

from __future__ import annotations

import zlib
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.integer[Any]]
Mask = NDArray[np.bool_]

_ODD: Final = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
_ROUNDS: Final = 3


def generator(seed: int, *path: str | int) -> np.random.Generator:
    """Give the generator of one part of the simulation, named by a path such as ("fleets", "boost", 2)."""
    key = tuple(zlib.crc32(step.encode()) if isinstance(step, str) else step for step in path)
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))


def mix(*parts: Ints | int) -> NDArray[np.uint64]:
    """Mix whole numbers, element by element, into 64 bits that look random (splitmix64).

    Arrays of one length, or single numbers; the result has the length of the arrays.
    """
    mixed = np.zeros(1, dtype=np.uint64)
    for part in parts:
        value = np.atleast_1d(part)
        mixed = mixed + (value.astype(np.int64).view(np.uint64) + np.uint64(1)) * np.uint64(_ODD[0])
        mixed ^= mixed >> np.uint64(30)
        mixed *= np.uint64(_ODD[1])
        mixed ^= mixed >> np.uint64(27)
        mixed *= np.uint64(_ODD[2])
        mixed ^= mixed >> np.uint64(31)
    return mixed


def uniform(*parts: Ints | int) -> NDArray[np.float64]:
    """Give numbers in [0, 1) that depend on the parts alone."""
    return (mix(*parts) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def scramble(number: Ints, bits: int, key: int) -> NDArray[np.uint64]:
    """Map whole numbers below 2**bits one to one onto themselves, in an order that tells nothing.

    >>> sorted(scramble(np.arange(16), 4, key=7).tolist()) == list(range(16))
    True
    """
    mask = np.uint64((1 << bits) - 1)
    half = np.uint64((bits + 1) // 2)
    scrambled = np.atleast_1d(number).astype(np.uint64) & mask
    for turn in range(_ROUNDS):
        offset = np.uint64(zlib.crc32(f"{key}/{turn}".encode()) * _ODD[0] % (1 << bits))
        scrambled = ((scrambled + offset) * np.uint64(_ODD[turn] % (1 << bits))) & mask
        scrambled ^= scrambled >> half
    return scrambled


def round_randomly(mean: Floats, rng: np.random.Generator) -> NDArray[np.int64]:
    """Round each number up or down so that its expectation stays."""
    return np.floor(mean + rng.random(np.shape(mean))).astype(np.int64)


def pick_groups(first: Ints, size: Ints, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw one place in each group that begins at ``first`` and has ``size`` places."""
    place = np.asarray(first) + np.floor(rng.random(len(first)) * np.asarray(size))
    return place.astype(np.int64)


def expand(count: Ints) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Lay out ``count[i]`` elements for each i: which i each belongs to, and its place within i.

    >>> [part.tolist() for part in expand(np.array([2, 0, 3]))]
    [[0, 0, 2, 2, 2], [0, 1, 0, 1, 2]]
    """
    count = np.asarray(count).astype(np.int64)
    owner = np.repeat(np.arange(len(count)), count)
    place = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    return owner, place
