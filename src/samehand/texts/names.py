"""Names and texts from a log, made safe to show: attackers choose them.

Escaping for HTML, XML or a terminal is the business of what writes these; this file takes care of what
escaping leaves: characters that do not show, that reorder the text around them, or that move a terminal's
cursor.
"""

from __future__ import annotations

import unicodedata
from typing import Final

MAX_NAME: Final = 200
"""Longest name that is shown whole."""

_UNSEEN: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"})
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL", "AN"})
_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"


class Shown(str):
    """Text that ``visible`` has been through, so that a sentence inside a sentence goes through it once."""

    __slots__ = ()


def visible(text: str, max_length: int = MAX_NAME) -> Shown:
    r"""Write ``text`` so that two different names look different and neither disturbs what stands around it.

    Characters that do not show (controls, spaces other than the usual one, formats such as zero-width and
    direction marks, private use) are written as their code point, and so is the bracket that marks them. A
    name in a right-to-left script is isolated from its surroundings. A name longer than ``max_length`` is
    cut, and its true length said.

    >>> visible("post_17")
    'post_17'
    >>> visible("post\u200b_17")
    'post⟨U+200B⟩_17'
    >>> visible("")
    '⟨⟩'
    >>> visible("a" * 1000, max_length=5)
    'aaaaa… ⟨1000⟩'
    """
    if isinstance(text, Shown):
        return text
    if not text:
        return Shown("⟨⟩")
    shown = text[:max_length]
    if not (shown.isascii() and shown.isprintable()):
        right_to_left = any(unicodedata.bidirectional(c) in _RIGHT_TO_LEFT for c in shown)
        shown = "".join(c if _shows(c) else f"⟨U+{ord(c):04X}⟩" for c in shown)
        if right_to_left:
            shown = f"{_ISOLATE}{shown}{_END_ISOLATE}"
    return Shown(shown if len(text) <= max_length else f"{shown}… ⟨{len(text)}⟩")


def _shows(character: str) -> bool:
    return character == " " or (character != "⟨" and unicodedata.category(character) not in _UNSEEN)
