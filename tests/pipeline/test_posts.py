"""Posts that name several targets: a link and hashtags, posted once, are one thing done together."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

import samehand as sh

HASHTAGS = ["#vote", "#debate", "#tonight", "#live", "#tv"]


def posts(*, in_one: bool) -> pa.Table:
    """A week of 300 accounts, and fifteen that name the same five hashtags once within a minute.

    ``in_one``: in one post each; otherwise in five posts, over the week.
    """
    rng = np.random.default_rng(0)
    hour = 3_600
    rows = [
        (int(rng.uniform(0, 168 * hour)), f"u{account}", [f"#{rng.integers(400)}"])
        for account in range(300)
        for _ in range(rng.poisson(8))
    ]
    begins = [100 * hour] * 5 if in_one else [20 * hour * n for n in range(1, 6)]
    for n in range(15):
        own = [begin + int(rng.integers(60)) for begin in (begins[:1] if in_one else begins)]
        named = [HASHTAGS] if in_one else [[tag] for tag in HASHTAGS]
        rows += [(time, f"f{n}", tags) for time, tags in zip(own, named, strict=True)]
    time, account, tags = zip(*sorted(rows), strict=True)
    return pa.table(
        {
            "time": pa.array([1_750_000_000 + t for t in time], pa.timestamp("s", "UTC")),
            "account": account,
            "hashtags": tags,
        }
    )


@pytest.mark.parametrize("in_one", [True, False])
def test_one_post_with_several_targets_is_one_thing_done_together(in_one) -> None:
    with sh.read_events(posts(in_one=in_one), {"target": ["hashtags"]}) as events:
        run = sh.detect(events)
    reported = {row["account"] for row in run.members.to_pylist() if row["reported"]}
    assert reported == (set() if in_one else {f"f{n}" for n in range(15)})
