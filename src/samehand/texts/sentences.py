"""The sentences that tables carry (``summary``, ``sentence``), made from figures for any language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from samehand.texts.catalogue import has, label, say
from samehand.texts.names import Shown, visible

_SECOND_US: Final = 1_000_000


def fleet_summary(
    lang: str,
    *,
    n_accounts: int,
    n_events: int,
    n_coactions: int,
    first_time: datetime,
    last_time: datetime,
    scale_us: int | None,
    chance_count: float | None,
    innocent: str | None,
    innocent_weight: float | None,
) -> str:
    """Write the summary of a fleet: what was seen, what chance gives, and the best innocent explanation."""
    sentences = [
        say(
            "fleet.summary" if scale_us else "fleet.summary_group",
            lang,
            n_accounts=n_accounts,
            n_events=n_events,
            n_coactions=n_coactions,
            share=n_coactions / n_events if n_events else 0.0,
            first=first_time,
            last=last_time,
            **({"scale": scale_us} if scale_us else {}),
        ),
        say("fleet.chance_unknown", lang)
        if chance_count is None
        else say("fleet.chance", lang, chance=chance_count),
        say("fleet.innocent_none", lang)
        if not innocent
        else say(
            "fleet.innocent",
            lang,
            title=label("explanation_title", innocent, lang),
            weight=innocent_weight or 0.0,
        ),
    ]
    return say("list.space", lang).join(sentences)


def evidence_sentence(
    lang: str,
    *,
    layer: str,
    feature: str,
    action: str | None,
    target: str | None,
    scale_us: int,
    n_fleet: int,
    n_accounts: int,
    n_events: int,
    first_time: datetime,
    last_time: datetime,
    expected: float,
    n_occasions: int | None = None,
) -> str:
    """Write what one row of the evidence table says.

    ``n_occasions`` is for the rhythm layer; without it a row that is no longer than its scale is one
    occasion, and of a longer one the events are counted. A layer without a sentence of its own gets a general
    one.
    """
    span = max(round((last_time - first_time).total_seconds() * _SECOND_US), 0)
    common = {"n_accounts": n_accounts, "expected": expected}
    if layer == "rhythm":
        key, occasions = _rhythm(n_occasions, span, scale_us)
        common |= {"n_events": n_events} if occasions is None else {"n_occasions": occasions}
        return say(key, lang, **common, action=action or say("evidence.rhythm_any", lang), scale=scale_us)
    if layer == "co_target" and target is not None:
        key = "evidence.co_target" if action else "evidence.co_target_any"
        return say(key, lang, **common, n_fleet=n_fleet, action=action or "", target=target, span=_span(span))
    key = f"evidence.{layer}" if layer != "co_target" and has(f"evidence.{layer}") else "evidence.any"
    layer_name = label("layer", layer, lang)
    return say(key, lang, **common, n_fleet=n_fleet, feature=feature, layer=layer_name, span=_span(span))


def _rhythm(n_occasions: int | None, span: int, scale_us: int) -> tuple[str, int | None]:
    if n_occasions is None:
        return ("evidence.rhythm_total", None) if span > scale_us else ("evidence.rhythm_once", 1)
    return ("evidence.rhythm_once" if n_occasions == 1 else "evidence.rhythm"), n_occasions


def _span(us: int) -> int:
    """Nobody acts within no time: where the clock shows no difference, say its step of a second."""
    return us or _SECOND_US


def behaviour_sentence(lang: str, row: Mapping[str, Any], n_fleet: int) -> str:
    """Write what one row of the table of behaviours says of a fleet of ``n_fleet`` accounts."""
    if row["share"] is None:
        figures = {
            "n": row["n_accounts"],
            "total": n_fleet,
            "first": row["first_time"],
            "last": row["last_time"],
        }
        figures |= {"expected": row["expected"], "p": row["p_value"]}
        key = f"behaviour_text.{row['behaviour']}"
        return say(key, lang, **{name: value for name, value in figures.items() if value is not None})
    done = say(
        "behaviour_text.acts" if row["n_targets"] is None else "behaviour_text.acts_on",
        lang,
        behaviour=label("behaviour", row["behaviour"], lang),
        **{name: row[name] for name in ("n_accounts", "n_events", "share") if row[name] is not None},
        **({} if row["n_targets"] is None else {"n_targets": row["n_targets"]}),
        total=n_fleet,
    )
    if row["answered"] is None:
        return done
    return say("list.space", lang).join(
        [done, say("behaviour_text.answered", lang, answered=row["answered"])]
    )


def explanation_sentence(
    lang: str, *, explanation: str, tested: bool, figures: Mapping[str, float | None], sentence: str | None
) -> str:
    """Write what was tested and found for an innocent explanation.

    ``figures`` are the facts of the test, said one after the other (``fact.<name>``); of an explanation that
    was not tested, they name the roles that the log lacks. The ``sentence`` of the table stands where the
    catalogues do not know the explanation.
    """
    if not tested:
        roles = [role for role in figures if has(f"role.{role}")]
        if roles:
            return not_tested_sentence(lang, roles)
        return sentence if sentence and lang == "en" else say("explanation_text.not_tested_any", lang)
    if not has(f"explanation.{explanation}"):
        return sentence or say("explanation_text.no_sentence", lang)
    intro = say(f"explanation.{explanation}", lang)
    if not figures:
        return intro
    facts = say("explanation_text.fact_separator", lang).join(
        _say_fact(name, value, lang) for name, value in figures.items()
    )
    return say("explanation_text.found", lang, intro=Shown(intro), facts=Shown(facts))


def _say_fact(name: str, value: float | None, lang: str) -> str:
    if has(f"fact.{name}"):
        return say(f"fact.{name}", lang, value=value)
    return say("fact.any", lang, name=name, value=value)


def not_tested_sentence(lang: str, roles: Sequence[str]) -> str:
    """Write that an explanation was not tested because the log lacks ``roles``.

    >>> not_tested_sentence("en", ["device", "address"])
    'Not tested: the log has no device, address.'
    """
    return say(
        "explanation_text.not_tested", lang, roles=join_names([label("role", r, lang) for r in roles], lang)
    )


def join_names(names: Sequence[str], lang: str) -> Shown:
    """Join names into a list.

    >>> join_names(["like", "follow"], "zh")
    'like、follow'
    """
    return Shown(say("list.separator", lang).join(visible(name) for name in names))
