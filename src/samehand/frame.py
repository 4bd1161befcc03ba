"""A table of results that shows well in a notebook and goes into Arrow, Polars and pandas without a copy."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

SHOWN_ROWS: Final = 20


@dataclass(frozen=True, eq=False)
class Frame:
    """A table; anything that takes an Arrow stream takes it (``polars.DataFrame(frame)``, ``pyarrow.table(frame)``).

    >>> frame = Frame(pa.table({"fleet_id": ["F0001"], "n_accounts": [12]}))
    >>> frame["n_accounts"].to_pylist(), len(frame)
    ([12], 1)
    """

    table: pa.Table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        stream: object = self.table.__arrow_c_stream__(requested_schema)  # type: ignore[no-untyped-call]
        return stream

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __getitem__(self, column: str) -> pa.ChunkedArray[Any]:
        return self.table[column]

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return list(self.table.column_names)

    def to_arrow(self) -> pa.Table:
        """As an Arrow table."""
        return self.table

    def to_pandas(self) -> Any:
        """As a pandas DataFrame (pandas must be installed)."""
        return self.table.to_pandas()

    def to_polars(self) -> Any:
        """As a Polars DataFrame (Polars must be installed)."""
        import polars

        return polars.DataFrame(self.table)

    def to_pylist(self) -> list[dict[str, Any]]:
        """As a list with a dict a row."""
        return self.table.to_pylist()

    def __repr__(self) -> str:
        return f"<{len(self):,} rows: {', '.join(self.columns)}>"

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{html.escape(name)}</th>" for name in self.columns)
        rows = "".join(
            "<tr>" + "".join(f"<td>{html.escape(_shown(value))}</td>" for value in row.values()) + "</tr>"
            for row in self.table.slice(0, SHOWN_ROWS).to_pylist()
        )
        more = f"<p>{SHOWN_ROWS} of {len(self):,} rows</p>" if len(self) > SHOWN_ROWS else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{more}"


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    text = "" if value is None else str(value)
    return text if len(text) <= 120 else text[:117] + "..."
