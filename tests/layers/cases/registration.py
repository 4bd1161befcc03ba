"""registration: accounts that are made in bulk and run through a script; pupils and friends who come by invitation."""

from __future__ import annotations

from tests.layers.cases.case import DAY, HOUR, MINUTE, SECOND, SPAN, Case, event, own_life, people


def sign_ups(rng, names, times):
    return [event(time, name, "register", None) for name, time in zip(names, times, strict=True)]


def newcomers(rng, n_people=150):
    """Ordinary life, and people who are new and follow some of the popular ones."""
    names = [f"n{n:03d}" for n in range(n_people)]
    times = rng.integers(SPAN - DAY, size=len(names))
    rows = people(rng) + sign_ups(rng, names, times)
    for name, born in zip(names, times, strict=True):
        at = born
        for _ in range(rng.poisson(3)):
            at += rng.exponential(60 * SECOND)
            rows.append(event(at, name, "follow", f"t{int(60 * rng.random() ** 2):03d}"))
    return rows + own_life(rng, names, 6)


def scripted(rng):
    """Twelve accounts are made over two days; each does the same four things, minutes apart, and lives on."""
    fleet = [f"z{n:02d}" for n in range(12)]
    times = 2 * DAY + rng.integers(2 * DAY, size=len(fleet))
    rows = newcomers(rng) + sign_ups(rng, fleet, times)
    script = [("follow", "t320"), ("like", "t310"), ("share", "t355"), ("follow", "t391")]
    for name, born in zip(fleet, times, strict=True):
        for step, (action, target) in enumerate(script, start=1):
            rows.append(event(born + step * 4 * MINUTE + rng.integers(3 * MINUTE), name, action, target))
    return rows + own_life(rng, fleet, 12), set(fleet)


def invited(rng):
    """Ten friends come by one invitation over two days and follow the two who sent it; then they live on."""
    crowd = [f"c{n:02d}" for n in range(10)]
    times = 2 * DAY + rng.integers(2 * DAY, size=len(crowd))
    rows = newcomers(rng, 900) + sign_ups(rng, crowd, times)
    for name, born in zip(crowd, times, strict=True):
        for host in ("t344", "t361"):
            rows.append(event(born + rng.exponential(5 * MINUTE), name, "follow", host))
    return rows + own_life(rng, crowd, 12), set(crowd)


def all_follow_the_suggested(rng):
    """A platform shows every new account the same five; most follow them within minutes."""
    crowd = [f"c{n:03d}" for n in range(120)]
    times = rng.integers(SPAN - HOUR, size=len(crowd))
    rows = newcomers(rng) + sign_ups(rng, crowd, times)
    for name, born in zip(crowd, times, strict=True):
        for target in ("t300", "t301", "t302", "t303", "t304"):
            if rng.random() < 0.8:
                rows.append(event(born + rng.exponential(MINUTE), name, "follow", target))
    return rows + own_life(rng, crowd, 6), set(crowd)


FLEETS = (Case("scripted", scripted),)
CROWDS = (Case("invited", invited), Case("all follow the suggested", all_follow_the_suggested))
