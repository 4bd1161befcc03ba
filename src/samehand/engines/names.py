"""Patterns of account names, such as ``lily1992``: the stem that it begins with, and its shape of letters and digits.

Ids that are numbers, hashes or UUIDs, or made by a program in another way, have no patterns.
"""

from __future__ import annotations

import unicodedata
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samehand.arrays import BOOL, I32

MOST_MADE: Final = 0.5
"""Where more of the ids than this are made by a program, none is a name."""
ONE_LENGTH: Final = 0.95
FEWEST_OF_LENGTH: Final = 20
"""Where this share of so many ids and more has one length, none is a name: people choose names of many lengths."""
_MADE: Final = r"^[^\p{L}]*$|^(0x)?[0-9a-fA-F-]{12,}$|\p{L}\p{N}+\p{L}+\p{N}|\p{N}\p{L}+\p{N}+\p{L}"
"""Without letters; hexadecimal; or from letters to digits and back again and again."""
_STEM: Final = r"^(?P<stem>\p{L}\P{N}+\p{L}|\p{Han}\P{N}*\p{L})[^\p{L}\p{N}]*\p{N}"
_KINDS: Final = ((r"\p{Lo}", "字"), (r"\p{Lu}", "X"), (r"\p{Ll}", "x"), (r"\p{N}", "0"))


def patterns(ids: pa.Array[Any]) -> I32:
    """Give the codes of the stem and of the shape of each id (ids x 2), -1 where it has none.

    Where more than half of the ids are made by a program, or are one word with a number, none has any: they say when an
    account was made, and nothing of who made it.
    """
    found = np.full((len(ids), 2), -1, np.int32)
    if not (pa.types.is_string(ids.type) or pa.types.is_large_string(ids.type)) or len(ids) == 0:
        return found
    made = _made(ids)
    if made.mean() > MOST_MADE or _numbered(ids) > MOST_MADE or _of_one_length(ids) >= ONE_LENGTH:
        return found
    for column, values in enumerate((stems(ids), shapes(ids))):
        codes = values.dictionary_encode().indices.fill_null(-1).to_numpy(zero_copy_only=False)
        found[:, column] = np.where(made, -1, codes)
    return found


def stems(ids: pa.Array[Any]) -> pa.Array[Any]:
    """Give what each name begins with before its first number; null where that is shorter than a word.

    >>> stems(pa.array(["Lily_1992", "lily.w7", "小红88", "lily", "l7"])).to_pylist()
    ['lily', 'lily.w', '小红', None, None]
    """
    folded = pc.utf8_lower(_names(ids))
    found: pa.Array[Any] = pc.struct_field(pc.extract_regex(folded, _STEM), "stem")
    return found


def shapes(ids: pa.Array[Any]) -> pa.Array[Any]:
    """Give each name with a sign for each kind of letter and digit; null where it has no digit.

    >>> shapes(pa.array(["Lily_1992", "小红88", "lily"])).to_pylist()
    ['Xxxx_0000', '字字00', None]
    """
    names = _names(ids)
    signs = names
    for letters, sign in _KINDS:
        signs = pc.replace_substring_regex(signs, letters, sign)
    found: pa.Array[Any] = pc.if_else(pc.match_substring(signs, "0"), signs, pa.scalar(None, pa.string()))
    return found


def _names(ids: pa.Array[Any]) -> pa.Array[Any]:
    """Names with compatibility forms folded, and without the domain of a mail address."""
    plain = pa.array([unicodedata.normalize("NFKC", str(name)) for name in ids.to_pylist()], pa.string())
    found: pa.Array[Any] = pc.replace_substring_regex(plain, r"@.*$", "")
    return found


def _made(ids: pa.Array[Any]) -> BOOL:
    return np.asarray(pc.match_substring_regex(_names(ids), _MADE).to_numpy(zero_copy_only=False), np.bool_)


def _numbered(ids: pa.Array[Any]) -> float:
    """Share of the ids that are the most common word with a number, such as ``user_17``."""
    names = _names(ids)
    words = pc.replace_substring_regex(names, r"\p{N}+$", "").filter(
        pc.match_substring_regex(names, r"\p{N}$")
    )
    counts = pc.value_counts(words).field("counts").to_numpy()
    return float(counts.max(initial=0)) / len(ids)


def _of_one_length(ids: pa.Array[Any]) -> float:
    if len(ids) < FEWEST_OF_LENGTH:
        return 0.0
    return float(np.bincount([len(str(name)) for name in ids.to_pylist()]).max()) / len(ids)
