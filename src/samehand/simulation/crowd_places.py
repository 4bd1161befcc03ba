"""Crowds that share a place, a line or a device: classes, campuses, offices, homes, carriers."""

from __future__ import annotations

from typing import Final

import numpy as np

from samehand.simulation import rows as r
from samehand.simulation.chance import Ints, expand
from samehand.simulation.crowd import Draft, Groups, Scene, gather, organic_delays, who_does_what
from samehand.simulation.devices import FIRST_BROWSER, FIRST_TABLET, TABLETS
from samehand.simulation.organic import draw_sessions, react
from samehand.simulation.people import STUDENT
from samehand.simulation.rhythm import DAY_S, HOUR_S, MINUTE_S
from samehand.simulation.rows import Rows, join_rows, make_rows
from samehand.simulation.wording import write_chat, write_service
from samehand.simulation.world import Platform

SCHOOL_HOURS: Final = (7.8, 16.2)
PUPILS_PER_TABLET: Final = 2.0
TABLET_SHARE: Final = 0.55
LESSONS_A_WEEK: Final = (3, 7)
LINKS_A_LESSON: Final = (1, 4)
PUBLIC_LINKS: Final = 0.3
"""Share of a lesson's links that are anyone's posts rather than the school's own pages."""
PRESENT: Final = 0.93
FOLLOWS_ALONG: Final = 0.85
PUPIL_DELAY_S: Final = 35.0
PUPIL_DELAY_SIGMA: Final = 0.7

CAMPUS_HOURS: Final = (8.0, 22.5)
CAMPUS_ADDRESSES: Final = 3
OFFICE_HOURS: Final = (8.7, 18.5)
NOTICES_A_WEEK: Final = 2.5
"""Links of a campus or office that its people look at."""
READS_NOTICE: Final = 0.3

EVENING_TOGETHER_A_WEEK: Final = 2.0
JOINS_IN: Final = 0.6
JOINS_AFTER_S: Final = 4 * MINUTE_S
SHARED_TABLET_SHARE: Final = 0.35

SHIFTS: Final = ((8.0, 16.0), (13.0, 21.0))
AGENT_MESSAGES_A_SHIFT: Final = 38
AGENT_LIFE: Final = 0.08
CUSTOMER_ANSWERS: Final = 0.86
ANSWER_IN_LOG: Final = 0.6
"""Share of the answers that are messages of their own."""
CASE_MESSAGES: Final = 1.6


def _no_rows(_: Scene) -> Rows:
    return r.no_rows()


act_nothing: Final = _no_rows
"""People who share something and otherwise live on."""


def form_classroom(draft: Draft, sizes: Ints, rng: np.random.Generator) -> Groups:
    """Seat pupils in a school with one address and a tablet for every second one; the first one teaches."""
    e, supply, people = draft.platform.rig.equipment, draft.platform.supply, draft.platform.people
    classes = []
    for size in sizes:
        members = draft.pick(int(size), rng, draft.compatriots(rng, int(size)), draft.placeless)
        draft.seat(members, supply.addresses.business(draft.numbers(1)), SCHOOL_HOURS, 0.95)
        n_tablets = max(1, round(len(members) / PUPILS_PER_TABLET))
        model = np.full(n_tablets, FIRST_TABLET + rng.integers(0, len(TABLETS)))
        e.place_device[members] = supply.market.add(model, rng, same_version=True)[0]
        e.place_devices[members] = n_tablets
        e.place_device_share[members] = TABLET_SHARE
        people.rhythm[members[1:]] = STUDENT
        classes.append(members)
    return gather(classes)


def act_classroom(scene: Scene) -> Rows:
    """On the same hours every week, pupils open the teacher's links within a minute or two."""
    platform, groups, items, rng = scene.platform, scene.groups, scene.items, scene.rng
    parts = []
    for number in range(len(groups)):
        members = groups.members(number)
        lessons = _timetable(platform, int(members[0]), rng)
        owner, _ = expand(rng.integers(LINKS_A_LESSON[0], LINKS_A_LESSON[1] + 1, len(lessons)))
        given = lessons[owner] + rng.uniform(2 * MINUTE_S, 38 * MINUTE_S, len(owner))
        link = items.new(len(owner))
        interest = np.full(len(link), platform.people.interests[members[0], 0], dtype=np.int64)
        public = platform.posts.come_across(interest, given, rng)
        link = np.where((public >= 0) & (rng.random(len(link)) < PUBLIC_LINKS), public, link)
        present = rng.random((len(members), len(lessons))) < PRESENT
        member, place = who_does_what(len(members), len(link), FOLLOWS_ALONG, rng)
        here = present[member, owner[place]]
        member, place = member[here], place[here]
        delay = rng.lognormal(np.log(PUPIL_DELAY_S), PUPIL_DELAY_SIGMA, len(member)) * (member > 0)
        parts.append(react(platform, members[member], given[place] + delay, link[place], rng))
    return join_rows(parts)


def _timetable(platform: Platform, teacher: int, rng: np.random.Generator) -> Ints:
    """Give the times at which one class's lessons begin, the same every week."""
    n = rng.integers(LESSONS_A_WEEK[0], LESSONS_A_WEEK[1] + 1)
    slots = rng.choice(5 * 6, n, replace=False)
    weekday, hour = slots // 6, 8.5 + slots % 6 * 1.1
    days = np.arange(-1, platform.rhythm.days + 1)
    day, slot = np.nonzero(platform.rhythm.weekday(days)[:, None] == weekday[None, :])
    return np.asarray(days[day] * DAY_S + hour[slot] * HOUR_S - platform.people.zone_s[teacher])


def form_campus_nat(draft: Draft, sizes: Ints, rng: np.random.Generator) -> Groups:
    """Seat students of one zone on a campus that has a few addresses for all."""
    campuses = []
    for size in sizes:
        members = draft.pick(int(size), rng, draft.compatriots(rng, int(size)), draft.placeless)
        exits = draft.platform.supply.addresses.business(draft.numbers(CAMPUS_ADDRESSES))
        draft.seat(members, exits[rng.integers(0, len(exits), len(members))], CAMPUS_HOURS, 0.8)
        draft.platform.rig.equipment.place_all_week[members] = 1
        draft.platform.people.rhythm[members] = STUDENT
        campuses.append(members)
    return gather(campuses)


def form_office_nat(draft: Draft, sizes: Ints, rng: np.random.Generator) -> Groups:
    """Seat colleagues in an office with one address."""
    offices = []
    for size in sizes:
        members = draft.pick(int(size), rng, draft.compatriots(rng, int(size)), draft.placeless)
        address = draft.platform.supply.addresses.business(draft.numbers(1))
        draft.seat(members, address, OFFICE_HOURS, rng.uniform(0.6, 0.98, len(members)))
        offices.append(members)
    return gather(offices)


def act_on_notices(scene: Scene) -> Rows:
    """Some of the people look at the notices of their campus or office, each in its own time."""
    platform, groups, items, rng = scene.platform, scene.groups, scene.items, scene.rng
    parts = []
    for number in range(len(groups)):
        members = groups.members(number)
        n = rng.poisson(NOTICES_A_WEEK * platform.rhythm.days / 7)
        notice, given = (
            items.new(n),
            platform.rhythm.draw_times(platform.people, np.repeat(members[:1], n), rng),
        )
        member, place = who_does_what(len(members), n, READS_NOTICE, rng)
        time = given[place] + organic_delays(len(place), 1.5 * HOUR_S, rng)
        time = platform.rhythm.when_awake(platform.people, members[member], time, rng)
        parts.append(react(platform, members[member], time, notice[place], rng))
    return join_rows(parts)


def form_call_centre(draft: Draft, sizes: Ints, rng: np.random.Generator) -> Groups:
    """Seat agents behind one office address at desks that they change."""
    e, supply, people = draft.platform.rig.equipment, draft.platform.supply, draft.platform.people
    centres = []
    for size in sizes:
        members = draft.pick(
            int(size), rng, draft.compatriots(rng, int(size)), draft.placeless & draft.homeless
        )
        hours = (SHIFTS[0][0] - 0.3, SHIFTS[-1][1] + 0.3)
        draft.seat(members, supply.addresses.business(draft.numbers(1)), hours, 1.0)
        e.place_all_week[members] = 1
        desks = supply.market.add(np.full(len(members), FIRST_BROWSER), rng, same_version=True)
        e.place_device[members], e.place_devices[members], e.place_device_share[members] = (
            desks[0],
            len(desks),
            1.0,
        )
        people.activity[members] *= AGENT_LIFE
        people.signup[members] = -np.inf
        draft.free[members] = False
        centres.append(members)
    return gather(centres)


def act_call_centre(scene: Scene) -> Rows:
    """Agents write to customer after customer during their shifts; most customers answer."""
    platform, groups, rng = scene.platform, scene.groups, scene.rng
    people, parts = platform.people, []
    for number in range(len(groups)):
        members = groups.members(number)
        agent, day = np.nonzero(rng.random((len(members), platform.rhythm.days)) < 5 / 7)
        begins = np.array([begin for begin, _ in SHIFTS])[rng.integers(0, len(SHIFTS), len(agent))]
        start = day * DAY_S + begins * HOUR_S - people.zone_s[members[agent]]
        shift, _ = expand(rng.poisson(AGENT_MESSAGES_A_SHIFT / CASE_MESSAGES, len(agent)))
        opened = start[shift] + rng.uniform(0, (SHIFTS[0][1] - SHIFTS[0][0]) * HOUR_S, len(shift))
        customer = rng.choice(platform.established(), len(shift))
        case, place = expand(1 + rng.poisson(CASE_MESSAGES - 1, len(shift)))
        time = opened[case] + place * rng.uniform(60, 400, len(case))
        who, whom = members[agent[shift[case]]], customer[case]
        answers = rng.random(len(case)) < CUSTOMER_ANSWERS
        outcome = np.where(answers, r.REPLIED, r.IGNORED)
        texts = write_service(people.language[who], rng)
        parts.append(make_rows(time, who, r.MESSAGE, whom + r.ACCOUNT_TARGET, outcome=outcome, texts=texts))
        written = np.flatnonzero(answers & (rng.random(len(case)) < ANSWER_IN_LOG))
        when = time[written] + rng.lognormal(np.log(50), 0.9, len(written))
        texts = write_chat(people.language[whom[written]], rng)
        target = who[written] + r.ACCOUNT_TARGET
        parts.append(make_rows(when, whom[written], r.MESSAGE, target, outcome=r.REPLIED, texts=texts))
    return join_rows(parts)


def form_carrier_nat(draft: Draft, sizes: Ints, rng: np.random.Generator) -> Groups:
    """Put people who have no other line behind one address of their carrier."""
    e = draft.platform.rig.equipment
    nats = []
    for size in sizes:
        members = draft.pick(
            int(size), rng, draft.compatriots(rng, int(size)), draft.homeless & draft.placeless
        )
        e.exit_first[members] = e.exit_first[members[0]] + rng.integers(0, e.exit_count[members[0]])
        e.exit_count[members] = 1
        e.mobile[members] = 1.0
        e.place[members] = -1
        e.pool_share[members] = 0.0
        draft.homeless[members] = False
        nats.append(members)
    return gather(nats)


def _share_homes(draft: Draft, sizes: Ints, rng: np.random.Generator) -> Groups:
    """Move people of one zone together: same line, also after its address changes."""
    e, addresses = draft.platform.rig.equipment, draft.platform.supply.addresses
    homes = []
    for size in sizes:
        members = draft.pick(int(size), rng, draft.compatriots(rng, int(size)), draft.homeless)
        e.home[members], e.next_home[members] = addresses.home(draft.numbers(2) + (1 << 24))
        e.moves_at[members] = e.moves_at[members[0]]
        e.mobile[members] *= 0.7
        draft.homeless[members] = False
        homes.append(members)
    return gather(homes)


def form_household(draft: Draft, sizes: Ints, rng: np.random.Generator) -> Groups:
    """Make homes with one line and one tablet on the sofa."""
    groups = _share_homes(draft, sizes, rng)
    e, market = draft.platform.rig.equipment, draft.platform.supply.market
    tablet = market.add(rng.integers(FIRST_TABLET, FIRST_BROWSER, len(groups)), rng)
    e.second[groups.account] = np.repeat(tablet, np.diff(groups.first))
    e.second_share[groups.account] = SHARED_TABLET_SHARE
    return groups


def act_household(scene: Scene) -> Rows:
    """Now and then, one shows the others something, and they open it too within minutes."""
    platform, groups, rng = scene.platform, scene.groups, scene.rng
    head = groups.account[groups.first[:-1]]
    n_times = rng.poisson(EVENING_TOGETHER_A_WEEK * platform.rhythm.days / 7, len(groups))
    who, time = draw_sessions(platform, head, n_times, rng)
    post = platform.posts.come_across(platform.people.interests[who, 0].astype(np.int64), time, rng)
    group = np.repeat(np.arange(len(groups)), n_times)
    times, place = expand(np.diff(groups.first)[group])
    member = groups.account[groups.first[group[times]] + place]
    joins = (post[times] >= 0) & (rng.random(len(times)) < JOINS_IN)
    when = time[times] + rng.exponential(JOINS_AFTER_S, len(times))
    return react(platform, member[joins], when[joins], post[times][joins], rng)


def form_shared_device(draft: Draft, sizes: Ints, rng: np.random.Generator) -> Groups:
    """Let the accounts of one home use one phone: a poor family, or a carer and those cared for."""
    groups = _share_homes(draft, sizes, rng)
    e = draft.platform.rig.equipment
    head = np.repeat(groups.account[groups.first[:-1]], np.diff(groups.first))
    e.phone[groups.account], e.reset_s[groups.account] = e.phone[head], np.inf
    e.mobile[groups.account] = e.mobile[head]
    e.second[groups.account] = -1
    return groups
