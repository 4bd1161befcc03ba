"""What is shown of a run: lines that fit, the ranking, and nothing that names from a log could spoil."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from samehand.events.check import LeftOut
from samehand.layers import LayerUse
from samehand.run import Run
from samehand.shown import MOST_BOUNDS, MOST_CANDIDATES, MOST_FLEETS, show_run
from samehand.texts.lines import columns_of
from tests.report.fake_run import fake_run
from tests.report.hostile import hostile_run


def shown(run: Run) -> str:
    out = io.StringIO()
    with redirect_stdout(out):
        show_run(run, Path("runs") / "monday")
    for line in out.getvalue().splitlines():
        assert columns_of(line) <= 80, line
    return out.getvalue()


def test_the_ranking_is_bounded_and_what_is_left_out_is_said() -> None:
    text = shown(Run(*fake_run(40, 900, n_unreported=12)))
    rows = [line for line in text.splitlines() if line.startswith("F0")]
    assert len(rows) == MOST_FLEETS + MOST_CANDIDATES
    assert sum("suspected" in row for row in rows) == MOST_FLEETS
    assert sum("candidate" in row for row in rows) == MOST_CANDIDATES
    assert f"and {52 - len(rows)} more in the report" in text
    assert [row.split()[0] for row in rows] == sorted(row.split()[0] for row in rows)


@pytest.mark.parametrize(
    ("n", "said"), [(0, "no suspected fleet"), (1, "1 suspected fleet with"), (3, "3 suspected fleets with")]
)
def test_the_answer(n, said) -> None:
    run = Run(*fake_run(n, max(20 * n, 0), n_unreported=1 if n else 0))
    text = shown(run)
    assert said in text
    assert "false-discovery rate of 0.05" in text
    assert "report: runs/monday/report.html" in text
    assert "more in the report" not in text


def test_without_an_estimate_no_rate_is_named() -> None:
    text = shown(Run(*fake_run(2, 20, surrogates=0)))
    assert "NOT estimated" in text
    assert "0.05" not in text
    rows = [line.split() for line in text.splitlines() if line.startswith("F0")]
    assert rows
    assert {row[3] for row in rows} == {"-"}


def test_large_figures_and_long_words_fit() -> None:
    info, tables = fake_run(3, 30)
    rows = [
        row
        | {
            "n_accounts": 9_999_999,
            "score_bits": 123_456_789.0,
            "behaviours": ["mass_message", "follow_farm", "boost", "bulk_registration", "mass_add"],
            "innocent": "call_centre_with_a_very_long_name_indeed",
            "innocent_weight": 0.04,
        }
        for row in tables.fleets.to_pylist()
    ]
    tables = replace(tables, fleets=pa.Table.from_pylist(rows, tables.fleets.schema))
    text = shown(Run(info, tables))
    assert "9,999,999" in text
    assert "123,456,789" in text


def test_layers_that_were_not_used_are_said_with_the_reason() -> None:
    info, tables = fake_run(1, 10)
    use = LayerUse(
        name="co_target", used=False, reason="the log has no target " + "and so on " * 20, scales_us=()
    )
    text = shown(Run(replace(info, layers=(use,)), tables))
    assert "layer co_target not used: the log has no target" in text


def test_hostile_names_do_not_reach_the_terminal() -> None:
    text = shown(Run(*hostile_run()))
    assert not {"\x1b", "\x07", "\x00", "\u202e"} & set(text)


def test_what_was_bounded_is_said() -> None:
    info, tables = fake_run(1, 20)
    bound = LeftOut(what="events in crowded moments", count=1_234, why="more than 64 others did the same")
    text = shown(Run(replace(info, bounded=(bound,) * (MOST_BOUNDS + 2)), tables))
    assert text.count("bounded: 1,234 events in crowded moments") == MOST_BOUNDS
    assert "and 2 more bounds in the report" in text
