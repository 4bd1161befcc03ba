"""co_content: an offer from a spun template; a festival's greetings, a call centre's answers."""

from __future__ import annotations

from tests.layers.cases.case import DAY, HOUR, MINUTE, SPAN, Case, event, own_life, people

TEMPLATE = (
    ("Hi there, ", "Hello, ", "Hey, ", "Good day, ", "你好，"),
    (
        "I came across your profile",
        "we like the same things",
        "saw your latest post",
        "would love to connect",
    ),
    (
        " and we run a coupon group",
        " and there is a deals club",
        " and we give vouchers",
        " and share offers",
    ),
    (" with new offers daily.", " with gifts each night.", " updated all the time.", " with free trials."),
    (" Reply 1 to join.", " Add me and I let you in.", " Message me for more.", " Interested? Tell me."),
)
WORDS = """
    breakfast garden window yellow evening train station coffee holiday sister mountain river letter music football
    market kitchen winter summer doctor teacher weather island bridge school dinner morning ticket camera pocket
""".split()  # noqa: SIM905 - a list of words reads as words


def message(rng, at, name, to, text, answered):
    return event(
        at, name, "message", to, content=text, outcome="replied" if rng.random() < answered else "ignored"
    )


def chat(rng, rows, names, n_each):
    """Everybody writes now and then, three words at a time, and is mostly answered."""
    return rows + [
        message(
            rng, rng.integers(SPAN), name, f"friend{rng.integers(300)}", " ".join(rng.choice(WORDS, 3)), 0.75
        )
        for name in names
        for _ in range(n_each)
    ]


def talkative(rng):
    rows = [{**row, "content": None, "outcome": None} for row in people(rng)]
    return chat(rng, rows, [f"p{n:03d}" for n in range(500)], 25)


def spun(rng):
    """Ten accounts send offers to strangers in six sessions of a quarter of an hour, each text spun anew."""
    fleet = [f"z{n}" for n in range(10)]
    rows = talkative(rng)
    for session in range(6):
        at = rng.integers(SPAN - HOUR)
        for n, name in enumerate(fleet):
            for step in range(rng.poisson(3)):
                text = "".join(str(rng.choice(slot)) for slot in TEMPLATE)
                to = f"stranger{session}{n}{step}"
                rows.append(message(rng, at + rng.integers(15 * MINUTE), name, to, text, 0.03))
    return rows, set(fleet)


def greetings(rng):
    """On one evening sixty people pass three greetings on to all their friends; they live and write besides."""
    crowd = [f"c{n:02d}" for n in range(60)]
    rows = chat(rng, talkative(rng) + own_life(rng, crowd, 15), crowd, 15)
    texts = [
        f"A happy festival to you and yours, may the year bring {what}" for what in ("joy", "luck", "health")
    ]
    for name in crowd:
        at = 6 * DAY + 18 * HOUR + rng.exponential(1.5 * HOUR)
        for _ in range(rng.poisson(5)):
            to, text = f"friend{rng.integers(300)}", str(rng.choice(texts))
            rows.append(message(rng, at + rng.exponential(20 * MINUTE), name, to, text, 0.75))
    return rows, set(crowd)


def canned_answers(rng):
    """Whenever something breaks, ten people of a service tell those who ask in the same words, and are thanked."""
    crowd = [f"s{n}" for n in range(10)]
    rows = chat(rng, talkative(rng), crowd, 15)
    for fault, what in enumerate(WORDS[:25]):
        at = rng.integers(SPAN - HOUR)
        for name in crowd:
            for step in range(rng.poisson(1)):
                text = f"{what} mended soon"
                to = f"customer{fault}{name}{step}"
                rows.append(message(rng, at + rng.integers(10 * MINUTE), name, to, text, 0.8))
    return rows, set(crowd)


FLEETS = (Case("spun", spun),)
CROWDS = (Case("greetings", greetings), Case("canned answers", canned_answers))
