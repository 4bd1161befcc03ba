"""Which events repeat a daily appointment: a slow obvious twin, known answers, and how often chance makes one."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from samehand.kernels import habit
from samehand.kernels.habit import DAY_US, LEAST_DAYS
from samehand.kernels.order import by_account

SECOND = 1_000_000
SLOT, AROUND, LIMIT = 30 * SECOND, 600 * SECOND, float(np.log(1e-3))

EVENTS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(0, 6), st.integers(0, 5), st.integers(0, 60)),
    max_size=60,
)  # account, feature, day, which of some times of day, seconds after it


def marked(account, feature, time, limit=LIMIT):
    account, feature = np.array(account, np.int32), np.array(feature, np.int32)
    time = np.array(time, np.int64)
    order = np.argsort(time, kind="stable")
    first, of_account = by_account(account[order], 3)
    repeats = np.zeros(len(time), np.bool_)
    habit.mark_repeats(first, of_account, feature[order], time[order], SLOT, AROUND, limit, 0, 3, repeats)
    out = np.empty_like(repeats)
    out[order] = repeats
    return out.tolist()


def twin(account, feature, time, limit=LIMIT):
    """Each event against each other of its account and feature."""
    kept = []
    for a, f, t in zip(account, feature, time, strict=True):
        own = [s for b, g, s in zip(account, feature, time, strict=True) if (a, f) == (b, g)]
        days = {s // DAY_US for s in own if abs(s % DAY_US - t % DAY_US) <= SLOT}
        n_around = sum(abs(s % DAY_US - t % DAY_US) <= AROUND for s in own)
        p = stats.poisson.sf(len(days) - 2, n_around * SLOT / AROUND)
        kept.append(len(days) >= LEAST_DAYS and p <= np.exp(limit))
    repeats = [False] * len(time)
    for i in range(len(time)):
        if kept[i]:  # all that hangs together with it
            appointment, grown = {i}, True
            while grown:
                more = {
                    j
                    for j in range(len(time))
                    if kept[j]
                    and (account[j], feature[j]) == (account[i], feature[i])
                    and any(abs(time[j] % DAY_US - time[k] % DAY_US) <= SLOT for k in appointment)
                }
                grown, appointment = not more <= appointment, appointment | more
            repeats[i] = time[i] // DAY_US > min(time[j] // DAY_US for j in appointment)
    return repeats


@settings(max_examples=300)
@given(EVENTS)
def test_as_its_twin(log):
    account, feature = [e[0] for e in log], [e[1] for e in log]
    time = [e[2] * DAY_US + (e[3] * 4_000 + e[4]) * SECOND for e in log]
    for limit in (LIMIT, float(np.log(0.05))):
        assert marked(account, feature, time, limit) == twin(account, feature, time, limit)


def test_an_appointment_counts_on_its_first_day():
    nine = [day * DAY_US + 32_400 * SECOND + day * SECOND for day in range(10)]
    assert marked([0] * 10, [0] * 10, nine) == [False] + [True] * 9


def test_what_others_do_or_what_else_it_does_makes_no_appointment():
    nine = [day * DAY_US + 32_400 * SECOND for day in range(6)]
    assert not any(marked([0, 1, 2, 0, 1, 2], [0] * 6, nine))
    assert not any(marked([0] * 6, [0, 1, 2, 0, 1, 2], nine))


def test_a_busy_quarter_of_an_hour_each_day_is_no_appointment():
    """A console that starts at nine each day, with an action each twelve seconds or so: what it does stays."""
    rng = np.random.default_rng(0)
    times = [
        day * DAY_US + 32_400 * SECOND + int(second * SECOND)
        for day in range(14)
        for second in rng.uniform(0, 900, 75)
    ]
    n = len(times)
    assert sum(marked([0] * n, [0] * n, times)) < 0.01 * n


def test_chance_makes_few_appointments():
    """People who act at random in the same six hours of each day: three amounts of events; limit 1 in 1,000.

    500 accounts each; with the true rate at the limit, twice as many would be seen with a chance below 1e-6.
    """
    rng = np.random.default_rng(1)
    for n in (20, 60, 300):
        n_marked = 0
        for _ in range(500):
            time = np.sort(rng.integers(0, 14, n) * DAY_US + rng.integers(0, 6 * 3600, n) * SECOND)
            n_marked += sum(marked([0] * n, [0] * n, time.tolist()))
        assert n_marked <= 2e-3 * 500 * n
