"""Innocent crowds: people who act together for reasons of their own. Each is labelled with its cause."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .crowd_acts import (
    Crowd,
    brand_ambassadors,
    classroom,
    coupon_group,
    customer_service,
    editorial_team,
    family_tablet,
    fan_club,
    feed_readers,
    festival_greetings,
    flash_sale_hunters,
    launch_day,
    night_shift,
    only_live,
    push_reactors,
    school_nat,
)
from .population import Platform
from .rows import Ints, Rows

Act = Callable[[Platform, Crowd, np.random.Generator], Rows]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How a kind of crowd is made up."""

    act: Act
    """What the members do beside their own lives."""
    crowds: int = 1
    size: tuple[int, int] = (1, 1)
    per_20_000: bool = False
    """The crowd, or for families the number of crowds, grows with the platform."""
    one_zone: bool = True
    one_interest: bool = True
    one_office: bool = False
    one_home: bool = False
    niche: bool = False
    """The interest is one of the platform's niches."""
    nights: bool = False
    busy: float = 1.0
    """Ordinary life, against that of others."""


def form(platform: Platform, pool: Ints, rng: np.random.Generator) -> list[Crowd]:
    """Recruit every crowd of the style from a shuffled pool and give its members what they have in common.

    Changes the people's arrays in place, before anyone acts.
    """
    scale, used, crowds = len(platform.people) / 20_000, 0, []
    for kind in platform.style.crowds:
        plan = PLANS[kind]
        n_crowds = max(2, round(plan.crowds * scale)) if plan.per_20_000 and plan.one_home else plan.crowds
        for number in range(1, n_crowds + 1):
            size = int(rng.integers(plan.size[0], plan.size[1] + 1))
            if plan.per_20_000 and not plan.one_home:
                size = max(20, round(size * scale))
            if used + size > len(pool):
                raise ValueError(f"{len(pool)} accounts are too few for the crowds of {platform.style.name}")
            crowd = Crowd(f"{kind}_{number}", kind, np.sort(pool[used : used + size]))
            used += size
            _settle(platform, crowd, plan, number)
            crowds.append(crowd)
    return crowds


def _settle(platform: Platform, crowd: Crowd, plan: Plan, number: int) -> None:
    people, members = platform.people, crowd.members
    chief = members[0]
    people.activity[members] *= plan.busy
    if plan.one_zone:
        zone = platform.style.zones[(number - 1) % len(platform.style.zones)][0]
        people.zone[members] = (5.75, -3.0)[number % 2] if plan.niche else zone
    if plan.one_interest:
        interest = platform.style.interests + (number - 1) % 2 if plan.niche else people.interest[chief]
        people.interest[members] = interest
        people.loyalty[members] = np.maximum(people.loyalty[members], 0.7)
    if plan.one_office:
        people.office[members] = (0xC300 << 16) + people.home[chief] % 65_536
    if plan.one_home:
        people.home[members] = people.home[chief]
        people.device[members] = people.device[chief]
    if plan.nights:
        people.wake[members] = 15 + (people.wake[members] - 7) / 3


PLANS: dict[str, Plan] = {
    "fan_club": Plan(act=fan_club, crowds=3, size=(70, 80), one_zone=False),
    "editorial_team": Plan(act=editorial_team, size=(12, 20), one_office=True),
    "classroom": Plan(act=classroom, crowds=2, size=(26, 35), one_interest=False, one_office=True, busy=0.3),
    "brand_ambassadors": Plan(act=brand_ambassadors, size=(35, 55), one_office=True, busy=0.7),
    "flash_sale_hunters": Plan(act=flash_sale_hunters, size=(120, 160), one_zone=False, one_interest=False),
    "push_reactors": Plan(act=push_reactors, size=(90, 110), one_interest=False),
    "launch_day": Plan(act=launch_day, size=(350, 450), per_20_000=True, one_zone=False),
    "time_zone_community": Plan(act=only_live, crowds=2, size=(300, 380), per_20_000=True, niche=True),
    "school_nat": Plan(
        act=school_nat, size=(280, 340), per_20_000=True, one_interest=False, one_office=True, busy=0.5
    ),
    "night_shift": Plan(act=night_shift, size=(50, 65), nights=True),
    "family_tablet": Plan(act=family_tablet, crowds=80, size=(2, 5), per_20_000=True, one_home=True),
    "festival_greetings": Plan(
        act=festival_greetings, size=(850, 950), per_20_000=True, one_zone=False, one_interest=False
    ),
    "customer_service": Plan(act=customer_service, size=(10, 16), one_office=True, busy=0.2),
    "feed_readers": Plan(act=feed_readers, crowds=2, size=(10, 18), busy=0.05),
    "coupon_group": Plan(act=coupon_group, crowds=2, size=(38, 50), one_interest=False, one_zone=False),
}
