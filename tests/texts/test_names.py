"""Names from a log are shown so that nobody can hide behind one."""

import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from samehand.texts.names import MAX_NAME, Shown, visible

SNEAKY = st.text(
    st.sampled_from("ab⟨⟩ \u200b\u202e\u2066\x00\x1b\u00a0\u05d0\u0661\ue000\u2028U+7E0"), max_size=12
)


@given(SNEAKY, SNEAKY)
@example("\u200b", "⟨U+200B⟩")
@example("", "⟨⟩")
def test_different_names_look_different(a, b):
    assert (visible(a) == visible(b)) == (a == b)


@given(st.text(max_size=MAX_NAME))
def test_nothing_unseen_is_left_but_balanced_isolates(text):
    shown = visible(text)
    inner = shown[1:-1] if shown.startswith("\u2068") else shown
    assert all(c == " " or unicodedata.category(c)[0] not in "CZ" for c in inner)
    assert shown.startswith("\u2068") == shown.endswith("\u2069")


def test_a_right_to_left_name_is_isolated_and_an_ordinary_one_is_left_alone():
    assert visible("שלום") == "\u2068שלום\u2069"
    assert visible("用户_1 (a)") == "用户_1 (a)"


def test_a_name_that_was_shown_goes_through_once():
    once = visible("a\u200b")
    assert isinstance(once, Shown)
    assert visible(once) is once


def test_a_long_name_is_cut_and_says_so():
    assert visible("x" * 300) == "x" * MAX_NAME + "… ⟨300⟩"
