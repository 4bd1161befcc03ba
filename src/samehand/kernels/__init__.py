"""Compiled loops: arrays in, arrays out, no I/O and no vocabulary of the platform."""
