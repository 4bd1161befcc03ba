"""What a stream was begun with. It stays so: leads of one stream must rest on one window and one budget."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, get_args

import msgspec

from samehand.columns import REQUIRED_ROLES, Role
from samehand.config import Config
from samehand.errors import InputError, OptionError
from samehand.placing import write_whole

FORMAT: Final = 1
SECOND_US: Final = 1_000_000
_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_FILE: Final = "stream.json"


@dataclass(frozen=True, kw_only=True)
class StreamSettings:
    """How a stream is read and looked at. Durations are microseconds of event time."""

    window_us: int = 14 * 86_400 * SECOND_US
    """A look sees events up to so old."""
    tick_us: int = 60 * SECOND_US
    """Evidence is weighed at the end of each tick."""
    lateness_us: int = 600 * SECOND_US
    """Events that come so much after younger ones still count; what is later is counted and left out."""
    look_every_us: int = 86_400 * SECOND_US
    """A look is taken at least so often, whether something forms or not."""
    active_accounts: int = 100_000
    """Accounts for which tables of what forms have room."""
    mapping: dict[str, str] = field(default_factory=dict)
    """Role -> key of the JSON object, where it is not called like the role."""
    zone: str = "UTC"
    """Of times that name none."""
    config: Config = field(default_factory=Config)
    """Of each look; its ``fdr`` is the budget."""

    def __post_init__(self) -> None:
        for role in self.mapping:
            if role not in get_args(Role):
                raise OptionError(
                    f"unknown role {role!r}", where="--map", hint=f"one of {', '.join(get_args(Role))}"
                )
        _check(self.tick_us >= SECOND_US, "tick", "1s or more")
        _check(self.window_us >= 60 * self.tick_us, "window", "60 ticks or more")
        _check(self.window_us % self.tick_us == 0, "window", "a whole number of ticks")
        _check(self.look_every_us >= self.tick_us, "look-every", "a tick or more")
        _check(0 <= self.lateness_us <= self.window_us, "lateness", "at most the window")
        _check(1_000 <= self.active_accounts <= 100_000_000, "active-accounts", "1,000 to 100,000,000")

    def key_of(self, role: Role) -> str:
        """Key of a role in the events."""
        return self.mapping.get(role, role)

    @property
    def required_keys(self) -> list[str]:
        """Keys that every event must have."""
        return [self.key_of(role) for role in REQUIRED_ROLES]


def _check(good: bool, name: str, wanted: str) -> None:
    if not good:
        raise OptionError(f"--{name} cannot be so", hint=f"--{name}: {wanted}")


def parse_duration(text: str, option: str) -> int:
    """Read a duration such as ``90s``, ``10m``, ``6h`` or ``14d`` as microseconds.

    Raises:
        OptionError: It is none.

    >>> parse_duration("10m", "--lateness")
    600000000
    """
    found = re.fullmatch(r"(\d{1,9})([smhd])", text.strip())
    if not found:
        raise OptionError(f"{text!r} is no duration", where=option, hint=f"{option} 90s, 10m, 6h or 14d")
    return int(found[1]) * _UNITS[found[2]] * SECOND_US


@dataclass(frozen=True, kw_only=True)
class _Stored:
    format: int
    settings: StreamSettings


def open_settings(state: Path, wanted: StreamSettings) -> StreamSettings:
    """Begin a stream in a folder, or go on with the one that is there.

    Args:
        state: Folder of the stream; made where it is missing.
        wanted: What is asked for.

    Raises:
        OptionError: The folder holds something else, cannot be written, or the stream was begun with other settings.
        InputError: The settings of the stream are damaged.
    """
    file = state / _FILE
    if not file.exists():
        if state.exists() and (not state.is_dir() or any(state.iterdir())):
            raise OptionError(
                "exists and is not the state of a stream", where=str(state), hint="another --state"
            )
        try:
            state.mkdir(parents=True, exist_ok=True)
            write_whole(
                file, msgspec.json.format(msgspec.json.encode(_Stored(format=FORMAT, settings=wanted)))
            )
        except OSError as error:
            raise OptionError(
                f"cannot be written: {error.strerror}", where=str(state), hint="another --state"
            ) from error
        return wanted
    known = read_settings(state)
    for setting in dataclasses.fields(known):
        before, now = getattr(known, setting.name), getattr(wanted, setting.name)
        if setting.name == "config":  # threads and memory change no result
            now = dataclasses.replace(now, threads=before.threads, memory_gib=before.memory_gib)
        if before != now:
            raise OptionError(
                f"the stream was begun with another {setting.name.removesuffix('_us')} ({before}, not {now})",
                where=str(state),
                hint="the same options as before, or another --state for a new stream",
            )
    return dataclasses.replace(known, config=wanted.config)


def read_settings(state: Path) -> StreamSettings:
    """Read the settings of a stream.

    Raises:
        InputError: There is no stream, or its settings are damaged or of another version.
    """
    file = state / _FILE
    try:
        stored = msgspec.json.decode(file.read_bytes(), type=_Stored)
    except OSError as error:
        raise InputError(
            "no stream here (stream.json is missing)", where=str(state), hint="a folder of `samehand watch`"
        ) from error
    except (msgspec.DecodeError, OptionError) as error:
        raise InputError(
            f"stream.json is damaged: {error}",
            where=str(state),
            hint="put the file back; it holds the options that the stream was begun with",
        ) from error
    if stored.format != FORMAT:
        raise InputError(
            f"the stream has format {stored.format}, this samehand reads {FORMAT}",
            where=str(state),
            hint="another --state",
        )
    return stored.settings
