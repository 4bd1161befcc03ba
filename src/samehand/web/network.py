"""The network of a fleet with the neighbours of one account: members, and who outside is linked to it."""

from __future__ import annotations

from typing import Final

import numpy as np

from samehand.report.charts.network import MAX_NODES, Net, draw_network
from samehand.report.charts.svg import Chart
from samehand.report.dossier import Dossier, Links
from samehand.report.fleet_page import chart_wording
from samehand.texts import visible
from samehand.web.grouped import Ints
from samehand.web.likeness import pair_links
from samehand.web.pages import url
from samehand.web.runs import RunIndex

MOST_NEIGHBOURS: Final = 30
_MOST_LINKS: Final = 400


def draw_neighbourhood(
    run: RunIndex, fleet: int, dossier: Dossier, near: str, case_id: int, lang: str
) -> Chart:
    """Draw the most certain members and, where ``near`` names an account, it and those outside that it is linked to.

    Every dot leads to the same page with the neighbours of its account.
    """
    members = run.numbers_of(str(account) for account in dossier.members["account"].to_pylist())
    centre = run.account(near) if near else None
    outside = np.zeros(0, np.int64) if centre is None else _outside(run, fleet, centre)
    inside = members[: MAX_NODES - len(outside)]
    if centre is not None and int(run.fleet_of[centre]) == fleet and centre not in inside:
        inside = np.append(inside[:-1], centre)
    nodes = np.concatenate([inside, outside])
    names = [run.account_names[int(node)].as_py() for node in nodes]
    bits_of = dict(zip(members.tolist(), dossier.members["bits"].to_pylist(), strict=True))
    net = Net(
        links=_links_between(run, dossier, members, nodes, outside),
        member_bits=np.array([bits_of.get(node, 0.0) for node in nodes.tolist()]),
        names=[visible(name) for name in names],
        n_outside=len(outside),
        hrefs=[url("cases", case_id, near=name) + "#network" for name in names],
    )
    return draw_network(net, _MOST_LINKS, chart_wording(dossier.fleet, "network", lang))


def _outside(run: RunIndex, fleet: int, centre: int) -> Ints:
    """Give those outside the fleet that an account is linked to, the strongest first; itself too if it is outside."""
    others, edges = run.links_of(centre)
    keep = run.fleet_of[others] != fleet
    others, bits = others[keep], edges["bits"].to_numpy()[keep]
    found = others[np.argsort(-bits, kind="stable")]
    found = found[np.sort(np.unique(found, return_index=True)[1])][:MOST_NEIGHBOURS]
    return found if int(run.fleet_of[centre]) == fleet else np.concatenate([[centre], found])


def _links_between(run: RunIndex, dossier: Dossier, members: Ints, nodes: Ints, outside: Ints) -> Links:
    """Give the links between the nodes, by their places: those of the fleet, and those of the nodes outside."""
    place = np.full(len(run.accounts), -1)
    place[nodes] = np.arange(len(nodes))
    inner, own = dossier.links, place[members]
    shown = (own[inner.a] >= 0) & (own[inner.b] >= 0)  # first: a large fleet has millions of links
    a, b, bits = own[inner.a[shown]], own[inner.b[shown]], inner.bits[shown]
    for node in outside.tolist():
        others, edges = run.links_of(node)
        keep = (place[others] >= 0) & ((place[others] < place[node]) | ~np.isin(others, outside))
        layer = edges["layer"].combine_chunks().dictionary_encode().indices.to_numpy().astype(np.int64)
        pairs = pair_links(
            others[keep], np.full(int(keep.sum()), node), layer[keep], edges["bits"].to_numpy()[keep]
        )
        a = np.concatenate([a, place[pairs.member]])
        b = np.concatenate([b, np.full(len(pairs.member), place[node])])
        bits = np.concatenate([bits, pairs.bits])
    order = np.argsort(-bits, kind="stable")
    return Links(a=a[order], b=b[order], bits=bits[order])
