"""Turns the targets of a row into events: several columns, lists, JSON lists, texts split at spaces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from samehand.events.formats.interface import LoadedColumn, LoadedPart
from samehand.events.ids import plain_text, value_or_null
from samehand.events.mapping import Mapping
from samehand.events.sql import Session, fetch_row, literal


@dataclass(frozen=True, kw_only=True)
class TargetColumn:
    """A column that names targets."""

    name: str
    action: str | None
    """What its events are, whatever the row's own action; None: the row's action."""
    suffix: str
    """Put behind the row's action, so that the same id in two columns is not the same thing; may be empty."""
    split: bool
    """Whether the texts hold several targets, separated by spaces."""
    several: bool
    """Whether a row may name several targets in it."""


def describe_targets(
    session: Session, parts: Sequence[LoadedPart], mapping: Mapping
) -> tuple[TargetColumn, ...]:
    """Describe the columns of the target role, and look whether their values are lists."""
    names = mapping.columns("target")
    from_preset = any(item.role == "target" and item.how == "preset" for item in mapping.roles)
    preset = mapping.preset if from_preset else None
    own_names = dict(zip(names, preset.columns["target"], strict=False)) if preset else {}
    described = []
    for name in names:
        own = own_names.get(name, name)
        split = preset is not None and own in preset.split_at_spaces
        described.append(
            TargetColumn(
                name=name,
                action=preset.target_actions.get(own) if preset else None,
                suffix=name if len(names) > 1 else "",
                split=split,
                several=split
                or any(_has_lists(session, part, name) for part in parts if name in part.columns),
            )
        )
    return tuple(described)


def _has_lists(session: Session, part: LoadedPart, name: str) -> bool:
    column = part.columns[name]
    if column.kind == "list":
        return True
    if column.kind not in {"text", "untyped", "json"}:
        return False
    query = f"SELECT bool_or({_is_json_list(column.sql)}) AS found FROM {part.view}"  # noqa: S608
    return bool(fetch_row(session, query)["found"])


def _is_json_list(text: str) -> str:
    return f"(starts_with({text}, '[') AND json_valid({text}))"


def is_simple(targets: Sequence[TargetColumn]) -> bool:
    """Tell whether each row is exactly one event."""
    return not targets or (len(targets) == 1 and not targets[0].several and targets[0].action is None)


def hits(targets: Sequence[TargetColumn], part: LoadedPart, action: str) -> str:
    """Give SQL for the list of (action, target) of a row; a row without a target has one, with none.

    Args:
        targets: The columns.
        part: The part; columns that it lacks add nothing.
        action: SQL for the row's own action.
    """
    lists = []
    for target in targets:
        if target.name in part.columns:
            values = _values(target, part.columns[target.name])
            pairs = f"{{'action': {_action(target, action)}, 'target': v}}"
            lists.append(f"list_transform({values}, lambda v: {pairs})")
    found = f"list_concat({', '.join(lists)})" if lists else "[]"
    none = f"[{{'action': {action}, 'target': CAST(NULL AS VARCHAR)}}]"
    return f"CASE WHEN len({found}) = 0 THEN {none} ELSE {found} END"


def _action(target: TargetColumn, action: str) -> str:
    if target.action is not None:
        return literal(target.action)
    if not target.suffix:
        return action
    return f"concat_ws(':', {action}, {literal(target.suffix)})"


def _values(target: TargetColumn, column: LoadedColumn) -> str:
    """Give SQL for the targets of one column as a list of texts without the missing ones."""
    text = plain_text(column)
    if column.kind == "list":
        values = f"list_transform({column.sql}, lambda x: {_element(column)})"
    elif not target.several:
        values = f"[{text}]"
    else:
        elements = f"regexp_split_to_array({text}, '\\s+')" if target.split else f"[{text}]"
        listed = f"json_extract_string({column.sql}, '$[*]')"
        values = f"CASE WHEN {_is_json_list(column.sql)} THEN {listed} ELSE {elements} END"
    kept = value_or_null("target", "x")
    return f"list_filter(list_transform(coalesce({values}, []), lambda x: {kept}), lambda x: x IS NOT NULL)"


def _element(column: LoadedColumn) -> str:
    return plain_text(LoadedColumn(sql="x", kind=column.element)) if column.element else "CAST(x AS VARCHAR)"
