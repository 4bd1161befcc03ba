"""Messages about decisions: written with the decision, signed, sent to one configured address until it takes them."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec
import urllib3
from sqlalchemy import Connection, delete, func, insert, select, update

from samehand.cases import audit
from samehand.cases.audit import Detail
from samehand.cases.clock import from_us, now_us
from samehand.cases.database import Database
from samehand.cases.errors import RefusedError
from samehand.cases.reading import decision
from samehand.cases.schema import CASES, DECISIONS, OUTBOX, RUNS, WEBHOOKS
from samehand.version import __version__

SIGNATURE: Final = "Samehand-Signature"
_TIMEOUT: Final = urllib3.Timeout(connect=5, read=10)
_LEASE_US: Final = 60_000_000
"""A message that is being sent is nobody else's for so long."""
_FIRST_WAIT_US: Final = 5_000_000
_LONGEST_WAIT_US: Final = 3_600_000_000
"""Waits between tries double from the first to the longest; tries never end."""
_N_SUCCESS: Final = range(200, 300)


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent. It names no account: whoever may see them asks the API."""

    what: str
    """decided, agreed, disagreed or undone."""
    decision_id: int
    action: str
    status: str
    """Of the case, after it."""
    case_id: int
    fleet_id: str
    run_digest: str
    policy: str
    reviewer: str
    second_reviewer: str | None
    needs_second: bool
    other_case: int | None
    decided_at: datetime


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """How the outbox stands."""

    url: str | None
    """Where messages go; None: nowhere, and none are written."""
    n_delivered: int
    n_waiting: int
    last_failure: str | None
    """Of the message that waits longest."""


def announce(connection: Connection, what: str, decision_id: int) -> None:
    """Write a message about a decision into the outbox, where a webhook is configured."""
    if connection.execute(select(WEBHOOKS.c.only)).one_or_none() is None:
        return
    made = decision(connection.execute(select(DECISIONS).where(DECISIONS.c.decision_id == decision_id)).one())
    case = connection.execute(
        select(CASES.c.fleet_id, CASES.c.status, RUNS.c.digest)
        .join(RUNS)
        .where(CASES.c.case_id == made.case_id)
    ).one()
    message = Message(
        what=what,
        decision_id=decision_id,
        action=made.action,
        status=case.status,
        case_id=made.case_id,
        fleet_id=case.fleet_id,
        run_digest=case.digest,
        policy=made.policy,
        reviewer=made.reviewer,
        second_reviewer=made.second_reviewer,
        needs_second=made.needs_second,
        other_case=made.other_case,
        decided_at=made.decided_at,
    )
    now, body = now_us(), msgspec.json.encode(message).decode()
    connection.execute(insert(OUTBOX).values(body=body, created_at_us=now, next_try_us=now, n_tries=0))


def sign(secret: str, timestamp_s: int, body: bytes) -> str:
    """Sign a message: ``t=SECONDS,v1=HEX``, where HEX is HMAC-SHA256 of ``SECONDS.BODY`` under the secret.

    >>> sign("secret", 0, b"{}")[:16]
    't=0,v1=4bbe8d39d'
    """
    signed = hmac.new(secret.encode(), f"{timestamp_s}.".encode() + body, hashlib.sha256)
    return f"t={timestamp_s},v1={signed.hexdigest()}"


def configure(database: Database, url: str | None, *, actor: str) -> str | None:
    """Send messages to ``url`` from now on, or (None) write none; the new secret for signatures is returned.

    Messages that wait go to the new address.

    Raises:
        RefusedError: The address is none, or is not HTTPS beyond loopback.
    """
    if url is not None:
        _check_address(url)
    secret = None if url is None else secrets.token_urlsafe(32)
    with database.writing() as connection:
        connection.execute(delete(WEBHOOKS))
        if url is not None:
            connection.execute(insert(WEBHOOKS).values(only=1, url=url, secret=secret))
        shown = None if url is None else urllib3.util.parse_url(url).host
        audit.append(
            connection, actor, "webhook_set" if url else "webhook_removed", detail=Detail(name=shown)
        )
    return secret


def _check_address(url: str) -> None:
    hint = "https://your.host/path"
    try:
        parsed = urllib3.util.parse_url(url)
    except urllib3.exceptions.LocationParseError as error:
        raise RefusedError("no address", where="webhook", hint=hint) from error
    if not parsed.host or parsed.scheme not in {"http", "https"}:
        raise RefusedError("no address of the web", where="webhook", hint=hint)
    if parsed.scheme == "http" and not _loopback(parsed.host):
        raise RefusedError("an address beyond this machine must be HTTPS", where="webhook", hint=hint)


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def delivery(database: Database) -> Delivery:
    """Say how the outbox stands."""
    waiting = OUTBOX.c.delivered_at_us.is_(None)
    with database.reading() as connection:
        url = connection.execute(select(WEBHOOKS.c.url)).scalar_one_or_none()
        n_all = connection.execute(select(func.count()).select_from(OUTBOX)).scalar_one()
        n_waiting = connection.execute(select(func.count()).select_from(OUTBOX).where(waiting)).scalar_one()
        oldest = select(OUTBOX.c.last_failure).where(waiting).order_by(OUTBOX.c.message_id).limit(1)
        failure = connection.execute(oldest).scalar_one_or_none()
    return Delivery(url=url, n_delivered=n_all - n_waiting, n_waiting=n_waiting, last_failure=failure)


def deliver(database: Database, limit: int = 100) -> int:
    """Send messages whose time has come, oldest first; how many were taken is returned.

    A message counts as delivered once the address answers with 2xx; redirects are not followed. It may come twice
    (``Samehand-Message`` names it), never not at all. The first failure ends the round.
    """
    taken = 0
    with urllib3.PoolManager(retries=False, timeout=_TIMEOUT) as pool:
        for _ in range(limit):
            claimed = _claim(database)
            if claimed is None:
                break
            failure = _send(pool, *claimed)
            _settle(database, claimed[0], failure)
            if failure is not None:
                break
            taken += 1
    return taken


def _claim(database: Database) -> tuple[Any, str, str] | None:
    """Take the next message for a while, with address and secret."""
    now = now_us()
    with database.reading() as connection:  # most looks find nothing, and need no lock
        if connection.execute(_due(now)).first() is None:
            return None
    with database.writing() as connection:
        hook = connection.execute(select(WEBHOOKS)).one_or_none()
        message = connection.execute(_due(now)).first()
        if hook is None or message is None:
            return None
        tried = {"next_try_us": now + _LEASE_US, "n_tries": message.n_tries + 1}
        connection.execute(update(OUTBOX).where(OUTBOX.c.message_id == message.message_id).values(tried))
        return message, hook.url, hook.secret


def _due(now: int) -> Any:
    due = OUTBOX.c.delivered_at_us.is_(None) & (OUTBOX.c.next_try_us <= now)
    return select(OUTBOX).where(due).order_by(OUTBOX.c.message_id).limit(1)


def _send(pool: urllib3.PoolManager, message: Any, url: str, secret: str) -> str | None:
    """Send a message; what went wrong is returned."""
    body, now = message.body.encode(), now_us()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"samehand/{__version__}",
        "Samehand-Message": str(message.message_id),
        "Samehand-Written": from_us(message.created_at_us).isoformat(),
        SIGNATURE: sign(secret, now // 1_000_000, body),
    }
    try:
        answer = pool.request("POST", url, body=body, headers=headers, redirect=False, preload_content=False)
        answer.close()
    except (urllib3.exceptions.HTTPError, OSError) as error:
        return f"{type(error).__name__}"
    return None if answer.status in _N_SUCCESS else f"HTTP {answer.status}"


def _settle(database: Database, message: Any, failure: str | None) -> None:
    wait = min(_FIRST_WAIT_US * 2 ** min(message.n_tries, 20), _LONGEST_WAIT_US)
    values: dict[str, object] = (
        {"delivered_at_us": now_us(), "last_failure": None}
        if failure is None
        else {"next_try_us": now_us() + wait, "last_failure": failure}
    )
    with database.writing() as connection:
        connection.execute(update(OUTBOX).where(OUTBOX.c.message_id == message.message_id).values(values))
