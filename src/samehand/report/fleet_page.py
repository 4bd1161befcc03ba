"""What the page shows of one fleet: sentences, drawn charts and bounded tables, ready for a template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import pyarrow as pa
from markupsafe import Markup

from samehand.events.known import KnownUse
from samehand.fleets.known import known_points
from samehand.report.charts.network import Net, draw_network
from samehand.report.charts.raster import Acts, best_window, draw_raster, whole_window
from samehand.report.charts.stability import draw_stability
from samehand.report.charts.svg import Chart, Wording
from samehand.report.charts.targets import draw_targets, find_targets
from samehand.report.charts.timeline import draw_timeline
from samehand.report.charts.waterfall import draw_waterfall
from samehand.report.dossier import Dossier, Fleet
from samehand.texts import label, points_against, points_for, say, visible
from samehand.texts.driven import say_part_time_member
from samehand.texts.figures import number, p_value, percent
from samehand.texts.fusion import say_layer_bits
from samehand.texts.rows import Row, explain_innocently, say_behaviour, say_evidence, stand, summarise

MEMBERS_A_PAGE: Final = 20
MOST_PART_TIME: Final = 10
"""Part-time members with a sentence of their own."""


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """How much of a fleet is put into the page at most; what is left out is always said."""

    members: int = 5_000
    evidence: int = 40
    event_ids: int = 20
    """Of one row of evidence."""
    marks: int = 5_000
    """Of one raster."""
    links: int = 700
    """0: no network is drawn."""


FEW_FLEETS: Final = Bounds()
MANY_FLEETS: Final = Bounds(evidence=20, event_ids=10, marks=2_500, links=400)
"""Keeps a page of 200 fleets below 25 MB."""


@dataclass(frozen=True)
class Told:
    """What a run was told of accounts from before."""

    known: KnownUse | None
    n_accounts: int
    """Of the log."""


NO_CHART: Final = Chart(Markup(), 0, 0)
NOTHING_TOLD: Final = Told(None, 0)


@dataclass(frozen=True, kw_only=True)
class EvidenceLine:
    """One row of the table of evidence."""

    number: int
    sentence: str
    layer: str
    n_accounts: int
    n_others: int | None
    expected: str
    p_value: str
    bits: float
    first_time: datetime
    event_ids: tuple[str, ...]
    n_event_ids: int


@dataclass(frozen=True, kw_only=True)
class ExplanationLine:
    """One innocent explanation."""

    title: str
    weight: float | None
    sentence: str


@dataclass(frozen=True, kw_only=True)
class FleetPage:
    """Everything that the section of one fleet shows."""

    fleet: Fleet
    summary: str
    does: Sequence[str]
    """A sentence a behaviour."""
    points_for: Sequence[str]
    points_against: Sequence[str]
    raster: Chart
    zoom: Chart
    zoom_from: datetime
    zoom_to: datetime
    timeline: Chart | None
    network: Chart
    targets: Chart
    stability: Chart
    """Empty where an older version made the run."""
    fusion: Chart
    """Empty likewise."""
    adds: Sequence[str]
    """A sentence a layer."""
    evidence: Sequence[EvidenceLine]
    n_evidence: int
    explanations: Sequence[ExplanationLine]
    members: Sequence[Sequence[str]]
    """Cells of the table of members."""
    n_members: int
    part_time: Sequence[str]
    """A sentence each on the most certain members that are driven part of the time."""


def build_fleet_page(
    dossier: Dossier,
    timeline: pa.Table,
    lang: str,
    bounds: Bounds = FEW_FLEETS,
    told: Told = NOTHING_TOLD,
) -> FleetPage:
    """Write the sentences and draw the charts of one fleet."""
    fleet = dossier.fleet
    names = [visible(str(account)) for account in dossier.members["account"].to_pylist()]
    explained = explain_innocently(dossier.explanations.to_pylist(), lang)
    evidence = dossier.evidence.to_pylist()
    standing = stand(
        asdict(fleet), dossier.members["leave_one_out_bits"].to_numpy().tolist(), evidence, explained, lang
    )
    known_for, known_against = known_points(asdict(fleet), told.known, told.n_accounts, lang)
    events, whole = dossier.events, whole_window(dossier.events)
    layer_bits = dossier.layer_bits.to_pylist()
    window = best_window(events, fleet.scale_us)
    return FleetPage(
        fleet=fleet,
        summary=summarise(asdict(fleet), lang),
        does=[say_behaviour(row, fleet.n_accounts, lang) for row in dossier.behaviours.to_pylist()],
        points_for=[*points_for(standing, lang), *known_for],
        points_against=[*known_against, *points_against(standing, lang)],
        raster=draw_raster(
            Acts(events, names, bounds.marks),
            whole,
            chart_wording(fleet, "raster", lang),
            window if window != whole else None,
        ),
        zoom=draw_raster(Acts(events, names, bounds.marks), window, chart_wording(fleet, "zoom", lang)),
        zoom_from=_time(window.start_us),
        zoom_to=_time(window.end_us),
        timeline=draw_timeline(events, timeline, chart_wording(fleet, "timeline", lang), lang),
        network=draw_network(
            Net(dossier.links, dossier.members["bits"].to_numpy(), names if bounds.links else []),
            bounds.links,
            chart_wording(fleet, "network", lang),
        ),
        targets=draw_targets(find_targets(dossier), chart_wording(fleet, "targets", lang), lang),
        stability=draw_stability(
            dossier.stability, fleet.layers, chart_wording(fleet, "stability", lang), lang
        ),
        fusion=draw_waterfall(layer_bits, _fusion_wording(fleet, lang), lang) if layer_bits else NO_CHART,
        adds=[say_layer_bits(row, lang) for row in layer_bits],
        evidence=[
            _evidence_line(n, row, fleet, lang, bounds)
            for n, row in enumerate(evidence[: bounds.evidence], 1)
        ],
        n_evidence=len(evidence),
        explanations=[
            ExplanationLine(
                title=label("explanation_title", e.name, lang), weight=e.weight, sentence=e.sentence
            )
            for e in explained
        ],
        members=_member_rows(dossier, names, lang, bounds),
        n_members=len(names),
        part_time=_part_time(dossier, lang),
    )


def _part_time(dossier: Dossier, lang: str) -> list[str]:
    if not dossier.fleet.reported or not dossier.fleet.n_part_time:
        return []
    rows = dossier.members.select(["account", "n_events", "n_driven", "part_time"])
    chosen = rows.filter(rows["part_time"]).slice(0, MOST_PART_TIME).to_pylist()
    return [say_part_time_member(row, lang) for row in chosen]


def chart_wording(fleet: Fleet, chart: str, lang: str) -> Wording:
    """Write what a chart of a fleet says; ``chart`` is raster, zoom, timeline, network, targets or stability."""
    figures = {"fleet": fleet.fleet_id, "n_accounts": fleet.n_accounts}
    return Wording(
        name=f"{chart}-{fleet.fleet_id}",
        title=say(f"chart.{chart}_title", lang, **figures),
        description=say(f"chart.{chart}_text", lang, **figures),
    )


def _fusion_wording(fleet: Fleet, lang: str) -> Wording:
    return Wording(
        name=f"fusion-{fleet.fleet_id}",
        title=say("fusion.chart_title", lang, fleet=fleet.fleet_id),
        description=say("fusion.chart_text", lang),
    )


def _time(us: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)


def _evidence_line(position: int, row: Row, fleet: Fleet, lang: str, bounds: Bounds) -> EvidenceLine:
    return EvidenceLine(
        number=position,
        sentence=say_evidence(row, fleet.n_accounts, lang),
        layer=label("layer", row["layer"], lang),
        n_accounts=row["n_accounts"],
        n_others=row["n_others"],
        expected=number(row["expected"]),
        p_value=p_value(row["p_value"]),
        bits=row["bits"],
        first_time=row["first_time"],
        event_ids=tuple(visible(str(event)) for event in (row["event_ids"] or ())[: bounds.event_ids]),
        n_event_ids=len(row["event_ids"] or ()),
    )


def _member_rows(dossier: Dossier, names: Sequence[str], lang: str, bounds: Bounds) -> list[tuple[str, ...]]:
    columns = [
        "bits",
        "leave_one_out_bits",
        "share_of_events",
        "n_coactions",
        "n_driven",
        "n_events",
        "first_time",
        "last_time",
    ]
    rows = dossier.members.select(columns).slice(0, bounds.members).to_pylist()
    return [
        (
            name,
            number(row["bits"]),
            number(row["leave_one_out_bits"]),
            percent(row["share_of_events"]),
            number(row["n_coactions"]),
            number(row["n_driven"]),
            number(row["n_events"]),
            f"{row['first_time']:%Y-%m-%d %H:%M:%S}",
            f"{row['last_time']:%Y-%m-%d %H:%M:%S}",
            evidence_numbers(rows_of_evidence, bounds.evidence, lang),
        )
        for name, row, rows_of_evidence in zip(names, rows, dossier.took_part, strict=False)
    ]


def evidence_numbers(rows: Sequence[int], n_shown: int, lang: str) -> str:
    """Write which rows of evidence (counted from 0) a member is part of, by their numbers on the page.

    Those beyond the ``n_shown`` on the page are counted.

    >>> evidence_numbers([0, 1, 2, 5, 43], 40, "en")
    '1–3, 6 + 1'
    """
    runs: list[list[int]] = []
    for row in rows:
        if row >= n_shown:
            break
        if runs and runs[-1][1] == row:
            runs[-1][1] = row + 1
        else:
            runs.append([row + 1, row + 1])
    shown = say("list.separator", lang).join(str(a) if a == b else f"{a}–{b}" for a, b in runs)
    more = sum(row >= n_shown for row in rows)
    return f"{shown} + {more}" if more else shown or "—"
