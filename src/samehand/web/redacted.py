"""A run as it is shown where ids and texts are hidden: every page is then made of what may be seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from samehand.cases.redaction import Redaction
from samehand.run_folder import RunTables

_IDS: Final = frozenset({"account", "account_a", "account_b", "device", "address", "target", "event_id"})
_TEXTS: Final = frozenset({"content", "client", "sentence", "summary"})


def redact_tables(tables: RunTables, redaction: Redaction) -> RunTables:
    """Write ids as salted ids and hide texts; without redaction everything stays as it is."""
    if not redaction.on:
        return tables
    hidden = {field.name: _hide(getattr(tables, field.name), redaction) for field in fields(tables)}
    return replace(tables, **hidden | {"evidence": _hide_features(hidden["evidence"], redaction)})


def _hide(table: pa.Table, redaction: Redaction) -> pa.Table:
    for place, name in enumerate(table.column_names):
        if name in _IDS:
            table = table.set_column(place, name, _mapped(table[name], redaction.id))
        elif name in _TEXTS:
            table = table.set_column(place, name, _mapped(table[name], redaction.text))
    return table


def _hide_features(evidence: pa.Table, redaction: Redaction) -> pa.Table:
    """What an event of evidence had in common names a target or quotes a text."""
    lists: Any = evidence["event_ids"].combine_chunks()
    ids = pa.ListArray.from_arrays(lists.offsets, _mapped(lists.values, redaction.id))
    table = evidence.set_column(evidence.column_names.index("event_ids"), "event_ids", ids)
    feature = _mapped(evidence["feature"], redaction.text)
    return table.set_column(table.column_names.index("feature"), "feature", feature)


def _mapped(values: Any, write: Callable[[str], str]) -> Any:
    """Write every value anew; each distinct one is written once."""
    known = pc.unique(values).drop_null()
    written = pa.array([write(str(value)) for value in known.to_pylist()], pa.string())
    return (
        written.take(pc.index_in(values, value_set=known))
        if isinstance(values, pa.Array)
        else pa.chunked_array(
            [written.take(pc.index_in(chunk, value_set=known)) for chunk in values.chunks], pa.string()
        )
    )
