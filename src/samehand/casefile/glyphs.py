"""Which characters the fonts of a report draw; all others are written as code points, so that no two look alike."""

from __future__ import annotations

import re
from typing import Final

_DRAWN: Final = (
    "\n\x20-\x7e\u00a1-\u024f\u0391-\u03a1\u03a3-\u03c9\u0400-\u045f\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026"
    "\u2070\u00b9\u00b2\u00b3\u2074-\u2079\u207b\u20ac\u2190-\u2193\u2212\u221e\u2264\u2265\u27e8\u27e9"
)
"""What the fonts inside Typst (Libertinus Serif, DejaVu Sans Mono) have."""
_IDEOGRAPHS: Final = "\u3001-\u301b\u3041-\u3096\u30a1-\u30fe\u4e00-\u9fef\uac00-\ud7a3\uff01-\uff5e"
"""What the fonts for Chinese have besides (Noto Sans CJK, Source Han Sans)."""
_NOT_DRAWN: Final = re.compile(f"[^{_DRAWN}{_IDEOGRAPHS}]")
_NEEDS_FONT: Final = re.compile(f"[{_IDEOGRAPHS}]")
_ISOLATES: Final = re.compile("[\u2066-\u2069]")
"""Marks around a name from right to left (texts/names.py), whose letters become code points."""

_LONG: Final = re.compile(r"(?![0-9a-f]{64}\b)[!-~\u00a1-\u045f\u2026\u27e8\u27e9]{33,}")
"""Longer than the narrowest column is wide, and no hash, which is to be copied."""
_STRETCH: Final = re.compile(r".{16}(?=.)")


def drawable(text: str) -> str:
    r"""Write what the fonts do not draw as code points.

    >>> drawable("帐号 \u0e01\U0001f600")
    '帐号 ⟨U+0E01⟩⟨U+1F600⟩'
    """
    return _NOT_DRAWN.sub(lambda match: f"⟨U+{ord(match.group()):04X}⟩", _ISOLATES.sub("", text))


def breakable(text: str) -> str:
    r"""Let long stretches without spaces break into lines, or they would run off the page.

    >>> breakable("x" * 20 + " " + "y" * 40).split("\u200b")
    ['xxxxxxxxxxxxxxxxxxxx yyyyyyyyyyyyyyyy', 'yyyyyyyyyyyyyyyy', 'yyyyyyyy']
    """
    return _LONG.sub(lambda match: _STRETCH.sub("\\g<0>\u200b", match.group()), text)


def has_ideographs(text: str) -> bool:
    """Tell whether a text needs a font for Chinese.

    >>> has_ideographs("帐号"), has_ideographs("account")
    (True, False)
    """
    return _NEEDS_FONT.search(text) is not None
