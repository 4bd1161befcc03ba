"""What a controller does against being found, at five levels."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Evasion:
    """What a controller does against being found, at one level."""

    order_jitter_s: float
    """Mean delay of an account after the order; by the console's own pace at 0."""
    step_jitter_s: float
    """How far phones are out of step when all add or message at once."""
    participation: float
    """Share of the fleet that serves one order or one step: targets are split among the accounts."""
    pace: float
    """Orders and steps a day, against level 0: slow."""
    spin: int
    """Slots of the text template that vary, of seven."""
    camouflage: float
    """Ordinary events on other targets for each event of the controller's."""
    accounts_per_device: int
    accounts_per_address: int
    rotate_days: int
    """Days until an account gets another device and address; 0: never."""
    sleeps: bool
    """Accounts keep the hours of people."""


# fmt: off
EVASION = (  # one line a level; the columns are the fields above, in their order
    #       jitter_s  step_s  part  pace  spin  camouflage  per_device  per_address  rotate  sleeps
    Evasion(     5.0,    0.4, 1.00, 1.0,     0,        0.0,          4,         500,      0,  False),
    Evasion(    35.0,    1.0, 0.90, 1.0,     2,        0.3,          2,          25,      0,  False),
    Evasion(   240.0,    2.5, 0.70, 0.9,     4,        1.0,          1,           6,      0,  False),
    Evasion(  2700.0,   60.0, 0.22, 0.8,     6,        2.0,          1,           2,      5,   True),
    Evasion( 16000.0, 5400.0, 0.10, 0.5,     7,        4.0,          1,           1,      1,   True),
)
# fmt: on
