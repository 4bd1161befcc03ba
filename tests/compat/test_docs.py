"""docs/compat.md says what the code does: its examples run, and it names every option and column."""

from __future__ import annotations

import doctest
import inspect
from pathlib import Path

import pyarrow as pa
import pytest

from samehand.compat import cnt, coortweet
from samehand.compat.network import network
from samehand.compat.network_types import NETWORK_TYPES

PAGE = Path(__file__).parents[2] / "docs" / "compat.md"


def test_the_examples_run():
    # the closing fence of a code block must not be taken for output
    text = "\n".join(line for line in PAGE.read_text("utf-8").splitlines() if not line.startswith("```"))
    examples = doctest.DocTestParser().get_doctest(text, {}, "compat.md", str(PAGE), 0)
    assert len(examples.examples) > 10
    assert doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(examples).failed == 0


ANY = pa.string()
NAMES = {
    *(name for name in inspect.signature(network).parameters if name not in ("source", "compat")),
    *NETWORK_TYPES,
    *coortweet.pairs_schema(ANY, ANY, ANY).names,
    *coortweet.edges_schema(ANY).names,
    *cnt.pairs_schema(ANY, ANY, ANY).names,
    *cnt.edges_schema(ANY).names,
}


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_option_network_and_column_is_named(name):
    assert name in PAGE.read_text("utf-8").replace("`", " ").replace(",", " ").split()
