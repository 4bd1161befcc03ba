"""What speaks for a suspected fleet and what speaks against it, point by point, made from figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from samehand.texts.catalogue import label, say
from samehand.texts.figures import duration
from samehand.texts.names import Shown, visible
from samehand.texts.sentences import join_names

CERTAIN_BITS: Final = 10.0
"""Evidence below this, 1 in 1,000, is called weak."""
NOTABLE_WEIGHT: Final = 0.05
"""An innocent explanation of at least this weight is a point of its own."""
STABLE: Final = 0.5
"""Share of windows and cuts that a fleet stands at, from which on that speaks for it."""
_MOST_EXPLANATIONS: Final = 3


@dataclass(frozen=True, kw_only=True)
class Explained:
    """One innocent explanation of a fleet."""

    name: str
    weight: float | None
    """None: not tested."""
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The figures that the points are made of."""

    n_events: int
    n_coactions: int
    score_bits: float
    q_value: float | None
    chance_count: float | None
    coordination: float | None
    inauthenticity: float | None
    leave_one_out_bits: Sequence[float]
    """A member each."""
    strongest: str | None
    """The sentence of the strongest row of evidence."""
    n_evidence: int
    n_others: int
    """How often accounts outside did the same, over all rows of evidence."""
    explanations: Sequence[Explained]
    stability: float | None = None
    """Share of windows and cuts at which half of it stands; None: not known."""
    carrying_scales_us: Sequence[int] = ()
    """Windows at which half of it stands at the loosest cut."""
    n_part_time: int | None = None
    """Members with a life of their own; None: not known."""


def points_for(standing: Standing, lang: str) -> list[str]:
    """Write what speaks for a fleet."""
    strong = sum(bits >= CERTAIN_BITS for bits in standing.leave_one_out_bits)
    share = standing.n_coactions / standing.n_events if standing.n_events else 0.0
    points = [
        say("for.together", lang, n=standing.n_coactions, share=share),
        say("for.score", lang, bits=standing.score_bits),
    ]
    if standing.q_value is None or standing.chance_count is None:
        points.append(say("for.unknown", lang))
    else:
        points.append(say("for.chance", lang, q=standing.q_value, chance=standing.chance_count))
    if standing.strongest is not None:
        points.append(say("for.strongest", lang, n=standing.n_evidence, sentence=Shown(standing.strongest)))
    if standing.leave_one_out_bits:
        n = len(standing.leave_one_out_bits)
        points.append(say("for.members", lang, n_strong=strong, n=n, bits=CERTAIN_BITS))
    if standing.stability is not None and standing.stability >= STABLE:
        points.append(_say_stability("for.stability", standing, standing.stability, lang))
    if standing.coordination is not None and standing.inauthenticity is not None:
        points.append(say("for.sure", lang, together=standing.coordination, one_hand=standing.inauthenticity))
    return points


def points_against(standing: Standing, lang: str) -> list[str]:
    """Write what speaks against a fleet, innocent explanations first; there is always something to say."""
    tested = sorted(
        (e for e in standing.explanations if e.weight is not None), key=lambda e: (-(e.weight or 0.0), e.name)
    )
    points = [
        say("against.explanation", lang, title=_title(e, lang), weight=e.weight, sentence=Shown(e.sentence))
        for e in tested[:_MOST_EXPLANATIONS]
        if (e.weight or 0.0) >= NOTABLE_WEIGHT
    ]
    rest = len(tested) - len(points)
    if rest:
        heaviest = tested[len(points)].weight
        points.append(say("against.rest" if points else "against.none", lang, n=rest, weight=heaviest))
    untested = [e for e in standing.explanations if e.weight is None]
    if untested:
        titles = join_names([_title(e, lang) for e in untested], lang)
        points.append(say("against.untested", lang, n=len(untested), titles=titles))
    if not standing.explanations:
        points.append(say("against.no_tests", lang))
    alone = standing.n_events - standing.n_coactions
    points.append(
        say("against.alone", lang, n=alone, share=alone / standing.n_events if standing.n_events else 0.0)
    )
    if standing.n_part_time:
        points.append(say("against.part_time", lang, n=standing.n_part_time))
    weak = sum(bits < CERTAIN_BITS for bits in standing.leave_one_out_bits)
    if weak:
        points.append(say("against.weak", lang, n=weak, bits=CERTAIN_BITS))
    if standing.stability is not None and standing.stability < STABLE:
        points.append(_say_stability("against.stability", standing, standing.stability, lang))
    if standing.n_others:
        points.append(say("against.others", lang, n=standing.n_others))
    return points


def _say_stability(key: str, standing: Standing, share: float, lang: str) -> str:
    windows = join_names([duration(scale, lang) for scale in standing.carrying_scales_us], lang)
    return say(key, lang, share=share, windows=windows or Shown(say("stability.no_window", lang)))


def _title(explained: Explained, lang: str) -> Shown:
    return visible(label("explanation_title", explained.name, lang))
