"""What a layer is: a few words and numbers, and one function that takes traces from a log.

Adding a layer is one file with one ``Layer``, one line in ``LAYERS``, and one file of cases with at least one fleet and
one innocent crowd. Projection, nulls, backbone and scores are written once, for all layers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from samehand.arrays import F64
from samehand.columns import Role
from samehand.engines.answers import Contacts
from samehand.engines.interface import Columns, Traces

Family = Literal["network", "device", "timing_and_targets", "content", "registration", "contacts"]


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One kind of trace that a controller leaves."""

    name: str
    """In tables and options."""
    title: str
    """For people."""
    catches: str
    """What behaviour of a fleet shows here, in a sentence."""
    innocent_causes: tuple[str, ...]
    """Who else shows it, a phrase each."""
    family: Family
    """Layers of one family see the same thing; only the strongest of a family counts."""
    roles: tuple[Role, ...]
    """Columns that it cannot do without, besides time and account."""
    scales_us: tuple[int, ...]
    """Windows, ascending."""
    take: Callable[[Columns], Traces]
    """Takes the traces: for each event, what it shares with others of the same feature."""
    background: Literal["interest", "hour"]
    """Which events could stand for each other by chance: those on targets of one community, or of one hour."""
    lag_control: bool
    """Whether a pair that shares a feature hours apart shows a common interest."""
    stretch_us: int = 0
    """Events stand for each other only within such a stretch of time; 0: at any time of the log. For layers of which an
    account has all its traces at about one time: to be there at that time is one chance, and not one for each of them.
    Of the windows of such a layer the longest that the log allows is used: in a shorter one it would be the latter."""
    reads_texts: bool = False
    """Whether ``take`` looks at what the texts in ``content`` say, and not only whether they are equal."""
    reads_ages: bool = False
    """Whether ``take`` looks at how old an account is: the log must hold sign-ups."""
    reads_networks: bool = False
    """Whether ``take`` looks at the networks that addresses are in."""
    reads_tags: bool = False
    """Whether ``take`` looks at tags of risk."""
    reads_names: bool = False
    """Whether ``take`` looks at the patterns of the accounts' names."""
    n_windows_an_occasion: int = 0
    """Co-actions on one feature count anew after so many windows; 0: once on each feature."""
    slot_us: int = 0
    """What an account does at the same time of day, within this, on many days counts on the first; 0: always."""
    convicts: bool = True
    """Whether what it sees can be enough by itself. Not, where people share it who do not know of each other: such a
    layer finds groups, and what another layer sees of these must speak against them."""
    avoid: Role | None = None
    """Events with the same value here are no co-action: another layer sees them."""
    avoids_answers: bool = False
    """Whether what two accounts do to each other is no co-action: one has answered the other."""

    @property
    def on_targets(self) -> bool:
        """Whether co-actions are on targets, so that who else came to these, and when, says something about a group."""
        return "target" in self.roles


@dataclass(frozen=True, kw_only=True)
class Trait:
    """One kind of value that an account keeps or comes back to, at whatever time: a device, a network, a script.

    A trait finds no groups. It says what the accounts of a group that layers found have in common besides.
    """

    name: str
    """In tables."""
    title: str
    """For people."""
    catches: str
    """What of a fleet shows here, in a sentence."""
    innocent_causes: tuple[str, ...]
    """Who else shows it, a phrase each."""
    family: Family
    """Layers and traits of one family see the same thing; only the strongest of a family counts."""
    roles: tuple[Role, ...]
    """Columns that it cannot do without, besides time and account."""
    take: Callable[[Columns], Traces]
    """Takes the values: for each event, those that it shows; in order of time."""
    may_lack: bool = False
    """Whether chance could have drawn accounts without a value just as well, as of those without a warning; not where
    a value is merely unknown."""
    reads_texts: bool = False
    reads_ages: bool = False
    reads_networks: bool = False
    reads_tags: bool = False
    reads_names: bool = False
    avoid: Role | None = None
    avoids_answers: bool = False
    nobody: str = "no account of the log has a value"
    """Why it says nothing of anybody, where no account has a value."""
    show: Callable[[str], str] | None = None
    """Shows the value from the name of an account that has it; None: it stands in the first of the columns."""


@dataclass(frozen=True, kw_only=True)
class Rate:
    """One number of each account, of which a fleet's accounts have more than others do. It finds no groups either."""

    name: str
    """In tables."""
    title: str
    """For people."""
    catches: str
    """What of a fleet shows here, in a sentence."""
    innocent_causes: tuple[str, ...]
    """Who else shows it, a phrase each."""
    family: Family
    """Layers, traits and rates of one family see the same thing; only the strongest of a family counts."""
    roles: tuple[Role, ...]
    """Columns that it cannot do without, besides time and account."""
    of: Callable[[Contacts], F64]
    """The number of each account; NaN where it has no meaning."""


@dataclass(frozen=True, kw_only=True)
class LayerUse:
    """Whether a layer was used in a run."""

    name: str
    used: bool
    reason: str
    """Why it was not used; empty where it was."""
    scales_us: tuple[int, ...]
