"""A log in samehand's own columns."""

from __future__ import annotations

import html
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from samehand import columns
from samehand.columns import Role
from samehand.events.check import Quality
from samehand.events.mapping import Mapping
from samehand.events.sources import Source
from samehand.events.workspace import PrivateFolder


@dataclass(frozen=True, kw_only=True, eq=False)
class Events:
    """A log in samehand's own columns, on disk, with what was noticed while it was read.

    A context manager: on ``close``, or when it is no longer used, files in a private folder are removed.
    """

    files: tuple[Path, ...]
    """Parquet with the columns of ``schema``."""
    roles: tuple[Role, ...]
    """The columns, in the order of ``columns.ROLES``. ``event_id`` is always there: the row number (1-based,
    over the whole log) where the log names no ids."""
    account_type: pa.DataType
    """int64 or string."""
    event_id_type: pa.DataType
    """int64 or string."""
    quality: Quality
    mapping: Mapping
    sources: tuple[Source, ...]
    private_folder: PrivateFolder | None = None
    digest: str | None = None
    """Stands for the events where their files are too large to be hashed here; None: their bytes do."""
    added: pa.Table | None = None
    """Rows in memory, with the columns of ``schema``, that count as if they followed in the files; in no file."""

    @property
    def schema(self) -> pa.Schema:
        """The columns and types of the files."""
        return columns.events(self.account_type, self.event_id_type, self.roles)

    def to_arrow(self) -> pa.Table:
        """Read all events into memory, in the order of the log."""
        tables = [pq.read_table(file) for file in self.files]
        if self.added is not None:
            tables.append(self.added)
        return pa.concat_tables(table.cast(self.schema) for table in tables)

    def close(self) -> None:
        """Remove the files, if they are in a private folder."""
        if self.private_folder:
            self.private_folder.remove()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Events: {'; '.join(f'{name} {value}' for name, value in self._facts())}>"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th>{name}</th><td>{html.escape(value)}</td></tr>" for name, value in self._facts()
        )
        return f"<table>{rows}</table>"

    def _facts(self) -> list[tuple[str, str]]:
        quality = self.quality
        return [
            ("events", f"{quality.n_events:,}"),
            ("accounts", f"{quality.n_accounts:,}"),
            ("from", f"{quality.first_time:%Y-%m-%d %H:%M} UTC"),
            ("to", f"{quality.last_time:%Y-%m-%d %H:%M} UTC"),
            ("roles", ", ".join(self.roles)),
            (
                "sources",
                ", ".join(source.name for source in self.sources[:3]) + (" ..." if self.sources[3:] else ""),
            ),
        ]
