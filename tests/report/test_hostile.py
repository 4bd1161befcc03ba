"""Attackers choose names and texts: none of it runs, breaks out, or hides in any format."""

import csv
import io
import json
import re

import jsonschema
import networkx as nx
import pytest

from samehand.report.html import HtmlPage, asset, content_security_policy
from samehand.report.interface import FORMATS, format_named
from samehand.report.json import schema
from samehand.texts import visible
from tests.report.fake_run import fake_run
from tests.report.hostile import HOSTILE, hostile_run
from tests.report.page import Page, open_in_chromium, title_of


@pytest.fixture(scope="module")
def run():
    return hostile_run()


@pytest.fixture(scope="module")
def plain():
    return Page(HtmlPage().render(*fake_run(3, 60), "en").decode())


@pytest.fixture(scope="module")
def page(run):
    return Page(HtmlPage().render(*run, "en").decode())


def test_hostile_names_add_no_kind_of_element_or_attribute(page, plain):
    assert {e.tag for e in page.elements} == {e.tag for e in plain.elements}
    assert {(e.tag, a) for e in page.elements for a in e.attributes} <= {
        (e.tag, a) for e in plain.elements for a in e.attributes
    }
    assert len(page.all("script")) == len(plain.all("script"))


def test_no_control_or_direction_character_is_left(page):
    html = page.html
    assert not re.search(
        "[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066\u2067\u2028\u2029\ue000\ufffe\uffff]", html
    )
    assert "⟨U+202E⟩gnp.exe" in html


def test_embedded_data_cannot_end_its_element(page):
    for element in page.all("script"):
        if element.attributes.get("type") == "application/json":
            assert not set("<>&\u2028\u2029") & set(element.text)
            json.loads(element.text)


def test_names_are_there_to_be_read(page):
    texts = "".join(e.text for e in page.elements if e.tag not in {"script", "style"})
    for name in HOSTILE:
        assert str(visible(name)) in texts or str(visible(name + "0"))[:50] in texts, name


def test_no_script_of_a_name_runs_and_ours_does(run, tmp_path):
    document = open_in_chromium(HtmlPage().render(*run, "en"), tmp_path)
    assert title_of(document) == "3 suspected fleets · samehand report"
    assert '<html lang="en" class="js">' in document
    assert "1–20 of " in document


def test_the_policy_stops_what_escaping_would_let_through(tmp_path):
    """Were a name ever put in unescaped, the browser would still refuse to run it."""
    html = HtmlPage().render(*fake_run(1, 10), "en").decode()
    broken = html.replace(
        "<main>", "<main><script>document.title='owned'</script><img src=x onerror=\"document.title='o'\">"
    )
    document = open_in_chromium(broken.encode(), tmp_path)
    assert title_of(document) == "1 suspected fleet · samehand report"
    assert 'class="js"' in document
    # The same page without a policy does run it: the test above can fail.
    open_page = re.sub(r"<meta http-equiv[^>]*>", "", broken)
    assert title_of(open_in_chromium(open_page.encode(), tmp_path)) in {"owned", "o"}


CLICKS = """
const results = [];
const rows = () => [...document.querySelector("#ranking tbody").rows].map((r) => r.cells[1].dataset.v).join();
const before = rows();
document.querySelectorAll("#ranking thead button")[1].click();
results.push(rows() === before.split(",").sort((a, b) => a - b).join());
const box = document.querySelector(".members");
const [back, next] = box.querySelectorAll("button");
results.push(back.disabled && !next.disabled && box.querySelectorAll("tbody tr").length === 20);
next.click();
results.push(box.querySelector("output").textContent.startsWith("21–"));
box.querySelector("input").value = "no such account";
box.querySelector("input").dispatchEvent(new Event("input"));
results.push(box.querySelector("output").textContent === "none found" && !box.querySelector("tbody tr"));
box.querySelector("input").value = "<img src=x";
box.querySelector("input").dispatchEvent(new Event("input"));
const cell = box.querySelector("tbody th");
results.push(cell.textContent.includes("<img src=x") && !box.querySelector("tbody img"));
const find = document.getElementById("find");
find.elements.account.value = "DOCUMENT.TITLE";
find.requestSubmit();
const links = document.querySelectorAll("#found a");
results.push(links.length > 5 && links[0].hash === "#F0001" && !document.querySelector("#found script"));
dispatchEvent(new Event("beforeprint"));
results.push([...document.querySelectorAll("details.fleet")].every((d) => d.open));
dispatchEvent(new Event("afterprint"));
results.push([...document.querySelectorAll("details.fleet")].filter((d) => d.open).length === 1);
document.getElementById("open-all").click();
results.push([...document.querySelectorAll("details.fleet")].every((d) => d.open));
document.title = results.join(" ");
"""


def test_the_script_sorts_pages_finds_and_unfolds(run, tmp_path):
    html = HtmlPage().render(*run, "en").decode()
    script, style = str(asset("page.js")), str(asset("style.css"))
    clicked = html.replace(script, script + CLICKS)
    policies = [content_security_policy(s, style).replace("'", "&#39;") for s in (script, script + CLICKS)]
    assert policies[0] in clicked
    clicked = clicked.replace(*policies)
    assert title_of(open_in_chromium(clicked.encode(), tmp_path)) == " ".join(["true"] * 9)


def test_a_link_opens_its_folded_section(tmp_path):
    html = HtmlPage().render(*fake_run(3, 60), "en")
    document = open_in_chromium(html, tmp_path, "#F0002")
    opened = [("open" in e.attributes) for e in Page(document).with_class("fleet")]
    assert opened == [True, True, False]


def test_csv_runs_no_formula_and_keeps_numbers(run):
    text = format_named("csv").render(*run, "en").decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    assert len(rows) == 76
    cells = [cell for row in rows for cell in row]
    assert not [c for c in cells if c.startswith(tuple("=+-@\t\r\n＝＋－＠"))]
    assert sum(c.startswith("'") for c in cells) > 5
    assert "\0" not in text
    assert all(float(row[header.index("bits")]) > 0 for row in rows)


def test_json_is_valid_and_holds_every_name_as_it_is(run):
    document = json.loads(format_named("json").render(*run, "en"))
    jsonschema.validate(document, json.loads(schema()))
    accounts = {m["account"] for fleet in document["fleets"] for m in fleet["members"]}
    assert accounts == set(run[1].members["account"].to_pylist())


@pytest.mark.parametrize("name", ["graphml", "gexf"])
def test_graphs_parse_with_a_strict_reader(run, name):
    content = format_named(name).render(*run, "en")
    read = {"graphml": nx.read_graphml, "gexf": nx.read_gexf}[name]
    graph = read(io.BytesIO(content))
    assert graph.number_of_nodes() == run[1].members.num_rows
    accounts = [data["account"] for _, data in graph.nodes(data=True)]
    assert len(set(accounts)) == len(accounts)
    assert any("esc␛[31m" in account for account in accounts)
    assert any("</script><script>" in account for account in accounts)


def test_every_format_renders_a_hostile_run_with_ids_that_are_numbers():
    run = hostile_run(ids="int")
    for known in FORMATS:
        assert known.render(*run, "zh")
