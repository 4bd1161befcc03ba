"""Whether the kernels were compiled on this machine before: the first run waits for the compiler, and says so."""

from __future__ import annotations

from pathlib import Path

from samehand.kernels import group, rows


def compiled_before() -> bool:
    """Tell whether the compiler's cache (beside the code, or in the user's cache folder) holds the kernels."""
    return all(
        any(Path(kernel.stats.cache_path or ".").glob(f"*{kernel.py_func.__name__}-*.nbi"))
        for kernel in (rows.collect_pairs, group.log_member_p_values)
    )
