"""Console sessions: all phones step together, each to a stranger of its own."""

from __future__ import annotations

from typing import Final

import numpy as np

from samehand.simulation import rows as r
from samehand.simulation.chance import Floats, Ints, expand
from samehand.simulation.crew import Crew
from samehand.simulation.evasion import DAY_S, HOUR_S
from samehand.simulation.pitches import write_offers
from samehand.simulation.rows import Rows, make_rows

SESSIONS_PER_ORDER: Final = 1 / 6
"""Sessions on a day of a campaign, against the orders of a day: a session takes the phones for long."""
CAMPAIGN_DAYS: Final = 0.5
"""Share of the days on which a fleet runs sessions; the others it rests, for fear of limits."""
TURNS: Final = 1.3
"""However few sessions there are, each phone has its turn."""
STEPS: Final = (12, 25)
STEP_PAUSE_S: Final = 18.0
"""Least pause between steps; waiting for slow phones comes on top."""
STEP_PAUSE_MORE_S: Final = 15.0
OWN_START_SPREAD_S: Final = 9 * HOUR_S

STRANGERS_ACCEPT: Final = (0.07, 0.87)
"""Accepted, ignored; the rest blocks."""
STRANGERS_REPLY: Final = (0.025, 0.915)


def mass_add(crew: Crew, factor: float = 1.0) -> Rows:
    """Send friend requests to strangers."""
    return console_rows(crew, r.ADD_FRIEND, factor)


def mass_message(crew: Crew, factor: float = 1.0) -> Rows:
    """Send messages to strangers, all from one template a session."""
    return console_rows(crew, r.MESSAGE, factor)


def console_rows(crew: Crew, action: int, factor: float) -> Rows:
    """Draw the sessions of a fleet that adds (ADD_FRIEND) or messages (MESSAGE) strangers in bulk."""
    rng, evasion = crew.rng, crew.evasion
    starts = _session_starts(crew, factor)
    hands = crew.deal(len(starts))
    session, place = expand(rng.integers(STEPS[0], STEPS[1] + 1, len(starts)))
    pause = STEP_PAUSE_S + rng.exponential(STEP_PAUSE_MORE_S, len(session)) + evasion.step_delay_s
    since = np.cumsum(pause)
    since = since - since[np.flatnonzero(place == 0)][session]
    own = rng.uniform(0, OWN_START_SPREAD_S, hands.shape) * evasion.own_session_start
    step = np.repeat(np.arange(len(session)), crew.n_serving)
    phone = np.tile(np.arange(crew.n_serving), len(session))
    begins = starts[session[step]] + own[session[step], phone]
    time = begins + since[step] + rng.uniform(0, evasion.step_delay_s, len(step))
    whom = rng.choice(crew.platform.established(), len(step))
    language = crew.platform.people.language[whom]
    texts = write_offers(evasion.texts, session[step], language, rng) if action == r.MESSAGE else None
    return make_rows(
        time,
        hands[session[step], phone],
        action,
        whom + r.ACCOUNT_TARGET,
        outcome=_draw_answers(action, len(step), rng),
        order=step,
        texts=texts,
    )


def _draw_answers(action: int, n: int, rng: np.random.Generator) -> Ints:
    good, shares = (r.ACCEPTED, STRANGERS_ACCEPT) if action == r.ADD_FRIEND else (r.REPLIED, STRANGERS_REPLY)
    u = rng.random(n)
    return np.select([u < shares[0], u < shares[0] + shares[1]], [good, r.IGNORED], r.BLOCKED)


def _session_starts(crew: Crew, factor: float) -> Floats:
    """Draw when sessions begin: some a day, on the days of a campaign."""
    days = np.arange(int(crew.begins // DAY_S), crew.platform.rhythm.days)
    active = crew.rng.permutation(days)[: max(1, round(CAMPAIGN_DAYS * len(days)))]
    n = crew.rng.poisson(crew.evasion.orders_per_day * SESSIONS_PER_ORDER * len(active) * factor)
    n = max(n, int(np.ceil(TURNS * factor / crew.evasion.share_serving)))
    hours = np.mod(crew.busy_times(n), DAY_S)
    starts = active[crew.rng.integers(0, len(active), n)] * DAY_S + hours
    return np.sort(np.maximum(starts, crew.begins))
