"""Slow, obvious twins of the two counters: every pair of rows is looked at, in plain Python."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import combinations


@dataclass(frozen=True)
class Share:
    row: int
    object_id: str | None
    account_id: str | None
    content_id: str | None
    time: float | None

    @property
    def whole(self):
        return None not in (self.object_id, self.account_id, self.content_id, self.time)


def coortweet(shares, window_s, min_participation, keep_loops, correct):
    """Give (pairs, edges): Counter of pair rows; {accounts: (weight, mean delta, contents, contents_y)}."""
    if correct:
        seen = {(s.object_id, s.account_id, s.content_id, s.time): s for s in reversed(shares)}
        shares = [
            s for s in shares if s.time is None or seen[s.object_id, s.account_id, s.content_id, s.time] is s
        ]
    rows_of = Counter(s.account_id for s in shares)
    active = [s for s in shares if rows_of[s.account_id] >= min_participation]
    first_seen = {}
    for s in shares:
        first_seen.setdefault(s.account_id, len(first_seen))
    pairs = []
    for s, t in combinations([s for s in active if s.whole], 2):
        loop = s.account_id == t.account_id or s.content_id in (t.content_id, s.object_id)
        loop = loop or t.content_id == t.object_id
        if s.object_id != t.object_id or abs(s.time - t.time) > window_s or (loop and not keep_loops):
            continue
        older, newer = sorted(
            (s, t),
            key=lambda x: (
                (x.time, x.account_id, x.content_id) if correct else (x.time, first_seen[x.account_id], x.row)
            ),
        )
        pairs.append((older, newer))
    if correct:
        taking_part = {s for pair in pairs for s in pair}
    else:
        contents = {s.content_id for pair in pairs for s in pair}
        taking_part = {s for s in active if s.content_id in contents}
    n_of = Counter(s.account_id for s in taking_part)
    kept = {s for s in taking_part if n_of[s.account_id] >= min_participation}
    kept_contents = {s.content_id for s in kept}
    pairs = [
        (s, t)
        for s, t in pairs
        if (
            (s in kept or t in kept)
            if correct
            else not kept_contents.isdisjoint({s.content_id, t.content_id})
        )
    ]
    edges = defaultdict(list)
    for s, t in pairs:
        edges[min(s.account_id, t.account_id), max(s.account_id, t.account_id)].append((s, t))
    return Counter(_pair_row(*pair) for pair in pairs), {
        accounts: _edge(accounts, pairs, correct) for accounts, pairs in edges.items()
    }


def _pair_row(s, t):
    return (s.object_id, s.content_id, t.content_id, t.time - s.time, s.account_id, t.account_id)


def _edge(accounts, pairs, correct):
    older, newer = {s.content_id for s, _ in pairs}, {t.content_id for _, t in pairs}
    if correct:
        shares = [s for pair in pairs for s in pair]
        older, newer = ({s.content_id for s in shares if s.account_id == account} for account in accounts)
    return len(pairs), sum(t.time - s.time for s, t in pairs) / len(pairs), len(older), len(newer)


@dataclass(frozen=True)
class Message:
    message_id: str
    user_id: str
    repost_id: str
    reply_id: str
    message: str
    timestamp: float
    urls: str


def cnt(messages, network_type, window_s, keep_loops, correct):
    """Give {(source, target): weight}."""
    first = {}
    for m in messages:
        first.setdefault(m.message_id, m)
    stored = list(first.values())
    traces = {}
    if network_type == "co_link":
        for m in stored if correct else messages:
            for url in m.urls.split(" "):
                if not m.repost_id and not (correct and url == ""):
                    traces.setdefault((m.message_id, url), m)
    else:
        for m in stored:
            feature = _feature(m, network_type)
            if feature is not None and not (correct and network_type == "co_tweet" and feature == ""):
                traces[m.message_id, feature] = m
    met = defaultdict(set)
    for (id_1, feature_1), m in traces.items():
        for (id_2, feature_2), other in traces.items():
            if feature_1 == feature_2 and id_1 != id_2 and abs(m.timestamp - other.timestamp) <= window_s:
                met[m.user_id, other.user_id].add(id_1)
    return {pair: len(ids) for pair, ids in met.items() if keep_loops or pair[0] != pair[1]}


def _feature(m, network_type):
    if network_type == "co_retweet":
        return m.repost_id or None
    if network_type == "co_post":
        return ""
    if m.repost_id:
        return None
    if network_type == "co_reply":
        return m.reply_id or None
    return " ".join(word for word in _without_mentions(m.message.lower()).split())


def _without_mentions(text):
    kept, mention = [], False
    for letter in text:
        ends = letter.isspace() and letter not in "\x1c\x1d\x1e\x1f"  # the toolkit's regex library says so
        mention = (mention or letter == "@") and not ends
        if not mention:
            kept.append(letter)
    return "".join(kept)
