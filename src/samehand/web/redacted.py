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
_TEXTS: Final = frozenset({"content", "client", "sentence", "summary", "source"})
SHOWN: Final = frozenset(
    {"fleet_id", "layers", "layer", "family", "behaviours", "behaviour", "innocent", "explanation", "figures", "kind",
     "known", "action", "outcome", "risk"}
)  # fmt: skip
"""Columns whose words are samehand's own or name no one: they are shown as they are."""
HIDDEN: Final = _IDS | _TEXTS | {"feature", "event_ids", "value"}
"""Columns that name somebody or quote; a test asks that every column of words is of one kind or the other."""
_ID_LAYERS: Final = frozenset({"co_device", "co_network"})
"""Layers whose values are devices and addresses, which have salted ids elsewhere too; other values are hidden as texts.
"""


def redact_tables(tables: RunTables, redaction: Redaction) -> RunTables:
    """Write ids as salted ids and hide texts; without redaction everything stays as it is."""
    if not redaction.on:
        return tables
    hidden = {field.name: _hide(getattr(tables, field.name), redaction) for field in fields(tables)}
    hidden["evidence"] = _hide_features(hidden["evidence"], redaction)
    hidden["layer_bits"] = _hide_values(hidden["layer_bits"], redaction)
    return replace(tables, **hidden)


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


def _hide_values(layer_bits: pa.Table, redaction: Redaction) -> pa.Table:
    """What members share is a device, an address, a client, or a part of their names."""
    is_id = pc.is_in(layer_bits["layer"], value_set=pa.array(sorted(_ID_LAYERS)))
    values = layer_bits["value"]
    shown = pc.if_else(is_id, _mapped(values, redaction.id), _mapped(values, redaction.text))
    return layer_bits.set_column(layer_bits.column_names.index("value"), "value", shown)


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
