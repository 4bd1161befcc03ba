"""Patterns of names, and ids that have none."""

from __future__ import annotations

import hashlib
import uuid

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samehand.engines.names import patterns, shapes, stems

FIRST = ["lily", "zhangwei", "tom", "Anna_b", "小红", "wang.lei", "maria", "kai", "oleg", "陈晨"]
RNG = np.random.default_rng(0)
PEOPLE = [
    FIRST[n % 10] + ("_" if n % 3 else "") + str(RNG.integers(10 ** (n % 5 + 1))) + "x" * (n % 4)
    for n in range(200)
]


def test_names_of_one_pattern_are_equal_in_it():
    made = ["mkt_0412", "mkt_9983", "MKT_1200"]
    found = patterns(pa.array([*PEOPLE, *made]))
    assert len(set(found[200:, 0].tolist())) == 1
    assert found[200, 1] == found[201, 1] != found[202, 1], "capitals are another shape, and the same stem"
    assert (found[200:] >= 0).all()
    assert found[200, 0] not in found[:200, 0]
    assert len(set(found[:200, 0].tolist()) - {-1}) == 10


@pytest.mark.parametrize(
    "make",
    [
        lambda n: str(10_000 + 7 * n),
        lambda n: f"user_{n}",
        lambda n: f"用户{n}",
        lambda n: str(uuid.UUID(int=n * 2**70 + n)),
        lambda n: hashlib.sha256(str(n).encode()).hexdigest(),
        lambda n: hashlib.sha512(str(n).encode()).hexdigest()[:12].upper(),
        lambda n: "0x" + hashlib.blake2b(str(n).encode(), digest_size=20).hexdigest(),
        lambda n: "".join(np.random.default_rng(n).choice(list("abcdefghkmnpqrstvwxyz0123456789"), 10)),
        lambda n: "".join(np.random.default_rng(n).choice(list("abcdefghijkmnopqrstuvwxyz"), 8)),
        lambda _: "",
    ],
    ids=[
        "numbers",
        "numbered",
        "numbered zh",
        "uuid",
        "sha256",
        "short hash",
        "0x",
        "base 32",
        "letters",
        "empty",
    ],
)
def test_ids_made_by_a_program_have_no_pattern(make):
    assert (patterns(pa.array([make(n) for n in range(200)])) == -1).all()


def test_whole_numbers_and_no_ids_have_no_pattern():
    assert (patterns(pa.array(range(30))) == -1).all()
    assert patterns(pa.array([], pa.string())).shape == (0, 2)


def test_an_id_made_by_a_program_among_names_has_none():
    assert (
        patterns(pa.array([*PEOPLE, "a1b2c3d4", uuid.UUID(int=9).hex, "12345"]))[200:].tolist()
        == [[-1, -1]] * 3
    )


def test_forms_of_letters_and_domains_of_mail_say_nothing():
    assert stems(pa.array(["ＬＩＬＹ７", "lily8@example.com"])).to_pylist() == ["lily", "lily"]
    assert shapes(pa.array(["lily8@example.com", "x9@y"])).to_pylist() == ["xxxx0", "x0"]


@settings(max_examples=30)
@given(st.lists(st.text(max_size=40), max_size=60))
def test_any_text_may_be_an_id(ids):
    found = patterns(pa.array(ids, pa.string()))
    assert found.shape == (len(ids), 2)
    assert found.min(initial=-1) == -1 or (found >= 0).all()
