"""Communities of interest."""

from __future__ import annotations

import numpy as np
import pytest

from samehand.engines.interface import Attention
from samehand.graph.interest import MIN_ACCOUNTS, learn_interests
from samehand.kernels.order import most_frequent

N_TARGETS = 30


def attention_of(sizes, *, seed=0, lonely=0, stray=0.1):
    """Communities of so many accounts, each with 30 features; each account pays attention to 8 of them.

    One in ten looks elsewhere. ``lonely``: features more that one account each pays attention to.
    """
    rng = np.random.default_rng(seed)
    pairs = set()
    account = 0
    for community, size in enumerate(sizes):
        for _ in range(size):
            for _ in range(8):
                where = rng.integers(len(sizes)) if rng.random() < stray else community
                pairs.add((account, int(where) * N_TARGETS + int(rng.integers(N_TARGETS))))
            account += 1
    n_features = len(sizes) * N_TARGETS
    pairs |= {(n % account, n_features + n) for n in range(lonely)}
    rows = np.array(sorted(pairs))
    return Attention(
        rows[:, 0].astype(np.int32), rows[:, 1].astype(np.int32), account, n_features + lonely, 0
    )


def communities(interests, n):
    """The classes of each community's features."""
    return [set(interests.feature_class[c * N_TARGETS : (c + 1) * N_TARGETS].tolist()) for c in range(n)]


@pytest.mark.parametrize("seed", range(3))
def test_two_communities_are_two_classes(seed):
    found = learn_interests("co_target", attention_of([300, 400]), seed)
    one, other = communities(found, 2)
    assert (found.layer, found.n_classes) == ("co_target", 3)
    assert len(one) == len(other) == 1
    assert one | other == {1, 2}


def test_many_communities():
    found = learn_interests("co_target", attention_of([250] * 6), 0)
    classes = communities(found, 6)
    assert found.n_classes == 7
    assert all(len(one) == 1 for one in classes)
    assert set().union(*classes) == set(range(1, 7))


@pytest.mark.parametrize(("size", "known"), [(MIN_ACCOUNTS // 2, False), (MIN_ACCOUNTS * 3 // 2, True)])
def test_a_community_that_is_too_small_is_part_of_the_rest(size, known):
    found = learn_interests("co_target", attention_of([300, 300, 300, size], stray=0.02), 0)
    *large, small = communities(found, 4)
    assert all(len(one) == 1 and one != {0} for one in large)
    assert len(small) == 1
    assert (small != {0}) == known
    assert found.n_classes == 4 + known


def test_features_of_one_account_say_nothing():
    found = learn_interests("co_target", attention_of([300, 300], lonely=40), 0)
    assert set(found.feature_class[2 * N_TARGETS :].tolist()) == {0}
    assert communities(found, 2) == communities(learn_interests("co_target", attention_of([300, 300]), 0), 2)


def test_the_order_of_rows_changes_nothing():
    attention = attention_of([220, 260, 300], stray=0.3)
    order = np.random.default_rng(1).permutation(len(attention.account))
    shuffled = Attention(
        attention.account[order], attention.feature[order], attention.n_accounts, attention.n_features, 0
    )
    one, other = (learn_interests("co_target", x, 0) for x in (attention, shuffled))
    assert one.feature_class.tolist() == other.feature_class.tolist()
    assert one.n_classes == other.n_classes == 4


def test_the_order_of_accounts_changes_nothing():
    """Communities so blurred that three in twelve orders of the accounts would give Louvain other classes."""
    rng = np.random.default_rng(1)
    account = np.repeat(np.arange(3000), 6)
    of_own = rng.integers(900 // 8, size=len(account)) * 8 + account % 8
    feature = np.where(rng.random(len(account)) < 0.7, rng.integers(900, size=len(account)), of_own)
    rows = np.unique(np.stack([account, feature]), axis=1).astype(np.int32)

    def classes(names):
        renamed = names[rows[0]]
        order = np.lexsort((rows[1], renamed))
        attention = Attention(renamed[order], rows[1][order], 3000, 900, 0)
        return learn_interests("co_target", attention, 0).feature_class.tolist()

    before = classes(np.arange(3000, dtype=np.int32))
    assert max(before) == 1
    for _ in range(12):
        assert classes(rng.permutation(3000).astype(np.int32)) == before


@pytest.mark.parametrize("n_features", [0, 3])
def test_nobody_pays_attention(n_features):
    nobody = np.empty(0, np.int32)
    found = learn_interests("co_target", Attention(nobody, nobody, 10, n_features, 0), 0)
    assert found.n_classes == 1
    assert found.feature_class.tolist() == [0] * n_features


def test_nothing_in_common():
    alone = np.arange(5, dtype=np.int32)
    found = learn_interests("co_target", Attention(alone, alone, 5, 5, 0), 0)
    assert found.n_classes == 1
    assert found.feature_class.tolist() == [0] * 5


@pytest.mark.parametrize("n_accounts", [2, 3, 5, 50])
@pytest.mark.parametrize("n_features", [1, 2, 5])
def test_everybody_on_everything(n_accounts, n_features):
    """Features may make up a community of their own, without accounts."""
    account, feature = (x.ravel().astype(np.int32) for x in np.indices((n_accounts, n_features)))
    found = learn_interests("co_target", Attention(account, feature, n_accounts, n_features, 0), 0)
    assert found.feature_class.tolist() == [0] * n_features


def test_features_that_were_not_looked_at_get_the_class_of_most_accounts_there():
    everything = attention_of([300, 400])
    looked_at = everything.feature % 3 > 0
    sample = Attention(
        everything.account[looked_at], everything.feature[looked_at], everything.n_accounts, everything.n_features,
        int((~looked_at).sum()),
    )  # fmt: skip
    order = np.argsort(everything.feature, kind="stable")

    def vote(class_of_account):
        votes = class_of_account[everything.account[order]]
        return most_frequent(everything.feature[order], everything.n_features, votes, 3)

    whole, asked = learn_interests("co_target", everything, 0), learn_interests("co_target", sample, 0, vote)
    assert communities(asked, 2) == communities(whole, 2)
    unasked = learn_interests("co_target", sample, 0)
    assert (unasked.feature_class[::3] == 0).all()
