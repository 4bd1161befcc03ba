"""Layers: each looks at one kind of trace that a controller leaves. One file a layer."""
