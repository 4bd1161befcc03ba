"""co_content: accounts that write the same, in whatever order and disguise, at the same time."""

from __future__ import annotations

import numpy as np

from samehand.engines.interface import Columns, Traces
from samehand.layers.interface import Layer

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE


def take(columns: Columns) -> Traces:
    """Take each event whose text says something; its features are the fingerprints of the text."""
    assert columns.fingerprints is not None  # noqa: S101 - the layer asks for them
    code = columns.codes["content"]
    with_text = np.flatnonzero(code >= 0)
    found = columns.fingerprints[code[with_text]]
    event, at = np.nonzero(found >= 0)
    return Traces(with_text[event].astype(np.int32), found[event, at])


CO_CONTENT = Layer(
    name="co_content",
    title="Same words, same time",
    catches="advertising and greetings from a template, with phrases swapped, look-alike letters, hidden characters",
    innocent_causes=(
        "a greeting that all send at a festival",
        "a text that is passed on by many",
        "canned answers of a call centre",
        "slogans of fans and of a protest",
    ),
    family="content",
    roles=("content",),
    scales_us=(10 * MINUTE, HOUR, 6 * HOUR, 24 * HOUR),
    take=take,
    background="interest",
    lag_control=True,
    reads_texts=True,
    n_windows_an_occasion=6,  # one template in three sessions was sent together three times
)
