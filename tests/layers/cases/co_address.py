"""co_address: accounts behind one rotating pool of addresses; people of one home, one office and one VPN."""

from __future__ import annotations

from tests.layers.cases.case import DAY, SPAN, Case, event, own_life, people


def at_home(rows, rng):
    """Give every event without an address one of two that its account has: its home's and its carrier's."""
    for row in rows:
        if "address" not in row:
            own = f"home of {row['account']}"
            row["address"] = own if rng.random() < 0.6 else f"carrier {hash_of(row['account']) % 12}"
    return rows


def hash_of(name):
    return sum((place + 1) * ord(letter) for place, letter in enumerate(name))


def through_pool(rng, names, n_each, pool):
    """Events of an own life, each from the address that the account has in that quarter of a day."""
    rows = []
    for name in names:
        turn = rng.integers(len(pool), size=4 * SPAN // DAY + 1)
        for _ in range(n_each):
            time = rng.integers(SPAN)
            address = pool[turn[4 * time // DAY]]
            rows.append(event(time, name, "like", f"t{rng.integers(400):03d}", address=address))
    return rows


def rotating(rng):
    """Twelve accounts go through forty addresses that nobody else has; each is at one for a quarter of a day."""
    fleet = [f"z{n:02d}" for n in range(12)]
    pool = [f"rack {n}" for n in range(40)]
    return at_home(people(rng), rng) + through_pool(rng, fleet, 60, pool), set(fleet)


def one_home(rng):
    """Six of a family behind one address, which changes once, and at times behind their school's."""
    crowd = [f"c{n}" for n in range(6)]
    rows = own_life(rng, crowd, 60)
    for row in rows:
        at_school = rng.random() < 0.2
        moved = row["time"] % SPAN > 6 * DAY
        row["address"] = "school" if at_school else "new lease" if moved else "old lease"
    return at_home(people(rng) + rows, rng), set(crowd)


def one_vpn(rng):
    """Twelve strangers use a VPN with few other customers here for most of what they do: addresses cannot tell."""
    crowd = [f"c{n:02d}" for n in range(12)]
    exits = [f"exit {n}" for n in range(40)]
    rows = through_pool(rng, crowd, 60, exits) + own_life(rng, crowd, 20)
    return at_home(people(rng) + rows, rng), set(crowd)


FLEETS = (Case("rotating", rotating),)
CROWDS = (Case("one home", one_home), Case("one VPN", one_vpn))
