"""Values that stand in one column, as the features of a trait."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from samehand.columns import Role
from samehand.engines.interface import Columns, Traces


def values_of(role: Role) -> Callable[[Columns], Traces]:
    """Give the ``take`` of a trait whose values are those of one column."""

    def take(columns: Columns) -> Traces:
        value = columns.codes[role]
        event = np.flatnonzero(value >= 0).astype(np.int32)
        return Traces(event, value[event].astype(np.int64))

    return take
