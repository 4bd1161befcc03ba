"""How hard fleets try to hide, level 0 to 4, in one table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

MINUTE_S: Final = 60.0
HOUR_S: Final = 3_600.0
DAY_S: Final = 86_400.0


class AddressUse(Enum):
    """Which addresses a fleet's accounts come from."""

    ONE_PROXY = "one proxy for all"
    HANDFUL = "a handful of proxies"
    DATA_CENTRE = "one rented prefix of a data centre, rotating"
    RESIDENTIAL = "a large pool of lines in real homes, rotating"
    OWN = "each account its own line and mobile network, like people"


class DeviceUse(Enum):
    """Which devices a fleet's accounts run on."""

    ONE_BATCH = "one model bought and set up as a batch, several accounts a phone"
    FEW_MODELS = "a few models, some accounts share a phone"
    MIXED = "the best-selling models, one account a phone"
    RESET_IDS = "any model, ids reset every few days"
    LIKE_PEOPLE = "like everyone's"


class TextUse(Enum):
    """How a fleet varies what it writes."""

    ONE_TEMPLATE = "one template"
    NAMED = "one template with a name put in"
    SPUN = "phrases swapped for others"
    DISGUISED = "phrases swapped, with emoji, look-alike letters and zero-width characters"
    PARAPHRASED = "each text worded anew"


@dataclass(frozen=True, kw_only=True)
class Evasion:
    """One level of evasion."""

    order_delay_s: float
    """An order's actions come uniformly within this time after its first."""
    step_delay_s: float
    """A console step reaches the phones uniformly within this time."""
    own_session_start: bool
    """Each phone begins a console session at a time of its own."""
    share_serving: float
    """Share of the members that serve an order or a session."""
    camouflage: float
    """Actions of an invented own life for each action for the fleet."""
    orders_per_day: float
    """Of a fleet."""
    signup_span_s: float
    """The accounts signed up within this time."""
    addresses: AddressUse
    devices: DeviceUse
    texts: TextUse


LEVELS: Final = (
    Evasion(
        order_delay_s=15,
        step_delay_s=1,
        own_session_start=False,
        share_serving=1.0,
        camouflage=0,
        orders_per_day=12,
        signup_span_s=HOUR_S,
        addresses=AddressUse.ONE_PROXY,
        devices=DeviceUse.ONE_BATCH,
        texts=TextUse.ONE_TEMPLATE,
    ),
    Evasion(
        order_delay_s=MINUTE_S,
        step_delay_s=2,
        own_session_start=False,
        share_serving=0.9,
        camouflage=0.3,
        orders_per_day=12,
        signup_span_s=6 * HOUR_S,
        addresses=AddressUse.HANDFUL,
        devices=DeviceUse.FEW_MODELS,
        texts=TextUse.NAMED,
    ),
    Evasion(
        order_delay_s=10 * MINUTE_S,
        step_delay_s=3,
        own_session_start=False,
        share_serving=0.6,
        camouflage=1,
        orders_per_day=10,
        signup_span_s=DAY_S,
        addresses=AddressUse.DATA_CENTRE,
        devices=DeviceUse.MIXED,
        texts=TextUse.SPUN,
    ),
    Evasion(
        order_delay_s=2 * HOUR_S,
        step_delay_s=MINUTE_S,
        own_session_start=False,
        share_serving=0.3,
        camouflage=3,
        orders_per_day=8,
        signup_span_s=7 * DAY_S,
        addresses=AddressUse.RESIDENTIAL,
        devices=DeviceUse.RESET_IDS,
        texts=TextUse.DISGUISED,
    ),
    Evasion(
        order_delay_s=12 * HOUR_S,
        step_delay_s=15 * MINUTE_S,
        own_session_start=True,
        share_serving=0.12,
        camouflage=10,
        orders_per_day=3,
        signup_span_s=30 * DAY_S,
        addresses=AddressUse.OWN,
        devices=DeviceUse.LIKE_PEOPLE,
        texts=TextUse.PARAPHRASED,
    ),
)

# What the levels mean in numbers, where a name alone does not say it.
PROXIES_IN_HANDFUL: Final = 5
HOSTS_IN_PREFIX: Final = 200
HOST_STAY_S: Final = 3 * HOUR_S
RESIDENTIAL_LINES: Final = 3_000
"""At least; for large fleets ``RESIDENTIAL_LINES_PER_ACCOUNT`` each."""
RESIDENTIAL_LINES_PER_ACCOUNT: Final = 20
REAL_HOMES: Final = 0.5
"""Share of the residential lines that are homes of people on this platform."""
RESIDENTIAL_STAY_S: Final = 0.5 * HOUR_S
ACCOUNTS_PER_PHONE: Final = {DeviceUse.ONE_BATCH: 3, DeviceUse.FEW_MODELS: 2}
FEW_MODELS: Final = 3
MIXED_MODELS: Final = 30
RESET_AFTER_S: Final = 3 * DAY_S
MIN_SERVING: Final = 2
"""Members that serve an order at least."""
