"""Communities of interest."""

from __future__ import annotations

import numpy as np
import pytest

from samehand.engines.answers import Attention
from samehand.graph.interest import MIN_ACCOUNTS, learn_interests
from samehand.kernels.order import most_frequent

N_TARGETS = 30
NOBODY = np.empty(0, np.int32)


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
    found = learn_interests("co_target", attention_of([300, 400]), NOBODY, seed)
    one, other = communities(found, 2)
    assert (found.layer, found.n_classes) == ("co_target", 3)
    assert len(one) == len(other) == 1
    assert one | other == {1, 2}


def test_many_communities():
    found = learn_interests("co_target", attention_of([250] * 6), NOBODY, 0)
    classes = communities(found, 6)
    assert found.n_classes == 7
    assert all(len(one) == 1 for one in classes)
    assert set().union(*classes) == set(range(1, 7))


@pytest.mark.parametrize(("size", "known"), [(MIN_ACCOUNTS // 2, False), (MIN_ACCOUNTS * 3 // 2, True)])
def test_a_community_that_is_too_small_is_part_of_the_rest(size, known):
    found = learn_interests("co_target", attention_of([300, 300, 300, size], stray=0.02), NOBODY, 0)
    *large, small = communities(found, 4)
    assert all(len(one) == 1 and one != {0} for one in large)
    assert len(small) == 1
    assert (small != {0}) == known
    assert found.n_classes == 4 + known


def test_features_of_one_account_say_nothing():
    found = learn_interests("co_target", attention_of([300, 300], lonely=40), NOBODY, 0)
    assert set(found.feature_class[2 * N_TARGETS :].tolist()) == {0}
    assert communities(found, 2) == communities(
        learn_interests("co_target", attention_of([300, 300]), NOBODY, 0), 2
    )


def test_the_order_of_rows_changes_nothing():
    attention = attention_of([220, 260, 300], stray=0.3)
    order = np.random.default_rng(1).permutation(len(attention.account))
    shuffled = Attention(
        attention.account[order], attention.feature[order], attention.n_accounts, attention.n_features, 0
    )
    one, other = (learn_interests("co_target", x, NOBODY, 0) for x in (attention, shuffled))
    assert one.feature_class.tolist() == other.feature_class.tolist()
    assert one.n_classes == other.n_classes == 4


def test_the_order_of_names_changes_nothing():
    """Communities so blurred that in some orders of accounts or features Louvain would find other classes."""
    rng = np.random.default_rng(1)
    account = np.repeat(np.arange(3000), 6)
    of_own = rng.integers(900 // 8, size=len(account)) * 8 + account % 8
    feature = np.where(rng.random(len(account)) < 0.7, rng.integers(900, size=len(account)), of_own)
    rows = np.unique(np.stack([account, feature]), axis=1).astype(np.int32)

    def classes(accounts, features):
        who, what = accounts[rows[0]], features[rows[1]]
        order = np.lexsort((what, who))
        attention = Attention(who[order], what[order], 3000, 900, 0)
        return learn_interests("co_target", attention, NOBODY, 0).feature_class[features].tolist()

    before = classes(np.arange(3000, dtype=np.int32), np.arange(900, dtype=np.int32))
    assert max(before) >= 1
    for _ in range(12):
        accounts, features = (rng.permutation(n).astype(np.int32) for n in (3000, 900))
        assert classes(accounts, features) == before


def test_suspects_shape_no_community():
    """A fleet of 250 among two audiences of 400: what it alone attends to is of no class once it is suspected."""
    audience = attention_of([400, 400], seed=3)
    rng = np.random.default_rng(0)
    members = np.arange(800, 1050)
    pairs = {(a, 60 + int(f)) for a in members for f in rng.choice(40, 12, replace=False)}
    pairs |= {(int(a), 60 + f) for f in range(40) for a in rng.choice(800, 3, replace=False)}
    rows = np.array(sorted(pairs)).astype(np.int32)
    account = np.concatenate([audience.account, rows[:, 0]])
    feature = np.concatenate([audience.feature, rows[:, 1]])
    attention = Attention(account, feature, 1050, 100, 0)
    unsuspected = learn_interests("co_target", attention, NOBODY, 0).feature_class
    assert len(set(unsuspected[60:].tolist())) == 1
    assert not set(unsuspected[60:]) & {0, *unsuspected[:60].tolist()}
    suspected = learn_interests("co_target", attention, members.astype(np.int32), 0).feature_class
    assert len(set(suspected[:30])) == len(set(suspected[30:60])) == 1
    assert set(suspected[60:].tolist()) <= {0, *suspected[:60].tolist()}


def test_suspects_count_in_the_size_of_a_community():
    """Of 220 accounts of an audience 60 are suspects: it is as large as it was."""
    attention = attention_of([220, 400], stray=0.02)
    suspects = np.arange(60, dtype=np.int32)
    one, other = communities(learn_interests("co_target", attention, suspects, 0), 2)
    assert len(one) == len(other) == 1
    assert one | other == {1, 2}


@pytest.mark.parametrize("n_features", [0, 3])
def test_nobody_pays_attention(n_features):
    nobody = np.empty(0, np.int32)
    found = learn_interests("co_target", Attention(nobody, nobody, 10, n_features, 0), NOBODY, 0)
    assert found.n_classes == 1
    assert found.feature_class.tolist() == [0] * n_features


def test_nothing_in_common():
    alone = np.arange(5, dtype=np.int32)
    found = learn_interests("co_target", Attention(alone, alone, 5, 5, 0), NOBODY, 0)
    assert found.n_classes == 1
    assert found.feature_class.tolist() == [0] * 5


@pytest.mark.parametrize("n_accounts", [2, 3, 5, 50])
@pytest.mark.parametrize("n_features", [1, 2, 5])
def test_everybody_on_everything(n_accounts, n_features):
    """Features may make up a community of their own, without accounts."""
    account, feature = (x.ravel().astype(np.int32) for x in np.indices((n_accounts, n_features)))
    found = learn_interests("co_target", Attention(account, feature, n_accounts, n_features, 0), NOBODY, 0)
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

    whole, asked = (
        learn_interests("co_target", everything, NOBODY, 0),
        learn_interests("co_target", sample, NOBODY, 0, vote),
    )
    assert communities(asked, 2) == communities(whole, 2)
    unasked = learn_interests("co_target", sample, NOBODY, 0)
    assert (unasked.feature_class[::3] == 0).all()
