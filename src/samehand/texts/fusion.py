"""What is said of each layer's part in the judgement of a candidate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from samehand.texts.catalogue import label, say
from samehand.texts.figures import number
from samehand.texts.names import Shown

_NO_LAYERS: Final = ("prior", "innocent_causes")


def layer_name(row: Mapping[str, Any], lang: str) -> str:
    """Name a row of ``layer_bits``: the layer, or what stands in its place."""
    name = row["layer"]
    return say(f"fusion.{name}", lang) if name in _NO_LAYERS else label("layer", name, lang)


def signed(bits: float) -> str:
    """Write bits with their sign.

    >>> signed(3.0), signed(-0.5), signed(0.0)
    ('+3', '−0.5', '0')
    """
    return f"+{number(bits)}" if bits > 0 else number(bits)


def say_layer_bits(row: Mapping[str, Any], lang: str) -> str:
    """Write what one layer found, and what that adds or takes away; ``row``: of ``layer_bits``."""
    figures: dict[str, Any] = {
        "layer": Shown(layer_name(row, lang)),
        "weight": Shown(signed(row["weight_bits"])),
    }
    if row["layer"] in _NO_LAYERS:
        return say("fusion.adds", lang, **figures)
    if not row["n_members"]:
        return say("fusion.nothing", lang, **figures)
    figures |= {"n_members": row["n_members"], "found": row["found_bits"]}
    if not row["counts"]:
        return say("fusion.beside", lang, **figures)
    if row["value"] is None:
        return say("fusion.seen", lang, **figures)
    shared = {name: row[name] for name in ("n_sharing", "value", "n_holders")}
    return say("fusion.shared", lang, **{k: v for k, v in figures.items() if k != "found"}, **shared)
