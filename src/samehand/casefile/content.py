"""What a case report says: summary, method with its rate of error, evidence, innocent explanations."""

from __future__ import annotations

from typing import Final

from samehand.casefile.blocks import Block, Heading, Paragraph, Points, Table, facts
from samehand.casefile.case import Case
from samehand.casefile.exhibits import exhibits
from samehand.casefile.strength import points, strongly_supported
from samehand.texts import has, label, say
from samehand.texts.figures import UNKNOWN, number, p_value, percent

STEPS: Final = ("read", "coactions", "chance", "graph", "group", "surrogates", "members", "innocent")


def title_of(case: Case) -> str:
    """Name the report."""
    return say("casefile.title", case.lang, fleet=case.fleet.fleet_id)


def summary(case: Case) -> list[Block]:
    """What is suspected, how strongly, and the figures of the fleet."""
    lang, fleet, page = case.lang, case.fleet, case.page
    rows = [
        (say("column.accounts", lang), number(fleet.n_accounts)),
        (
            say("column.together", lang),
            f"{number(fleet.n_coactions)} / {number(fleet.n_events)} ({percent(fleet.share_together)})",
        ),
        (say("column.bits", lang), number(fleet.score_bits)),
        (say("column.q_value", lang), _or_unknown(fleet.q_value, lang)),
        (say("column.chance", lang), _chance(fleet.chance_count, lang)),
        (say("column.innocent", lang), _best_innocent(case)),
    ]
    asked = points(case)
    strength = "casefile.strong" if strongly_supported(case) else "casefile.suspected"
    return [
        Paragraph(text=say(strength, lang), style="lead"),
        Paragraph(text=page.summary),
        *([Points(items=page.does)] if page.does else []),
        facts(rows),
        Heading(text=say("fleets.for", lang), level=2),
        Points(items=page.points_for),
        Heading(text=say("fleets.against", lang), level=2),
        Points(items=page.points_against),
        Paragraph(text=say("casefile.rule", lang), style="muted"),
        Table(
            head=[say(f"casefile.rule_{name}", lang) for name in ("asked", "found", "met")],
            rows=[
                (one.asked, one.found, say("casefile.yes" if one.met else "casefile.no", lang)) for one in asked
            ],
            widths=(5, 4, 1),
        ),
    ]  # fmt: skip


def _or_unknown(value: float | None, lang: str) -> str:
    return say("casefile.not_estimated", lang) if value is None else p_value(value)


def _chance(value: float | None, lang: str) -> str:
    return say("casefile.not_estimated", lang) if value is None else number(value)


def _best_innocent(case: Case) -> str:
    fleet = case.fleet
    if not fleet.innocent:
        return say("column.none", case.lang)
    return f"{label('explanation_title', fleet.innocent, case.lang)}, {percent(fleet.innocent_weight)}"


def method(case: Case) -> list[Block]:
    """The method in plain words."""
    lang = case.lang
    steps = [f"{say(f'method.{step}_title', lang)} {say(f'method.{step}', lang)}" for step in STEPS]
    return [
        Paragraph(text=say("method.short", lang)),
        Points(items=steps),
        *error_rate(case),
        Heading(text=say("method.limits", lang), level=2),
        Paragraph(text=say("method.limits_text", lang)),
    ]


def error_rate(case: Case) -> list[Block]:
    """The stated rate of error, how it was measured, and what became of innocents."""
    lang, info, q = case.lang, case.info, case.fleet.q_value
    false = info.false_discovery
    blocks: list[Block] = [Heading(text=say("casefile.rate", lang), level=2)]
    if q is None:
        blocks.append(Paragraph(text=say("casefile.rate_unknown", lang), style="note"))
    else:
        fdr = float(str(info.config["fdr"]))
        weights = [
            row["innocent_weight"] for row in case.tables.fleets.select(["innocent_weight"]).to_pylist()
        ]
        floor = 1 / (false.n_surrogates * max(sum(weight <= fdr for weight in weights), 1))
        how = say("casefile.rate_how", lang, n_logs=false.n_surrogates, n=false.n_surrogate_clusters,
                  n_found=info.n_candidates)  # fmt: skip
        blocks += [
            Paragraph(text=say("casefile.rate_known", lang, q=q, fdr=fdr), style="lead"),
            Paragraph(text=how),
            Paragraph(text=say("casefile.rate_floor", lang, floor=floor)),
        ]
    return [*blocks, Paragraph(text=say("casefile.rate_means", lang)), *_controls(case)]


def _controls(case: Case) -> list[Block]:
    """What became of groups that are known or presumed to be innocent."""
    controls, lang = case.info.controls, case.lang
    if controls is None:
        return []
    n_groups = sum(row.n_groups for row in controls.by_kind)
    n_accused = sum(row.n_accused for row in controls.by_kind)
    if not n_groups:
        said = say("controls.empty", lang)
    else:
        said = say("controls.some" if n_accused else "controls.none", lang, n=n_groups, n_accused=n_accused)
    names = ("control", "groups", "with_evidence", "explained", "accused", "worst")
    return [
        Heading(text=say("section.controls", lang), level=2),
        Paragraph(text=f"{said}{say('list.space', lang)}{say('controls.how', lang)}"),
        Table(
            head=[say(f"column.{name}", lang) for name in names],
            rows=[
                (
                    label("control", row.kind, lang),
                    number(row.n_groups),
                    number(row.n_scored_above_0),
                    number(row.n_explained),
                    number(row.n_accused),
                    number(row.worst_bits),
                )
                for row in controls.by_kind
            ],
            widths=(4, 1.2, 1.8, 1.8, 1.8, 1.8),
            numbers=(1, 2, 3, 4, 5),
        ),
        Paragraph(text=say("controls.presumed", lang), style="muted"),
    ]


def evidence(case: Case) -> list[Block]:
    """The charts, and the strongest rows of evidence."""
    lang, page = case.lang, case.page
    names = ("number", "sentence", "time", "observed", "expected", "others", "p_value", "bits")
    return [
        *exhibits(case),
        *([Points(items=page.adds)] if page.adds else []),
        Heading(text=say("casefile.rows", lang), level=2),
        Paragraph(text=say("evidence_table.how", lang)),
        Paragraph(text=say("casefile.rows_shown", lang, n=len(page.evidence), total=page.n_evidence), style="muted"),
        Table(
            head=[say(f"column.{name}", lang) for name in names],
            rows=[
                (
                    str(row.number),
                    row.sentence,
                    f"{row.first_time:%Y-%m-%d}\n{row.first_time:%H:%M:%S}",
                    number(row.n_accounts),
                    row.expected,
                    number(row.n_others),
                    row.p_value,
                    number(row.bits),
                )
                for row in page.evidence
            ],
            widths=(0.9, 6.4, 1.8, 1.5, 1.5, 1.3, 1.9, 1.4),
            numbers=(0, 3, 4, 5, 6, 7),
            small=True,
        ),
    ]  # fmt: skip


def innocent(case: Case) -> list[Block]:
    """The alternatives that were considered."""
    lang = case.lang
    found = case.page.explanations
    return [
        Paragraph(text=say("casefile.alternatives", lang)),
        Table(
            head=[say(f"column.{name}", lang) for name in ("explanation", "weight", "found")],
            rows=[
                (
                    one.title,
                    say("explanations.untested", lang) if one.weight is None else percent(one.weight),
                    one.sentence,
                )
                for one in found
            ],
            widths=(2.4, 1.2, 7),
            small=True,
        )
        if found
        else Paragraph(text=say("explanations.none", lang), style="note"),
        Paragraph(text=say("casefile.one_hand_only", lang)),
    ]


def harm(case: Case) -> list[Block]:
    """What a harm ledger says of the fleet; nothing where none was given."""
    if case.harm is None:
        return []
    lang, heads = case.lang, case.harm.of(case.fleet.fleet_id)
    blocks: list[Block] = [
        Heading(text=say("casefile.harm", lang)),
        Paragraph(text=say("casefile.harm_how", lang, file=case.harm.name)),
    ]
    if not heads:
        return [*blocks, Paragraph(text=say("casefile.harm_none", lang))]
    rows = []
    for one in heads:
        name = (
            label("harm", f"item_{one.item}", lang)
            if has(f"harm.item_{one.item}")
            else label("harm", one.item, lang)
        )
        unit = (
            label("harm", f"unit_{one.unit}", lang)
            if has(f"harm.unit_{one.unit}")
            else label("harm", one.unit, lang)
        )
        sources = dict.fromkeys(f"{each.name}: {each.source}" for each in one.inputs if each.source)
        how = "; ".join(part for part in (one.formula or one.query or UNKNOWN, *sources))
        rows.append(
            (
                f"{name} ({unit})",
                *(_amount(value, one.unit) for value in (one.low, one.mid, one.high)),
                label("harm", how, lang),
            )
        )
    head = [say(f"casefile.harm_{name}", lang) for name in ("what", "low", "mid", "high", "source")]
    return [*blocks, Table(head=head, rows=rows, widths=(4, 1.5, 1.5, 1.5, 4), numbers=(1, 2, 3), small=True)]


def _amount(value: float | None, unit: str) -> str:
    return (
        percent(value)
        if unit == "share"
        else number(value if value is None or abs(value) < 100 else round(value))
    )
