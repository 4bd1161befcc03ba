"""When people are awake and at it: hours of the day, days of the week, and each person's own good days."""

from __future__ import annotations

from typing import Final

import numpy as np

from samehand.simulation.chance import Floats, Ints, uniform
from samehand.simulation.people import People

MINUTE_S: Final = 60.0
HOUR_S: Final = 3_600.0
DAY_S: Final = 86_400.0
_DAY_MINUTES: Final = 1_440

HOURS: Final = np.array(
    [
        # 0  1  2  3  4  5  6  7  8  9  10 11 12 13 14 15 16 17 18 19 20 21 22 23
        [22, 9, 4, 2, 2, 3, 9, 24, 32, 28, 27, 33, 48, 38, 27, 26, 28, 35, 45, 58, 74, 82, 70, 44],  # evening
        [
            10,
            4,
            2,
            1,
            2,
            6,
            20,
            52,
            58,
            30,
            24,
            32,
            68,
            45,
            24,
            22,
            25,
            48,
            66,
            56,
            58,
            60,
            44,
            24,
        ],  # commuter
        [
            30,
            14,
            6,
            3,
            2,
            2,
            8,
            28,
            20,
            16,
            20,
            26,
            70,
            44,
            18,
            16,
            26,
            62,
            58,
            50,
            56,
            70,
            84,
            60,
        ],  # student
        [
            70,
            58,
            40,
            22,
            10,
            5,
            4,
            6,
            9,
            12,
            16,
            22,
            30,
            34,
            36,
            38,
            38,
            36,
            38,
            44,
            52,
            62,
            72,
            76,
        ],  # night owl
        [
            12,
            7,
            5,
            4,
            5,
            10,
            18,
            26,
            34,
            38,
            40,
            40,
            42,
            40,
            38,
            38,
            38,
            38,
            40,
            42,
            44,
            42,
            34,
            22,
        ],  # whole day
    ],
    dtype=np.float64,
)
"""Activity by local hour of each rhythm that people have."""
WEEKEND_LATER_MINUTES: Final = 75

_GOOD_DAY_CAP: Final = 4.0  # days differ by an exponential weight, cut here so that rejection stays fast
_ROUNDS: Final = 16


def _curves() -> tuple[Floats, Floats]:
    """Give (level 0..1, running sum) by minute; row 2r is rhythm r on a weekday, 2r + 1 at the weekend."""
    hours = np.arange(25) * 60.0
    minutes = np.arange(_DAY_MINUTES) + 0.5
    rows = []
    for curve in HOURS:
        weekday = np.interp(minutes - 30, hours - 30, np.append(curve, curve[0]), period=_DAY_MINUTES)
        rows += [weekday, np.roll(weekday, WEEKEND_LATER_MINUTES)]
    level = np.array(rows)
    total = np.cumsum(level, axis=1)
    return level / level.max(axis=1, keepdims=True), total / total[:, -1:]


_LEVEL, _CDF = _curves()
_FLAT_CDF: Final = (_CDF + np.arange(len(_CDF))[:, None]).ravel()


class Rhythm:
    """The calendar of one log: how long it is and which weekday it begins on (0: Monday)."""

    def __init__(self, days: int, first_weekday: int, salt: int) -> None:
        self.days = days
        self.window_s = days * DAY_S
        self.first_weekday = first_weekday
        self._salt = salt

    def draw_day(self, rng: np.random.Generator, n: int = 1) -> int:
        """Draw the first of n days in a row that are whole in every time zone, if the log is long enough."""
        first = 1 if self.days > 2 else 0
        return first + int(rng.integers(0, max(1, self.days - 1 - first - (n - 1))))

    def draw_days(self, rng: np.random.Generator, n: int) -> Ints:
        """Draw n different days, or as many as there are, that are whole in every time zone."""
        whole = np.arange(1, self.days - 1) if self.days > 2 else np.arange(self.days)
        return rng.permutation(whole)[:n]

    def weekday(self, day: Ints) -> Ints:
        """Give the weekday (0: Monday) of days counted from the first day of the log."""
        return (np.asarray(day) + self.first_weekday) % 7

    def draw_times(self, people: People, account: Ints, rng: np.random.Generator) -> Floats:
        """Draw a moment for each account, by its own days and hours; seconds, inside the log."""
        return self.on_day(people, account, self._draw_days(people, account, rng), rng)

    def on_day(self, people: People, account: Ints, day: Ints, rng: np.random.Generator) -> Floats:
        """Draw a moment on the given local day of each account."""
        row = self._row(people, account, day)
        minute = np.searchsorted(_FLAT_CDF, row + rng.random(len(row)), side="right") - row * _DAY_MINUTES
        local = (np.minimum(minute, _DAY_MINUTES - 1) + rng.random(len(row))) * MINUTE_S
        time = day * DAY_S + local + people.later_s[account] - people.zone_s[account]
        return np.asarray(np.mod(time, self.window_s))

    def level(self, people: People, account: Ints, time: Floats) -> Floats:
        """Tell how likely each account is to be at it at that time, against its own best minute (0..1)."""
        local = time + people.zone_s[account] - people.later_s[account]
        day = np.floor(local / DAY_S).astype(np.int64)
        minute = ((local - day * DAY_S) / MINUTE_S).astype(np.int64)
        return np.asarray(_LEVEL[self._row(people, account, day), np.minimum(minute, _DAY_MINUTES - 1)])

    def local_hour(self, people: People, account: Ints, time: Floats) -> tuple[Floats, Ints]:
        """Give (hour of the day, weekday) by each account's own clock on the wall."""
        local = time + people.zone_s[account]
        day = np.floor(local / DAY_S)
        return (local - day * DAY_S) / HOUR_S, self.weekday(day.astype(np.int64))

    def at_local(self, people: People, account: int, day: int, hour: float) -> float:
        """Give the time of an hour of an account's local day."""
        return float(day * DAY_S + hour * HOUR_S - people.zone_s[account])

    def when_awake(self, people: People, account: Ints, time: Floats, rng: np.random.Generator) -> Floats:
        """Put off what would fall into someone's sleep: each tries again some hours later, a few times."""
        time = np.array(time, dtype=np.float64)
        waiting = np.arange(len(time))
        for _ in range(6):
            asleep = rng.random(len(waiting)) > np.sqrt(self.level(people, account[waiting], time[waiting]))
            waiting = waiting[asleep]
            time[waiting] += rng.exponential(2.5 * HOUR_S, len(waiting))
        return time

    def _row(self, people: People, account: Ints, day: Ints) -> Ints:
        return people.rhythm[account].astype(np.int64) * 2 + (self.weekday(day) >= 5)

    def _draw_days(self, people: People, account: Ints, rng: np.random.Generator) -> Ints:
        day = rng.integers(0, self.days, len(account))
        left = np.arange(len(account))
        for _ in range(_ROUNDS):
            who, when = account[left], day[left]
            weight = np.minimum(-np.log1p(-uniform(who, when, self._salt)), _GOOD_DAY_CAP)
            weight *= np.where(self.weekday(when) >= 5, people.weekend[who], 1.0)
            left = left[rng.random(len(left)) * _GOOD_DAY_CAP > weight]
            if len(left) == 0:
                break
            day[left] = rng.integers(0, self.days, len(left))
        return day
