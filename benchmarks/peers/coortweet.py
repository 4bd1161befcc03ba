"""CooRTweet: accounts that share the same within seconds, over the default cut of its network.

Righetti and Balluff, the R package CooRTweet 2 (CRAN), as ``samehand.compat.coortweet`` counts it.

Published: two posts of one object within ``time_window`` (10 s) are a pair; accounts need ``min_participation`` (2)
posts; an edge is as heavy as its accounts have pairs, and is over the cut when it is heavier than the quantile
``edge_weight`` (0.5, the median) of all edges. The groups are the components of the edges over the cut.

Ours: the object is an action on a target, and each event is a content of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from peers.log import SECOND_US, Group, Log, join
from samehand.compat.network import network


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What may be set, with the tool's defaults."""

    window_s: float = 10.0
    """``time_window``: two posts at most so far apart are a pair."""
    min_participation: int = 2
    """Posts that an account needs."""
    edge_weight: float = 0.5
    """Quantile of the weights that an edge must exceed."""


def find(log: Log, settings: Settings | None = None) -> list[Group]:
    """Find the components of the edges over the cut.

    Returns:
        Groups; the score is the weight of all their edges.
    """
    settings = settings or Settings()
    shares = pa.table(
        {
            "object_id": log.feature,
            "account_id": log.account,
            "content_id": np.arange(len(log)) + len(log.names) + int(log.feature.max(initial=0)) + 1,
            "timestamp_share": log.time_us / SECOND_US,
        }
    )
    edges = network(
        shares,
        compat="coortweet",
        window_s=settings.window_s,
        min_participation=settings.min_participation,
        edge_weight=settings.edge_weight,
    ).edges
    edges = edges.filter(pc.equal(edges["weight_threshold"], 1))
    first, second, weight = (edges[name].to_numpy() for name in ("account_a", "account_b", "weight"))
    heavy = np.bincount(first, weight, len(log.names))
    return [log.group(members, heavy[members].sum()) for members in join(len(log.names), first, second)]
