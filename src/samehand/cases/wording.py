"""What people write into the store: bounds, and what cannot be kept."""

from __future__ import annotations

from typing import Final

from samehand.cases.errors import RefusedError

LONGEST_REASON: Final = 4_000
LONGEST_POLICY: Final = 200
LONGEST_NAME: Final = 64
LONGEST_NOTE: Final = 10_000
"""Characters."""


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
    if any(c == "\0" or "\ud800" <= c <= "\udfff" for c in text):
        raise RefusedError(f"the {what} holds characters that cannot be kept", hint="plain text")
    return text
