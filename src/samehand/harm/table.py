"""The ledger as one table: counts, then valuations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from samehand import columns
from samehand.harm.count import Figure
from samehand.harm.value import Input, Valuation


def build_table(counts: Sequence[Figure], values: Sequence[Valuation]) -> pa.Table:
    """Build the table, one row a figure; see ``columns.HARM``."""
    rows = [_count_row(one) for one in counts] + [_value_row(one) for one in values]
    return pa.Table.from_pylist(rows, schema=columns.HARM)


def _count_row(one: Figure) -> dict[str, Any]:
    return {
        "fleet_id": one.scope, "head": one.head, "item": one.item, "of": one.of, "entry": "count",
        "unit": one.unit, "low": one.low, "mid": one.mid, "high": one.high, "missing": one.missing,
        "formula": None, "inputs": [], "query": one.query,
    }  # fmt: skip


def _value_row(one: Valuation) -> dict[str, Any]:
    return {
        "fleet_id": one.scope, "head": one.head, "item": one.item, "of": None, "entry": "value",
        "unit": one.unit, "low": one.low, "mid": one.mid, "high": one.high,
        "missing": one.lacking or one.missing, "formula": one.formula,
        "inputs": [_input_row(part) for part in one.inputs], "query": None,
    }  # fmt: skip


def _input_row(one: Input) -> dict[str, Any]:
    return {name: getattr(one, name) for name in Input.__dataclass_fields__}
