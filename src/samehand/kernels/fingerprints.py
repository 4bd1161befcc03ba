"""Fingerprints of texts: hashes of short stretches of letters, few of each text, the same in any text that has them."""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from samehand.arrays import I32, I64, U8

GRAM_WIDTH: Final = 8
"""Width of a stretch: an ideograph is 2 wide, a letter 1. So it is four ideographs or eight letters."""
LEAST_WIDTH: Final = 6
"""A text that is shorter than a stretch is one by itself, if it is so wide; else it says too little to have any."""
WINNOW: Final = 6
"""Of so many stretches in a row at least one is kept, so two texts with as many in common share a fingerprint."""
N_KEPT: Final = 12
"""Fingerprints of a text at most: the smallest, so that texts that have much in common share many."""
LONGEST: Final = 4_096
"""Characters of a text that are looked at, after normalisation."""
NONE: Final = -1


@njit(nogil=True, cache=True)
def fingerprints(
    data: U8, offsets: I64, fold: I32, wide: NDArray[np.bool_], begin: int, end: int, out: I64
) -> None:
    """Take the fingerprints of texts (winnowing: Schleimer, Wilkerson and Aiken 2003; of long texts a bottom-k sketch).

    Args:
        data, offsets: UTF-8 of text t is ``data[offsets[t] : offsets[t + 1]]``.
        fold: By code point, the code point that stands for it; 0: it is left out.
        wide: By code point that stands for others, whether it is 2 wide.
        begin, end: Handles texts ``begin`` to ``end - 1``.
        out: Receives the fingerprints (texts x N_KEPT), ascending, at least 0; NONE where a text has fewer.
    """
    letters = np.empty(LONGEST, np.int32)
    grams = np.empty(LONGEST, np.int64)
    chosen = np.empty(LONGEST, np.int64)
    for t in range(begin, end):
        n = _letters(data, offsets[t], offsets[t + 1], fold, letters)
        n_grams = _grams(letters, n, wide, grams)
        n_chosen = _winnow(grams, n_grams, chosen)
        distinct = np.unique(chosen[:n_chosen])
        kept = min(len(distinct), N_KEPT)
        out[t, :kept] = distinct[:kept]
        out[t, kept:] = NONE


@njit(nogil=True, cache=True)
def _letters(data: U8, at: int, end: int, fold: I32, letters: I32) -> int:
    """Decode a text and fold its characters; those that are left out take no place."""
    n = 0
    while at < end and n < len(letters):
        lead = np.int64(data[at])
        size = 1 if lead < 0x80 else 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
        point = lead if size == 1 else lead & (0x7F >> size)
        for i in range(1, size):
            point = point << 6 | (np.int64(data[at + i]) & 0x3F)
        at += size
        letter = fold[point] if point < len(fold) else 0
        if letter:
            letters[n] = letter
            n += 1
    return n


@njit(nogil=True, cache=True)
def _grams(letters: I32, n: int, wide: NDArray[np.bool_], grams: I64) -> int:
    """Hash each stretch that is wide enough; or all, if that is too short for one but not too short to say anything."""
    n_grams = 0
    for i in range(n):
        width = 0
        key = np.uint64(0x9E3779B97F4A7C15)
        j = i
        while j < n and width < GRAM_WIDTH:
            key = (key ^ np.uint64(letters[j])) * np.uint64(0xBF58476D1CE4E5B9)
            key ^= key >> np.uint64(29)
            width += 2 if wide[letters[j]] else 1
            j += 1
        if width < (LEAST_WIDTH if i == 0 else GRAM_WIDTH):
            break
        key = (key ^ (key >> np.uint64(32))) * np.uint64(0x94D049BB133111EB)
        grams[n_grams] = np.int64(key >> np.uint64(1))
        n_grams += 1
        if width < GRAM_WIDTH:
            break
    return n_grams


@njit(nogil=True, cache=True)
def _winnow(grams: I64, n: int, chosen: I64) -> int:
    """Keep the least of each WINNOW hashes in a row, the last of equals; of fewer, the least."""
    n_chosen = 0
    last = -1
    for begin in range(max(1, n - WINNOW + 1)):
        if n == 0:
            break
        least = begin
        for i in range(begin, min(begin + WINNOW, n)):
            if grams[i] <= grams[least]:
                least = i
        if least != last:
            chosen[n_chosen] = grams[least]
            n_chosen += 1
            last = least
    return n_chosen
