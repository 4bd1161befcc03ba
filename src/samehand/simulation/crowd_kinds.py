"""The kinds of innocent crowds, how many and how large, and how they come about."""

from __future__ import annotations

from typing import Final

from samehand.simulation.chance import generator
from samehand.simulation.crowd import CrowdKind, Draft, Groups, Items, Scene
from samehand.simulation.crowd_media import (
    act_brand_schedule,
    act_fan_club,
    act_newsroom,
    act_push_reactors,
    form_brand_schedule,
    form_fan_club,
    form_newsroom,
    form_push_reactors,
)
from samehand.simulation.crowd_moments import (
    act_festival_chain,
    act_flash_sale,
    act_launch_day,
    act_live_event,
    act_protest,
    act_scheduler_users,
    form_launch_day,
    form_neighbours,
    form_strangers,
)
from samehand.simulation.crowd_places import (
    act_call_centre,
    act_classroom,
    act_household,
    act_nothing,
    act_on_notices,
    form_call_centre,
    form_campus_nat,
    form_carrier_nat,
    form_classroom,
    form_household,
    form_office_nat,
    form_shared_device,
)
from samehand.simulation.rows import Rows, join_rows
from samehand.simulation.world import Platform

# Name, crowds at 20,000 accounts, sizes, smallest size, how it forms, what it does. In the order of forming:
# staff first, because they do nothing else, then shared places and homes, then moments that anyone may join.
CROWD_KINDS: Final = (
    CrowdKind("newsroom", 2, (6, 12), 3, form_newsroom, act_newsroom),
    CrowdKind("brand_schedule", 2, (6, 14), 4, form_brand_schedule, act_brand_schedule),
    CrowdKind("call_centre", 3, (10, 25), 4, form_call_centre, act_call_centre),
    CrowdKind("classroom", 6, (25, 35), 8, form_classroom, act_classroom),
    CrowdKind("campus_nat", 2, (200, 450), 20, form_campus_nat, act_on_notices),
    CrowdKind("office_nat", 10, (20, 60), 6, form_office_nat, act_on_notices),
    CrowdKind("carrier_nat", 3, (180, 320), 20, form_carrier_nat, act_nothing),
    CrowdKind("household", 300, (2, 6), 2, form_household, act_household),
    CrowdKind("shared_device", 40, (2, 5), 2, form_shared_device, act_nothing),
    CrowdKind("fan_club", 3, (60, 100), 8, form_fan_club, act_fan_club),
    CrowdKind("push_reactors", 3, (40, 90), 6, form_push_reactors, act_push_reactors),
    CrowdKind("launch_day", 2, (200, 450), 20, form_launch_day, act_launch_day),
    CrowdKind("flash_sale", 2, (250, 500), 20, form_neighbours, act_flash_sale),
    CrowdKind("festival_chain", 2, (250, 450), 20, form_neighbours, act_festival_chain),
    CrowdKind("protest", 2, (150, 350), 15, form_neighbours, act_protest),
    CrowdKind("scheduler_users", 1, (50, 80), 5, form_strangers, act_scheduler_users),
    CrowdKind("live_event", 3, (80, 200), 10, form_neighbours, act_live_event),
)


def form_crowds(platform: Platform) -> list[tuple[CrowdKind, Groups]]:
    """Form all crowds of a platform; changes the lives of the members."""
    draft = Draft(platform, next_number=platform.n_ordinary)
    formed = []
    for kind in CROWD_KINDS:
        rng = generator(platform.seed, "form", kind.name)
        formed.append((kind, kind.form(draft, kind.sizes(platform.n_ordinary, rng), rng)))
    return formed


def crowd_rows(platform: Platform, formed: list[tuple[CrowdKind, Groups]]) -> Rows:
    """Draw what all crowds do."""
    items = Items(len(platform.posts))
    return join_rows(
        [
            kind.act(Scene(platform, groups, items, generator(platform.seed, "act", kind.name)))
            for kind, groups in formed
        ]
    )
