"""Whether two engines say the same: whole numbers equal, others to 1e-9."""

from __future__ import annotations

import dataclasses
import math

import numpy as np


def assert_alike(one, other, where=""):
    assert type(one) is type(other), where
    if isinstance(one, np.ndarray):
        assert one.shape == other.shape, where
        if one.dtype.kind == "f":
            np.testing.assert_allclose(other, one, rtol=1e-9, atol=1e-12, err_msg=where)
        else:
            np.testing.assert_array_equal(other, one, err_msg=where)
    elif isinstance(one, list | tuple):
        assert len(one) == len(other), where
        for n, (x, y) in enumerate(zip(one, other, strict=True)):
            assert_alike(x, y, f"{where}[{n}]")
    elif dataclasses.is_dataclass(one):
        for field in dataclasses.fields(one):
            assert_alike(getattr(one, field.name), getattr(other, field.name), f"{where}.{field.name}")
    elif isinstance(one, float):
        assert math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12) or (one != one and other != other), where
    else:
        assert one == other, where
