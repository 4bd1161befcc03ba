"""Lines fit a terminal whatever is in them."""

from hypothesis import given
from hypothesis import strategies as st

from samehand.texts.lines import columns_of, wrap

WORDS = st.text(st.sampled_from("ab 中文，。（）\né"), max_size=120)


@given(WORDS, st.integers(12, 40))
def test_no_line_is_too_wide_and_nothing_is_lost(text, width):
    lines = wrap(text, width, "  - ", "    ").split("\n")
    assert all(columns_of(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(("-" + text).split())


def test_a_mark_does_not_start_a_line():
    assert wrap("一二三，四五", 6) == "一二\n三，四\n五" or wrap("一二三，四五", 6) == "一二\n三，\n四五"


def test_a_word_longer_than_a_line_is_cut():
    assert wrap("a" * 9, 4) == "aaaa\naaaa\na"
