"""Time as the store keeps it: whole microseconds since 1970, UTC."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_US: Final = timedelta(microseconds=1)


def now_us() -> int:
    """Now, in microseconds."""
    return time.time_ns() // 1000


def to_us(when: datetime) -> int:
    """Microseconds of a time; one without a zone is UTC.

    >>> to_us(datetime(1970, 1, 1, 0, 0, 1))
    1000000
    """
    aware = when if when.tzinfo is not None else when.replace(tzinfo=UTC)
    return (aware - _EPOCH) // _US


def from_us(us: int) -> datetime:
    """The time of so many microseconds, in UTC.

    >>> from_us(1_000_000).isoformat()
    '1970-01-01T00:00:01+00:00'
    """
    return _EPOCH + us * _US
