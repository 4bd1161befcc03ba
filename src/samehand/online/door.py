"""The verdict at the door: which suspected fleet one event resembles. It looks up, and searches nothing."""

from __future__ import annotations

import math
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import msgspec
import pyarrow as pa

from samehand.online.forming import hashes
from samehand.online.profiles import Profile, Profiles, Trace, traces_of
from samehand.texts import say

RESEMBLES_BITS: Final = 10.0
"""So much evidence, after the price of choosing among the fleets, makes a resemblance: one in a thousand by chance."""
MOST_BITS: Final = {"co_target": 12.0, "co_content": 12.0, "device": 6.0, "address": 6.0, "now": 12.0}
"""No layer says more: each rests on what was seen, and an address may be shared by a street."""
RECENT_US: Final = 600_000_000
"""Who came to a target within this counts as there now."""
_MIXED: Final = 0.1
"""Of a fleet's events so many are taken to be like anybody's."""
_MOST_RECENT: Final = 200_000
"""Targets whose latest visitors are remembered."""
_VISITORS: Final = 64

Verdict = Literal["member", "resembles", "forming", "none"]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of one event. It accuses nobody: it says what was seen."""

    verdict: Verdict
    """``member``: the account is in a suspected fleet; ``resembles``: the event looks like one's; ``forming``: the
    account met the same others again and again since the last look; ``none``: nothing known."""
    fleet_id: str | None = None
    bits: float = 0.0
    """Evidence for the fleet, the price of choosing it taken off; of an account in it, its own bits."""
    bits_by_layer: dict[str, float] = {}
    reasons: list[str] = []
    as_of: str = ""
    """End of the window of the last look."""


@dataclass
class Door:
    """What is known, and who came lately."""

    profiles: Profiles = field(default_factory=Profiles)
    restless: dict[int, int] = field(default_factory=dict)
    """Hash of an account -> others that it met again and again."""
    _fleet_of: dict[str, int] = field(default_factory=dict)
    _having: dict[tuple[str, Trace], list[int]] = field(default_factory=dict)
    """Layer and trace -> fleets that have it."""
    _recent: OrderedDict[Trace, deque[tuple[int, str]]] = field(default_factory=OrderedDict)

    def learn(self, profiles: Profiles, restless: dict[int, int]) -> None:
        """Take what the last look and tick gave."""
        self.profiles, self.restless = profiles, restless
        self._fleet_of, self._having = {}, {}
        for i, fleet in enumerate(profiles.fleets):
            self._fleet_of.update(dict.fromkeys(fleet.accounts, i))
            for layer, shares in fleet.shares.items():
                for trace in shares:
                    self._having.setdefault((layer, trace), []).append(i)

    def score(self, event: dict[str, str | None], time_us: int, lang: str = "en") -> Answer:
        """Say which fleet an event resembles.

        Args:
            event: Role -> value; ``account`` at least.
            time_us: When it was.
            lang: Of the reasons.
        """
        account = event["account"] or ""
        traces = traces_of(event)
        beside = self._visit(account, traces, time_us)
        if account in self._fleet_of:
            return self._member(self.profiles.fleets[self._fleet_of[account]], account, lang)
        best, bits_by_layer = self._nearest(traces, beside)
        price = math.log2(max(1, len(self.profiles.fleets)))
        bits = _together(bits_by_layer) - price
        if best is not None and bits >= RESEMBLES_BITS:
            return Answer(
                verdict="resembles",
                fleet_id=best.fleet_id,
                bits=round(bits, 1),
                bits_by_layer={layer: round(some, 1) for layer, some in bits_by_layer.items()},
                reasons=[
                    say(f"door.{layer}", lang, bits=some, fleet=best.fleet_id)
                    for layer, some in bits_by_layer.items()
                    if some > 0
                ],
                as_of=self.profiles.at,
            )
        n_partners = self.restless.get(_hash(account)) if self.restless else None
        if n_partners is not None:
            reason = say("door.forming", lang, n=n_partners)
            return Answer(verdict="forming", reasons=[reason], as_of=self.profiles.at)
        return Answer(verdict="none", as_of=self.profiles.at)

    def _member(self, fleet: Profile, account: str, lang: str) -> Answer:
        bits = round(fleet.accounts[account], 1)
        return Answer(
            verdict="member",
            fleet_id=fleet.fleet_id,
            bits=bits,
            bits_by_layer={"member": bits},
            reasons=[
                say("door.member", lang, fleet=fleet.fleet_id, bits=bits, n_accounts=len(fleet.accounts))
            ],
            as_of=self.profiles.at,
        )

    def _nearest(
        self, traces: dict[str, list[Trace]], beside: set[str]
    ) -> tuple[Profile | None, dict[str, float]]:
        """Find the fleet with the most evidence, and its bits by layer."""
        found: dict[int, dict[str, float]] = {}
        for layer, some in traces.items():
            for trace in some:
                for i in self._having.get((layer, trace), ()):
                    bits = self._trace_bits(self.profiles.fleets[i], layer, trace)
                    mine = found.setdefault(i, {})
                    mine[layer] = max(mine.get(layer, 0.0), bits)
        for i, n in _count(self._fleet_of.get(one) for one in beside).items():
            found.setdefault(i, {})["now"] = self._now_bits(self.profiles.fleets[i], n, len(beside))
        if not found:
            return None, {}
        best = max(found, key=lambda i: (_together(found[i]), -i))
        return self.profiles.fleets[best], found[best]

    def _trace_bits(self, fleet: Profile, layer: str, trace: Trace) -> float:
        """Give log2 of how much more of the fleet's events have a trace than of all others.

        To the others one event with the trace is added, for what was never seen.
        """
        share, n_all = fleet.shares[layer][trace], self.profiles.n_events
        n_having = n_all * self.profiles.common.get(layer, {}).get(trace, 0.0) - share * fleet.n_joint
        others = (max(n_having, 0.0) + 1) / (max(n_all - fleet.n_joint, 0) + 1)
        mixed = (1 - _MIXED) * share + _MIXED * others
        return min(max(math.log2(mixed / others), 0.0), MOST_BITS[layer])

    def _now_bits(self, fleet: Profile, n_members: int, n_beside: int) -> float:
        """Give log2 of how much likelier one comes where the fleet is at work, if one is of it.

        One of the fleet comes where most of it is: a share of the fleet as large as that which is there. Anybody comes
        there as often as all others did: those beside who are not of the fleet, and one more.
        """
        if n_members < 2:
            return 0.0
        share = n_members / len(fleet.accounts)
        others = (n_beside - n_members + 1) / max(self.profiles.n_events, n_beside + 1)
        return min(max(math.log2(share / others), 0.0), MOST_BITS["now"])

    def _visit(self, account: str, traces: dict[str, list[Trace]], time_us: int) -> set[str]:
        """Remember that an account came to its target, and give the others that did lately."""
        beside: set[str] = set()
        for target in traces.get("co_target", ()):
            visitors = self._recent.setdefault(target, deque(maxlen=_VISITORS))
            self._recent.move_to_end(target)
            beside.update(one for at, one in visitors if abs(time_us - at) <= RECENT_US and one != account)
            visitors.append((time_us, account))
            if len(self._recent) > _MOST_RECENT:
                self._recent.popitem(last=False)
        return beside


def _together(bits: dict[str, float]) -> float:
    """Add up what layers say; a device and its address say one thing, and the larger counts."""
    return sum(bits.values()) - min(bits.get("device", 0.0), bits.get("address", 0.0))


def _count(some: Any) -> dict[int, int]:
    counts: dict[int, int] = {}
    for one in some:
        if one is not None:
            counts[one] = counts.get(one, 0) + 1
    return counts


def _hash(account: str) -> int:
    return int(hashes(pa.array([account]))[0])
