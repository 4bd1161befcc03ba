"""JSON, CSV and graphs: complete, readable by others, and what they promise."""

import csv
import io
import json
from dataclasses import replace
from xml.etree import ElementTree

import jsonschema
import networkx as nx
import pandas as pd
import polars as pl
import pytest

from samehand.report.interface import FORMATS, format_named
from samehand.report.json import VERSION, schema
from samehand.texts import LANGUAGES, say
from tests.report.fake_run import fake_run

SHAPES = {"none": (0, 0), "one": (1, 8), "some": (3, 60)}


@pytest.fixture(scope="module", params=["text", "int"])
def run(request):
    return fake_run(3, 60, ids=request.param)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("surrogates", [0, 20])
@pytest.mark.parametrize("name", [f.name for f in FORMATS])
def test_every_format_says_when_nothing_was_estimated(shape, surrogates, name):
    info, tables = fake_run(*SHAPES[shape], surrogates=surrogates, n_unreported=1)
    for lang in LANGUAGES:
        text = format_named(name).render(info, tables, lang).decode()
        said = {
            "json": '"false_discovery_estimated": false',
            "csv": say("fleet.chance_unknown", lang),
        }.get(name, say("answer.no_estimate", lang))
        assert (said in text) == (surrogates == 0)


def document_of(run, lang="en"):
    return json.loads(format_named("json").render(*run, lang))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_json_fits_its_schema(run, lang):
    described = json.loads(schema())
    jsonschema.Draft202012Validator.check_schema(described)
    jsonschema.validate(document_of(run, lang), described)
    assert described["properties"]["version"]["const"] == VERSION


@pytest.mark.parametrize(
    "broken", [("fleets", 0, "q_value", 2.0), ("fleets", 0, "members", 0, "account", 7), ("version", 2)]
)
def test_the_schema_refuses_what_is_wrong(run, broken):
    document = document_of(run)
    *path, last, value = broken
    place = document
    for step in path:
        place = place[step]
    place[last] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, json.loads(schema()))


def test_every_field_of_the_schema_is_described():
    def check(node, path):
        for name, part in node.get("properties", {}).items():
            assert part.get("description"), f"{path}.{name}"
            check(part, f"{path}.{name}")
            check(part.get("items", {}), f"{path}.{name}[]")

    check(json.loads(schema()), "")


def test_json_holds_the_tables(run):
    info, tables = run
    document = document_of(run)
    assert [f["fleet_id"] for f in document["fleets"]] == tables.fleets["fleet_id"].to_pylist()
    assert sum(len(f["members"]) for f in document["fleets"]) == tables.members.num_rows
    assert sum(len(f["evidence"]) for f in document["fleets"]) == tables.evidence.num_rows
    assert sum(len(f["innocent_explanations"]) for f in document["fleets"]) == tables.explanations.num_rows
    assert sum(len(f["standing"]) for f in document["fleets"]) == tables.stability.num_rows > 0
    assert document["controls"] == tables.controls.to_pylist() != []
    assert document["run"]["controls"]["by_kind"][0]["n_groups"] == 3
    assert [f["stability"] for f in document["fleets"]] == tables.fleets["stability"].to_pylist()
    account = tables.members["account"][0].as_py()
    member = next(m for m in document["fleets"][0]["members"] if m["account"] == str(account))
    for row in member["evidence"]:
        assert document["fleets"][0]["evidence"][row]["event_ids"]
    assert document["id_types"]["account"] == str(tables.members.schema.field("account").type)
    assert document["run"]["n_reported"] == info.n_reported


def test_csv_is_read_alike_by_others(run):
    _, tables = run
    content = format_named("csv").render(*run, "zh")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert [row["account"] for row in rows if row["fleet_id"] == "F0001"]
    assert {row["account"] for row in rows} == {str(a) for a in tables.members["account"].to_pylist()}
    bits = {str(m["account"]): m["bits"] for m in tables.members.to_pylist()}
    assert {row["account"]: float(row["bits"]) for row in rows} == bits
    for frame in (pd.read_csv(io.BytesIO(content)), pl.read_csv(content).to_pandas()):
        assert list(frame.columns) == list(rows[0])
        assert frame["bits"].sum() == pytest.approx(sum(bits.values()))
        assert frame["fleet_summary"][0] == rows[0]["fleet_summary"]


@pytest.mark.parametrize("name", ["graphml", "gexf"])
def test_graphs_hold_members_and_edges(run, name):
    _, tables = run
    content = format_named(name).render(*run, "en")
    graph = {"graphml": nx.read_graphml, "gexf": nx.read_gexf}[name](io.BytesIO(content))
    by_account = {data["account"]: data for _, data in graph.nodes(data=True)}
    assert len(by_account) == tables.members.num_rows
    for member in tables.members.to_pylist():
        node = by_account[str(member["account"])]
        assert (node["fleet"], node["reported"]) == (member["fleet_id"], member["reported"])
        assert node["bits"] == pytest.approx(member["bits"])
    assert graph.number_of_edges() == tables.edges.num_rows
    edge = tables.edges.slice(0, 1).to_pylist()[0]
    numbers = {data["account"]: node for node, data in graph.nodes(data=True)}
    data = graph.get_edge_data(numbers[str(edge["account_a"])], numbers[str(edge["account_b"])])
    for column in ("layer", "scale_us", "bits", "n_features"):
        assert data[column] == pytest.approx(edge[column]) if column != "layer" else edge["layer"]


@pytest.mark.parametrize("name", ["graphml", "gexf"])
def test_accounts_that_only_edges_name_are_nodes_without_a_fleet(run, name):
    info, tables = run
    few = tables.members.slice(0, 5)
    tables = replace(tables, members=few)
    root = ElementTree.fromstring(format_named(name).render(info, tables, "en"))  # noqa: S314
    nodes = [e for e in root.iter() if e.tag.endswith("}node")]
    named = set(few["account"].to_pylist())
    for column in ("account_a", "account_b"):
        named |= set(tables.edges[column].to_pylist())
    assert len(nodes) == len(named) > 5
