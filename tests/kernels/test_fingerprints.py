"""Fingerprints of texts: a slow obvious twin, what is folded, and what two texts must have in common."""

from __future__ import annotations

import unicodedata

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from samehand.engines.texts import folding, sketch
from samehand.kernels.fingerprints import GRAM_WIDTH, LEAST_WIDTH, LONGEST, N_KEPT, WINNOW

FOLD, WIDE = folding()
WORDS = st.text(st.sampled_from("abcde 加群券回あ\u200b!é\u0430"), max_size=60)


def prints(*texts):
    return [
        {int(x) for x in row if x >= 0} for row in sketch(pa.chunked_array([list(texts)], pa.string()), 1)
    ]


def folded(text):
    return "".join(chr(FOLD[ord(c)]) for c in text if ord(c) < len(FOLD) and FOLD[ord(c)])[:LONGEST]


def grams(text):
    """All stretches that are just wide enough, in order."""
    letters, found = folded(text), []
    for i in range(len(letters)):
        width, j = 0, i
        while j < len(letters) and width < GRAM_WIDTH:
            width += 2 if WIDE[ord(letters[j])] else 1
            j += 1
        if width >= GRAM_WIDTH or (i == 0 and width >= LEAST_WIDTH):
            found.append(letters[i:j])
    return found


def hash_of(gram):
    key = 0x9E3779B97F4A7C15
    for letter in gram:
        key = (key ^ ord(letter)) * 0xBF58476D1CE4E5B9 % 2**64
        key ^= key >> 29
    return (key ^ key >> 32) * 0x94D049BB133111EB % 2**64 >> 1


@given(WORDS)
def test_a_text_has_the_least_of_each_few_stretches(text):
    hashes = [hash_of(gram) for gram in grams(text)]
    chosen = {min(hashes[i : i + WINNOW]) for i in range(max(1, len(hashes) - WINNOW + 1)) if hashes}
    assert prints(text)[0] == set(sorted(chosen)[:N_KEPT])


@given(WORDS, WORDS)
def test_texts_with_a_long_stretch_in_common_share_a_fingerprint(before, after):
    """WINNOW stretches lie within 13 letters, these are 16; a text with fewer than N_KEPT lost none."""
    common = "wholesale bargain"
    one, two = prints((before + common)[-40:], (common + after)[:40])
    if len(one) < N_KEPT and len(two) < N_KEPT:
        assert one & two


@pytest.mark.parametrize(
    ("plain", "disguised"),
    [
        ("Hello, we like the same things", "Hеllо, ❤️wе lіkе thе sаmе thіngs"),  # Cyrillic letters
        ("加我拉你进群，回复1进群", "加\u200b我拉你\u2060进群,🎁回复①进群。"),
        ("Reply 1 to join the group", "ＲＥＰＬＹ １ ＴＯ ＪＯＩＮ ＴＨＥ ＧＲＯＵＰ"),
        ("café au lait à Genève", unicodedata.normalize("NFD", "café au lait à Genève")),
    ],
)
def test_disguises_fall_off(plain, disguised):
    one, two = prints(plain, disguised)
    assert one == two != set()


def test_a_spun_template_keeps_its_phrases():
    one, two = prints(
        "你好，看到你的主页很有趣，我们有个优惠群，每天发优惠券，加我拉你进群。",
        "哈喽，刷到你的动态了，我们有个优惠群，天天更新好物，加我拉你进群。",
    )
    assert one & two


@pytest.mark.parametrize("text", ["", "k", "好的", "😂😂😂😂", "!!!", "\u200b" * 50, "haha"])
def test_what_says_nothing_has_none(text):
    assert prints(text) == [set()]


def test_a_long_text_has_few():
    (found,) = prints("".join(chr(0x4E00 + n % 9000) for n in range(100_000)))
    assert len(found) == N_KEPT


def test_texts_come_apart_wherever_a_column_is_cut():
    texts = pa.array(
        ["one text of some length", None, "another text of some length", "third text, longer still"]
    )
    cut = pa.chunked_array([texts.drop_null()[1:]])
    assert [set(row) for row in sketch(cut, 1)] == [
        set(row) for row in sketch(pa.chunked_array([cut.to_pylist()]), 2)
    ]
    assert sketch(pa.chunked_array([], pa.string()), 1).shape == (0, N_KEPT)


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.int64()])
def test_any_type_of_text(kind):
    values = [12_345_678, 87_654_321] if kind == pa.int64() else ["12345678", "87654321"]
    one, two = sketch(pa.chunked_array([pa.array(values, kind)]), 1)
    assert [set(one), set(two)] == [
        set(row) for row in sketch(pa.chunked_array([["12345678", "87654321"]]), 1)
    ]


def test_every_letter_folds_to_one_that_stays():
    folds = np.unique(FOLD[FOLD > 0])
    assert FOLD[folds].tolist() == folds.tolist()
