"""The settings of a run. Unknown keys and values out of range are errors, never ignored."""

from __future__ import annotations

import dataclasses
import tomllib
from dataclasses import dataclass
from numbers import Integral, Real
from pathlib import Path
from typing import Any, Final, Self

from samehand.errors import OptionError

SECOND_US = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """What a user may set for ``detect``. Everything else is learned from the log."""

    fdr: float = 0.05
    """Wanted rate of false accusation among the reported fleets; 0 < fdr < 1."""

    surrogates: int = 20
    """Surrogate logs for the false-discovery estimate; 0 skips it, and every output says so."""

    min_accounts: int = 5
    """Smallest group that may be called a fleet; at least 3."""

    seed: int = 0
    """Seed of everything random (surrogates, ties in clustering)."""

    layers: tuple[str, ...] | None = None
    """Names of the layers to use; None: all that the log has the columns for."""

    threads: int | None = None
    """Threads to use; None: all cores."""

    memory_gib: float | None = None
    """Memory that the database may take before it spills to disk; None: 60 % of what the machine has."""

    engine: str = "local"
    """What holds the events: local (this machine), or spark (many)."""

    spark_master: str = "local[*]"
    """Where Spark runs: local[n], or the URL of a cluster."""

    spark_work: str | None = None
    """Folder, reached by all of Spark and this machine, for what is worked out on the way: a job that was killed goes
    on from there. None: a folder of this machine that is removed."""

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value, annotation = getattr(self, field.name), str(field.type)
            _check(_fits(value, annotation), field.name, value, _wanted(annotation))
        _check(0 < self.fdr < 1, "fdr", self.fdr, "a rate between 0 and 1, such as 0.05")
        _check(self.surrogates >= 0, "surrogates", self.surrogates, "0 (no estimate) or a number such as 20")
        _check(self.min_accounts >= 3, "min_accounts", self.min_accounts, "3 or more")
        _check(self.seed >= 0, "seed", self.seed, "0 or more")
        _check(self.threads is None or self.threads >= 1, "threads", self.threads, "1 or more")
        _check(self.memory_gib is None or self.memory_gib > 0, "memory_gib", self.memory_gib, "above 0")
        _check(self.engine in ("local", "spark"), "engine", self.engine, "local or spark")
        _check(self.layers is None or len(self.layers) > 0, "layers", self.layers, "at least one layer")

    @classmethod
    def from_toml(cls, path: Path, **overrides: Any) -> Self:
        """Read settings from a TOML file; ``overrides`` (None means not given) win over the file.

        The file is checked as a whole, also what is overridden.

        Raises:
            OptionError: The file is missing or malformed, or holds an unknown key or a value of the wrong type.
        """
        try:
            settings = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise OptionError(
                f"cannot read the settings: {error.strerror}", where=str(path), hint="a file that is there"
            ) from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise OptionError(
                f"not valid TOML: {error}", where=str(path), hint="lines such as fdr = 0.01"
            ) from error
        config = cls.from_dict(settings, where=str(path))
        return dataclasses.replace(config, **{k: v for k, v in overrides.items() if v is not None})

    @classmethod
    def from_dict(cls, settings: dict[str, Any], *, where: str = "") -> Self:
        """Build from plain values, each checked for name and type."""
        known = [field.name for field in dataclasses.fields(cls)]
        for name in settings:
            if name not in known:
                raise OptionError(f"unknown setting {name!r}", where=where, hint=f"one of {', '.join(known)}")
        plain: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in settings.items()}
        try:
            return cls(**plain)
        except OptionError as error:
            raise OptionError(error.found, where=where, hint=error.hint) from error


_TYPES: Final = {"int": Integral, "float": Real}
_WANTED: Final = {
    "int": "a whole number",
    "float": "a number",
    "str": "a text",
    "tuple[str, ...]": 'a list of names, such as ["co_target"]',
}


def _fits(value: object, annotation: str) -> bool:
    kind = annotation.removesuffix(" | None")
    if value is None:
        return kind != annotation
    if kind in _TYPES:
        return isinstance(value, _TYPES[kind]) and not isinstance(value, bool)
    if kind == "str":
        return isinstance(value, str)
    return isinstance(value, tuple) and all(isinstance(item, str) for item in value)


def _wanted(annotation: str) -> str:
    return _WANTED[annotation.removesuffix(" | None")]


def _check(good: bool, name: str, value: object, wanted: str) -> None:
    if not good:
        raise OptionError(f"{name} is {value!r}", hint=f"{name}: {wanted}")
