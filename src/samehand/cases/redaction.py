"""Salted ids and masked texts, for those who should not see who it is about.

The salt is of the store, so an id looks the same on every page and after a restart, and differs from store to store.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from typing import Final

from sqlalchemy import select

from samehand.cases.database import Database
from samehand.cases.schema import SALTS

_N_BYTES: Final = 10
"""80 bits: among a thousand million accounts, the chance that two look alike is one in two million."""


class Redaction:
    """How ids and texts are shown.

    Args:
        salt: Secret of the store; None: everything is shown as it is.
    """

    def __init__(self, salt: bytes | None) -> None:
        self._salt = salt

    @property
    def on(self) -> bool:
        """Whether anything is hidden."""
        return self._salt is not None

    def id(self, value: str) -> str:
        """Show an id of an account, device, address, target or event.

        >>> Redaction(b"salt").id("ann")
        '~lrzpjcdlyrai7buh'
        >>> Redaction(None).id("ann")
        'ann'
        """
        if self._salt is None:
            return value
        digest = hmac.digest(self._salt, value.encode("utf-8", "surrogatepass"), hashlib.sha256)[:_N_BYTES]
        return "~" + base64.b32encode(digest).decode().lower()

    def text(self, value: str) -> str:
        """Show a text that somebody wrote: how long it is, and nothing of it.

        >>> Redaction(b"salt").text("call me")
        '▒▒▒ (7)'
        """
        return value if self._salt is None else f"▒▒▒ ({len(value)})"

    def original(self, shown: str, among: Iterable[str]) -> str:
        """Give the id that is shown so, one of ``among``; what is none of them is given back as it is."""
        if self._salt is None:
            return shown
        return next((one for one in among if self.id(one) == shown), shown)


PLAIN: Final = Redaction(None)
"""Hides nothing."""


def redaction_of(database: Database, on: bool) -> Redaction:
    """Give the redaction of a store, or one that hides nothing.

    Raises:
        StoreError: The database cannot be read.
    """
    if not on:
        return PLAIN
    with database.reading() as connection:
        return Redaction(bytes.fromhex(connection.execute(select(SALTS.c.salt)).scalar_one()))
