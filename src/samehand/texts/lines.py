"""Lines for a terminal: a text broken into lines of so many columns, where a Chinese character takes two."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_WIDE: Final = "\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6"
_PIECES: Final = re.compile(rf"[ \n]+|[{_WIDE}][，。；：！？、）》”’]*|[^ \n{_WIDE}]+")
"""Spaces, a wide character with the marks that may not start a line, or a word."""


def columns_of(text: str) -> int:
    """Count the columns that a text takes.

    >>> columns_of("机群 F1")
    7
    """
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in {"W", "F"} else 1
        for c in text
    )


def wrap(text: str, width: int, first: str = "", rest: str = "") -> str:
    """Break ``text`` into lines of at most ``width`` columns, begun with ``first``, later ones ``rest``.

    >>> print(wrap("one two three", 9, "- ", "  "))
    - one two
      three
    >>> print(wrap("一二三四，五", 9))
    一二三
    四，五
    """
    lines, line, used = [], first, columns_of(first)
    fresh = True
    for piece in _pieces(text, width - max(columns_of(first), columns_of(rest))):
        if piece.isspace():
            line, used = (line, used) if fresh else (line + " ", used + 1)
            continue
        size = columns_of(piece)
        if not fresh and used + size > width:
            lines.append(line.rstrip())
            line, used = rest, columns_of(rest)
        line, used, fresh = line + piece, used + size, False
    return "\n".join([*lines, line.rstrip()])


def _pieces(text: str, room: int) -> list[str]:
    """Cut a text where lines may end; a word that is longer than a line is cut anywhere."""
    pieces: list[str] = []
    for piece in _PIECES.findall(text):
        rest = piece
        while columns_of(rest) > room:
            cut = next(n for n in range(len(rest), 0, -1) if n == 1 or columns_of(rest[:n]) <= room)
            pieces.append(rest[:cut])
            rest = rest[cut:]
            if not rest:
                break
        if rest:
            pieces.append(rest)
    return pieces
