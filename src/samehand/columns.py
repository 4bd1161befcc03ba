"""Every table that passes between stages: its columns, their types, and what one row is.

Ids (accounts, targets, devices, ...) keep the type they had in the log, text or 64-bit integer, so the schemas that
hold ids are functions of the id's type. All times are UTC microseconds.
"""

from __future__ import annotations

from typing import Final, Literal

import pyarrow as pa

Role = Literal[
    "time",
    "account",
    "action",
    "target",
    "device",
    "address",
    "content",
    "client",
    "outcome",
    "risk",
    "event_id",
]

ROLES: Final[tuple[Role, ...]] = (
    "event_id",
    "time",
    "account",
    "action",
    "target",
    "device",
    "address",
    "content",
    "client",
    "outcome",
    "risk",
)
SEVERAL_COLUMNS: Final[frozenset[Role]] = frozenset({"target", "risk"})
"""Roles that several columns of a log may play at once."""
REQUIRED_ROLES: Final[tuple[Role, ...]] = ("time", "account")

TIME: Final = pa.timestamp("us", tz="UTC")


def schema_of(types: dict[str, pa.DataType]) -> pa.Schema:
    """Make a schema of names and types."""
    return pa.schema(types)


def events(account: pa.DataType, event_id: pa.DataType, roles: tuple[Role, ...] = ROLES) -> pa.Schema:
    """One row is one event: an account did an action, to a target where the log names one.

    Roles that the log lacks are left out of the schema, never filled. Every role other than time, account and
    event_id is text.
    """
    types: dict[Role, pa.DataType] = {"time": TIME, "account": account, "event_id": event_id}
    return schema_of({role: types.get(role, pa.string()) for role in ROLES if role in roles})


def edges(account: pa.DataType) -> pa.Schema:
    """One row is one pair of accounts in one layer at one scale, more often together than chance gives.

    ``n_features``: distinct shared features within the window. ``expected``: what the strongest null that was tried
    expects of it. ``p_value``: the largest of all that follow whose names begin with p.
    ``bits``: -log2 of the larger of p_local and p_interest, at whatever lags.
    ``p_lag``: null where the other p-values are too large for it to matter.
    ``p_innocent``: weight of the innocent cause that explains the group that both are in, be it too small for a fleet;
    null where there is none.
    ``strong``: the pair carries a fleet by itself; the others only count in groups.
    """
    return schema_of(
        {
            "layer": pa.string(),
            "scale_us": pa.int64(),
            "account_a": account,
            "account_b": account,
            "n_features": pa.int32(),
            "expected": pa.float64(),
            "p_value": pa.float64(),
            "bits": pa.float64(),
            "p_local": pa.float64(),
            "p_interest": pa.float64(),
            "p_lag": pa.float64(),
            "p_innocent": pa.float64(),
            "strong": pa.bool_(),
        }
    )


FLEETS: Final = schema_of(
    {
        "fleet_id": pa.string(),  # F0001 is the first of the ranking
        "reported": pa.bool_(),  # q_value is at most the wanted false-discovery rate
        "n_accounts": pa.int32(),
        "n_events": pa.int64(),  # all events of the members
        "n_coactions": pa.int64(),  # those of them that were made together
        "first_time": TIME,
        "last_time": TIME,
        "score_bits": pa.float64(),  # group evidence against chance, selection paid for
        "q_value": pa.float64(),  # rate of false accusation: by chance or by an innocent cause; null: not estimated
        "chance_count": pa.float64(),  # groups this strong that chance alone gives in such a log
        "coordination": pa.float64(),  # 0..1: how surely they move together
        "inauthenticity": pa.float64(),  # 0..1: how surely one hand rather than an innocent cause moves them
        "layers": pa.list_(pa.string()),
        "scale_us": pa.int64(),  # the scale that carries most of the evidence
        "stability": pa.float64(),  # share of scales and cuts at which half of it stands; null: an older run
        "carrying_scales_us": pa.list_(pa.int64()),  # scales at which half of it stands at the loosest cut
        "behaviours": pa.list_(pa.string()),
        "innocent": pa.string(),  # the best innocent explanation, by name
        "innocent_weight": pa.float64(),  # 0..1
        "n_known_banned": pa.int32(),  # members that were banned before (--known); null: not told
        "n_known_cleared": pa.int32(),  # members that were cleared before (--known); null: not told
        "summary": pa.string(),
        "posterior": pa.float64(),  # probability that one hand moves it, all layers together; null: an older run
        "n_part_time": pa.int32(),  # members with a life of their own beside; null: the log cannot tell
    }
)


BEHAVIOURS: Final = schema_of(
    {
        "fleet_id": pa.string(),
        "behaviour": pa.string(),  # boost, follow_farm, mass_add, mass_message, bulk_registration, rented, ban_evasion
        "n_accounts": pa.int32(),  # members that do it, or are so
        "n_events": pa.int64(),  # their joint events of this kind, or their sign-ups; null: has no meaning
        "n_targets": pa.int64(),  # distinct targets of these events
        "share": pa.float64(),  # of all joint events; null: it is not about these
        "answered": pa.float64(),  # share of these events that was answered; null: unless most have an outcome
        "first_time": TIME,
        "last_time": TIME,
        "expected": pa.float64(),  # members that are so in a group of this size that is drawn by chance
        "p_value": pa.float64(),  # of so many
        "sentence": pa.string(),
    }
)


STABILITY: Final = schema_of(
    {
        "fleet_id": pa.string(),
        "layer": pa.string(),
        "carries": pa.bool_(),  # the layer by which the fleet is judged
        "scale_us": pa.int64(),
        "cut": pa.float64(),  # largest p-value, after choosing from all accounts, at which a member stands
        "share_standing": pa.float64(),  # members whose own evidence in this layer at this scale passes the cut
    }
)


def members(account: pa.DataType) -> pa.Schema:
    """One row is one account in one fleet. An account is in at most one fleet of a run.

    ``bits``: the account's own evidence against chance. ``leave_one_out_bits``: the same with the fleet rebuilt
    without the account. ``share_of_events``: share of its events that were made together with the fleet.
    ``n_driven``: its events that the fleet's hand more likely made than its owner; null: a run of an older samehand.
    ``share_driven``: share of its events that are so.
    ``part_time``: the others look like a real person's life; null: the log does not show whom others turn to.
    ``known``: banned or cleared before (--known); null: neither, or not told.
    ``posterior``: probability that the hand of this fleet moves it, all layers together; null: an older run.
    """
    return schema_of(
        {
            "fleet_id": pa.string(),
            "account": account,
            "reported": pa.bool_(),
            "bits": pa.float64(),
            "leave_one_out_bits": pa.float64(),
            "share_of_events": pa.float64(),
            "n_events": pa.int64(),
            "n_coactions": pa.int64(),
            "first_time": TIME,
            "last_time": TIME,
            "n_driven": pa.int64(),
            "share_driven": pa.float64(),
            "part_time": pa.bool_(),
            "known": pa.string(),
            "posterior": pa.float64(),
        }
    )


def evidence(event_id: pa.DataType) -> pa.Schema:
    """One row is one thing that several members did together: one feature in one window.

    ``n_others``: accounts outside the fleet that did the same in the same window. ``expected``: members that chance
    would have brought there. ``event_ids``: the events behind the row, as the log names them.
    """
    return schema_of(
        {
            "fleet_id": pa.string(),
            "layer": pa.string(),
            "scale_us": pa.int64(),
            "feature": pa.string(),  # for people: "like -> post_17"
            "action": pa.string(),
            "target": pa.string(),
            "n_accounts": pa.int32(),
            "n_events": pa.int32(),
            "n_others": pa.int32(),
            "first_time": TIME,
            "last_time": TIME,
            "expected": pa.float64(),
            "p_value": pa.float64(),
            "bits": pa.float64(),
            "event_ids": pa.list_(event_id),
            "sentence": pa.string(),
        }
    )


EXPLANATIONS: Final = schema_of(
    {
        "fleet_id": pa.string(),
        "explanation": pa.string(),  # fan_club, classroom, household, ...
        "tested": pa.bool_(),  # false: the log lacks what the test needs
        "weight": pa.float64(),  # 0..1, how well it explains what was seen; null where not tested
        "figures": pa.map_(pa.string(), pa.float64()),  # what the sentence is made of, in any language
        "sentence": pa.string(),  # what was found, with figures; or what is missing
    }
)


def member_events(account: pa.DataType, event_id: pa.DataType) -> pa.Schema:
    """One row is one event of a member, so that a report never needs the log again.

    ``coaction``: made together with the fleet (within its scale, on a shared feature).
    """
    return schema_of(
        {
            "fleet_id": pa.string(),
            "coaction": pa.bool_(),
            **{field.name: field.type for field in events(account, event_id)},
        }
    )


LAYER_BITS: Final = schema_of(
    {
        "fleet_id": pa.string(),
        "family": pa.string(),  # layers of one family see one thing; or prior, innocent_causes
        "layer": pa.string(),  # or prior, innocent_causes
        "found_bits": pa.float64(),  # against chance; null for the prior and innocent causes
        "n_members": pa.int32(),  # members that show it
        "value": pa.string(),  # what most of them share, as in the log; of a network one of its addresses
        "n_sharing": pa.int32(),  # members that have this value
        "n_holders": pa.int32(),  # accounts of the log that have it
        "weight_bits": pa.float64(),  # what it adds to the odds that one hand moves the group, or takes away
        "counts": pa.bool_(),  # the layer speaks for its family; the others add nothing
    }
)

CONTROLS: Final = schema_of(
    {
        "kind": pa.string(),  # surrogate, known, household, shared_address, shared_device, community
        "source": pa.string(),  # number of the surrogate; name of the known group; else the column or layer
        "n_groups": pa.int32(),
        "n_accounts": pa.int64(),  # in these groups; null for surrogates
        "n_scored_above_0": pa.int32(),  # groups with evidence against chance, as a candidate has
        "n_explained": pa.int32(),  # those of them that an innocent cause explains
        "n_accused": pa.int32(),  # groups that would have been reported, or have accounts in a reported fleet
        "n_accounts_reported": pa.int64(),  # accounts of known groups in reported fleets; null for others
        "worst_bits": pa.float64(),  # highest score of a group that no innocent cause explains; null: none
    }
)


def driven(account: pa.DataType, event_id: pa.DataType) -> pa.Schema:
    """One row is one event of a member that was more likely driven by the fleet's hand than part of its own life.

    ``bits``: log2 of how much likelier it is if it was driven. ``p_driven``: probability that it was, 0.5 or more.
    """
    return schema_of(
        {
            "fleet_id": pa.string(),
            "event_id": event_id,
            "account": account,
            "bits": pa.float64(),
            "p_driven": pa.float64(),
        }
    )


TIMELINE: Final = schema_of(
    {
        "time": TIME,  # start of the bin; bins are of equal length
        "n_events": pa.int64(),  # of the whole log
        "n_accounts": pa.int64(),
    }
)


def truth(account: pa.DataType) -> pa.Schema:
    """One row is one account that a fleet really holds: the answer key of a simulated or labelled log.

    Where fleets were banned in part (``simulate --bans``), one more column, ``replaces``, names the banned account in
    whose place it came.
    """
    return pa.schema([("account", account), ("fleet", pa.string()), ("kind", pa.string())])


def banned(account: pa.DataType) -> pa.Schema:
    """One row is one account that the platform banned (``simulate --bans``): a list for ``detect --known``."""
    return pa.schema([("account", account), ("status", pa.string()), ("time", TIME)])


def crowds(account: pa.DataType) -> pa.Schema:
    """One row is one account in one innocent crowd, so that false alarms are counted by cause."""
    return pa.schema([("account", account), ("crowd", pa.string()), ("kind", pa.string())])


TRACKS: Final = schema_of(
    {
        "track_id": pa.string(),  # T0001 is the first that was seen; stays when a run is added at the end
        "run": pa.int32(),  # number of the run in order of time, from 1; see track.json
        "fleet_id": pa.string(),  # of that run; null where the track is gone
        "status": pa.string(),  # new, continued, split, merged, re_armed, or gone
        "n_accounts": pa.int32(),
        "n_events": pa.int64(),
        "first_time": TIME,
        "last_time": TIME,
        "reported": pa.bool_(),  # the fleet is reported in its run
    }
)

TRACE: Final = pa.struct(
    [
        ("trace", pa.string()),  # device, address, prefix, template, target, script
        ("n_shared", pa.int32()),
        ("n_of", pa.int32()),  # those of the fleet that has fewer
        ("expected", pa.float64()),  # of these, in another candidate
        ("bits", pa.float64()),  # before bounds
        ("examples", pa.list_(pa.string())),
    ]
)

LINKS: Final = schema_of(
    {
        "from_track": pa.string(),
        "from_run": pa.int32(),
        "from_fleet": pa.string(),
        "to_track": pa.string(),
        "to_run": pa.int32(),
        "to_fleet": pa.string(),
        "re_armed": pa.bool_(),  # carried by traces: hardly any account is in both
        "n_shared": pa.int32(),  # accounts that are in both
        "n_from": pa.int32(),  # accounts of the earlier fleet
        "n_to": pa.int32(),  # accounts of the later fleet
        "expected_shared": pa.float64(),  # accounts that two groups drawn by chance would share
        "accounts_bits": pa.float64(),
        "infrastructure_bits": pa.float64(),  # devices, addresses, networks; bounded, as all that follow
        "templates_bits": pa.float64(),
        "targets_bits": pa.float64(),
        "script_bits": pa.float64(),
        "choice_bits": pa.float64(),  # price of having chosen this pair
        "bits": pa.float64(),  # all kinds less the price
        "traces": pa.list_(TRACE),  # kinds of traces that both show, shared or not
        "sentence": pa.string(),
    }
)


PRICE: Final = schema_of(
    {
        "n_accounts": pa.int32(),  # accounts of each planted fleet
        "delay_us": pa.int64(),  # an order is served within so much time
        "n_serving": pa.int32(),  # accounts that serve one order
        "rate_per_day": pa.float64(),  # joint actions of each account per day, as tried
        "n_orders": pa.int64(),  # orders that each fleet served at this rate
        "n_fleets": pa.int32(),  # fleets planted
        "detected": pa.float64(),  # share of these with more than half of their accounts in one reported fleet
        "recall": pa.float64(),  # mean share of their accounts in any reported fleet
        "hidden": pa.bool_(),  # at least half of the fleets stayed hidden
        "floor": pa.string(),  # measured, always_found or never_found, of the size and delay
        "floor_per_day": pa.float64(),  # highest rate that stays hidden, of the size and delay; null: always found
        "k_star": pa.int32(),  # joint orders from which on a pair is significant by itself; null: at none that was seen
        "bound_per_day": pa.float64(),  # the rate that the packing bound gives for k_star; null: it is larger than seen
    }
)

HARM: Final = schema_of(
    {
        "fleet_id": pa.string(),  # "all": all fleets that were counted, together
        "head": pa.string(),  # platform, users, good_faith, operation, gain, intent
        "item": pa.string(),
        "of": pa.string(),  # a kind of action, a target or a day; null: as a whole
        "entry": pa.string(),  # count, or value: a count times prices
        "unit": pa.string(),  # of a valuation, the currency
        "low": pa.float64(),  # null, as mid and high: neither counted nor valued, see missing
        "mid": pa.float64(),
        "high": pa.float64(),
        "missing": pa.string(),  # log, a column, known, tracks, or price: what was not at hand
        "formula": pa.string(),  # of a valuation
        "inputs": pa.list_(
            pa.struct(
                [
                    ("name", pa.string()),
                    ("low", pa.float64()),
                    ("mid", pa.float64()),
                    ("high", pa.float64()),
                    ("unit", pa.string()),
                    ("source", pa.string()),
                    ("date", pa.string()),
                ]
            )
        ),
        "query": pa.string(),  # of a count, the name of the query in harm.sql
    }
)
