"""The ledger as one HTML file that works offline, on a screen and on paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from samehand.harm.count import PARTS, Figure
from samehand.harm.ledger import Ledger
from samehand.harm.queries import HEADS, Head
from samehand.harm.value import Valuation
from samehand.harm.views import ALL
from samehand.harm.words import (
    amounts,
    input_text,
    item_name,
    method,
    part_name,
    remarks,
    unit_name,
    why_missing,
)
from samehand.report.html import HTML_LANG, asset, content_security_policy, environment
from samehand.texts import check_lang, say, visible
from samehand.texts import figures as write

MAX_TARGETS: Final = 20
MAX_FLEETS: Final = 300
OF_FLEETS: Final = ("accounts", "actions", "contacted", "orders", "raised", "known_banned")
GAIN: Final = "gain_by_order"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One figure as it is shown."""

    item: str
    """Its key, which the query has, too."""
    name: str
    amounts: tuple[str, str, str]
    unit: str
    missing: str | None
    """Why there is no figure, in words."""
    how: str
    """How a count is counted; the formula of a valuation."""
    inputs: tuple[tuple[str, str], ...] = ()
    """Of a valuation: each input, and where it comes from."""


def render(ledger: Ledger, lang: str) -> bytes:
    """Render the page; words are in ``lang``.

    Raises:
        OptionError: The language is unknown.
    """
    language = check_lang(lang)
    script, style = Markup(), asset("style.css") + asset("harm.css")
    totals = [one for one in ledger.counts if one.scope == ALL]
    targets = [one for one in totals if one.item == "actions_at_target" and one.of is not None]
    shares = {one.of: amounts(one)[1] for one in totals if one.item == "share_of_target"}
    text = (
        environment(language)
        .get_template("harm.html.j2")
        .render(
            info=ledger.info,
            remarks=remarks(ledger.info, language),
            method=method(language),
            tiles=_tiles(ledger, language),
            counts=_by_head([one for one in totals if one.of is None and one.item not in PARTS], language),
            values=_by_head([one for one in ledger.values if one.scope == ALL], language),
            kinds=[
                (part_name(one.of or "", language), amounts(one))
                for one in totals
                if one.item == "actions" and one.of
            ],
            days=[(one.of, amounts(one)) for one in totals if one.item == "share_of_day" and one.of],
            targets=[
                (visible(one.of or ""), amounts(one), shares.get(one.of, write.UNKNOWN))
                for one in sorted(targets, key=_most_first)[:MAX_TARGETS]
            ],
            n_targets=len(targets),
            fleet_heads=[item_name(name, language) for name in (*OF_FLEETS, GAIN)],
            fleets=[(scope, _of_fleet(ledger, scope)) for scope in ledger.info.fleets[:MAX_FLEETS]],
            queries=[(name, item_name(name, language), sql) for name, sql in ledger.info.queries.items()],
            html_lang=HTML_LANG[language],
            policy=content_security_policy(script, style),
            style=style,
        )
    )
    return text.encode()


def _most_first(one: Figure) -> tuple[float, str]:
    return -(one.mid or 0.0), one.of or ""


def _tiles(ledger: Ledger, lang: str) -> list[tuple[str, str, str]]:
    """Name, mid, and "low to high" of the figures that are asked for first."""
    if not ledger.info.fleets:
        return []
    wanted = [
        ledger.count(item) for item in ("accounts", "actions", "share_of_traffic", "contacted", "orders")
    ]
    found: list[Figure | Valuation] = [*wanted, ledger.value(GAIN)]
    tiles = []
    for one in found:
        if one.missing is None:
            low, mid, high = amounts(one)
            unit = f" {one.unit}" if isinstance(one, Valuation) else ""
            tiles.append(
                (item_name(one.item, lang), mid, f"{say('price.between', lang, low=low, high=high)}{unit}")
            )
    return tiles


def _by_head(figures: Sequence[Figure | Valuation], lang: str) -> list[tuple[Head, list[Line]]]:
    lines = {head: [_line(one, lang) for one in figures if one.head == head] for head in HEADS}
    return [(head, found) for head, found in lines.items() if found]


def _line(one: Figure | Valuation, lang: str) -> Line:
    return Line(
        item=one.item,
        name=item_name(one.item, lang),
        amounts=amounts(one),
        unit=unit_name(one, lang),
        missing=why_missing(one, lang) if one.missing else None,
        how=one.formula if isinstance(one, Valuation) else say(f"harm.how_{one.item}", lang),
        inputs=tuple((input_text(part), part.source) for part in one.inputs)
        if isinstance(one, Valuation)
        else (),
    )


def _of_fleet(ledger: Ledger, scope: str) -> list[str]:
    """The middle figures of a fleet."""
    return [amounts(ledger.count(item, scope))[1] for item in OF_FLEETS] + [
        amounts(ledger.value(GAIN, scope))[1]
    ]
