"""What a fleet does, by name, from the verbs of its joint events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from samehand.verbs import VERBS, plain_verb

LEAST_SHARE: Final = 0.2
"""Share of the joint events that a behaviour must have to be named."""


def name_behaviours(events_by_action: Mapping[str, int]) -> list[str]:
    """Name what the joint events are, the most frequent first; ``mixed`` is added where there are several.

    >>> name_behaviours({"Like": 70, "add_friend": 30, "view": 2})
    ['boost', 'mass_add', 'mixed']
    >>> name_behaviours({"frobnicate": 5})
    []
    """
    total = sum(events_by_action.values())
    counts = dict.fromkeys(VERBS, 0)
    for action, n in events_by_action.items():
        verb = plain_verb(action)
        for behaviour, verbs in VERBS.items():
            if verb in verbs:
                counts[behaviour] += n
    named = [
        b for b, n in sorted(counts.items(), key=lambda item: -item[1]) if n > 0 and n >= LEAST_SHARE * total
    ]
    return [*named, "mixed"] if len(named) > 1 else named
