"""rhythm: a console that deals victims to its phones; brands whose scheduler posts at full minutes."""

from __future__ import annotations

from tests.layers.cases.case import DAY, HOUR, MINUTE, SPAN, Case, event, own_life, people


def console(rng):
    """Ten phones add at once, sixty times, each another victim."""
    fleet = [f"z{n}" for n in range(10)]
    rows = people(rng)
    for step in range(60):
        at = rng.integers(SPAN - HOUR)
        rows += [
            event(at + rng.normal() * 200_000, name, "add", f"victim{step:02d}{n}")
            for n, name in enumerate(fleet)
        ]
    return rows, set(fleet)


def early_shift(rng):
    """Ten phones that are switched on at nine each day and add a dozen strangers, a minute or two apart."""
    fleet = [f"z{n}" for n in range(10)]
    rows = people(rng)
    for day in range(SPAN // DAY):
        at = day * DAY + 9 * HOUR
        for step in range(12):
            rows += [
                event(at + rng.normal(1, 0.2) * 1_000_000, name, "add", f"victim{day:02d}{step:02d}{n}")
                for n, name in enumerate(fleet)
            ]
            at += int(rng.uniform(1, 2) * MINUTE)
    return rows, set(fleet)


def same_slots(rng):
    """Thirty people whose tool shares something at the same hours each day; the hours are the tool's suggestions."""
    crowd = [f"s{n:02d}" for n in range(30)]
    rows = people(rng) + own_life(rng, crowd, 30)
    for name in crowd:
        for hour in rng.choice([8, 9, 12, 18, 20], 2, replace=False):
            rows += [
                event(day * DAY + hour * HOUR + rng.integers(5_000_000), name, "post", f"{name}-{day}-{hour}")
                for day in range(SPAN // DAY)
                if rng.random() < 0.8
            ]
    return rows, set(crowd)


def scheduled_posts(rng):
    """Twelve brands let a service post for them at full hours, and answer people themselves in between."""
    crowd = [f"brand{n:02d}" for n in range(12)]
    rows = people(rng) + own_life(rng, crowd, 60, action="reply")
    for day in range(10):
        for hour in (9, 12, 15, 18):
            at = day * DAY + hour * HOUR + 5 * MINUTE * rng.integers(3)
            rows += [
                event(at + rng.integers(900_000), name, "post", f"own-{name}-{day}-{hour}")
                for name in crowd
                if rng.random() < 0.7
            ]
    return rows, set(crowd)


def chorus(rng):
    """Fifteen viewers answer each question of a quiz on air within the second, on one target: for co_target."""
    crowd = [f"c{n:02d}" for n in range(15)]
    rows = people(rng) + own_life(rng, crowd, 10)
    for question in range(40):
        at = rng.integers(SPAN - HOUR)
        rows += [
            event(at + rng.normal() * 200_000, name, "answer", f"question{question:02d}") for name in crowd
        ]
    return rows, set(crowd)


FLEETS = (Case("console", console), Case("early shift", early_shift))
CROWDS = (
    Case("scheduled posts", scheduled_posts),
    Case("same slots", same_slots),
    Case("chorus", chorus),
)
