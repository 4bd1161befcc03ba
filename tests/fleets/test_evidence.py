"""Moments: what counts as one row of evidence."""

from __future__ import annotations

import numpy as np

from samehand.fleets.evidence import _moments, _new_ones


def test_a_moment_is_one_feature_with_no_pause_longer_than_the_scale():
    feature = np.array([1, 0, 0, 0, 0, 1])
    time = np.array([5, 100, 0, 10, 90, 6])
    assert [piece.tolist() for piece in _moments(feature, time, 10)] == [[2, 3], [4, 1], [0, 5]]
    assert _moments(np.empty(0, np.int64), np.empty(0, np.int64), 10) == []


def test_what_an_earlier_piece_holds_is_not_said_again():
    assert _new_ones([[1, 2, 3], [2, 3], [3, 4], [1, 2, 3], [4], [2, 4], [5]]) == [0, 2, 5, 6]
    assert _new_ones([]) == []
