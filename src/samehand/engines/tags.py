"""The tags in texts such as ``emulator, adb``: by the text of each distinct value."""

from __future__ import annotations

import re
from typing import Any, Final

import numpy as np
import pyarrow as pa

from samehand.arrays import I32

_BETWEEN: Final = re.compile(r"[,;|/，；、\s]+")


def tags(values: pa.ChunkedArray[Any]) -> I32:
    """Give the tags of distinct texts.

    Args:
        values: Texts, each once, without nulls.

    Returns:
        Codes of tags (texts x as many as the one with the most has), -1 where there are fewer. Case does not matter.
    """
    split = [
        sorted({part.casefold() for part in _BETWEEN.split(str(text)) if part}) for text in values.to_pylist()
    ]
    code = {name: n for n, name in enumerate(sorted({name for names in split for name in names}))}
    found = np.full((len(split), max(map(len, split), default=0)), -1, np.int32)
    for row, names in enumerate(split):
        found[row, : len(names)] = [code[name] for name in names]
    return found
