"""The figures of the ledger in words: amounts, units, and why there is none."""

from __future__ import annotations

from samehand.harm.count import Figure
from samehand.harm.ledger import HarmInfo, Ledger
from samehand.harm.value import Input, Valuation
from samehand.harm.views import ALL, SURE
from samehand.texts import figures as write
from samehand.texts import has, label, say
from samehand.texts.names import Shown


def item_name(item: str, lang: str) -> str:
    """Name what was counted or valued."""
    return say(f"harm.item_{item}", lang)


def amounts(one: Figure | Valuation) -> tuple[str, str, str]:
    """Write low, mid and high; a share as percent, money to the cent where it is little."""
    how = write.percent if one.unit == "share" else _amount
    return how(one.low), how(one.mid), how(one.high)


def _amount(value: float | None) -> str:
    """Write a count or a sum; what is not whole keeps two digits below ten and none above.

    >>> [_amount(x) for x in (0, 3.99, 4662.7614, 0.0186)]
    ['0', '4', '4,663', '0.019']
    """
    return write.number(
        value if value is None or abs(value) < 1 else round(value, 1 if abs(value) < 10 else 0)
    )


def unit_name(one: Figure | Valuation, lang: str) -> str:
    """Write the unit; of a valuation, the currency."""
    return say(f"harm.unit_{one.unit}", lang) if has(f"harm.unit_{one.unit}") else one.unit


def why_missing(one: Figure | Valuation, lang: str) -> str:
    """Say why there is no figure."""
    name = one.lacking if isinstance(one, Valuation) else None
    if name:
        return say("harm.missing_price", lang, name=name)
    return say(f"harm.missing_{one.missing}", lang)


def part_name(of: str, lang: str) -> Shown:
    """Name a kind of action."""
    return Shown(say("harm.kind_other", lang)) if of == "other" else label("behaviour", of, lang)


def input_text(one: Input) -> str:
    """Write an input: its name, low, mid and high, and the unit."""
    numbers = " / ".join(f"{amount:g}" if one.date else write.number(amount) for amount in _three(one))
    return f"{one.name}: {numbers} {one.unit}"


def _three(one: Input) -> tuple[float, float, float]:
    return one.low, one.mid, one.high


def what_is_counted(info: HarmInfo, lang: str) -> str:
    """Say which fleets are counted."""
    if not info.fleets:
        return say("harm.none", lang)
    if info.chosen:
        return say("harm.all_chosen", lang, names=", ".join(info.fleets))
    key = "harm.all_candidates" if info.all else "harm.all_reported"
    return say(key, lang, n=len(info.fleets))


def remarks(info: HarmInfo, lang: str) -> list[str]:
    """What a reader must know before the figures."""
    said = [what_is_counted(info, lang)]
    if info.log is not None:
        said.append(say("harm.no_log", lang, why=info.log))
    if info.bounded:
        said.append(say("harm.bounded", lang, what="; ".join(info.bounded)))
    if not info.prices:
        said.append(say("harm.no_prices", lang))
    return said


def method(lang: str) -> list[str]:
    """How actions are weighed."""
    return [say("harm.low_mid_high", lang, sure=SURE), say("harm.own_life", lang)]


def missing_groups(ledger: Ledger, lang: str) -> list[str]:
    """The reasons for figures that are not there, each once, with the items that lack for it."""
    by_reason: dict[str, list[str]] = {}
    figures: list[Figure | Valuation] = [*ledger.counts, *ledger.values]
    for one in figures:
        if one.scope == ALL and one.missing:
            by_reason.setdefault(why_missing(one, lang), []).append(item_name(one.item, lang))
    separator = say("list.separator", lang)
    return [f"{separator.join(dict.fromkeys(names))}: {reason}" for reason, names in by_reason.items()]
