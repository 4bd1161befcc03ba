"""What the review app is told when it starts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from samehand.cases.model import Action
from samehand.cases.store import CaseStore

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})


@dataclass(frozen=True, kw_only=True)
class AppSettings:
    """Settings of one review app."""

    store: CaseStore
    lang: str = "en"
    """Language of pages until a visitor chooses: en or zh."""
    redact: bool = False
    """Show salted ids and masked texts, to everybody."""
    sign_in: bool = False
    """Whether visitors must sign in; without, whoever reaches the app is its single user. Only for loopback."""
    user: str = "local"
    """Name of the single user, where nobody signs in."""
    hosts: frozenset[str] = LOOPBACK
    """Names that a request may call the app by, without port; empty: any. Foreign names may be DNS rebinding."""
    secure: bool = False
    """Whether browsers come by HTTPS; cookies are then for HTTPS only."""
    second_for: frozenset[Action] = frozenset()
    """Decisions that always require a second reviewer."""
    logs: Path | None = None
    """Folder below which logs may be picked and runs are made from the app; None: that is not offered."""
