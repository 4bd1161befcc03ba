"""Which layers and scales a log allows: it must have the columns, the clock and the length for them."""

from __future__ import annotations

from collections.abc import Sequence

from samehand.columns import Role
from samehand.engines.answers import LogSize
from samehand.errors import OptionError
from samehand.layers import Layer, LayerUse

Usable = list[tuple[Layer, tuple[int, ...]]]


def usable_scales(
    layers: Sequence[Layer], roles: frozenset[Role], size: LogSize, clock_us: int
) -> tuple[Usable, tuple[LayerUse, ...]]:
    """Choose the layers whose columns the log has, at scales that are neither finer than its clock nor as long as it.

    Of a layer that looks at stretches of time only the longest scale is used.

    Args:
        layers: Wanted layers.
        roles: Columns of the log.
        size: Of the log.
        clock_us: The finest step that the log's clock shows, in microseconds.

    Returns:
        The layers with their scales, and for each wanted layer whether and why not it is used.

    Raises:
        OptionError: No layer can be used.
    """
    span = size.last_us - size.first_us
    usable: Usable = []
    uses = []
    for layer in layers:
        missing = [role for role in layer.roles if role not in roles]
        scales = tuple(scale for scale in layer.scales_us if clock_us <= scale and 2 * scale <= max(span, 1))
        if layer.stretch_us:
            scales = scales[-1:]
        reason = ""
        if missing:
            reason = f"the log has no {', '.join(missing)}"
        elif layer.reads_ages and size.n_sign_ups < 2:
            reason = "the log has no sign-ups (an action such as register or signup)"
        elif not scales:
            coarse = clock_us > layer.scales_us[-1]
            reason = (
                f"the clock shows steps of {clock_us / 1e6:g} s; {layer.scales_us[-1] / 1e6:g} s or finer is needed"
                if coarse
                else "the log is too short"
            )
        if not reason:
            usable.append((layer, scales))
        uses.append(
            LayerUse(name=layer.name, used=not reason, reason=reason, scales_us=() if reason else scales)
        )
    if not usable and size.n_accounts > 1:
        why = "; ".join(f"{use.name}: {use.reason}" for use in uses)
        lacks = any(role not in roles for layer in layers for role in layer.roles)
        hint = "--map target=COLUMN" if lacks else "a log of more time, or with a finer clock"
        raise OptionError(f"no layer can be used on this log ({why})", hint=hint)
    return usable, tuple(uses)


def chosen(usable: Usable) -> list[tuple[Layer, int]]:
    """One entry a layer and scale."""
    return [(layer, scale_us) for layer, scales in usable for scale_us in scales]
