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


FLEETS = (Case("console", console),)
CROWDS = (Case("scheduled posts", scheduled_posts), Case("chorus", chorus))
