"""The whole case report: its parts in order, as blocks that a PDF or a plain text is made of."""

from __future__ import annotations

from samehand.casefile import annexes, content
from samehand.casefile.blocks import Block, Heading, Paragraph
from samehand.casefile.case import Case
from samehand.texts import say

PARTS = (
    ("summary", content.summary),
    ("method", content.method),
    ("evidence", content.evidence),
    ("innocent", content.innocent),
    (None, content.harm),
    ("log", annexes.log),
    ("verify", annexes.verification),
    ("members", annexes.members),
    ("run", annexes.run),
    ("words", annexes.words),
)
"""Key of the heading, and what stands below it; a part without a key has its heading inside."""


def subtitle_of(case: Case) -> list[str]:
    """Say what stands below the title."""
    fleet, lang = case.fleet, case.lang
    return [
        say(
            "casefile.subtitle",
            lang,
            n_accounts=fleet.n_accounts,
            first=fleet.first_time,
            last=fleet.last_time,
        ),
        say("casefile.made", lang, time=case.info.created_at, version=case.info.samehand),
    ]


def report_blocks(case: Case) -> list[Block]:
    """Give all blocks after the title."""
    blocks: list[Block] = [Paragraph(text=say("casefile.caution", case.lang), style="note")]
    for key, part in PARTS:
        if key is not None:
            blocks.append(Heading(text=say(f"casefile.{key}", case.lang)))
        blocks += part(case)
    return blocks
