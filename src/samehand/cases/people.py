"""Who may sign in: passwords, sessions and tokens. Passwords are kept as Argon2 hashes, secrets as SHA-256."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, delete, func, insert, select, update

from samehand.cases import audit
from samehand.cases.audit import Detail
from samehand.cases.clock import from_us, now_us
from samehand.cases.database import Database
from samehand.cases.errors import ForbiddenError, NotFoundError, RefusedError
from samehand.cases.model import Role, User
from samehand.cases.schema import SESSIONS, TOKENS, USERS
from samehand.cases.wording import LONGEST_NAME, checked, storable

SHORTEST_PASSWORD: Final = 12
LONGEST_PASSWORD: Final = 1_000
"""Characters. A bound, since hashing takes as long as what it is given."""
SESSION_US: Final = 12 * 3_600_000_000
"""How long a sign-in lasts."""
_HASHER: Final = PasswordHasher()
_NOBODY: Final = _HASHER.hash(secrets.token_hex(16))
"""Checked where there is no such name, so that the time taken does not tell which names there are."""


@dataclass(frozen=True, kw_only=True)
class Token:
    """A token of the API; its secret is shown once, when it is made."""

    token_id: int
    name: str
    """Whose rights it has."""
    purpose: str
    created_at: datetime
    revoked: bool


class People:
    """Accounts of reviewers in a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def users(self) -> tuple[User, ...]:
        """All accounts, by name."""
        with self._database.reading() as connection:
            rows = connection.execute(select(USERS).order_by(USERS.c.name))
            return tuple(_user(row) for row in rows)

    def any_admin(self) -> bool:
        """Tell whether somebody active is admin."""
        with self._database.reading() as connection:
            return _n_admins(connection) > 0

    def add(self, name: str, role: Role, password: str, *, actor: str) -> User:
        """Make an account.

        Raises:
            RefusedError: The name is taken or malformed, or the password too short or too long.
        """
        name = _name(name)
        hashed = _hashed(password, name)
        with self._database.writing() as connection:
            if connection.execute(select(USERS.c.name).where(USERS.c.name == name)).one_or_none() is not None:
                raise RefusedError(
                    f"{name} has an account", hint="another name, or change the one that is there"
                )
            row = {
                "name": name,
                "role": role,
                "password_hash": hashed,
                "active": True,
                "created_at_us": now_us(),
            }
            connection.execute(insert(USERS).values(row))
            audit.append(connection, actor, "user_added", detail=Detail(name=name, role=role))
            return _one(connection, name)

    def change(
        self,
        name: str,
        *,
        actor: str,
        role: Role | None = None,
        password: str | None = None,
        active: bool | None = None,
    ) -> User:
        """Give an account another role or password, or close or open it; its sessions end.

        Raises:
            NotFoundError: There is no such account.
            RefusedError: The password is too short or too long, or nobody would be left who is admin.
        """
        values: dict[str, object] = {}
        if role is not None:
            values["role"] = role
        if password is not None:
            values["password_hash"] = _hashed(password, name)
        if active is not None:
            values["active"] = active
        if not values:
            raise RefusedError("nothing is to be changed", hint="a role, a password, or open or closed")
        with self._database.writing() as connection:
            _one(connection, name)
            connection.execute(update(USERS).where(USERS.c.name == name).values(values))
            if _n_admins(connection) == 0:
                raise RefusedError("nobody would be left who is admin", hint="make somebody else admin first")
            connection.execute(delete(SESSIONS).where(SESSIONS.c.name == name))
            said = ", ".join(sorted("password" if key == "password_hash" else key for key in values))
            audit.append(connection, actor, "user_changed", detail=Detail(name=name, role=role, text=said))
            return _one(connection, name)

    def sign_in(self, name: str, password: str) -> str:
        """Check a password; the secret of a new session is returned.

        Raises:
            ForbiddenError: Name and password do not fit, or the account is closed.
        """
        with self._database.reading() as connection:
            row = connection.execute(select(USERS).where(USERS.c.name == storable(name))).one_or_none()
        known = None if row is None or not row.active else row
        if not _fits(_NOBODY if known is None else known.password_hash, password) or known is None:
            raise ForbiddenError("name and password do not fit, or the account is closed", hint="try again")
        secret, now = secrets.token_urlsafe(32), now_us()
        with self._database.writing() as connection:
            connection.execute(delete(SESSIONS).where(SESSIONS.c.expires_at_us <= now))
            session = {"token_sha256": _sha256(secret), "name": name}
            connection.execute(
                insert(SESSIONS).values(session | {"created_at_us": now, "expires_at_us": now + SESSION_US})
            )
            audit.append(connection, name, "signed_in")
        return secret

    def sign_out(self, secret: str) -> None:
        """End a session, if it is one."""
        with self._database.writing() as connection:
            connection.execute(delete(SESSIONS).where(SESSIONS.c.token_sha256 == _sha256(secret)))

    def of_session(self, secret: str) -> User | None:
        """Whose session it is; None: nobody's, or it is over."""
        asked = (
            select(USERS)
            .join(SESSIONS, SESSIONS.c.name == USERS.c.name)
            .where(
                SESSIONS.c.token_sha256 == _sha256(secret),
                SESSIONS.c.expires_at_us > now_us(),
                USERS.c.active,
            )
        )
        return self._found(asked)

    def of_token(self, secret: str) -> User | None:
        """Whose token it is; None: nobody's, or it was revoked."""
        asked = (
            select(USERS)
            .join(TOKENS, TOKENS.c.name == USERS.c.name)
            .where(TOKENS.c.token_sha256 == _sha256(secret), TOKENS.c.revoked.is_(False), USERS.c.active)
        )
        return self._found(asked)

    def _found(self, asked: Any) -> User | None:
        with self._database.reading() as connection:
            row = connection.execute(asked).one_or_none()
            return None if row is None else _user(row)

    def add_token(self, name: str, purpose: str, *, actor: str) -> tuple[Token, str]:
        """Make a token with the rights of an account, and its secret, which is kept nowhere.

        Raises:
            NotFoundError: There is no such account.
            RefusedError: The purpose is missing or too long.
        """
        purpose, secret = checked(purpose, "purpose", 200), secrets.token_urlsafe(32)
        with self._database.writing() as connection:
            _one(connection, name)
            row: dict[str, object] = {"token_sha256": _sha256(secret), "name": name, "purpose": purpose}
            row |= {"created_at_us": now_us(), "revoked": False}
            made = connection.execute(insert(TOKENS).values(row).returning(TOKENS)).one()
            audit.append(connection, actor, "token_added", detail=Detail(name=name, text=purpose))
            return _token(made), secret

    def tokens(self) -> tuple[Token, ...]:
        """All tokens, oldest first."""
        with self._database.reading() as connection:
            return tuple(
                _token(row) for row in connection.execute(select(TOKENS).order_by(TOKENS.c.token_id))
            )

    def revoke_token(self, token_id: int, *, actor: str) -> None:
        """End a token.

        Raises:
            NotFoundError: There is no such token.
        """
        with self._database.writing() as connection:
            done = (
                update(TOKENS)
                .where(TOKENS.c.token_id == token_id)
                .values(revoked=True)
                .returning(TOKENS.c.name)
            )
            name = connection.execute(done).scalar_one_or_none()
            if name is None:
                raise NotFoundError(f"there is no token {token_id}", hint="`samehand cases token list`")
            audit.append(connection, actor, "token_revoked", detail=Detail(name=name, text=str(token_id)))


def _hashed(password: str, name: str) -> str:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise RefusedError(
            f"the password has {len(password)} characters",
            hint=f"{SHORTEST_PASSWORD} to {LONGEST_PASSWORD}, such as four unrelated words",
        )
    if password.casefold() == name.casefold() or len(set(password)) < 5:
        raise RefusedError("the password is too easy to guess", hint="four unrelated words")
    return _HASHER.hash(password)


def _fits(hashed: str, password: str) -> bool:
    if len(password) > LONGEST_PASSWORD:
        return False
    try:
        return _HASHER.verify(hashed, password)
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False


def _name(name: str) -> str:
    name = checked(name, "name", LONGEST_NAME)
    if not all(c.isalnum() or c in "._-@" for c in name):
        raise RefusedError(f"{name!r} is no name for an account", hint="letters, digits and . _ - @")
    return name


def _one(connection: Connection, name: str) -> User:
    row = connection.execute(select(USERS).where(USERS.c.name == storable(name))).one_or_none()
    if row is None:
        raise NotFoundError(f"{name} has no account", hint="`samehand cases user list`")
    return _user(row)


def _n_admins(connection: Connection) -> int:
    asked = select(func.count()).select_from(USERS).where(USERS.c.active, USERS.c.role == Role.admin)
    return int(connection.execute(asked).scalar_one())


def _user(row: Any) -> User:
    return User(name=row.name, role=Role(row.role), active=row.active, created_at=from_us(row.created_at_us))


def _token(row: Any) -> Token:
    return Token(
        token_id=row.token_id,
        name=row.name,
        purpose=row.purpose,
        created_at=from_us(row.created_at_us),
        revoked=row.revoked,
    )


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
