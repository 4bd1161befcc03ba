"""Layers: each looks at one kind of trace that a controller leaves. One file a layer, one line here."""

from __future__ import annotations

from samehand.layers.co_address import CO_ADDRESS
from samehand.layers.co_client import CO_CLIENT
from samehand.layers.co_content import CO_CONTENT
from samehand.layers.co_device import CO_DEVICE
from samehand.layers.co_network import CO_NETWORK
from samehand.layers.co_target import CO_TARGET
from samehand.layers.device_risk import DEVICE_RISK
from samehand.layers.fan_out import FAN_OUT, REPETITION, UNANSWERED
from samehand.layers.interface import Layer, LayerUse, Rate, Trait
from samehand.layers.name_pattern import NAME_SHAPE, NAME_STEM
from samehand.layers.registration import REGISTRATION
from samehand.layers.rhythm import RHYTHM
from samehand.layers.script import SCRIPT

LAYERS: tuple[Layer, ...] = (CO_TARGET, RHYTHM, CO_CONTENT, REGISTRATION, CO_ADDRESS)
TRAITS: tuple[Trait, ...] = (CO_DEVICE, CO_CLIENT, DEVICE_RISK, CO_NETWORK, SCRIPT, NAME_STEM, NAME_SHAPE)
RATES: tuple[Rate, ...] = (FAN_OUT, UNANSWERED, REPETITION)

__all__ = ["LAYERS", "RATES", "TRAITS", "Layer", "LayerUse", "Rate", "Trait"]
