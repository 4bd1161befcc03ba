"""What a person in Python or a notebook does with samehand, as the issue promises it."""

from __future__ import annotations

from html.parser import HTMLParser

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import samehand as sh
from samehand.frame import SHOWN_ROWS, Frame
from samehand.run import Run
from tests.pipeline.worlds import differences, found, found_without_estimate, world
from tests.report.fake_run import fake_run
from tests.report.hostile import hostile_run

PLAIN = sh.Config(surrogates=0)


def tags_of(html: str) -> set[str]:
    """Tags of a piece of HTML, those with attributes other than a language as they stand."""
    found: set[str] = set()

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attributes):
            found.add(tag if {name for name, _ in attributes} <= {"lang"} else str((tag, attributes)))

    Reader().feed(html)
    return found


def test_the_promised_lines(tmp_path) -> None:
    mapping = {"time": "created_at", "account": "user_id"}
    log = world().events.rename_columns({"time": "created_at", "account": "user_id"})
    run = sh.detect(sh.read_events(log, mapping), sh.Config(surrogates=0))
    assert run.fleets.to_pylist()[0]["fleet_id"] == "F0001"
    assert "F0001" in run.explain("F0001").text
    assert run.report(tmp_path / "out.html").read_text().startswith("<!doctype html>")
    assert run.report(str(tmp_path / "out.csv")) == tmp_path / "out.csv"
    assert differences(found_without_estimate(), run) == {}


def test_everything_that_is_promised_has_its_name() -> None:
    for name in sh.__all__:
        assert getattr(sh, name) is not None
    assert dir(sh) == sorted(sh.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = sh.nothing


@pytest.mark.parametrize("kind", ["path", "arrow", "polars", "lazy reader", "pandas", "duckdb", "events"])
def test_any_source_gives_the_same(kind, tmp_path) -> None:
    table = world().events
    if kind == "path":
        pq.write_table(table, tmp_path / "log.parquet")
        source: object = tmp_path / "log.parquet"
    elif kind == "polars":
        source = pl.DataFrame(table)
    elif kind == "lazy reader":
        source = pa.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=1_000))
    elif kind == "pandas":
        source = table.to_pandas()
        if not hasattr(pd.DataFrame, "__arrow_c_stream__"):
            source = pa.Table.from_pandas(source, preserve_index=False)
    elif kind == "duckdb":
        source = duckdb.connect().from_arrow(table)
    elif kind == "events":
        source = sh.read_events(table)
    else:
        source = table
    assert differences(found_without_estimate(), sh.detect(source, PLAIN)) == {}


def test_something_that_is_no_source_is_refused() -> None:
    for source in (7, None, {"time": [1]}):
        with pytest.raises(sh.InputError, match="cannot read a"):
            sh.detect(source)


def test_settings_that_make_no_sense_are_refused() -> None:
    for setting in (
        {"fdr": 0},
        {"fdr": 1},
        {"fdr": float("nan")},
        {"fdr": "0.05"},
        {"surrogates": -1},
        {"surrogates": 2.5},
        {"surrogates": True},
        {"min_accounts": 2},
        {"seed": -1},
        {"layers": ()},
        {"layers": "co_target"},
        {"layers": (1,)},
        {"threads": 0},
        {"memory_gib": 0},
    ):
        with pytest.raises(sh.OptionError) as caught:
            sh.Config(**setting)
        assert str(next(iter(setting))) in caught.value.found
        assert caught.value.hint
    with pytest.raises(TypeError):
        sh.Config(frd=0.05)
    with pytest.raises(sh.OptionError, match="unknown setting 'frd'"):
        sh.Config.from_dict({"frd": 0.05})


def test_an_unknown_layer_is_refused_before_the_log_is_read(tmp_path) -> None:
    with pytest.raises(sh.OptionError, match="unknown layer 'nonsense'"):
        sh.detect(tmp_path / "not there.parquet", sh.Config(layers=("nonsense",)))


def test_progress_is_told() -> None:
    told: list[str] = []
    sh.detect(world().events, PLAIN, progress=told.append)
    assert told[0] == "reading"
    assert told[-1] == "done"
    assert len(told) > 8


def test_tables_go_into_other_libraries() -> None:
    for frame in (found().fleets, found().members, found().evidence, found().explanations, found().edges):
        assert isinstance(frame, Frame)
        table = frame.to_arrow()
        assert pa.table(frame).equals(table)
        assert pl.DataFrame(frame).shape == table.shape
        assert frame.to_polars().shape == table.shape
        assert frame.to_pandas().shape == table.shape
        assert list(frame.to_pandas().columns) == frame.columns == table.column_names
        assert len(frame) == table.num_rows == len(frame.to_pylist())
        assert frame[frame.columns[0]].equals(table[frame.columns[0]])
        assert duckdb.connect().from_arrow(table).shape == table.shape


def test_tables_say_what_they_are() -> None:
    fleets = found().fleets
    assert repr(fleets).startswith(f"<{len(fleets):,} rows: fleet_id, reported")
    shown = fleets._repr_html_()
    assert shown.count("<tr>") == len(fleets) + 1
    assert "F0001" in shown
    members = found().members._repr_html_()
    assert members.count("<tr>") == SHOWN_ROWS + 1
    assert f"{SHOWN_ROWS} of {len(found().members):,} rows" in members


def test_hostile_names_are_escaped_in_a_notebook() -> None:
    run = Run(*hostile_run())
    shown = [run._repr_html_(), run.explain("F0001")._repr_html_()]
    for frame in (run.fleets, run.members, run.evidence, run.explanations, run.edges, run.member_events):
        shown += [Frame(frame.table.slice(start))._repr_html_() for start in range(0, len(frame), SHOWN_ROWS)]
    assert any("&lt;script" in html for html in shown)
    for html in shown:
        assert tags_of(html) <= {
            "table",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
            "p",
            "div",
            "h3",
            "h4",
            "ul",
            "li",
            "em",
        }
    named = Frame(pa.table({"<b>": ["<i>&\"'"]}))
    assert named._repr_html_() == (
        "<table><thead><tr><th>&lt;b&gt;</th></tr></thead><tbody>"
        "<tr><td>&lt;i&gt;&amp;&quot;&#x27;</td></tr></tbody></table>"
    )


def test_a_long_value_is_cut_and_a_missing_one_is_empty() -> None:
    shown = Frame(pa.table({"x": ["y" * 500, None], "z": [0.123456789, None]}))._repr_html_()
    assert "y" * 117 + "..." in shown
    assert "y" * 118 not in shown
    assert "<td>0.1235</td>" in shown
    assert "<td></td><td></td>" in shown


def test_a_run_says_what_it_is() -> None:
    assert repr(found()) == (
        f"<Run: {found().info.n_reported} suspected fleets of {found().info.n_candidates} candidates, "
        f"{found().info.n_accounts_reported:,} accounts>"
    )
    assert "false-discovery rate not estimated" in repr(found_without_estimate())
    assert "false-discovery rate not estimated" in found_without_estimate()._repr_html_()
    assert "not estimated" not in repr(found())
    assert found()._repr_html_().startswith("<p>Run: ")


def test_a_run_explains_numbers_and_text() -> None:
    run = Run(*fake_run(1, 10, ids="int"))
    account = run.members["account"][0].as_py()
    assert isinstance(account, int)
    assert run.explain(account).title == run.explain(str(account)).title
    assert run.explain("F0001", "zh").lang == "zh"


def test_the_format_of_a_report_goes_by_the_ending(tmp_path) -> None:
    run = found_without_estimate()
    for suffix in ("json", "graphml", "gexf", "csv", "html"):
        by_name, named = tmp_path / f"a.{suffix}", tmp_path / f"b.{suffix}.txt"
        run.report(by_name)
        run.report(named, format=suffix)
        assert by_name.read_bytes() == named.read_bytes()
    assert run.report(tmp_path / "plain").read_text().startswith("<!doctype html>")
    with pytest.raises(sh.OptionError, match="unknown report format 'pdf'"):
        run.report(tmp_path / "a.pdf")
    assert not (tmp_path / "a.pdf").exists()


def test_a_run_evaluates_itself() -> None:
    result = found().evaluate(world().truth, world().crowds)
    assert result.precision == 1.0
    assert result.recall == 1.0
    assert result.warnings == ()
    assert sh.evaluate(found().tables, world().truth, world().crowds) == result
    assert "not estimated" in " ".join(found_without_estimate().evaluate(world().truth).warnings)
