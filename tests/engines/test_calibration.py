"""What p-values are worth, on logs in which nobody moves anybody.

Seeds are fixed, so a test passes or fails for good. What it would detect is said in figures: a log has 719,400 pairs of
accounts, of which exact p-values put 7,194, 719 and 72 below 1e-2, 1e-3 and 1e-4. ``check`` allows what is nominal
plus four standard deviations of these counts (1.05, 1.15 and 1.5 times the nominal rate), so that a p-value that is too
small twice as often as it may be would be found with more than 99.9 % at each of the levels (two logs a test; counts of
pairs that share an account vary together, which at 1e-4 widens their spread by about a half).

The p-values are bounds and come out smaller than nominal far more rarely than they may, about 30 times. That they are
not empty is checked, too: divided by 100 they must not pass (``check_power``).
"""

from __future__ import annotations

import numpy as np
import pytest

from samehand.graph.interest import learn_interests
from tests.engines.load import HOUR, MINUTE, SECOND
from tests.engines.null_logs import bursts, communities, homogeneous
from tests.engines.test_pairs import CO_TARGET, NO_LIMIT, RHYTHM

LEVELS = (1e-2, 1e-3, 1e-4)
NOBODY = np.empty(0, np.int32)
LOGS = {"homogeneous": homogeneous, "bursts": bursts, "communities": communities}


def ratios(log_p, n_tests, levels=LEVELS):
    """Observed over nominal rate at each level."""
    return {level: float((log_p <= np.log(level)).sum() / (level * n_tests)) for level in levels}


def passes(log_p, n_tests, levels=LEVELS):
    found = ratios(log_p, n_tests, levels)
    return all(ratio <= 1 + 4 / np.sqrt(level * n_tests) for level, ratio in found.items())


def check(log_p, n_tests, levels=LEVELS):
    assert passes(log_p, n_tests, levels), ratios(log_p, n_tests, levels)


def check_power(log_p, n_tests, factor=100):
    """P-values that are too small by a factor would not have passed."""
    assert not passes(log_p - np.log(factor), n_tests)


def n_pairs(engine):
    n = engine.size.n_accounts
    return n * (n - 1) / 2


@pytest.mark.parametrize(
    ("log", "layer", "scale_us"),
    [
        ("homogeneous", CO_TARGET, 10 * MINUTE),
        ("homogeneous", CO_TARGET, HOUR),
        ("homogeneous", RHYTHM, SECOND),
        ("bursts", CO_TARGET, MINUTE),
        ("bursts", CO_TARGET, 10 * MINUTE),
        ("bursts", RHYTHM, SECOND),
    ],
)
def test_local_density(engine_of, log, layer, scale_us):
    """Against the density there and then: with equal activity at all times, and with a third of it in bursts.

    Pairs with fewer than two co-actions are no candidates; they count as tests that found nothing.
    """
    for seed in (0, 1):
        engine = engine_of(LOGS[log](seed))
        pairs = engine.candidate_pairs(layer, scale_us, 0.0)
        check(pairs.log_p, n_pairs(engine))
        # In rhythm, only one pair in a thousand meets twice by chance.
        check_power(pairs.log_p, n_pairs(engine), 100 if layer is CO_TARGET else 10_000)


def places(codes, time, window):
    """Events of the same code within the window of each, itself left out."""
    step = int(time.max()) + 2 * window + 2
    line = codes.astype(np.int64) * step + time
    ordered = np.sort(line)
    return (
        np.searchsorted(ordered, line + window, "right") - np.searchsorted(ordered, line - window, "left") - 1
    )


@pytest.mark.parametrize("scale_us", [10 * MINUTE, HOUR])
def test_the_expected_number_of_coactions(engine_of, scale_us):
    """The number of pairs with two co-actions or more is that of Poisson numbers with the expected rates, within 10 %.

    The rate of a pair is n_b S_a (METHOD.md 2.1), worked out here for all pairs, in both directions. The larger of the
    two is what is used, the mean of them what is expected of it. At an hour there are 2,756 pairs, which chance moves
    by 2 %: rates that are a tenth too small or too large, and so a fifth of the pairs, would be found surely; at ten
    minutes (197 pairs, 7 %) with about 90 %.
    """
    # So many targets that hardly anybody comes twice, since a target counts once.
    table = homogeneous(0, n_targets=1000, fame=False)
    engine = engine_of(table)
    account, target = (
        np.unique(table[name].to_numpy(), return_inverse=True)[1] for name in ("account", "target")
    )
    time = table["time"].cast("int64").to_numpy()
    account, target, time = np.unique(np.stack([account, target, time]), axis=1)
    n = int(account.max()) + 1
    m = places(target, time, scale_us) - places(target * n + account, time, scale_us)
    s = np.bincount(account, weights=m, minlength=n) / len(time)
    rate = np.outer(s, np.bincount(account, minlength=n))
    pairs = engine.candidate_pairs(CO_TARGET, scale_us, 0.0)
    larger = np.maximum(rate, rate.T)[pairs.account_a, pairs.account_b]
    assert pairs.expected == pytest.approx(larger, rel=1e-3)
    mean = ((rate + rate.T) / 2)[np.triu_indices(n, 1)]
    expected = (1 - np.exp(-mean) * (1 + mean)).sum()
    assert len(pairs) == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize("scale_us", [10 * MINUTE, HOUR])
def test_classes_of_interest(engine_of, scale_us):
    """Fans of four communities meet ever again: the local density is misled, communities learned on the log are not."""
    for seed in (0, 1):
        engine = engine_of(communities(seed))
        interests = learn_interests("co_target", engine.attention(CO_TARGET, 10**7), NOBODY, 0)
        assert interests.n_classes == 5
        pairs = engine.candidate_pairs(CO_TARGET, scale_us, 0.0)
        again = engine.retest(CO_TARGET, scale_us, pairs, pairs.log_p < np.log(1e-7), interests, NO_LIMIT)
        check(again.log_p_background, n_pairs(engine))
        local, inside = (ratios(x, n_pairs(engine)) for x in (pairs.log_p, again.log_p_background))
        assert all(local[level] > 10 * inside[level] for level in LEVELS), "the log tests what it should"
        assert inside[1e-2] > 0.001, "and the p-values are not empty"


@pytest.mark.parametrize("scale_us", [MINUTE, 10 * MINUTE])
def test_classes_of_hours(engine_of, scale_us):
    """The hours of the rhythm layer, on the log with bursts."""
    engine = engine_of(bursts(0))
    pairs = engine.candidate_pairs(RHYTHM, SECOND, 0.0)
    again = engine.retest(RHYTHM, SECOND, pairs, np.zeros(len(pairs), np.bool_), None, NO_LIMIT)
    check(again.log_p_background, n_pairs(engine))
    assert (again.log_p_background < 0).any()


@pytest.mark.parametrize("scale_us", [MINUTE, 10 * MINUTE, HOUR])
def test_lags_of_pairs(engine_of, scale_us):
    """Fans come to a target when it is new, each by himself and once: their lags are those of everybody there."""
    for seed in (0, 1):
        engine = engine_of(communities(seed))
        pairs = engine.candidate_pairs(CO_TARGET, scale_us, 0.0)
        again = engine.retest(CO_TARGET, scale_us, pairs, np.zeros(len(pairs), np.bool_), None, NO_LIMIT)
        check(again.log_p_lag, n_pairs(engine))
        if scale_us > MINUTE:
            check_power(again.log_p_lag, n_pairs(engine))


def random_groups(engine, n_groups=2000, size=12):
    rng = np.random.default_rng(0)
    n = engine.size.n_accounts
    return [np.sort(rng.choice(n, size, replace=False)).astype(np.int32) for _ in range(n_groups)]


def of_members(engine, scale_us, name):
    groups = random_groups(engine)
    found = engine.group_evidence(CO_TARGET, scale_us, groups, [NOBODY] * len(groups), None)
    return np.concatenate([getattr(one, name) for one in found])


MEMBERS = 24_000
"""2,000 groups of 12: 240, 24 and 2.4 members are nominal at 1e-2, 1e-3 and 1e-4."""


@pytest.mark.parametrize("scale_us", [10 * MINUTE, HOUR])
def test_lags_of_members_of_random_groups(engine_of, scale_us):
    """At 1e-2 and 1e-3 (nominal 240 and 24, allowed 302 and 44): twice the nominal rate would be found with 99 %."""
    log_p = of_members(engine_of(communities(3)), scale_us, "log_p_lag")
    assert len(log_p) == MEMBERS
    check(log_p, MEMBERS, (1e-2, 1e-3))
    assert (log_p < np.log(0.1)).any()


@pytest.mark.parametrize("log", ["homogeneous", "communities"])
@pytest.mark.parametrize("scale_us", [10 * MINUTE, HOUR])
def test_members_of_random_groups_where_two_others_are(engine_of, log, scale_us):
    """Landing where two others of a group were together (``log_p_without``), at 1e-2 and 1e-3 as above."""
    log_p = of_members(engine_of(LOGS[log](3)), scale_us, "log_p_without")
    check(log_p, MEMBERS, (1e-2, 1e-3))
    assert (log_p < np.log(0.1)).any()


def test_members_of_random_groups_far_down(engine_of):
    """Where no background event lies near the group in such a moment, a chance meeting of three is no wonder.

    It had p < 1e-5 in 14 of 24,000 tests before empty kinds of moments were joined with others.
    """
    log_p = of_members(engine_of(homogeneous(3, n_targets=1000)), 10 * MINUTE, "log_p_without")
    check(log_p, MEMBERS, (1e-4, 1e-5))


@pytest.mark.parametrize("log", ["homogeneous", "communities", "bursts"])
def test_members_of_random_groups(engine_of, log):
    check(of_members(engine_of(LOGS[log](3)), 10 * MINUTE, "log_p"), MEMBERS, (1e-2, 1e-3))


@pytest.mark.parametrize(("log", "scale_us"), [("homogeneous", HOUR), ("bursts", MINUTE)])
def test_lags_of_pairs_who_come_again(engine_of, log, scale_us):
    engine = engine_of(LOGS[log](0))
    pairs = engine.candidate_pairs(CO_TARGET, scale_us, 0.0)
    again = engine.retest(CO_TARGET, scale_us, pairs, np.zeros(len(pairs), np.bool_), None, NO_LIMIT)
    check(again.log_p_lag, n_pairs(engine))
