"""The harm ledger, as far as a case file shows it: what was counted and valued for one fleet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from samehand.errors import InputError

MOST_BYTES: Final = 64 * 2**20


@dataclass(frozen=True, kw_only=True)
class Input:
    """A price or factor of a valuation."""

    name: str = ""
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class Head:
    """One figure of a ledger, low, mid and high."""

    scope: str
    item: str
    of: str | None = None
    unit: str = ""
    low: float | None = None
    mid: float | None = None
    high: float | None = None
    formula: str | None = None
    query: str | None = None
    inputs: tuple[Input, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Source:
    sha256: str | None = None


@dataclass(frozen=True, kw_only=True)
class _Info:
    sources: tuple[_Source, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Ledger:
    info: _Info
    counts: tuple[Head, ...]
    values: tuple[Head, ...]


@dataclass(frozen=True)
class Harm:
    """A ledger that was given."""

    name: str
    """Of its file."""
    content: bytes
    heads: tuple[Head, ...]
    log: frozenset[str | None]
    """Hashes of the log's files."""

    def of(self, fleet_id: str) -> list[Head]:
        """Give the figures of a fleet as a whole that there is an amount of."""
        return [one for one in self.heads if one.scope == fleet_id and one.of is None and one.mid is not None]

    def content_of(self, fleet_id: str) -> bytes:
        """Give the ledger with the figures of one fleet only: the others are nobody's business in its case."""
        document = msgspec.json.decode(self.content)
        for part in ("counts", "values"):
            document[part] = [row for row in document[part] if row["scope"] == fleet_id]
        return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"

    def check_log(self, hashes: frozenset[str | None]) -> None:
        """Refuse a ledger of another log.

        Raises:
            InputError: The files differ.
        """
        if self.log != hashes:
            raise InputError(
                "this harm ledger was made from another log than the run (their SHA-256 differ)",
                where=self.name,
                hint="the harm.json that `samehand harm RUN` wrote for this run",
            )


def read_harm(path: Path) -> Harm:
    """Read a harm.json.

    Raises:
        InputError: It cannot be read, or is none.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(
                "too large for a harm ledger", where=str(path), hint="the harm.json of `samehand harm`"
            )
        content = path.read_bytes()
        ledger = msgspec.json.decode(content, type=_Ledger)
    except (OSError, msgspec.DecodeError, RecursionError) as error:
        raise InputError(
            f"no harm ledger: {error}", where=str(path), hint="the harm.json that `samehand harm RUN` wrote"
        ) from error
    return Harm(
        path.name,
        content,
        (*ledger.counts, *ledger.values),
        frozenset(source.sha256 for source in ledger.info.sources),
    )
