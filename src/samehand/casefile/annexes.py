"""The later parts of a case report: the log and its clock, how to verify, members, settings, words."""

from __future__ import annotations

from typing import Final

from samehand.casefile.blocks import Block, Heading, Paragraph, Points, Table, facts
from samehand.casefile.case import Case
from samehand.texts import label, say, visible
from samehand.texts.figures import duration, moment, number

WORDS: Final = (
    "fleet", "together", "driven", "expected", "bits", "p_value", "q_value", "without", "stability",
    "one_hand", "weight",
)  # fmt: skip
MOST_MEMBERS: Final = 1000
"""Members in the report; all are in the bundle's table."""


def log(case: Case) -> list[Block]:
    """The log, by its hashes, and the statement on its clock."""
    lang, quality = case.lang, case.info.quality
    rows = [
        (
            visible(source.name),
            "\n".join(
                [
                    say("casefile.source_hash", lang, sha256=source.sha256)
                    if source.sha256
                    else say("casefile.no_hash", lang),
                    *([say("casefile.bytes", lang, n=source.n_bytes)] if source.n_bytes is not None else []),
                ]
            ),
        )
        for source in case.info.sources
    ]
    counted = (
        ("rows", number(quality.n_rows)),
        ("events", number(quality.n_events)),
        ("accounts", number(quality.n_accounts)),
        ("first", moment(quality.first_time, lang)),
        ("last", moment(quality.last_time, lang)),
        ("duplicates", number(quality.n_duplicates)),
    )
    left_out = [
        (visible(one.what, 2000), number(one.count), visible(one.why, 2000))
        for one in (*quality.left_out, *case.info.bounded)
    ]
    return [
        Table(head=(), rows=rows, widths=(1, 3), names=(0,)),
        facts([(say(f"quality.{name}", lang), value) for name, value in counted]),
        *clock(case),
        Heading(text=f"{say('quality.left_out', lang)}; {say('quality.bounded', lang)}", level=2),
        Table(
            head=[say(f"column.{name}", lang) for name in ("what", "count", "why")],
            rows=left_out,
            widths=(4, 1.2, 6),
            numbers=(1,),
            small=True,
        )
        if left_out
        else Paragraph(text=say("quality.nothing", lang)),
    ]


def clock(case: Case) -> list[Block]:
    """The statement on the clock."""
    lang, quality = case.lang, case.info.quality
    how = visible(quality.time_format, 2000)
    odd = [visible(warning, 2000) for warning in quality.warnings]
    return [
        Heading(text=say("casefile.clock", lang), level=2),
        Paragraph(text=say("casefile.clock_as_read", lang, how=how, step=quality.clock_resolution_us)),
        Paragraph(text=say("casefile.clock_unchecked", lang, scale=case.fleet.scale_us)),
        *(
            [Paragraph(text=say("casefile.clock_odd", lang)), Points(items=odd)]
            if odd
            else [Paragraph(text=say("casefile.clock_fine", lang))]
        ),
    ]


def verification(case: Case) -> list[Block]:
    """How whoever receives the case file checks it."""
    steps = [say(f"casefile.verify_{step}", case.lang) for step in ("files", "rows", "log")]
    return [
        Paragraph(text=say("casefile.verify_why", case.lang)),
        Points(items=steps),
        Paragraph(text=say("casefile.verify_versions", case.lang)),
    ]


def members(case: Case) -> list[Block]:
    """Each account with its own evidence."""
    lang, rows = case.lang, case.page.members[:MOST_MEMBERS]
    names = (
        "account",
        "bits",
        "without",
        "share_together",
        "n_together",
        "driven",
        "events",
        "first",
        "last",
    )
    blocks: list[Block] = [Paragraph(text=say("members.how", lang))]
    if len(rows) < case.page.n_members:
        blocks.append(
            Paragraph(
                text=say("casefile.members_shown", lang, n=len(rows), total=case.page.n_members),
                style="muted",
            )
        )
    if case.page.part_time:
        n_shown, total = len(case.page.part_time), case.fleet.n_part_time or 0
        blocks.append(Points(items=case.page.part_time))
        if n_shown < total:
            blocks.append(Paragraph(text=say("driven.shown", lang, n=n_shown, total=total), style="muted"))
    return [
        *blocks,
        Table(
            head=[say(f"column.{name}", lang) for name in names],
            rows=[(*row[:7], *(time.replace(" ", "\n") for time in row[7:9])) for row in rows],
            widths=(3.4, 1.3, 1.5, 1.5, 1.5, 1.2, 1.2, 1.8, 1.8),
            numbers=(1, 2, 3, 4, 5, 6),
            names=(0,),
            small=True,
        ),
    ]


def run(case: Case) -> list[Block]:
    """Settings, layers and versions of the run."""
    lang, info = case.lang, case.info
    default = say("casefile.default", lang)
    layers = [
        (
            label("layer", one.name, lang),
            say("list.separator", lang).join(duration(scale, lang) for scale in one.scales_us)
            if one.used
            else f"{say('quality.no', lang)} {visible(one.reason, 2000)}",
        )
        for one in info.layers
    ]
    return [
        facts(
            [
                *(
                    (
                        say("casefile.setting", lang, name=name),
                        default if value is None else visible(str(value)),
                    )
                    for name, value in info.config.items()
                ),
                *(
                    (say("casefile.version", lang, name=name), visible(value))
                    for name, value in {"samehand": info.samehand, **info.versions}.items()
                ),
            ]
        ),
        Heading(text=say("quality.layers", lang), level=2),
        facts(layers),
    ]


def words(case: Case) -> list[Block]:
    """What the words mean."""
    return [facts([(say(f"word.{word}_title", case.lang), say(f"word.{word}", case.lang)) for word in WORDS])]
