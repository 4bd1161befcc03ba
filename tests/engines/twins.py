"""A slow, obvious twin of an engine: plain Python over the rows of a log.

Traces are tuples (account, feature, time); accounts are ids, features whatever the layer says in words. Arithmetic is
that of the twins of the kernels.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict

from tests.engines.load import DAY, HOUR
from tests.kernels import group_twins, pair_twins, twins

NO_CAP = 10**9


class Twin:
    """One layer at one scale over a log's rows."""

    def __init__(self, rows, layer, scale_us, class_of_feature=None):
        once = {(r["time"], r["account"], r.get("action"), r.get("target")): n for n, r in enumerate(rows)}
        kept = [rows[n] for n in sorted(once.values())]
        self.rows = kept
        self.scale_us = scale_us
        self.first_us = min(r["time"] for r in kept)
        self.span = max(r["time"] for r in kept) - self.first_us + 1
        self.horizon = max(DAY, 4 * scale_us) if layer.lag_control else None
        self.occasion = layer.n_windows_an_occasion * scale_us
        self.per_event = 2 if self.occasion else 1
        if layer.name == "co_target":
            taken = [(r, (r["action"], r["target"])) for r in kept if r["target"] is not None]
        else:
            taken = [(r, r["action"]) for r in kept]
        taken.sort(key=lambda one: (str(one[1]), one[0]["time"], one[0]["account"]))
        self.traced = [row for row, _ in taken]
        self.events = [(row["account"], feature, row["time"] - self.first_us) for row, feature in taken]
        targets = sorted({r["target"] for r in kept if r["target"] is not None})
        self.avoid = None
        if layer.avoid:
            self.avoid = [-1 if r["target"] is None else targets.index(r["target"]) for r in self.traced]
        self.persons = [r["target"] for r in self.traced] if layer.avoids_answers else None
        posts = [(r["account"], r["time"], r["event_id"]) if r.get("event_id") else None for r in self.traced]
        self.posts = [post if posts.count(post) > 1 else None for post in posts]
        self.n_events = Counter(account for account, _, _ in self.events)
        self.counts = twins.density(self.events, scale_us)
        if layer.background == "hour":
            hours = [(f, t // HOUR) for _, f, t in self.events]
            self.class_of = [sorted(set(hours), key=str).index(hour) for hour in hours]
            self.extent = [float(HOUR)] * len(set(hours))
        elif class_of_feature is None:
            self.class_of = [0] * len(self.events)
            self.extent = [float(self.span) * len({f for _, f, _ in self.events})]
        else:
            self.class_of = [class_of_feature[f] for _, f, _ in self.events]
            n_classes = max(class_of_feature.values()) + 1
            sizes = Counter(class_of_feature.values())
            self.extent = [float(self.span) * sizes[c] for c in range(n_classes)]
        self.totals = Counter(self.class_of)

    def pairs(self, least=2):
        """{(a, b): (features, expected, log p)} against the local density."""
        n = len(self.events)
        mass = defaultdict(lambda: [0.0] * 16)
        for (account, _, _), count in zip(self.events, self.counts, strict=True):
            mass[account][twins.bin_of(count)] += count
            mass[account][8 + twins.bin_of(count)] += 1
        found = {}
        units = twins.pair_units(
            self.events, self.scale_us, avoid=self.avoid, occasion=self.occasion, posts=self.posts,
            persons=self.persons,
        )  # fmt: skip
        for pair, bins in units.items():
            if len(bins) >= least:
                seen = pair_twins.by_bin(bins)
                log_p, expected = pair_twins.local_test(
                    pair, seen, mass, self.n_events, n, per_event=self.per_event
                )
                found[pair] = (len(bins), expected, log_p)
        return found

    def typical(self):
        """Share of the events within the horizon that are within the window."""
        far = twins.density(self.events, self.horizon)
        shares = [near / wide for near, wide in zip(self.counts, far, strict=True) if wide]
        return sum(shares) / len(shares) if shares else 1.0

    def retest(self, pairs, suspects):
        """{pair: (expected, log p against classes, (least, most) log p of lags)}, the suspects left out."""
        counts = pair_twins.density_without(self.events, self.scale_us, suspects)
        sums = pair_twins.class_sums(self.events, self.class_of, counts, NO_CAP)
        around = pair_twins.background(sums, self.totals, suspects)
        room = [extent for extent in self.extent if extent]
        prior = sum(min(1.0, 2 * self.scale_us / extent) for extent in room) / len(room)
        far = pair_twins.density_without(self.events, self.horizon, suspects) if self.horizon else None
        found = {}
        for pair in pairs:
            units = pair_twins.shared_units(
                self.events, pair, self.scale_us, counts, original=self.counts, cap=NO_CAP,
                avoid=self.avoid, occasion=self.occasion, posts=self.posts, persons=self.persons,
            )  # fmt: skip
            log_p, expected = pair_twins.class_test(
                pair, pair_twins.by_bin(units), sums, around, prior, per_event=self.per_event
            )
            lags = (-math.inf, -math.inf)
            if self.horizon:
                trials = pair_twins.lag_trials(
                    self.events, pair, self.horizon, counts, far, self.typical(), self.posts
                )
                lags = pair_twins.log_lag_p_values(trials, self.scale_us)
            found[pair] = (expected, log_p, lags)
        return found

    def group(self, members, suspects, *, others=False):
        """{account: its evidence} and the events made together, for one group."""
        accounts = sorted(self.n_events)
        number = {account: n for n, account in enumerate(accounts)}
        ignore = [2 if a in members else 1 if a in suspects else 0 for a in accounts]
        events = [(number[a], f, t) for a, f, t in self.events]
        inside = [i for i, e in enumerate(events) if ignore[e[0]] == 2]
        hits = self._together(inside, inside)
        covered, near = group_twins.covered(events, self.class_of, ignore, self.scale_us, list(hits))
        reach = group_twins.reach(events, self.class_of, self.scale_us, list(hits))
        covered_any = group_twins.covered(events, self.class_of, ignore, self.scale_us, inside)[0]
        reach_any = group_twins.reach(events, self.class_of, self.scale_us, inside)
        chosen = sorted(number[a] for a in members)
        if others:
            chosen += [a for a, n in sorted(Counter(near).items()) if n >= 2]
        looked_at = [i for i, e in enumerate(events) if e[0] in chosen]
        hits = self._together(looked_at, inside)
        crowds = {i: group_twins.crowd(events, ignore, self.scale_us, i) for i in hits}
        n_classes = len(self.extent)
        near_group, near_any = (
            [[of.get((c, z), 0) for z in range(8)] for c in range(n_classes)] for of in (covered, covered_any)
        )
        left = Counter(c for c, e in zip(self.class_of, events, strict=True) if ignore[e[0]] > 0)
        background = [self.totals[c] - left[c] for c in range(n_classes)]
        prior, prior_any = (
            [min(1.0, of.get(c, 0) / max(self.extent[c], 1.0)) for c in range(n_classes)]
            for of in (reach, reach_any)
        )
        trials = {}
        if self.horizon:
            trials = group_twins.lag_trials(
                events, looked_at, inside, ignore, self.scale_us, self.horizon, self.typical()
            )
        evidence = {}
        for a in chosen:
            own = dict(Counter(c for c, e in zip(self.class_of, events, strict=True) if e[0] == a))
            own_hits = [i for i in hits if events[i][0] == a]
            once = self._once_a_post(own_hits, {i: (crowds[i], -hits[i]) for i in own_hits})
            mine = [(self._unit(events[i]), crowds[i], hits[i]) for i in once]
            any_, n_features, expected = group_twins.member_test(
                mine, own, near_any, background, prior_any, 1
            )
            without = group_twins.member_test(mine, own, near_group, background, prior, 2)[0]
            log_p = min(0.0, min(any_, without) + math.log(2))
            own_trials = [i for i in trials if events[i][0] == a]
            chances = {i: trials[i][1] for i in own_trials}
            lags = [(*events[i][1:], *trials[i]) for i in self._once_a_post(own_trials, chances)]
            log_p_lag, n_trials, n_near = 0.0, 0, 0
            if self.horizon:
                log_p_lag, n_trials, n_near = group_twins.member_lags(lags, self.scale_us, self.typical())
            evidence[accounts[a]] = {
                "n_features": n_features, "n_coactions": len(own_hits), "expected": expected, "log_p": log_p,
                "log_p_without": without, "log_p_lag": log_p_lag, "n_trials": n_trials, "n_near": n_near,
            }  # fmt: skip
        together = {self._name(i): (self.events[i][0], crowds[i]) for i in hits}
        return evidence, together

    def _together(self, looked_at, inside):
        found = group_twins.partners(
            self.events, looked_at, inside, self.scale_us, self.counts, NO_CAP, self.avoid, self.persons
        )
        return {i: n for i, n in zip(looked_at, found, strict=True) if n}

    def _once_a_post(self, looked_at, rank):
        """Of each post the event of the lowest rank, of others all."""
        best = {}
        for i in sorted(looked_at, key=lambda i: (rank[i], i)):
            best.setdefault(i if self.posts[i] is None else self.posts[i], i)
        return sorted(best.values())

    def _unit(self, event):
        return (event[1], event[2] // self.occasion) if self.occasion else event[1]

    def _name(self, i):
        row = self.traced[i]
        return row["time"], row["account"], row["action"], row["target"]
