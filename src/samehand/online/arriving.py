"""Reads events as they arrive: lines of JSON become columns, and what is no event is named with the reason."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any, Final

import msgspec
import pyarrow as pa

from samehand.arrays import I64
from samehand.columns import ROLES, TIME, Role
from samehand.events.times.zones import find_zone
from samehand.online.settings import SECOND_US, StreamSettings

SCHEMA: Final = pa.schema([(role, TIME if role == "time" else pa.string()) for role in ROLES])
"""Events of a stream: every role, null where an event lacks it."""
LONGEST_LINE: Final = 1 << 20
"""Bytes of an event."""
AHEAD_US: Final = 300 * SECOND_US
"""An event so much later than this machine's clock is no event: it would make all others late."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_UNIT_US: Final = ((1e11, 1_000_000.0), (1e14, 1_000.0), (1e17, 1.0), (1e20, 0.001))
"""Numbers below the first are counts of a unit of the second, in microseconds: seconds to nanoseconds."""


@dataclass(frozen=True)
class Refused:
    """A line that is no event."""

    line: bytes
    reason: str


@dataclass(frozen=True)
class Arrived:
    """What some lines held."""

    events: pa.RecordBatch
    """With ``SCHEMA``, in the order of the lines."""
    refused: list[Refused]


class LineReader:
    """Turns lines of JSON into events, by the keys of a stream."""

    def __init__(self, settings: StreamSettings) -> None:
        keys: dict[str, str] = {role: settings.key_of(role) for role in ROLES}
        # "target" may be a list; that a value is no text is looked at by column, which is quicker.
        record = msgspec.defstruct("Record", [(role, Any, None) for role in ROLES], rename=keys, gc=False)
        self._decoder = msgspec.json.Decoder(record)
        self._keys = keys
        self._zone = find_zone(settings.zone)

    def read(self, lines: bytes) -> Arrived:
        """Read whole lines."""
        refused: list[Refused] = []
        try:
            records = self._decoder.decode_lines(lines)
        except (msgspec.DecodeError, UnicodeDecodeError):
            records = self._one_by_one(lines, refused)
        return self._events(records, refused)

    def read_one(self, content: bytes) -> tuple[dict[str, str | None], int] | Refused:
        """Read one event quickly: role -> text without the time, and the time; of several targets the first."""
        try:
            record: Any = self._decoder.decode(content)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return Refused(content, f"no JSON object: {error}")
        bad: dict[int, str] = {}
        event: dict[str, Any] = {
            role: self._text(role, getattr(record, role), 0, bad) for role in ROLES if role != "time"
        }
        moment, latest = read_time(record.time, self._zone), time.time_ns() // 1_000 + AHEAD_US
        if moment is None or moment > latest or not event["account"]:
            return Refused(content, self._fault(moment, record.account, latest))
        if bad:
            return Refused(content, bad[0])
        if isinstance(targets := event["target"], list):
            event["target"] = targets[0] if targets else None
        return event, moment

    def _one_by_one(self, lines: bytes, refused: list[Refused]) -> list[Any]:
        records = []
        for line in lines.split(b"\n"):
            if not line.strip():
                continue
            if len(line) > LONGEST_LINE:
                refused.append(Refused(line[:200], f"longer than {LONGEST_LINE:,} bytes"))
                continue
            try:
                records.append(self._decoder.decode(line))
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                refused.append(Refused(line, f"no JSON object: {error}"))
        return records

    def _events(self, records: list[Any], refused: list[Refused]) -> Arrived:
        columns = {role: [getattr(one, role) for one in records] for role in ROLES}
        times = self._times(columns["time"])
        latest = time.time_ns() // 1_000 + AHEAD_US
        account = columns["account"]
        bad = {i: self._fault(t, a, latest) for i, (t, a) in enumerate(zip(times, account, strict=True))
               if t is None or t > latest or a is None or a == "" or isinstance(a, (list, dict, bool))}  # fmt: skip
        for role in ROLES:
            if role != "time" and not set(map(type, columns[role])) <= {str, type(None)}:
                columns[role] = [self._text(role, value, i, bad) for i, value in enumerate(columns[role])]
        for i, reason in sorted(bad.items()):
            refused.append(Refused(msgspec.json.encode(records[i]), reason))
        columns["time"] = times
        good = [i for i in range(len(records)) if i not in bad] if bad else list(range(len(records)))
        return Arrived(_batch(columns, good), refused)

    def _fault(self, moment: int | None, account: object, latest: int) -> str:
        if moment is None:
            return f"no time in {self._keys['time']!r}"
        if moment > latest:
            return f"the time in {self._keys['time']!r} lies in the future"
        return (
            f"no account in {self._keys['account']!r}" if account in (None, "") else "the account is no text"
        )

    def _text(self, role: Role, value: object, i: int, bad: dict[int, str]) -> Any:
        match value:
            case None | str():
                return value
            case bool():
                return "true" if value else "false"
            case int():
                return str(value)
            case float():
                return str(int(value)) if value.is_integer() and abs(value) < 9e18 else str(value)
            case list() if role == "target" and all(isinstance(one, str) for one in value):
                return value
        bad.setdefault(i, f"the {role} in {self._keys[role]!r} is neither text nor number")
        return None

    def _times(self, values: list[Any]) -> list[int | None]:
        """Give times as UTC microseconds, None for what is no time."""
        try:  # Arrow reads ISO times with an offset quickly, all or none
            return pa.array(values, pa.string()).cast(TIME).cast(pa.int64()).to_pylist()
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            return [read_time(value, self._zone) for value in values]


def read_time(value: object, zone: tzinfo = UTC) -> int | None:
    """Read a time as UTC microseconds: ISO 8601, or a number of seconds to nanoseconds since 1970; None: it is none.

    >>> read_time("2026-03-02T08:00:00+08:00") == read_time(1772409600) == read_time(1772409600000)
    True
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return next((int(value * unit) for bound, unit in _UNIT_US if 0 < value < bound), None)
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        delta = moment - _EPOCH
    except (ValueError, OverflowError):
        return None
    return (delta.days * 86_400 + delta.seconds) * SECOND_US + delta.microseconds


def _batch(columns: dict[Role, list[Any]], good: list[int]) -> pa.RecordBatch:
    """Make events of the good rows; a row with several targets is several events."""
    targets = columns["target"]
    if any(isinstance(one, list) for one in targets):
        rows = [
            (i, t)
            for i in good
            for t in (targets[i] or [None] if isinstance(targets[i], list) else [targets[i]])
        ]
        good = [i for i, _ in rows]
        spread = [t for _, t in rows]
    else:
        spread = [targets[i] for i in good]
    arrays = [
        pa.array(spread if role == "target" else [columns[role][i] for i in good], SCHEMA.field(role).type)
        for role in ROLES
    ]
    return pa.record_batch(arrays, schema=SCHEMA)


def times_of(events: pa.RecordBatch | pa.Table) -> I64:
    """Times of events, in microseconds."""
    column = events.column("time")
    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    times: I64 = column.cast(pa.int64()).to_numpy(zero_copy_only=False)
    return times
