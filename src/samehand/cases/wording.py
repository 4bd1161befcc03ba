"""What people write into the store: bounds, and what cannot be kept."""

from __future__ import annotations

import re
from typing import Final

from samehand.cases.errors import RefusedError

LONGEST_REASON: Final = 4_000
LONGEST_POLICY: Final = 200
LONGEST_NAME: Final = 64
LONGEST_NOTE: Final = 10_000
"""Characters."""
_UNKEPT: Final = re.compile("[\0\ud800-\udfff]")
"""NUL, which PostgreSQL has not, and halves of characters, which are no text."""


def checked(text: str, what: str, longest: int) -> str:
    """Give a text without blanks around it.

    Raises:
        RefusedError: It is empty, too long, or holds what a database cannot keep.
    """
    text = text.strip()
    if not text:
        raise RefusedError(f"the {what} is missing", hint=f"give a {what}")
    if len(text) > longest:
        raise RefusedError(f"the {what} has {len(text):,} characters", hint=f"at most {longest:,}")
    if _UNKEPT.search(text):
        raise RefusedError(f"the {what} holds characters that cannot be kept", hint="plain text")
    return text


def storable(text: str) -> str:
    """Show what a database cannot keep as something else: no name must keep a fleet from review.

    >>> storable("a" + chr(0) + chr(0xD800))
    'a␀�'
    """
    return _UNKEPT.sub(
        lambda found: "\N{SYMBOL FOR NULL}" if found[0] == "\0" else "\N{REPLACEMENT CHARACTER}", text
    )
