"""The members and the links between them, laid out by springs, with nothing random."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from samehand.report.charts.svg import Chart, Sheet, Wording, short
from samehand.report.dossier import Floats, Ints, Links

MAX_NODES: Final = 120
_SIZE: Final = (560.0, 420.0)
_MARGIN: Final = 24.0
_ROUNDS: Final = 80


def lay_out(n: int, a: Ints, b: Ints, weight: Floats) -> Floats:
    """Place ``n`` nodes in the unit square by springs (Fruchterman and Reingold, 1991): shape (n, 2).

    Links ``a[i]``-``b[i]`` pull by ``weight[i]`` in 0..1; all nodes push each other off; a weak pull to the
    middle keeps parts that are not linked together in sight. There is nothing random: nodes start on a spiral
    in their order.
    """
    turn = np.arange(n) * 2.399963229728653  # the golden angle spreads any number of points evenly
    place: Floats = (
        np.stack([np.cos(turn), np.sin(turn)], axis=1) * np.sqrt((np.arange(n) + 0.5) / max(n, 1))[:, None]
    )
    if n < 2:
        return np.full((n, 2), 0.5)
    pull = np.zeros((n, n))
    pull[a, b] = pull[b, a] = weight
    # By degree, or else a clique would collapse into a point.
    degree = np.maximum(pull.sum(axis=1), 1e-9)
    pull *= 2.0 / np.sqrt(degree[:, None] * degree[None, :])
    ideal = 1.6 / np.sqrt(n)
    for step in np.linspace(0.2, 0.01, _ROUNDS):
        x, y = place[:, 0], place[:, 1]
        square = (x[:, None] - x) ** 2 + (y[:, None] - y) ** 2 + 1e-12
        force = ideal**2 / square - pull * np.sqrt(square) / ideal
        # The sum of force[i, j] * (place[i] - place[j]) over j; einsum, since BLAS may add up in any order.
        move = place * force.sum(axis=1)[:, None] - np.einsum("ij,jk->ik", force, place) - place * 1.5
        length = np.sqrt((move**2).sum(axis=1))[:, None] + 1e-12
        place = place + move / length * np.minimum(length, step)
    low, high = place.min(axis=0), place.max(axis=0)
    scaled: Floats = (place - low) / np.maximum(high - low, 1e-9)
    return scaled


def _choose(links: Links, n: int, most: int) -> Ints:
    """Choose the links to draw between the first ``n`` members: the best of each member, then the best."""
    inside = np.flatnonzero((links.a < n) & (links.b < n))
    if len(inside) <= most:
        return inside
    best = [inside[np.unique(ends[inside], return_index=True)[1]] for ends in (links.a, links.b)]
    own = np.unique(np.concatenate(best))
    rest = np.setdiff1d(inside, own)[: max(most - len(own), 0)]
    return np.sort(np.concatenate([own, rest]))


@dataclass(frozen=True)
class Net:
    """The members, the most certain first, and what links them."""

    links: Links
    member_bits: Floats
    names: Sequence[str]
    n_outside: int = 0
    """The last so many are no members; they are drawn otherwise."""
    hrefs: Sequence[str] = ()
    """Where the dots lead, one each; none: nowhere."""


def draw_network(net: Net, max_links: int, wording: Wording) -> Chart:
    """Draw the most certain members and the strongest links between them; n_shown and n_total count links."""
    links, member_bits, names = net.links, net.member_bits, net.names
    n = min(len(names), MAX_NODES)
    chosen = _choose(links, n, max_links)
    a, b, bits = links.a[chosen], links.b[chosen], links.bits[chosen]
    width, height = _SIZE
    sheet = Sheet(width, height, wording)
    strongest = float(bits.max(initial=1e-9))
    place = lay_out(n, a, b, bits / strongest)
    x = _MARGIN + place[:, 0] * (width - 2 * _MARGIN)
    y = _MARGIN + place[:, 1] * (height - 2 * _MARGIN)
    thirds = np.minimum((bits / strongest * 3).astype(int), 2)
    for third, css in enumerate(("link-weak", "link", "link-strong")):
        sheet.path(
            "".join(
                f"M{short(x[i])} {short(y[i])}L{short(x[j])} {short(y[j])}"
                for i, j in zip(a[thirds == third].tolist(), b[thirds == third].tolist(), strict=True)
            ),
            css,
        )
    most = float(member_bits[:n].max(initial=1e-9))
    for i in range(n):
        inside = i < len(names) - net.n_outside
        radius = 2.5 + 4.5 * float(np.sqrt(max(member_bits[i], 0.0) / max(most, 1e-9))) if inside else 4.0
        css, href = ("node" if inside else "node-outside"), net.hrefs[i] if net.hrefs else ""
        sheet.circle(float(x[i]), float(y[i]), radius, css, names[i], href)
    return Chart(sheet.render(), len(chosen), len(links.a))
