"""Every word a person reads about a run, in English and Chinese; numbers, times and names written safely.

>>> from samehand.texts import say
>>> say("answer.fleets", "en", n_fleets=1)
'1 suspected fleet'
>>> say("answer.fleets", "zh", n_fleets=1)
'1 个疑似受控群组'
"""

from samehand.texts.catalogue import LANGUAGES, Lang, check_lang, has, label, say
from samehand.texts.names import visible
from samehand.texts.points import Explained, Standing, points_against, points_for
from samehand.texts.sentences import (
    evidence_sentence,
    explanation_sentence,
    fleet_summary,
    join_names,
    not_tested_sentence,
)

__all__ = [
    "LANGUAGES",
    "Explained",
    "Lang",
    "Standing",
    "check_lang",
    "evidence_sentence",
    "explanation_sentence",
    "fleet_summary",
    "has",
    "join_names",
    "label",
    "not_tested_sentence",
    "points_against",
    "points_for",
    "say",
    "visible",
]
