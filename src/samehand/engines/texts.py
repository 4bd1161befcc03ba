"""Texts folded: one character for all that look or mean the same, none for what can be put in without being seen."""

from __future__ import annotations

import json
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from samehand.arrays import I32, I64
from samehand.engines.traces import in_pieces
from samehand.kernels.fingerprints import N_KEPT, fingerprints

N_POINTS: Final = 0x32400
"""Code points from here on are no letters of any script in use."""


@cache
def folding() -> tuple[I32, NDArray[np.bool_]]:
    """Tables by code point: what it folds to (0: nothing), and whether that is as wide as an ideograph.

    Compatibility forms, case and accents are folded (NFKC, NFKD); letters that look like Latin ones become these
    (Unicode's confusables). What is neither letter nor digit goes: spaces, signs, emoji, characters without width.
    """
    likes = _look_alikes()
    plain = [_fold(chr(point)) for point in range(N_POINTS)]
    # A letter may look Latin as it is (a Cyrillic capital En) or without its accent or case (an alpha with tonos).
    fold = np.array([likes.get(p) or likes.get(plain[p], plain[p]) for p in range(N_POINTS)], np.int32)
    fold = fold[fold]  # the first letter of a ligature may have an accent
    wide = np.array([unicodedata.east_asian_width(chr(point)) in "WF" for point in range(N_POINTS)], np.bool_)
    return fold, wide


def _fold(letter: str) -> int:
    if unicodedata.category(letter) in ("Cs", "Cn", "Co", "Cf", "Cc"):
        return 0
    apart = unicodedata.normalize("NFKD", letter)
    if len(apart) > 1 and not all(unicodedata.combining(mark) for mark in apart[1:]):
        apart = unicodedata.normalize("NFKC", letter)
    first = apart[:1].casefold()[:1]
    return ord(first) if first.isalnum() and ord(first) < N_POINTS else 0


def _look_alikes() -> dict[int, int]:
    """Letters of other alphabets that look like a Latin letter, with that letter in lower case."""
    listed = json.loads(files("confusable_homoglyphs").joinpath("confusables.json").read_text("utf-8"))
    found = {}
    for letter, likes in listed.items():
        if len(letter) != 1 or letter.isascii() or not letter.isalpha() or ord(letter) >= N_POINTS:
            continue
        latin = sorted(like["c"].lower() for like in likes if _is_latin(like["c"]))
        if latin and unicodedata.east_asian_width(letter) not in "WF":
            found[ord(letter)] = ord(latin[0])
    return found


def _is_latin(letters: str) -> bool:
    return len(letters) == 1 and letters.isascii() and letters.isalpha()


def sketch(texts: pa.ChunkedArray[Any], n_threads: int) -> I64:
    """Fingerprints of each text (texts x N_KEPT); see ``kernels.fingerprints``."""
    plain = texts.cast(pa.large_string()).combine_chunks()
    buffers: list[Any] = plain.buffers()  # validity, offsets, letters
    at = np.frombuffer(buffers[1], np.int64)[plain.offset : plain.offset + len(plain) + 1]
    letters = np.frombuffer(buffers[2] or b"", np.uint8)
    fold, wide = folding()
    out = np.empty((len(plain), N_KEPT), np.int64)
    in_pieces(
        lambda begin, end: fingerprints(letters, at, fold, wide, begin, end, out), len(plain), n_threads
    )
    return out
