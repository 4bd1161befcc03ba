"""What a link says, in words, made of the figures of its row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from samehand.texts import join_names, label, say
from samehand.texts.names import Shown
from samehand.texts.rows import Row

_TELLING_BITS: Final = 1.0
"""Traces that say less are no rarer than between any two candidates."""


def say_link(link: Row, lang: str) -> str:
    """Write the sentence of a row of the table of links: what is shared, what is not, and what chance gives."""
    by_key: dict[str, list[dict[str, Any]]] = {
        "track.traces": [],
        "track.common_traces": [],
        "track.no_traces": [],
    }
    for one in link["traces"]:
        by_key[_key(one)].append(one)
    key = "track.shared" if link["n_shared"] else "track.none_shared"
    sentences = [
        say(
            key,
            lang,
            n=link["n_shared"],
            n_from=link["n_from"],
            n_to=link["n_to"],
            expected=link["expected_shared"],
        )
    ]
    sentences += [say(key, lang, traces=_list(traces, lang)) for key, traces in by_key.items() if traces]
    sentences.append(say("track.bits", lang, bits=link["bits"], choice=link["choice_bits"]))
    return say("list.space", lang).join(sentences)


def _key(trace: Row) -> str:
    if not trace["n_shared"]:
        return "track.no_traces"
    return "track.traces" if trace["bits"] >= _TELLING_BITS else "track.common_traces"


def _list(traces: Sequence[dict[str, Any]], lang: str) -> Shown:
    return join_names(
        [
            Shown(
                say("track.of", lang, n=one["n_shared"], of=one["n_of"], expected=one["expected"],
                    what=label("trace", one["trace"], lang))
            )
            for one in traces
        ],
        lang,
    )  # fmt: skip
