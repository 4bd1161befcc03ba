"""What is said of a member's driven events, and of the rest, which is nobody's business."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from samehand.texts.catalogue import say
from samehand.texts.names import Shown


def say_driven(member: Mapping[str, Any], lang: str, *, reported: bool) -> str | None:
    """Write how many of a member's events were driven; None where it is not known (a run of an older samehand).

    ``member``: a row of the table of members. ``reported``: whether its fleet is; otherwise it is said with an if.
    """
    n, total = member["n_driven"], member["n_events"]
    if n is None:
        return None
    own = total - n
    if not reported:
        return say("driven.if_fleet", lang, n=n, total=total)
    if member["part_time"]:
        return say("driven.part_time", lang, n=n, total=total, own=own)
    return (
        say("driven.some", lang, n=n, total=total, own=own) if own else say("driven.all", lang, total=total)
    )


def say_part_time_member(member: Mapping[str, Any], lang: str) -> str:
    """Write the sentence on a part-time member of a reported fleet, with its name in front."""
    sentence = say_driven(member, lang, reported=True) or ""
    return say("driven.member", lang, account=str(member["account"]), sentence=Shown(sentence))
