"""Why, in words and figures: for a fleet, a member, and an account in no fleet."""

from dataclasses import replace

import pyarrow as pa
import pytest

from samehand.errors import InputError, OptionError
from samehand.explain import WIDTH, explain
from samehand.texts import LANGUAGES, say
from samehand.texts.lines import columns_of
from tests.report.fake_run import fake_run
from tests.report.hostile import HOSTILE, hostile_run


@pytest.fixture(scope="module", params=["text", "int"])
def run(request):
    return fake_run(3, 60, ids=request.param)


def members_of(tables, fleet_id):
    return [row for row in tables.members.to_pylist() if row["fleet_id"] == fleet_id]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("what", ["F0001", "F0004", "member"])
def test_no_line_is_wider_than_the_terminal(run, lang, what):
    info, tables = run
    what = str(tables.members["account"][3]) if what == "member" else what
    text = explain(info, tables, what, lang).text
    assert max(columns_of(line) for line in text.splitlines()) <= WIDTH
    assert not any(line != line.rstrip() for line in text.splitlines())


def test_a_fleet(run):
    info, tables = run
    found = explain(info, tables, "F0002")
    titles = [section.title for section in found.sections]
    assert titles.pop(0) == say("behaviour_text.title", "en")
    assert titles[:2] == [say("fleets.for", "en"), say("fleets.against", "en")]
    assert titles.pop(2) == say("fusion.title", "en")
    assert titles[2].startswith("Strongest evidence (5 of ")
    assert titles[3:5] == ["Most certain members", "Least certain members"]
    assert [title[:24] for title in titles[5:]] == ["Driven part of the time "]
    rows = sorted(members_of(tables, "F0002"), key=lambda row: -row["bits"])
    named = [point.split(":")[0] for section in found.sections[5:7] for point in section.points]
    assert named[0] == str(rows[0]["account"])
    assert len(set(named)) == len(named)
    least = {
        row["account"]
        for row in rows
        if row["leave_one_out_bits"] == min(r["leave_one_out_bits"] for r in rows)
    }
    assert named[5] in {str(account) for account in least}
    assert str(found) == found.text
    assert found.title.startswith("F0002: suspected fleet of")
    assert "Moving together is not guilt" in found.text


def test_a_candidate_is_no_suspect(run):
    text = explain(*run, "F0005").text
    assert "not reported" in text.splitlines()[0]
    assert "suspected fleet" not in text
    assert "is no suspect" in text


def test_a_member(run):
    info, tables = run
    row = members_of(tables, "F0001")[4]
    found = explain(info, tables, str(row["account"]))
    assert found.title == f"Account {row['account']}: in the suspected fleet F0001"
    own = " ".join(found.sections[0].points)
    assert f"{row['n_coactions']} of its {row['n_events']} events" in own
    mine = {e["event_id"] for e in tables.member_events.to_pylist() if e["account"] == row["account"]}
    evidence = [e for e in tables.evidence.to_pylist() if e["fleet_id"] == "F0001"]
    n_mine = sum(bool(mine & set(e["event_ids"])) for e in evidence)
    assert f"It took part in {n_mine} of the {len(evidence)} rows" in own
    links = found.sections[-1].points
    assert all(str(row["account"]) not in link.split(":")[0] for link in links)


def with_members(tables, **changes):
    rows = [row | changes for row in tables.members.to_pylist()]
    return replace(tables, members=pa.Table.from_pylist(rows, tables.members.schema))


def said_of_a_member(info, tables, fleet_id, lang="en", **changes):
    row = members_of(tables, fleet_id)[4]
    text = explain(info, with_members(tables, n_events=63, **changes), str(row["account"]), lang).text
    return " ".join(text.split())


def test_what_a_member_did_itself_is_not_held_against_it(run):
    info, tables = run
    rented = said_of_a_member(info, tables, "F0001", n_driven=41, part_time=True)
    assert (
        "A suspected rented account: 41 of its 63 events were driven. "
        "The rest (22 events) looks like its own life and is not held against it."
    ) in rented
    for part_time in (False, None):
        other = said_of_a_member(info, tables, "F0001", n_driven=41, part_time=part_time)
        assert "rented" not in other
        assert "The rest (22 events) is not held against it." in other
    everything = said_of_a_member(info, tables, "F0001", n_driven=63, part_time=False)
    assert "All of its 63 events were more likely driven" in everything
    assert "疑似租用的账号" in said_of_a_member(info, tables, "F0001", "zh", n_driven=41, part_time=True)


def test_of_a_candidate_and_of_an_older_run_nothing_is_said_for_sure(run):
    info, tables = run
    candidate = said_of_a_member(info, tables, "F0005", n_driven=41, part_time=True)
    assert "If the group is a fleet, which is not sure, 41 of its 63 events were driven." in candidate
    assert "rented" not in candidate
    assert "rented" not in explain(info, with_members(tables, part_time=True), "F0005").text
    older = said_of_a_member(info, tables, "F0001", n_driven=None, part_time=None)
    assert "63 events were" not in older
    assert "of its 63 events (" in older, "only what was made together is said"


def test_part_time_members_of_a_fleet(run):
    info, tables = run
    found = explain(info, tables, "F0001").sections[-1]
    rented = [row for row in members_of(tables, "F0001") if row["part_time"]]
    assert found.title == f"Driven part of the time ({len(found.points)} of {len(rented)} members)"
    accounts = {str(row["account"]) for row in rented}
    assert all(point.split(": A suspected rented account")[0] in accounts for point in found.points)
    none = explain(info, with_members(tables, part_time=False), "F0001")
    assert not any("part of the time" in section.title for section in none.sections)


def test_a_weak_member_is_called_weak(run):
    info, tables = run
    for bits, weak in ((9.9, True), (10.1, False)):
        rows = [row | {"leave_one_out_bits": bits} for row in tables.members.to_pylist()]
        changed = replace(tables, members=pa.Table.from_pylist(rows, tables.members.schema))
        text = " ".join(explain(info, changed, str(rows[0]["account"])).text.split())
        assert ("That is weak" in text) == weak
        assert ("does not vouch for itself" in text) == (not weak)


def test_an_account_with_links_but_no_fleet_is_no_suspect(run):
    info, tables = run
    outsider = tables.edges["account_a"][0].as_py()
    without = [row for row in tables.members.to_pylist() if row["account"] != outsider]
    tables = replace(tables, members=pa.Table.from_pylist(without, tables.members.schema))
    found = explain(info, tables, str(outsider))
    assert found.title == f"Account {outsider}: in no fleet"
    mine = [e for e in tables.edges.to_pylist() if outsider in {e["account_a"], e["account_b"]}]
    assert len(found.sections[0].points) == min(len(mine), 5)
    assert "is no suspect" in found.text


def test_no_estimate_is_said(run):
    info, tables = fake_run(1, 10, surrogates=0)
    for what in ("F0001", str(tables.members["account"][0])):
        assert say("answer.no_estimate", "en") in " ".join(explain(info, tables, what).text.split())
    assert say("answer.no_estimate", "en") not in " ".join(explain(*run, "F0001").text.split())


@pytest.mark.parametrize(("asked", "near"), [("f0003", "F0003"), ("F00003", "F0003"), (" F0001 ", "F0001")])
def test_an_unknown_id_gives_near_ones(run, asked, near):
    with pytest.raises(InputError) as caught:
        explain(*run, asked)
    assert caught.value.exit_code == 2
    assert near in caught.value.hint
    assert "no fleet or linked account" in caught.value.found


def test_unknown_in_a_run_without_fleets_and_unknown_language():
    run = fake_run(0, 0, n_unreported=0)
    with pytest.raises(InputError, match="no fleet or linked account"):
        explain(*run, "nobody")
    with pytest.raises(OptionError):
        explain(*run, "nobody", lang="xx")


def test_hostile_names_neither_run_nor_move_the_cursor():
    info, tables = hostile_run()
    accounts = tables.members["account"].to_pylist()
    for account in accounts[: len(HOSTILE)]:
        found = explain(info, tables, account)
        assert "<script" not in found._repr_html_()
        assert not {"\x1b", "\x00", "\u202e", "\u2028"} & set(found.text)
    with pytest.raises(InputError) as caught:
        explain(info, tables, "\x1b[2J<script>")
    assert "\x1b" not in str(caught.value)


def test_a_notebook_shows_headings_and_points(run):
    html = explain(*run, "F0001", "zh")._repr_html_()
    assert html.startswith('<div lang="zh-Hans"><h3>F0001')
    assert html.count("<h4>") == 8
