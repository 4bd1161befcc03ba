"""Decides which columns of a log play which role: as given, by a preset, or guessed; shows the decision."""

from __future__ import annotations

from collections.abc import Mapping as Given
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, Literal, TypeAlias

from samehand.columns import REQUIRED_ROLES, ROLES, SEVERAL_COLUMNS, Role
from samehand.errors import InputError, OptionError
from samehand.events.formats.interface import Column, printable
from samehand.events.guess import guess_roles
from samehand.events.presets import PRESETS, Preset, recognise
from samehand.texts.lines import columns_of

GivenMapping: TypeAlias = Given[str, str | Sequence[str] | None]
"""Role -> column, or columns for the target; None: the log has no such role, whatever its names say."""

MOST_PADDED: Final = 32
"""Columns of a terminal; the names of the log that are longer stand out of line."""

How = Literal["given", "preset", "guessed"]


@dataclass(frozen=True, kw_only=True)
class RoleColumns:
    """The columns of one role."""

    role: Role
    columns: tuple[str, ...]
    """As the log names them; several only for the target and the risk."""
    how: How
    confidence: float
    """Of a guess, 0 to 1; otherwise 1."""
    runner_up: str = ""
    """The column that the guess would have taken instead."""


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """Which columns play which role."""

    roles: tuple[RoleColumns, ...]
    """In the order of ``columns.ROLES``; roles that the log lacks are not in it."""
    preset: Preset | None
    unused: tuple[str, ...]
    """Columns without a role."""

    def columns(self, role: Role) -> tuple[str, ...]:
        """The columns of a role; none where the log lacks it."""
        return next((item.columns for item in self.roles if item.role == role), ())

    def as_lists(self) -> dict[str, list[str]]:
        """Role -> columns, for records."""
        return {item.role: list(item.columns) for item in self.roles}

    def to_text(self) -> str:
        """Write the mapping as a small table for a terminal."""
        rows = [(item.role, _list(item.columns), _how(item)) for item in self.roles]
        if self.preset and self.preset.action and not self.columns("action"):
            rows.append(("action", repr(self.preset.action), "preset"))
        elif len(self.columns("target")) > 1 and not self.columns("action"):
            rows.append(("action", "-", "the target's column names it"))
        rows += [(role, "-", "not in the log") for role in ROLES if role not in {row[0] for row in rows}]
        rows.sort(key=lambda row: ROLES.index(row[0]))
        widths = [max(min(columns_of(row[i]), MOST_PADDED) for row in rows) for i in (0, 1)]
        lines = [f"{_pad(role, widths[0])}  {_pad(names, widths[1])}  {how}" for role, names, how in rows]
        if self.preset:
            lines.insert(0, f"Columns as {self.preset.about} names them (preset {self.preset.name}):")
        if self.unused:
            lines.append(f"Without a role: {_list(self.unused)}")
        return "\n".join(lines)


def _pad(text: str, width: int) -> str:
    return text + " " * (width - columns_of(text))


def _how(item: RoleColumns) -> str:
    if item.how != "guessed":
        return item.how
    return f"guessed ({item.confidence:.0%})" + (
        f", or {printable(item.runner_up)}" if item.runner_up else ""
    )


def _list(names: Sequence[str]) -> str:
    """List names of columns for people; a log may have thousands."""
    more = f" and {len(names) - 40} more" if len(names) > 40 else ""
    return ", ".join(printable(name) for name in names[:40]) + more


def choose_mapping(columns: Sequence[Column], given: GivenMapping | None, preset_name: str | None) -> Mapping:
    """Decide the columns of each role: what is given wins over a preset, and a preset over a guess.

    Args:
        columns: All columns of the log.
        given: What the user says.
        preset_name: The preset that the user names; None: one is used where the columns are exactly its own.

    Raises:
        OptionError: A role, column or preset is unknown, or a role got several columns.
        InputError: No column, or no one column, seems to be the time or the account.
    """
    names = [column.name for column in columns]
    roles = _understand(given or {}, names)
    chosen = [
        RoleColumns(role=role, columns=found, how="given", confidence=1.0) for role, found in roles.items()
    ]
    preset = recognise(names) if preset_name is None else _find_preset(preset_name, columns)
    open_roles = {role for role in ROLES if role not in roles}
    if preset:
        chosen += _from_preset(preset, names, open_roles)
    else:
        taken = {name for found in roles.values() for name in found}
        chosen += _from_guess(columns, open_roles, taken)
    chosen = [item for item in chosen if item.columns]
    chosen.sort(key=lambda item: ROLES.index(item.role))
    _check_complete(chosen, columns)
    used = {name for item in chosen for name in item.columns}
    inner = {column.name for column in columns if len(column.path) > 1 and column.kind != "untyped"}
    unused = tuple(name for name in names if name not in used and name not in inner)
    return Mapping(roles=tuple(chosen), preset=preset, unused=unused)


def _understand(given: GivenMapping, names: Sequence[str]) -> dict[Role, tuple[str, ...]]:
    roles: dict[Role, tuple[str, ...]] = {}
    for role, value in given.items():
        if role not in ROLES:
            near = get_close_matches(role, ROLES, n=1)
            hint = near[0] if near else f"one of {', '.join(ROLES)}"
            raise OptionError(f"unknown role {role!r}", where="mapping", hint=hint)
        found = _split(value, names)
        for name in found:
            if name not in names:
                near = get_close_matches(name, names, n=3, cutoff=0.5)
                hint = _list(near) if near else f"one of {_list(names)}"
                raise OptionError(f"no column {name!r} in the log", where=f"mapping of {role}", hint=hint)
        if len(found) > 1 and role not in SEVERAL_COLUMNS:
            raise OptionError(
                f"{len(found)} columns for {role}",
                where="mapping",
                hint="one column; only the target and the risk may have several",
            )
        roles[role] = found
    return roles


def _split(value: str | Sequence[str] | None, names: Sequence[str]) -> tuple[str, ...]:
    """Take a text as a column, or as several with commas between, where no column is called so."""
    if value is None:
        return ()
    if isinstance(value, str):
        parts = [value] if value in names else value.split(",")
        return tuple(part.strip() if part not in names else part for part in parts if part.strip())
    return tuple(value)


def _find_preset(name: str, columns: Sequence[Column]) -> Preset:
    presets = [preset for preset in PRESETS if preset.name == name]
    if not presets:
        known = ", ".join(dict.fromkeys(preset.name for preset in PRESETS))
        raise OptionError(f"unknown preset {name!r}", hint=f"one of {known}")
    names = [column.name for column in columns]
    for preset in presets:
        if set(preset.needed) <= set(names) or (preset.by_position and len(names) >= len(preset.needed)):
            return preset
    missing = sorted(set(presets[0].needed) - set(names))
    raise InputError(
        f"the log has no column {', '.join(missing)}, which the preset {name} needs",
        hint=f"--map ROLE=COLUMN instead; the columns are {_list(names)}",
    )


def _from_preset(preset: Preset, names: Sequence[str], roles: set[Role]) -> list[RoleColumns]:
    own = {name: name for name in names}
    if not set(preset.needed) <= set(names):
        own = dict(zip(preset.needed, names, strict=False))
    return [
        RoleColumns(
            role=role,
            columns=tuple(own[column] for column in columns if column in own),
            how="preset",
            confidence=1.0,
        )
        for role, columns in preset.columns.items()
        if role in roles
    ]


def _from_guess(columns: Sequence[Column], roles: set[Role], taken: set[str]) -> list[RoleColumns]:
    guesses = guess_roles(columns, roles, taken)
    for role in REQUIRED_ROLES:
        guess = guesses.get(role)
        if guess and guess.ties:
            raise InputError(
                f"each of {_list(guess.ties)} may be the {role}",
                where="columns",
                hint=f"--map {role}={guess.ties[0]} (in Python: mapping={{{role!r}: {guess.ties[0]!r}}})",
            )
    return [
        RoleColumns(
            role=role,
            columns=(guess.column,),
            how="guessed",
            confidence=guess.confidence,
            runner_up=guess.runner_up,
        )
        for role, guess in guesses.items()
    ]


def _check_complete(chosen: Sequence[RoleColumns], columns: Sequence[Column]) -> None:
    found = {item.role for item in chosen}
    for role in REQUIRED_ROLES:
        if role not in found:
            names = _list([_show(column) for column in columns])
            raise InputError(
                f"no column seems to be the {role}; the columns are {names}",
                where="columns",
                hint=f"--map {role}=COLUMN (in Python: mapping={{{role!r}: COLUMN}})",
            )
    kinds = {column.name: column.kind for column in columns}
    for item in chosen:
        for name in item.columns:
            if kinds[name] == "nested":
                inner = [column for column in kinds if column.startswith(f"{name}.")]
                raise InputError(
                    f"the column {name!r} is nested and cannot be the {item.role} as a whole",
                    where="columns",
                    hint=f"one of its fields: {_list(inner) or 'none can be named'}",
                )


def _show(column: Column) -> str:
    if column.name.startswith("column") and column.examples:  # the file names no columns
        return f"{column.name} ({column.examples[0][:30]})"
    return column.name
