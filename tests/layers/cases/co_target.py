"""co_target: a boost fleet; a live show, and fans of one channel."""

from __future__ import annotations

from tests.layers.cases.case import DAY, HOUR, MINUTE, SECOND, SPAN, Case, event, own_life, people


def boost(rng):
    """Fifteen accounts serve thirty orders, each within two minutes."""
    fleet = [f"z{n:02d}" for n in range(15)]
    rows = people(rng)
    for order in range(30):
        at = rng.integers(SPAN - HOUR)
        rows += [
            event(at + rng.integers(2 * MINUTE), name, "like", f"t{order:03d}")
            for name in fleet
            if rng.random() < 0.9
        ]
    return rows, set(fleet)


def slow_boost(rng):
    """Twenty accounts serve forty orders, each within half an hour."""
    fleet = [f"z{n:02d}" for n in range(20)]
    rows = people(rng)
    for order in range(40):
        at = rng.integers(SPAN - HOUR)
        rows += [
            event(at + rng.integers(30 * MINUTE), name, "like", f"t{order:03d}")
            for name in fleet
            if rng.random() < 0.8
        ]
    return rows, set(fleet)


def live_show(rng):
    """Forty people watch a show on two evenings and like each new thing at once; they live besides."""
    crowd = [f"c{n:02d}" for n in range(40)]
    rows = people(rng) + own_life(rng, crowd, 12)
    for evening in range(2):
        at = (3 + 4 * evening) * DAY + 20 * HOUR
        for moment in range(5):
            when = at + moment * 9 * MINUTE
            rows += [
                event(when + rng.exponential(20 * SECOND), name, "like", f"show{evening}{moment}")
                for name in crowd
                if rng.random() < 0.8
            ]
    return rows, set(crowd)


def fans(rng):
    """Sixty fans of one channel act on each of its forty posts when they see it, within the day, and on much else."""
    crowd = [f"c{n:02d}" for n in range(60)]
    rows = people(rng) + own_life(rng, crowd, 15)
    for post in range(40):
        at = post * SPAN // 45
        rows += [
            event(at + rng.exponential(5 * HOUR), name, "like", f"channel{post:02d}")
            for name in crowd
            if rng.random() < 0.6
        ]
    return rows, set(crowd)


def notified(rng):
    """Forty of 300 fans are told of each new post by their phones and come within minutes; all live besides."""
    fans = [f"c{n:03d}" for n in range(300)]
    rows = people(rng) + own_life(rng, fans, 10)
    for post in range(40):
        at = post * SPAN // 45 + rng.integers(HOUR)
        for n, name in enumerate(fans):
            if n < 40 and rng.random() < 0.7:
                rows.append(
                    event(at + 2 * SECOND + rng.exponential(90 * SECOND), name, "like", f"channel{post:02d}")
                )
            elif rng.random() < 0.25:
                rows.append(event(at + rng.exponential(8 * HOUR), name, "like", f"channel{post:02d}"))
    return rows, set(fans)


FLEETS = (Case("boost", boost), Case("slow boost", slow_boost))
CROWDS = (Case("live show", live_show), Case("fans of one channel", fans), Case("notified fans", notified))
