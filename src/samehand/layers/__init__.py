"""Layers: each looks at one kind of trace that a controller leaves. One file a layer, one line here."""

from __future__ import annotations

from samehand.layers.co_content import CO_CONTENT
from samehand.layers.co_target import CO_TARGET
from samehand.layers.interface import Layer, LayerUse
from samehand.layers.registration import REGISTRATION
from samehand.layers.rhythm import RHYTHM

LAYERS: tuple[Layer, ...] = (CO_TARGET, RHYTHM, CO_CONTENT, REGISTRATION)

__all__ = ["LAYERS", "Layer", "LayerUse"]
