"""docs/layers.md: every layer and every innocent cause, in their own words."""

from __future__ import annotations

from inspect import cleandoc

from samehand.fleets.innocent import CAUSES
from samehand.layers import LAYERS, RATES, TRAITS, Layer, Rate, Trait
from scripts.pages.words import WRITTEN, plain, table

HEAD = f"""\
# Layers and innocent causes

{WRITTEN}

## Layers

A layer looks at one kind of trace. It is used where the log has the columns for it, at the windows that the log's
clock and length allow. [How they work together](how-it-works.md), [how to add one](add-a-layer.md).
"""
TRAITS_HEAD = """\
## Traits

A trait is a kind of value that an account keeps or comes back to: a device, a network, a script. Traits find no groups.
They say what the accounts of a group that layers found have in common besides (`fan_out`, `unanswered`, `repetition`:
what they do more than others), [all weighed together](how-it-works.md#all-layers-together). A trait of which one value
has more than half of the accounts is not used: a broken client that sends one device id for everybody says nothing of
anybody. Nor is one for which no account has a value: ids that are numbers, hashes or UUIDs, or one word with a number
(`user_17`), have no pattern of names. The run says so.
"""
CAUSES_HEAD = """\
## Innocent causes

Each candidate is tested for each of these. The weight is between 0 (does not explain what was seen) and 1 (explains
it). A group whose best explanation weighs more than the wanted false-discovery rate stays a candidate and is not
reported. A cause whose columns are missing is not tested, and the report says so.
"""


def write() -> str:
    """Write the page."""
    lines = [HEAD]
    for layer in LAYERS:
        lines += _layer(layer)
    lines.append(TRAITS_HEAD)
    for trait in (*TRAITS, *RATES):
        lines += _trait(trait)
    rows = (
        (f"`{cause.name}`", ", ".join(cause.needs) or "-", plain(cleandoc(cause.weigh.__doc__ or "")))
        for cause in CAUSES
    )
    return "\n".join([*lines, CAUSES_HEAD, *table(("cause", "needs", "what speaks for it"), rows)]) + "\n"


def _layer(layer: Layer) -> list[str]:
    rows = [
        ("catches", layer.catches),
        ("innocent causes", "; ".join(layer.innocent_causes)),
        ("columns", ", ".join(("time", "account", *layer.roles))),
        ("windows", ", ".join(_window(us) for us in layer.scales_us)),
        (
            "compared with",
            "events of the same interest" if layer.background == "interest" else "events of the same hour",
        ),
        ("lag control", "yes" if layer.lag_control else "no"),
        ("enough by itself", "yes" if layer.convicts else "no: another layer must speak against the group"),
    ]
    return [f"### {layer.name}: {layer.title}", "", *table((layer.name, ""), rows), ""]


def _trait(trait: Trait | Rate) -> list[str]:
    rows = [
        ("catches", trait.catches),
        ("innocent causes", "; ".join(trait.innocent_causes)),
        ("columns", ", ".join(("time", "account", *trait.roles))),
    ]
    return [f"### {trait.name}: {trait.title}", "", *table((trait.name, ""), rows), ""]


def _window(us: int) -> str:
    for unit, name in ((3_600_000_000, "h"), (60_000_000, "min")):
        if us % unit == 0:
            return f"{us // unit} {name}"
    return f"{us / 1e6:g} s"
