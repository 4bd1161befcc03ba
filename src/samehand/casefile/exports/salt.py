"""Names that say nothing to those who do not have the salt."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from samehand.errors import InputError, OptionError

LEAST_BYTES: Final = 16
MADE_BYTES: Final = 32
Domain = Literal["account", "statement"]
"""What is named: the same text as two things gets two names."""


@dataclass(frozen=True, repr=False)
class Salt:
    """Secret bytes. They are written to no log and shown in no message."""

    secret: bytes

    def name(self, domain: Domain, *parts: object) -> str:
        """Give a name of 64 hexadecimal digits: HMAC-SHA256 of the domain and the parts, under the salt.

        Each part goes with its length, so that no two lists of parts are the same text.
        """
        text = b"".join(_counted(str(part)) for part in (domain, *parts))
        return hmac.new(self.secret, text, hashlib.sha256).hexdigest()


def _counted(text: str) -> bytes:
    content = text.encode()
    return b"%d:%b" % (len(content), content)


def read_salt(path: Path) -> Salt:
    """Read a salt: the bytes of a file, as they are.

    Raises:
        InputError: It cannot be read, or is too short to be secret.
    """
    try:
        secret = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"the salt cannot be read: {error.strerror}", where=str(path), hint="a file of random bytes"
        ) from error
    if len(secret) < LEAST_BYTES:
        raise InputError(
            f"the salt has {len(secret)} bytes",
            where=str(path),
            hint=f"{LEAST_BYTES} or more, such as: head -c 32 /dev/urandom > salt",
        )
    return Salt(secret)


def make_salt() -> Salt:
    """Make a salt of random bytes."""
    return Salt(secrets.token_bytes(MADE_BYTES))


def check_salt_place(path: Path) -> None:
    """Refuse a place for a new salt where one is already: what it named would be lost.

    Raises:
        OptionError: There is a file.
    """
    if path.exists():
        raise OptionError("there is a salt already", where=str(path), hint=f"--salt {path}")


def keep_salt(path: Path, salt: Salt) -> None:
    """Write a salt into a new file that only its owner can read.

    Raises:
        OptionError: There is a file already, or none can be made.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise OptionError(
            f"the salt cannot be written: {error.strerror}", where=str(path), hint="--salt FILE"
        ) from error
    with os.fdopen(handle, "wb") as file:
        file.write(salt.secret)
