"""The accounts as nodes and their edges, for Gephi, Cytoscape, igraph and networkx: GraphML and GEXF."""

from __future__ import annotations

import io
import math
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samehand.run_folder import RunInfo, RunTables
from samehand.texts import say

_EDGE_COLUMNS: Final = ("layer", "scale_us", "bits", "n_features")
_NODE_TYPES: Final = {"account": "string", "fleet": "string", "reported": "boolean", "bits": "double"}
_EDGE_TYPES: Final = {"layer": "string", "scale_us": "long", "bits": "double", "n_features": "int"}
_GEXF_NAMES: Final = {"int": "integer"}


@dataclass(frozen=True)
class Graph:
    """Nodes and edges as rows of texts, in a fixed order; ``ends`` are numbers of nodes."""

    nodes: list[dict[str, str]]
    ends: list[tuple[int, int]]
    edges: list[dict[str, str]]


@dataclass(frozen=True)
class GraphMl:
    """GraphML 1.0."""

    name: str = "graphml"
    suffix: str = ".graphml"

    def render(self, info: RunInfo, tables: RunTables, lang: str) -> bytes:
        """Render members and edges. Nodes have the ids n0, n1, ...; the account is an attribute."""
        graph, xml = read_graph(tables), _Xml()
        xml.open("graphml", {"xmlns": "http://graphml.graphdrawing.org/xmlns"})
        xml.element("desc", {}, _description(info, lang))
        for domain, types in (("node", _NODE_TYPES), ("edge", _EDGE_TYPES)):
            for name, kind in types.items():
                key = {"id": f"{domain}_{name}", "for": domain, "attr.name": name, "attr.type": kind}
                xml.element("key", key)
        xml.open("graph", {"id": "samehand", "edgedefault": "undirected"})
        for number, node in enumerate(graph.nodes):
            xml.open("node", {"id": f"n{number}"})
            self._data(xml, "node", node)
            xml.close("node")
        for number, ((a, b), edge) in enumerate(zip(graph.ends, graph.edges, strict=True)):
            xml.open("edge", {"id": f"e{number}", "source": f"n{a}", "target": f"n{b}"})
            self._data(xml, "edge", edge)
            xml.close("edge")
        xml.close("graph")
        xml.close("graphml")
        return xml.content()

    @staticmethod
    def _data(xml: _Xml, domain: str, values: dict[str, str]) -> None:
        for name, value in values.items():
            xml.element("data", {"key": f"{domain}_{name}"}, value)


@dataclass(frozen=True)
class Gexf:
    """GEXF 1.2."""

    name: str = "gexf"
    suffix: str = ".gexf"

    def render(self, info: RunInfo, tables: RunTables, lang: str) -> bytes:
        """Render members and edges. Nodes have the ids n0, n1, ...; their labels are the accounts."""
        graph, xml = read_graph(tables), _Xml()
        xml.open("gexf", {"xmlns": "http://www.gexf.net/1.2draft", "version": "1.2"})
        xml.open("meta", {"lastmodifieddate": f"{info.created_at:%Y-%m-%d}"})
        xml.element("creator", {}, xml_text(f"samehand {info.samehand}"))
        xml.element("description", {}, _description(info, lang))
        xml.close("meta")
        xml.open("graph", {"defaultedgetype": "undirected", "mode": "static"})
        for domain, types in (("node", _NODE_TYPES), ("edge", _EDGE_TYPES)):
            xml.open("attributes", {"class": domain, "mode": "static"})
            for name, kind in types.items():
                xml.element("attribute", {"id": name, "title": name, "type": _GEXF_NAMES.get(kind, kind)})
            xml.close("attributes")
        xml.open("nodes", {"count": str(len(graph.nodes))})
        for number, node in enumerate(graph.nodes):
            xml.open("node", {"id": f"n{number}", "label": node["account"]})
            self._values(xml, node)
            xml.close("node")
        xml.close("nodes")
        xml.open("edges", {"count": str(len(graph.edges))})
        for number, ((a, b), edge) in enumerate(zip(graph.ends, graph.edges, strict=True)):
            xml.open(
                "edge", {"id": str(number), "source": f"n{a}", "target": f"n{b}", "weight": edge["bits"]}
            )
            self._values(xml, edge)
            xml.close("edge")
        for name in ("edges", "graph", "gexf"):
            xml.close(name)
        return xml.content()

    @staticmethod
    def _values(xml: _Xml, values: dict[str, str]) -> None:
        xml.open("attvalues", {})
        for name, value in values.items():
            xml.element("attvalue", {"for": name, "value": value})
        xml.close("attvalues")


def _description(info: RunInfo, lang: str) -> str:
    not_estimated = [say("answer.no_estimate", lang)] if info.false_discovery.n_surrogates == 0 else []
    return say("list.space", lang).join([*not_estimated, say("page.caution", lang)])


def read_graph(tables: RunTables) -> Graph:
    """Collect the members of all candidates, then the accounts that only edges name, and all edges."""
    members, edges = tables.members, tables.edges
    everyone = pa.chunked_array(
        [*members["account"].chunks, *edges["account_a"].chunks, *edges["account_b"].chunks],
        members["account"].type,
    )
    accounts = pc.unique(everyone)
    nodes = [{"account": xml_text(str(account))} for account in accounts.to_pylist()]
    rows = zip(nodes, *(members[c].to_pylist() for c in ("fleet_id", "reported", "bits")), strict=False)
    for node, fleet, reported, bits in rows:
        node |= {"fleet": xml_text(fleet), "reported": "true" if reported else "false", "bits": _number(bits)}
    ends = [
        np.asarray(pc.index_in(edges[c], value_set=accounts)).tolist() for c in ("account_a", "account_b")
    ]
    return Graph(nodes, list(zip(*ends, strict=True)), list(_edge_rows(edges)))


def _edge_rows(edges: pa.Table) -> Iterator[dict[str, str]]:
    columns = [edges[name].to_pylist() for name in _EDGE_COLUMNS]
    for row in zip(*columns, strict=True):
        yield {name: _number(value) for name, value in zip(_EDGE_COLUMNS, row, strict=True)}


def _number(value: object) -> str:
    """Write a figure, or a name of our own, as XML Schema wants it."""
    if isinstance(value, float) and math.isinf(value):
        return "INF" if value > 0 else "-INF"
    return xml_text(str(value))


def xml_text(text: str) -> str:
    r"""Replace the characters that XML 1.0 cannot hold even escaped: controls by pictures, others by U+FFFD.

    >>> xml_text("a\x00b\x1b\ufffe")
    'a␀b␛\ufffd'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_xml_character(c) for c in text)


def _xml_character(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        # Tab and line ends may stand in XML, but readers fold them; the picture keeps names apart.
        return chr(0x2400 + code)
    if 0x7F <= code <= 0x9F:
        return "\u2421" if code == 0x7F else f"⟨U+{code:04X}⟩"
    if unicodedata.category(character) == "Cs" or code & 0xFFFE == 0xFFFE:
        return "\ufffd"
    return character


class _Xml:
    """Writes elements; escaping is the standard library's."""

    def __init__(self) -> None:
        self._bytes = io.BytesIO()
        self._writer = XMLGenerator(self._bytes, encoding="utf-8", short_empty_elements=True)
        self._writer.startDocument()

    def open(self, name: str, attributes: dict[str, str]) -> None:
        self._writer.startElement(name, AttributesImpl(attributes))

    def close(self, name: str) -> None:
        self._writer.endElement(name)

    def element(self, name: str, attributes: dict[str, str], text: str = "") -> None:
        self.open(name, attributes)
        if text:
            self._writer.characters(text)
        self.close(name)

    def content(self) -> bytes:
        self._writer.endDocument()
        return self._bytes.getvalue()
