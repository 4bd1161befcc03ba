"""The ledger as it is shown and written: whole, safe with any name, and as wide as a terminal."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from samehand import columns
from samehand.errors import InputError, OptionError
from samehand.harm.folder import FILES, render_csv, render_sql
from samehand.harm.ledger import count_harm
from samehand.harm.page import render
from samehand.harm.prices import example_prices
from samehand.run import Run, open_run
from samehand.texts import LANGUAGES, say
from samehand.texts.lines import columns_of
from samehand.tracking.folder import Settings, Tracked, TrackInfo, write_tracking
from samehand.tracking.tables import TrackTables
from tests.cli.terminal import samehand
from tests.harm.made import Event, Member, World, read_log, run_of
from tests.report.fake_run import START
from tests.report.hostile import HOSTILE
from tests.report.page import Page, open_in_chromium, title_of
from tests.tracking.made import Fleet, names
from tests.tracking.made import run as made_run


@pytest.fixture(scope="module")
def written(place, tmp_path_factory):
    """Give the folder that the command writes, and what it said."""
    _, folder, _ = place
    out = tmp_path_factory.mktemp("written")
    (out / "prices.toml").write_text(example_prices(), encoding="utf-8")
    done = samehand(
        "harm", folder / "run", "--prices", out / "prices.toml", "--log", folder / "log.of.run.parquet",
        "--out", out / "harm",
    )  # fmt: skip
    assert done.code == 0, done.err
    return out / "harm", done


def test_the_command_writes_the_ledger_and_says_it_in_80_columns(written, ledger):
    folder, done = written
    assert {file.name for file in folder.iterdir()} == FILES
    assert max(columns_of(line) for line in done.out.splitlines() if str(folder) not in line) <= 80
    assert "inauthentic actions" in done.out
    assert "2 suspected fleets" in done.out
    assert "gain, by order" in done.out
    assert pq.read_table(folder / "ledger.parquet").equals(ledger.table.table)


def test_the_same_input_gives_the_same_bytes(written, ledger, tmp_path):
    folder, _ = written
    ledger.save(tmp_path / "again")
    for name in FILES:
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes(), name


def test_without_the_log_the_terminal_and_the_page_say_so(place, tmp_path):
    run = shutil.copytree(place[1] / "run", tmp_path / "run")
    done = samehand("harm", run, "--lang", "zh")
    assert done.code == 0
    assert say("harm.missing_log", "zh") in done.said
    page = (run / "harm" / "harm.html").read_text(encoding="utf-8")
    assert page.count(say("harm.missing_log", "zh")) == 4  # of the traffic, and three of rankings
    assert max(columns_of(line) for line in done.out.splitlines() if str(run) not in line) <= 80


def test_an_example_of_prices_is_printed_and_can_be_used(tmp_path):
    done = samehand("harm", "--example-prices")
    assert done.code == 0
    assert done.out == example_prices()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "no run is named"),
        (("{run}", "--fleet", "F9"), "no fleet 'F9'"),
        (("{run}", "--prices", "{run}/run.json"), "cannot be read as TOML"),
        (("{run}", "--tracks", "{run}"), "no tracks that can be read"),
        (("{run}", "--out", "{run}"), "is not a ledger of harm"),
        (("{run}", "--log", "{run}/members.parquet"), ""),
    ],
)
def test_bad_input_is_refused_and_nothing_is_written(place, tmp_path, arguments, said):
    run = shutil.copytree(place[1] / "run", tmp_path / "run")
    before = sorted(tmp_path.rglob("*"))
    done = samehand("harm", *(argument.format(run=run) for argument in arguments))
    assert done.code == 2
    assert said in done.said
    assert "Try:" in done.err
    assert sorted(tmp_path.rglob("*")) == before


def test_json_holds_counts_valuations_queries_and_prices(written, ledger):
    folder, _ = written
    document = json.loads((folder / "harm.json").read_bytes())
    assert len(document["counts"]) == len(ledger.counts)
    assert len(document["values"]) == len(ledger.values)
    for one in document["counts"]:
        assert one["missing"] or one["query"] in document["info"]["queries"]
    for one in document["info"]["prices"]:
        assert one["source"]
        assert one["date"]


def test_csv_has_a_row_a_figure(written, ledger):
    folder, _ = written
    rows = list(csv.DictReader(io.StringIO((folder / "harm.csv").read_text("utf-8-sig"), newline="")))
    assert len(rows) == len(ledger.table)
    assert {row["entry"] for row in rows} == {"count", "value"}
    (gain,) = [row for row in rows if row["item"] == "gain_by_order" and row["fleet_id"] == "F0001"]
    assert float(gain["mid"]) == ledger.value("gain_by_order", "F0001").mid
    assert "margin 0.3 / 0.5 / 0.8 share (made up" in gain["inputs"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_has_every_figure_with_its_query_or_its_formula(ledger, lang):
    page = Page(render(ledger, lang).decode())
    text = " ".join(one.text for one in page.elements)
    for figure in (*ledger.counts, *ledger.values):
        if figure.item not in {"actions_at_target", "share_of_day"}:
            assert say(f"harm.item_{figure.item}", lang) in text
    ids = {one.attributes["id"] for one in page.elements if "id" in one.attributes}
    links = [one.attributes["href"] for one in page.elements if "href" in one.attributes]
    assert {link[1:] for link in links if link.startswith("#")} <= ids
    assert all(link.startswith(("#", "data:,")) for link in links)
    queries = [one.text for one in page.all("pre")]
    assert queries == list(ledger.info.queries.values())
    for price in ledger.info.prices:
        assert price.source in text
    assert page.all("html")[0].attributes["lang"] == {"en": "en", "zh": "zh-Hans"}[lang]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """Give the ledger of a fleet whose accounts, actions and targets are hostile texts."""
    folder = tmp_path_factory.mktemp("hostile")
    events = [
        Event(id=f"e{n}-{m}", account=f"{text}{m}", minute=n, action=text, target=text, content=text, device=text,
              outcome=text, coaction=True, p=1.0)
        for n, text in enumerate(HOSTILE)
        for m in range(3)
    ]  # fmt: skip
    accounts = dict.fromkeys(one.account for one in events)
    world = World(events, [Member(account=account, fleet="F0001") for account in accounts])
    _, log = read_log(world, folder)
    ledger = count_harm(run_of(world, log), log=log)
    return dataclasses.replace(ledger, info=dataclasses.replace(ledger.info, log=HOSTILE[1]))


def test_no_hostile_name_gets_into_the_page(hostile, ledger, tmp_path):
    html = render(hostile, "en")
    page, harmless = Page(html.decode()), Page(render(ledger, "en").decode())
    assert {one.tag for one in page.elements} <= {one.tag for one in harmless.elements}
    assert {(one.tag, a) for one in page.elements for a in one.attributes} <= {
        (one.tag, a) for one in harmless.elements for a in one.attributes
    }
    assert "&lt;script&gt;" in page.html
    assert title_of(open_in_chromium(html, tmp_path)) == "Harm ledger"


def test_no_hostile_name_is_a_formula_in_the_csv(hostile):
    rows = list(csv.reader(io.StringIO(render_csv(hostile).decode("utf-8-sig"), newline="")))
    cells = [value for row in rows for value in row]
    assert any(value.startswith("'=HYPERLINK") for value in cells)
    assert not [
        value for value in cells if value.startswith(("=", "+", "@", "\t", "\r")) or value[:2] == "-1+"
    ]


def test_candidates_are_counted_with_a_warning(place):
    _, folder, _ = place
    ledger = count_harm(folder / "run", all=True)
    assert ledger.scopes == ("all", "F0001", "F0002", "F0003")
    assert "no claim should rest on these figures" in render(ledger, "en").decode()


def test_a_run_without_fleets_has_a_page_that_says_so(place, tmp_path):
    _, _, run = place
    fleets = run.tables.fleets.slice(0, 0)
    ledger = count_harm(Run(run.info, dataclasses.replace(run.tables, fleets=fleets)))
    assert ledger.scopes == ("all",)
    assert say("harm.none", "en") in render(ledger, "en").decode()
    ledger.save(tmp_path / "harm")


def track_info(runs):
    """Say that these runs were tracked."""
    tracked = [
        Tracked(
            run=number, name=f"r{number}", created_at=run.info.created_at, samehand="1", sources=run.info.sources,
            first_time=run.info.quality.first_time, last_time=run.info.quality.last_time, n_accounts=9,
            n_events=run.info.quality.n_events, n_candidates=1, n_reported=1, n_tracked=1, estimated=True,
        )
        for number, run in enumerate(runs, 1)
    ]  # fmt: skip
    settings = Settings(all=False, link_bits=1.0, clear_bits=1.0, least_sorts=1, rival_bits=1.0, re_armed_share=0.1,
                        most_bits={}, bits_a_doubling=1.0)  # fmt: skip
    return TrackInfo(format=1, samehand="1", created_at=START, settings=settings, runs=tuple(tracked), n_tracks=2,
                     n_links=2, versions={})  # fmt: skip


def test_a_fleet_that_came_back_is_a_sign_of_intent(tmp_path):
    runs = [made_run(Fleet(names("a", 0, 5)), day=day) for day in (0, 7)]
    link = dict.fromkeys(columns.LINKS.names) | {
        "from_run": 1,
        "from_fleet": "F0001",
        "to_run": 2,
        "to_fleet": "F0001",
    }
    links = pa.Table.from_pylist([link | {"re_armed": True}, link | {"re_armed": False}], columns.LINKS)
    tables = TrackTables(tracks=columns.TRACKS.empty_table(), links=links)
    write_tracking(tmp_path / "tracks", track_info(runs), tables, b"")
    ledger = count_harm(runs[1], tracks=tmp_path / "tracks")
    assert ledger.count("re_armed", "F0001").mid == ledger.count("re_armed").mid == 1
    assert "to_run = 2" in render_sql(ledger.info)
    assert count_harm(runs[0], tracks=tmp_path / "tracks").count("re_armed").mid == 0
    assert count_harm(runs[1]).count("re_armed").missing == "tracks"
    with pytest.raises(InputError, match="do not hold this run"):
        count_harm(made_run(day=30), tracks=tmp_path / "tracks")


def test_a_folder_of_something_else_stays(place, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(OptionError, match="is not a ledger of harm"):
        count_harm(place[1] / "run").save(tmp_path)
    assert open_run(place[1] / "run").info.n_reported == 0
