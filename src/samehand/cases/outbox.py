"""Messages about decisions that wait to be delivered to the configured address."""

from __future__ import annotations

from sqlalchemy import Connection


def announce(connection: Connection, what: str, decision_id: int) -> None:
    """Write a message about a decision into the outbox, where a webhook is configured."""
