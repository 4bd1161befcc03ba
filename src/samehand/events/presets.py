"""The columns of tools and sources that people already have, so that nothing has to be mapped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from samehand.columns import REQUIRED_ROLES, ROLES, Role


@dataclass(frozen=True, kw_only=True)
class Preset:
    """How one tool or source names its columns."""

    name: str
    """As given to ``--preset``; a name may stand for several forms."""
    about: str
    """Whose format it is."""
    columns: dict[Role, tuple[str, ...]]
    """Role -> columns. A column that the log lacks is left out, unless it is needed."""
    needed: tuple[str, ...]
    """Recognised where all of these are there, and nothing beside ``also``."""
    also: tuple[str, ...] | None = ()
    """Other columns of the format; None: any."""
    by_position: bool = False
    """Whether the tool reads its columns by their place (``needed`` in order), whatever their names."""
    action: str | None = None
    """The action of every event, where the format has one kind of event."""
    target_actions: dict[str, str] = field(default_factory=dict)
    """Column of a target -> the action that it stands for; otherwise columns suffix the row's action."""
    split_at_spaces: tuple[str, ...] = ()
    """Columns that hold several values, separated by spaces."""
    naive_times_are_utc: bool = False
    """Whether the format says that times without an offset are UTC."""


PRESETS: Final[tuple[Preset, ...]] = (
    Preset(
        name="samehand",
        about="samehand itself",
        columns={role: (role,) for role in ROLES},
        needed=REQUIRED_ROLES,
        also=ROLES,
    ),
    Preset(
        name="coortweet",
        about="CooRTweet",
        columns={
            "time": ("timestamp_share",),
            "account": ("account_id",),
            "target": ("object_id",),
            "event_id": ("content_id",),
        },
        needed=("object_id", "account_id", "content_id", "timestamp_share"),
        naive_times_are_utc=True,
    ),
    Preset(
        name="cnt",
        about="coordination-network-toolkit",
        columns={
            "time": ("timestamp",),
            "account": ("user_id",),
            "target": ("repost_id", "reply_id", "urls"),
            "content": ("message",),
            "event_id": ("message_id",),
        },
        needed=("message_id", "user_id", "username", "repost_id", "reply_id", "message", "timestamp", "urls"),
        by_position=True,
        action="post",
        target_actions={"repost_id": "repost", "reply_id": "reply", "urls": "post:url"},
        split_at_spaces=("urls",),
        naive_times_are_utc=True,
    ),
    Preset(
        name="github",
        about="GitHub events",
        columns={"time": ("ts",), "account": ("account",), "action": ("action",), "target": ("target",)},
        needed=("ts", "account", "action", "target"),
    ),
    Preset(
        name="github",
        about="GitHub stars",
        columns={"time": ("starred_at",), "account": ("actor",), "target": ("repo_name",)},
        needed=("actor", "repo_name", "starred_at"),
        action="star",
        naive_times_are_utc=True,
    ),
    Preset(
        name="github",
        about="GH Archive",
        columns={
            "time": ("created_at",),
            "account": ("actor.login",),
            "action": ("type",),
            "target": ("repo.name",),
            "event_id": ("id",),
        },
        needed=("created_at", "actor.login", "type", "repo.name"),
        also=None,
        naive_times_are_utc=True,
    ),
    Preset(
        name="tirreno",
        about="tirreno",
        columns={
            "time": ("eventTime",),
            "account": ("userName",),
            "action": ("eventType",),
            "target": ("url",),
            "address": ("ipAddress",),
            "client": ("userAgent",),
            "outcome": ("httpCode",),
        },
        needed=("userName", "ipAddress", "url", "userAgent", "eventTime"),
        also=(
            *(
                "eventType",
                "httpCode",
                "httpMethod",
                "httpReferer",
                "browserLanguage",
                "pageTitle",
                "fullName",
                "firstName",
            ),
            *("lastName", "emailAddress", "phoneNumber", "userCreated", "payload", "fieldHistory"),
        ),
        naive_times_are_utc=True,
    ),
)


def recognise(columns: Sequence[str]) -> Preset | None:
    """Find the preset whose columns these are exactly.

    >>> recognise(["account_id", "object_id", "timestamp_share", "content_id"]).name
    'coortweet'
    """
    names = set(columns)
    for preset in PRESETS:
        known = preset.also is None or names <= {*preset.needed, *preset.also}
        if known and names.issuperset(preset.needed):
            return preset
    return None
