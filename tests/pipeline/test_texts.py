"""Texts that say nothing, or far too much: no error, and nobody is accused for them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

import samehand as sh
from samehand.layers import LAYERS, RATES, TRAITS

TEXTS = {
    "none": [None],
    "empty": [""],
    "emoji alone": ["😂😂😂😂", "❤️"],
    "short": ["k", "ok", "好的"],
    "the same for all": ["Sent from my phone, please excuse brevity"],
    "very long": ["x" * 100_000, "".join(chr(0x4E00 + n % 5000) for n in range(100_000))],
    "surrogates of no letter": ["\x00\x01 control \ufffd and private \ue000 letters"],
}


@pytest.mark.parametrize("texts", TEXTS.values(), ids=TEXTS)
def test_a_log_whose_texts_say_nothing(texts):
    rng = np.random.default_rng(0)
    n = 3_000
    log = pa.table(
        {
            "time": pa.array(
                1_750_000_000 + np.sort(rng.integers(0, 7 * 86_400, n)), pa.timestamp("s", "UTC")
            ),
            "account": [f"u{a}" for a in rng.integers(0, 200, n)],
            "action": ["message"] * n,
            "target": [f"u{a}" for a in rng.integers(0, 200, n)],
            "content": pa.array([texts[i] for i in rng.integers(0, len(texts), n)], pa.string()),
        }
    )
    run = sh.detect(log, sh.Config(surrogates=2))
    assert run.info.n_reported == 0
    assert [use.name for use in run.info.layers] == [one.name for one in (*LAYERS, *TRAITS, *RATES)]
