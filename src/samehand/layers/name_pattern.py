"""name_stem, name_shape: accounts whose names were made after one pattern."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pyarrow as pa

from samehand.engines.interface import Columns, Traces
from samehand.engines.names import shapes, stems
from samehand.layers.interface import Trait

NO_NAMES: Final = (
    "the ids of the accounts are numbers, hashes or made in another way: they have no name pattern"
)
_INNOCENT: Final = (
    "a school or a company that makes the names of its people's accounts",
    "names that the platform or an app proposes",
    "a first name that many have, with a year of birth",
)


def _values_in(column: int) -> Callable[[Columns], Traces]:
    """Give the ``take`` of a trait whose value is one of the patterns of the account's name."""

    def take(columns: Columns) -> Traces:
        assert columns.names is not None  # noqa: S101 - the trait asks for them
        value = columns.names[columns.account, column]
        event = np.flatnonzero(value >= 0).astype(np.int32)
        first = np.zeros(len(columns.names), np.int32)
        first[columns.account[event[::-1]]] = event[
            ::-1
        ]  # of several, the last that is written stays: the earliest
        event = event[first[columns.account[event]] == event]
        return Traces(event, value[event].astype(np.int64))

    return take


def _shown(of: Callable[[pa.Array[Any]], pa.Array[Any]], form: str) -> Callable[[str], str]:
    """Give what shows the pattern of a name."""
    return lambda name: form.format(of(pa.array([name], pa.string()))[0].as_py())


NAME_STEM: Final = Trait(
    name="name_stem",
    title="Names with one stem",
    catches="bulk registration: one word with another number for each account",
    innocent_causes=_INNOCENT,
    family="registration",
    roles=(),
    take=_values_in(0),
    reads_names=True,
    nobody=NO_NAMES,
    show=_shown(stems, "{}+0"),
)
NAME_SHAPE: Final = Trait(
    name="name_shape",
    title="Names of one shape",
    catches="bulk registration: names out of a generator, with as many letters and digits at the same places",
    innocent_causes=_INNOCENT,
    family="registration",
    roles=(),
    take=_values_in(1),
    reads_names=True,
    nobody=NO_NAMES,
    show=_shown(shapes, "{}"),
)
