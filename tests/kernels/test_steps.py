"""Runs of steps against a twin that says them in words."""

from __future__ import annotations

import itertools
import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from samehand.kernels.order import by_account
from samehand.kernels.steps import hash_runs

N_ACCOUNTS = 3
SECOND = 1_000_000
EVENTS = st.lists(
    st.tuples(st.integers(0, 400), st.integers(0, N_ACCOUNTS - 1), st.integers(-1, 2)), max_size=40
).map(lambda events: sorted(events, key=lambda e: e[0]))


def hashed(events, n_steps, longest):
    """{place: hash of the run that begins there}."""
    time, account, action = (
        np.array([e[k] for e in events], kind) for k, kind in enumerate((np.int64, np.int32, np.int32))
    )
    whole, hashes = np.zeros(len(events), np.bool_), np.zeros(len(events), np.int64)
    first, order = by_account(account, N_ACCOUNTS)
    hash_runs(first, order, action, time * SECOND, n_steps, longest * SECOND, 3, whole, hashes)
    assert (hashes >= 0).all()
    return {place: int(hashes[place]) for place in np.flatnonzero(whole)}


def in_words(events, n_steps, longest):
    """{place: actions and rounded pauses of the run that begins there}."""
    found = {}
    for account in range(N_ACCOUNTS):
        own = [place for place, e in enumerate(events) if e[1] == account]
        for begin in range(len(own) - n_steps + 1):
            run = [events[place] for place in own[begin : begin + n_steps]]
            pauses = [later[0] - earlier[0] for earlier, later in itertools.pairwise(run)]
            if max(pauses) < longest:
                rounded = [round(math.log2(max(pause, 1e-6) + 1) * 3) for pause in pauses]
                found[own[begin]] = ([e[2] for e in run], rounded)
    return found


@given(EVENTS, st.integers(2, 4), st.sampled_from([5, 60, 1000]))
def test_runs_are_those_of_the_twin_and_equal_where_its_words_are(events, n_steps, longest):
    found, words = hashed(events, n_steps, longest), in_words(events, n_steps, longest)
    assert found.keys() == words.keys()
    for one in found:
        for other in found:
            assert (found[one] == found[other]) == (words[one] == words[other])
