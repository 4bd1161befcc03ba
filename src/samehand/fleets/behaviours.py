"""What a fleet does, by name and with figures: from its joint events, its sign-ups, and whose accounts it uses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.stats import binom

from samehand.arrays import BOOL
from samehand.engines.answers import LogSize
from samehand.fleets.driven import Driven
from samehand.fleets.judge import Judged
from samehand.texts.sentences import behaviour_sentence
from samehand.verbs import COMMENTS, SIGN_UP, VERBS, is_positive, is_sign_up, plain_verb

LEAST_SHARE: Final = 0.1
"""Share of the joint events that a behaviour must have to be named."""
MOST_MEMBERS: Final = 0.5
"""Share of the members that must be new, or driven part of the time, for the fleet to be named for it."""
LEAST_MEMBERS: Final = 3
RARE_P: Final = 1e-6
"""So many new accounts must be this rare among accounts drawn by chance."""


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """One thing that a fleet does, or that it is made of. None: not known, or it has no meaning here."""

    name: str
    n_accounts: int
    """Members that do it."""
    n_events: int | None
    """Their joint events of this kind; their sign-ups."""
    n_targets: int | None
    share: float | None
    """Of all joint events."""
    answered: float | None
    """Share of these events that were answered or accepted, of those with an outcome."""
    first_time: datetime | None
    last_time: datetime | None
    expected: float | None
    """Members that chance would give."""
    p_value: float | None

    def row(self, fleet_id: str, n_fleet: int) -> dict[str, Any]:
        """Give the row of the table of behaviours."""
        figures = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "name"}
        row = {"fleet_id": fleet_id, "behaviour": self.name} | figures
        return row | {"sentence": behaviour_sentence("en", row, n_fleet)}


def name_behaviours(events_by_action: Mapping[str, int]) -> list[str]:
    """Name what the joint events are, the most frequent first; ``mixed`` is added where there are several.

    >>> name_behaviours({"Like": 70, "add_friend": 30, "view": 2})
    ['boost', 'mass_add', 'mixed']
    >>> name_behaviours({"like": 70, "comment": 30})
    ['boost']
    >>> name_behaviours({"frobnicate": 5})
    []
    """
    total = sum(events_by_action.values())
    counts = dict.fromkeys(VERBS, 0)
    for action, behaviour in _behaviour_of(events_by_action).items():
        counts[behaviour] += events_by_action[action]
    named = [
        b for b, n in sorted(counts.items(), key=lambda item: -item[1]) if n > 0 and n >= LEAST_SHARE * total
    ]
    return [*named, "mixed"] if len(named) > 1 else named


def _behaviour_of(events_by_action: Mapping[str, int]) -> dict[str, str]:
    """Action -> the behaviour that it serves, for the actions that serve any."""
    served = {verb: behaviour for behaviour, verbs in VERBS.items() for verb in verbs}
    found = {action: served[verb] for action in events_by_action if (verb := plain_verb(action)) in served}
    comments = [action for action in found if plain_verb(action) in COMMENTS]
    boosting = sum(events_by_action[action] for action, behaviour in found.items() if behaviour == "boost")
    if boosting > sum(events_by_action[action] for action in comments):
        found |= dict.fromkeys(comments, "boost")
    return found


def find_behaviours(judged: Judged, joint: BOOL, driven: Driven, size: LogSize) -> list[Behaviour]:
    """Find what a fleet does, the most frequent first; then what its accounts are.

    Args:
        judged: The fleet.
        joint: Which of its events were made together, or by its hand in what another layer sees.
        driven: Which of its members are driven part of the time.
        size: Of the log.
    """
    events, n = judged.events, len(judged.candidate.accounts)
    found: list[Behaviour] = []
    if "action" in events.column_names:
        actions = np.array([str(action or "") for action in events["action"].to_pylist()])
        counts = Counter(actions[joint].tolist())
        serves = _behaviour_of(counts)
        for name in name_behaviours(counts):
            these = joint & np.array([serves.get(action) == name for action in actions], np.bool_)
            if these.any():
                found.append(_acts(name, events.filter(pa.array(these)), int(joint.sum())))
        new = _new_accounts(judged, n, size)
        found = [one for one in found if not (new and one.name == SIGN_UP)] + new
    if driven.part_time is not None:
        n_part_time = int(driven.part_time.sum())
        if n_part_time >= max(LEAST_MEMBERS, MOST_MEMBERS * n):
            found.append(_made_of("rented", n_part_time))
    return found


def _acts(name: str, events: pa.Table, n_joint: int) -> Behaviour:
    outcomes = events["outcome"].drop_null().to_pylist() if "outcome" in events.column_names else []
    good = [is_positive(str(outcome)) for outcome in outcomes]
    first, last = _span(events)
    return Behaviour(
        name=name,
        n_accounts=pc.count_distinct(events["account"]).as_py(),
        n_events=events.num_rows,
        n_targets=pc.count_distinct(events["target"]).as_py() if "target" in events.column_names else None,
        share=events.num_rows / n_joint,
        answered=float(np.mean(good)) if 2 * len(good) > events.num_rows else None,
        first_time=first,
        last_time=last,
        expected=None,
        p_value=None,
    )


def _span(events: pa.Table) -> tuple[datetime, datetime]:
    times: list[datetime] = [pc.min(events["time"]).as_py(), pc.max(events["time"]).as_py()]
    return times[0], times[1]


def _new_accounts(judged: Judged, n: int, size: LogSize) -> list[Behaviour]:
    """Bulk registration: half of the members and more are new, far more than of accounts drawn by chance."""
    events = judged.events
    signs = pa.array([is_sign_up(str(action or "")) for action in events["action"].to_pylist()], pa.bool_())
    sign_ups = events.filter(signs)
    n_new = pc.count_distinct(sign_ups["account"]).as_py()
    share = size.n_sign_ups / max(size.n_accounts, 1)
    p = float(binom.sf(n_new - 1, n, share))
    seen = any(layer == "registration" for layer in judged.candidate.seen_in)
    if n_new < max(LEAST_MEMBERS, MOST_MEMBERS * n) or (p > RARE_P and not seen):
        return []
    first, last = _span(sign_ups)
    return [
        _made_of(
            SIGN_UP, n_new, n_events=sign_ups.num_rows, first_time=first, last_time=last,
            expected=n * share, p_value=p,
        )
    ]  # fmt: skip


def _made_of(name: str, n_accounts: int, **figures: Any) -> Behaviour:
    nothing: dict[str, Any] = dict.fromkeys(Behaviour.__dataclass_fields__)
    return Behaviour(**(nothing | {"name": name, "n_accounts": n_accounts} | figures))


def names_of(found: list[Behaviour]) -> list[str]:
    """Give the names, and ``mixed`` where the joint events are of several kinds."""
    names = [one.name for one in found]
    return [*names, "mixed"] if sum(one.share is not None for one in found) > 1 else names
