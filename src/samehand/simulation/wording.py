"""What people write: comments, chat, greetings, service answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samehand.simulation.chance import Ints, Mask
from samehand.simulation.people import CHINESE
from samehand.simulation.phrases import (
    CHAT,
    COMMENTS,
    GREETING_MARKS,
    GREETINGS,
    SERVICE,
    SHORT_CHAT,
    SHORT_COMMENTS,
    Slots,
)

SHORT_SHARE: Final = 0.3
"""Share of texts that are one stock word."""

# The stubs of these functions do not know that they take arrays and single values together.
_join: Final[Callable[..., Any]] = pc.binary_join_element_wise
_if_else: Final[Callable[..., Any]] = pc.if_else


def places(place: Ints, valid: Mask | None = None) -> pa.Int64Array:
    """Turn places into Arrow indices; null where not ``valid``."""
    return pa.array(np.asarray(place, dtype=np.int64), pa.int64(), mask=None if valid is None else ~valid)


def join_texts(*parts: pa.StringArray) -> pa.StringArray:
    """Join texts element by element, without anything between."""
    joined: pa.StringArray = _join(*parts, "")
    return joined


def draw_phrases(phrases: tuple[str, ...], n: int, rng: np.random.Generator) -> pa.StringArray:
    """Draw n of the phrases."""
    return pa.array(phrases, pa.string()).take(places(rng.integers(0, len(phrases), n)))


def write_slots(slots: Slots, n: int, rng: np.random.Generator) -> pa.StringArray:
    """Write n texts, each with one phrase drawn from every slot."""
    return join_texts(*(draw_phrases(phrases, n, rng) for phrases in slots))


def choose(first: pa.StringArray, second: pa.StringArray, is_second: Mask) -> pa.StringArray:
    """Take each text from the first or the second array."""
    chosen: pa.StringArray = _if_else(pa.array(is_second), second, first)
    return chosen


def write_comments(language: Ints, rng: np.random.Generator) -> pa.StringArray:
    """Write a comment on a post in each language: many short stock ones, the rest of one's own."""
    short = rng.random(len(language)) < SHORT_SHARE
    return choose(_write(COMMENTS, language, rng), _write(SHORT_COMMENTS, language, rng), short)


def write_chat(language: Ints, rng: np.random.Generator) -> pa.StringArray:
    """Write a line of chat in each language."""
    short = rng.random(len(language)) < SHORT_SHARE
    return choose(_write(CHAT, language, rng), _write(SHORT_CHAT, language, rng), short)


def write_greetings(chain: int, n: int, rng: np.random.Generator) -> pa.StringArray:
    """Write the forwarded greeting of a chain n times: the same words, here and there with a mark added.

    Chains 0 and 1 are Chinese, 2 and 3 English.
    """
    return write_slots(((GREETINGS[chain],), GREETING_MARKS), n, rng)


def write_service(language: Ints, rng: np.random.Generator) -> pa.StringArray:
    """Write a call centre's message to a customer in each language."""
    text = _write(SERVICE, language, rng)
    number = pa.array(rng.integers(10, 9_999, len(language)), pa.int64()).cast(pa.string())
    replace: Callable[..., Any] = pc.binary_join
    halves = pc.split_pattern(text, "{n}", max_splits=1)
    with_number: pa.StringArray = replace(halves, number)
    return with_number


def _write(slots: tuple[Slots, Slots], language: Ints, rng: np.random.Generator) -> pa.StringArray:
    n = len(language)
    return choose(write_slots(slots[0], n, rng), write_slots(slots[1], n, rng), language != CHINESE)
