"""Charts draw what is there, no more than they may, and always the same."""

import re
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samehand import columns
from samehand.report.charts.network import MAX_NODES, Net, draw_network, lay_out
from samehand.report.charts.raster import (
    MAX_ROWS,
    Acts,
    Window,
    best_window,
    draw_raster,
    order_by_first_coaction,
    whole_window,
)
from samehand.report.charts.stability import draw_stability
from samehand.report.charts.svg import Wording
from samehand.report.charts.targets import draw_targets, find_targets
from samehand.report.charts.time_axis import ticks
from samehand.report.charts.timeline import MAX_BINS, bin_edges, draw_timeline
from samehand.report.dossier import FleetEvents, Links, open_dossiers, read_fleets
from tests.report.fake_run import fake_run

WORDS = Wording("c", "title", "description")
SECOND = 1_000_000


def make_events(rows, driven=None):
    """Events from (seconds, member, together); ``driven``: of each in order of time, None: what is together."""
    rows = sorted(rows)
    return FleetEvents(
        time_us=np.array([int(t * SECOND) for t, _, _ in rows], np.int64),
        member=np.array([m for _, m, _ in rows], np.int64),
        coaction=np.array([c for _, _, c in rows], bool),
        driven=np.array([c for _, _, c in rows] if driven is None else driven, bool),
    )


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_stability_draws_a_cell_a_window_and_cut_in_the_shade_of_its_share(lang):
    shares = {
        0.0: "heat-none",
        0.49: "heat-few",
        0.5: "heat-half",
        0.89: "heat-half",
        0.9: "heat-most",
        1.0: "heat-most",
    }
    rows = [
        {"fleet_id": "F", "layer": layer, "carries": layer == "rhythm", "scale_us": scale, "cut": cut,
         "share_standing": share}
        for layer in ("rhythm", "co_target", "co_content")
        for scale in (SECOND, 60 * SECOND)
        for cut, share in zip((0.05, 1e-2, 1e-4, 1e-6, 1e-8, 1e-12), shares, strict=True)
    ]  # fmt: skip
    chart = draw_stability(
        pa.Table.from_pylist(rows, columns.STABILITY), ("co_target", "rhythm"), WORDS, lang
    )
    svg = str(chart.markup)
    assert (chart.n_shown, chart.n_total) == (4, 4)
    at = {}
    for css, d in re.findall(r'<path class="(heat-\w+)" d="([^"]*)"', svg):
        at |= {(float(x), float(y)): css for x, y in re.findall(r"M([\d.]+) ([\d.]+)h31v15h-31z", d)}
    assert len(at) == 4 * 6, "no cell twice, none of a layer that does not see the fleet"
    assert [at[place] for place in sorted(at, key=lambda xy: (xy[1], xy[0]))] == list(shares.values()) * 4
    assert svg.count("60") >= 2
    assert "10⁻⁸" in svg


def test_stability_of_an_older_run_is_an_empty_chart():
    chart = draw_stability(columns.STABILITY.empty_table(), ("co_target",), WORDS, "en")
    assert (chart.n_shown, chart.n_total) == (0, 0)


def marks(svg, css):
    """Absolute places of the marks of a path, relative moves resolved."""
    d = re.search(rf'<path class="{css}" d="([^"]*)"', svg)
    places, x, y = [], 0.0, 0.0
    for move, dx, dy, stroke, length in re.findall(
        r"([Mm])(-?[\d.]+) ?(-?[\d.]+)([hv])([\d.]+)", d.group(1) if d else ""
    ):
        x, y = (float(dx), float(dy)) if move == "M" else (x + float(dx), y + float(dy))
        places.append((round(x, 1), round(y, 1)))
        y += float(length) if stroke == "v" else 0
    return places


def test_driven_marks_have_the_colour_of_the_fleet_and_own_ones_are_pale():
    rows = [(0, 0, False), (20, 0, True), (40, 1, False), (60, 1, True), (100, 1, True)]
    events = make_events(rows, driven=[False, False, True, True, True])
    chart = draw_raster(Acts(events, ["a", "b"], 100), whole_window(events), WORDS)
    svg = str(chart.markup)
    assert [len(marks(svg, css)) for css in ("stroke", "stroke-own", "dot-driven", "dot")] == [2, 1, 1, 1]
    assert chart.n_shown == 5
    # Where there is no room for all, driven events made together are shown first.
    few = draw_raster(Acts(events, ["a", "b"], 2), whole_window(events), WORDS)
    assert len(marks(str(few.markup), "stroke")) == few.n_shown == 2


def test_raster_puts_every_event_in_its_row_at_its_time():
    events = make_events([(0, 0, False), (50, 1, True), (51, 0, True), (100, 2, False)])
    chart = draw_raster(Acts(events, ["a", "b", "c"], 100), whole_window(events), WORDS)
    svg = str(chart.markup)
    assert (chart.n_shown, chart.n_total) == (4, 4)
    # Rows in order of the first event together: b, a, then c; 154 to 992 is the width for the time.
    rows = {0: 1, 1: 0, 2: 2}
    x = {t: 154 + t / 100 * 838 for t in (0, 50, 51, 100)}
    expected = [(x[0], 8 + (rows[0] + 0.5) * 13), (x[100], 8 + (rows[2] + 0.5) * 13)]
    assert np.array(marks(svg, "dot")) == pytest.approx(np.array(expected), abs=0.3)
    strokes = marks(svg, "stroke")
    assert [s[0] for s in strokes] == pytest.approx([x[50], x[51]], abs=0.3)
    assert strokes[0][1] < strokes[1][1]
    assert svg.index(">b</text>") < svg.index(">a</text>") < svg.index(">c</text>")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 30), st.booleans()), min_size=1, max_size=200),
    st.integers(1, 80),
)
def test_raster_never_draws_more_than_it_may_and_counts_what_it_draws(rows, most):
    events = make_events(rows)
    chart = draw_raster(Acts(events, [f"m{i}" for i in range(31)], most), whole_window(events), WORDS)
    drawn = len(marks(str(chart.markup), "dot")) + len(marks(str(chart.markup), "stroke"))
    assert drawn <= most
    assert drawn <= chart.n_shown <= chart.n_total == len(rows)
    if most >= len(rows):
        assert chart.n_shown == len(rows)


def test_raster_shows_the_most_certain_members_where_there_are_too_many():
    n = MAX_ROWS + 50
    events = make_events([(i % 7, i, True) for i in range(n)])
    chart = draw_raster(Acts(events, [str(i) for i in range(n)], 10_000), whole_window(events), WORDS)
    assert (chart.n_shown, chart.n_total) == (MAX_ROWS, n)


def test_raster_of_nothing():
    events = make_events([])
    chart = draw_raster(Acts(events, ["a"], 10), whole_window(events), WORDS)
    assert (chart.n_shown, chart.n_total) == (0, 0)


def test_best_window_holds_the_densest_moment_in_its_middle():
    lone = [(t, 0, True) for t in range(0, 100_000, 1000)]
    burst = [(50_500 + i / 10, i, True) for i in range(30)]
    window = best_window(make_events(lone + burst), 10 * SECOND)
    assert window.end_us - window.start_us == 80 * SECOND
    middle = (window.start_us + window.end_us) / 2 / SECOND
    assert abs(middle - 50_501.5) < 3
    assert best_window(make_events(burst), 10 * SECOND) == whole_window(make_events(burst))
    apart = make_events([(0, 0, False), (9000, 1, False)])
    assert best_window(apart, SECOND) == whole_window(apart)


def test_order_is_the_same_in_a_part_as_in_the_whole():
    events = make_events([(1, 2, True), (2, 0, True), (3, 1, True), (9, 0, False), (9.5, 2, False)])
    assert order_by_first_coaction(events, 4, whole_window(events)).tolist() == [2, 0, 1]
    assert order_by_first_coaction(events, 4, Window(9 * SECOND, 10 * SECOND)).tolist() == [2, 0]


@given(st.integers(0, 10**15), st.integers(1, 10**14), st.integers(2, 9))
def test_ticks_are_round_in_range_and_few(start, span, most):
    marks_ = ticks(start, start + span, most)
    assert len(marks_) <= most + 1
    assert all(start <= at <= start + span for at, _ in marks_)
    steps = {b - a for (a, _), (b, _) in pairwise(marks_)}
    assert len(steps) <= 1
    assert all(at % step == 0 for at, _ in marks_ for step in steps)


def test_timeline_loses_no_event_when_bins_are_merged():
    counts = np.arange(1000)
    timeline = pa.table({"time": np.arange(1000) * SECOND, "n_events": counts})
    edges, merged = bin_edges(timeline)
    assert merged.sum() == counts.sum()
    assert len(merged) <= MAX_BINS
    assert len(edges) == len(merged) + 1
    assert edges[-1] >= 1000 * SECOND
    assert draw_timeline(make_events([(1, 0, True)]), timeline.slice(0, 0), WORDS, "en") is None
    chart = draw_timeline(make_events([(1, 0, True), (2000, 0, False)]), timeline, WORDS, "en")
    assert (chart.n_shown, chart.n_total) == (1, 2)


def test_layout_brings_linked_nodes_together_and_never_changes():
    a, b = (
        np.array(ends)
        for ends in zip(*[(i, j) for c in (0, 8) for i in range(c, c + 8) for j in range(c, i)], strict=True)
    )
    place = lay_out(16, a, b, np.ones(len(a)))
    assert (place == lay_out(16, a, b, np.ones(len(a)))).all()
    assert place.min() >= 0
    assert place.max() <= 1
    apart = np.linalg.norm(place[:, None] - place[None], axis=2)
    inside = (apart[:8, :8].sum() + apart[8:, 8:].sum()) / (2 * 56)
    assert inside < 0.6 * apart[:8, 8:].mean()
    assert apart[np.triu_indices(16, 1)].min() > 0.02, "nodes of a clique lie on one another"


@pytest.mark.parametrize("n", [0, 1, 2])
def test_layout_of_almost_nothing(n):
    none = np.zeros(0, np.int64)
    assert lay_out(n, none, none, np.zeros(0)).shape == (n, 2)
    assert (
        draw_network(Net(Links(a=none, b=none, bits=np.zeros(0)), np.ones(n), ["x"] * n), 10, WORDS).n_total
        == 0
    )


def test_network_draws_the_best_link_of_every_member_first():
    n = MAX_NODES
    pairs = [(i, j) for i in range(n) for j in range(i + 1, n)]
    bits = np.array([1000.0 if j < 40 else 1.0 for _, j in pairs])
    order = np.argsort(-bits, kind="stable")
    a, b = np.array(pairs).T[:, order]
    chart = draw_network(
        Net(Links(a=a, b=b, bits=bits[order]), np.ones(n), [str(i) for i in range(n)]), 300, WORDS
    )
    assert (chart.n_shown, chart.n_total) == (300, len(pairs))
    ends = re.findall(r"M([\d.]+ [\d.]+)L([\d.]+ [\d.]+)", str(chart.markup))
    assert len(ends) == 300
    assert len({place for pair in ends for place in pair}) == n


def test_targets_count_members_once_and_others_from_the_evidence():
    _, tables = fake_run(1, 30)
    fleets = read_fleets(tables.fleets)[:1]
    (dossier,) = open_dossiers(tables, fleets)
    hits = find_targets(dossier)
    assert [hit.n_members for hit in hits] == sorted((hit.n_members for hit in hits), reverse=True)
    rows = [row for row in dossier.event_rows.to_pylist() if row["coaction"]]
    for hit in hits:
        mine = [row for row in rows if (row["action"], row["target"]) == (hit.action, hit.target)]
        assert hit.n_members == len({row["account"] for row in mine})
        assert hit.n_events == len(mine)
        assert hit.n_others == sum(
            r["n_others"] for r in dossier.evidence.to_pylist() if r["target"] == hit.target
        )
    chart = draw_targets(hits, WORDS, "en")
    assert chart.n_total == len(hits)
    assert chart.n_shown <= 15
