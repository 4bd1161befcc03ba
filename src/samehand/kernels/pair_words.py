"""Whether a pair writes the same more often than two who write at one time do, their words being as common as they are.

Two people in long talks at one time have phrases in common, several at once: that they talk at one time is one chance.
"""

from __future__ import annotations

from numba import njit

from samehand.arrays import F64, I32, I64
from samehand.kernels.tail import log_poisson_tail


@njit(nogil=True, cache=True)
def log_word_p_values(
    pair_a: I32,
    pair_b: I32,
    first: I64,
    time: I64,
    common: F64,
    n_shared: I32,
    window: int,
    begin: int,
    end: int,
    out: F64,
) -> None:
    """Test each pair's number of shared phrases, given when each of the two writes.

    Each two texts of theirs within the window are a trial; the chance is how common the words of the one are.

    Args:
        pair_a, pair_b: Rows of the pairs.
        first: The texts of row r are ``first[r] : first[r + 1]``, ascending in time.
        time: Of each text; microseconds.
        common: Chance that somebody else's text has words of it.
        n_shared: Co-actions of each pair.
        window: Microseconds.
        begin, end: Handles ``pair_a[begin:end]``.
        out: Receives the natural log of the p-value.
    """
    for p in range(begin, end):
        rate = max(
            _expected(first, time, common, pair_a[p], pair_b[p], window),
            _expected(first, time, common, pair_b[p], pair_a[p], window),
        )
        out[p] = log_poisson_tail(n_shared[p], rate)


@njit(nogil=True, cache=True)
def _expected(first: I64, time: I64, common: F64, one: int, other: int, window: int) -> float:
    """Texts of ``other`` within the window of each of ``one``'s, each with the chance of the latter's words."""
    lo = hi = first[other]
    rate = 0.0
    for x in range(first[one], first[one + 1]):
        while hi < first[other + 1] and time[hi] - time[x] <= window:
            hi += 1
        while lo < hi and time[x] - time[lo] > window:
            lo += 1
        rate += (hi - lo) * common[x]
    return rate
