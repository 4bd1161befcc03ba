"""What a case file may call a fleet: suspected, or strongly supported. One rule for all, with its points shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from samehand.casefile.case import Case
from samehand.texts import say
from samehand.texts.figures import number, p_value, percent
from samehand.texts.points import CERTAIN_BITS

MOST_RATE: Final = 0.05
LEAST_BITS: Final = 20.0
LEAST_MEMBERS: Final = 0.9
LEAST_STABILITY: Final = 0.5


@dataclass(frozen=True)
class Point:
    """One point of the rule."""

    asked: str
    found: str
    met: bool


def points(case: Case) -> list[Point]:
    """Look at every point of the rule (docs/decisions/0027-case-file.md)."""
    lang, fleet, info = case.lang, case.fleet, case.info
    false = info.false_discovery
    without = case.dossier.members["leave_one_out_bits"].to_numpy()
    standing = float(np.mean(without >= CERTAIN_BITS)) if len(without) else 0.0
    stability, weight, q = fleet.stability, fleet.innocent_weight or 0.0, fleet.q_value
    best = false.best_surrogate_bits
    unknown = say("casefile.not_estimated", lang)
    if false.n_surrogates == 0:
        chance = unknown
    elif best is None:
        chance = say("casefile.no_chance", lang, n=false.n_surrogates)
    else:
        chance = say(
            "casefile.strongest_of_chance",
            lang,
            n=false.n_surrogate_clusters,
            bits=best,
            own=fleet.score_bits,
        )
    of_members = say("casefile.of_members", lang, share=standing, n=fleet.n_accounts)
    return [
        Point(
            say("casefile.rule_rate", lang),
            unknown if q is None else p_value(q),
            q is not None and q <= MOST_RATE,
        ),
        Point(
            say("casefile.rule_chance", lang),
            chance,
            false.n_surrogates > 0 and (best is None or best < fleet.score_bits),
        ),
        Point(say("casefile.rule_bits", lang), number(fleet.score_bits), fleet.score_bits >= LEAST_BITS),
        Point(say("casefile.rule_members", lang), of_members, standing >= LEAST_MEMBERS),
        Point(
            say("casefile.rule_stability", lang),
            unknown if stability is None else percent(stability),
            stability is not None and stability >= LEAST_STABILITY,
        ),
        Point(say("casefile.rule_innocent", lang), percent(weight), weight <= MOST_RATE),
        _controls(case),
    ]


def _controls(case: Case) -> Point:
    """Groups that are known or presumed to be innocent; that none was tried meets nothing."""
    rows = case.info.controls.by_kind if case.info.controls else ()
    accused, tried = sum(row.n_accused for row in rows), sum(row.n_groups for row in rows)
    found = (
        say("casefile.found_accused", case.lang, n=accused, total=tried)
        if tried
        else say("casefile.not_tried", case.lang)
    )
    return Point(say("casefile.rule_controls", case.lang), found, tried > 0 and accused == 0)


def strongly_supported(case: Case) -> bool:
    """Whether all points are met."""
    return all(point.met for point in points(case))
