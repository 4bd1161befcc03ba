"""The message catalogues: TOML files, one sentence a key, figures named in braces.

In a catalogue a figure is ``{name}`` or ``{name:how}``. ``how`` is ``number``, ``percent``, ``p`` (a
probability), ``duration`` (from µs), ``moment`` or ``day`` (from a datetime), ``text``, or a noun of the
section ``[noun]``: ``{n:account}`` is "1 account" or "60 accounts". Without ``how``, the type decides.
"""

from __future__ import annotations

import tomllib
from datetime import datetime
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any, Final, Literal, get_args

from samehand.errors import OptionError
from samehand.texts import figures as write
from samehand.texts.names import Shown, visible

Lang = Literal["en", "zh"]
LANGUAGES: Final[tuple[Lang, ...]] = get_args(Lang)
FILES: Final = ("{lang}.toml", "review.{lang}.toml")
"""The second one has the words of the review app."""


def check_lang(lang: str) -> Lang:
    """Give ``lang`` back as a known language.

    Raises:
        OptionError: There is no catalogue for it.
    """
    for known in LANGUAGES:
        if lang == known:
            return known
    raise OptionError(f"no texts in language {lang!r}", hint=f"one of {', '.join(LANGUAGES)}")


def say(key: str, lang: str = "en", **figures: object) -> str:
    """Write the sentence ``key`` in ``lang`` with its figures.

    Figures are numbers, datetimes, or text from anywhere: text is made visible (``names.visible``), and
    braces in it mean nothing. The result is plain text; whoever puts it into HTML escapes it.

    Raises:
        OptionError: There is no catalogue for the language.
        KeyError: The catalogue has no such key, or the sentence needs a figure that was not given.

    >>> say("evidence.co_target", "en", n_accounts=37, n_fleet=60, action="like", target="post_17",
    ...     span=58_000_000, expected=0.2)
    '37 of 60 accounts did like on post_17 within 58 s; chance gives 0.2'
    """
    language = check_lang(lang)
    return _Sentence(language).vformat(_catalogue(language)[key], (), figures)


def has(key: str) -> bool:
    """Tell whether the catalogues have ``key`` (they all have the same keys)."""
    return key in _catalogue("en")


def label(kind: str, name: str, lang: str) -> Shown:
    """Name a layer, an explanation or the like in ``lang``; what the catalogues do not know keeps its name.

    >>> label("layer", "co_target", "en"), label("layer", "of_a_plugin", "en")
    ('same target', 'of_a_plugin')
    """
    return Shown(say(f"{kind}.{name}", lang)) if has(f"{kind}.{name}") else visible(name)


@cache
def _catalogue(lang: Lang) -> dict[str, str]:
    """Key -> sentence, the tables of the file joined with dots; nouns are kept apart by ``_noun``."""
    return dict(_flatten({k: v for k, v in _file(lang).items() if k != "noun"}, ""))


@cache
def _file(lang: Lang) -> dict[str, Any]:
    """Read the files of a language; no section stands in two of them."""
    read: dict[str, Any] = {}
    for name in FILES:
        read |= tomllib.loads(files(__package__).joinpath(name.format(lang=lang)).read_text(encoding="utf-8"))
    return read


def _flatten(table: dict[str, Any], prefix: str) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for name, value in table.items():
        rows += _flatten(value, f"{prefix}{name}.") if isinstance(value, dict) else [(prefix + name, value)]
    return rows


class _Sentence(Formatter):
    """Formats the figures of one sentence; a catalogue has no nested or attribute fields."""

    def __init__(self, lang: Lang) -> None:
        self.lang = lang

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:  # noqa: ARG002
        return kwargs[field_name], field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        match "unknown" if value is None else format_spec or _how(value):
            case "unknown":
                return write.UNKNOWN
            case "number":
                return write.number(value)
            case "percent":
                return write.percent(value)
            case "p":
                return write.p_value(value)
            case "duration":
                return write.duration(value, self.lang)
            case "moment":
                return write.moment(value, self.lang)
            case "day":
                return write.day(value, self.lang)
            case "text":
                return visible(value if isinstance(value, str) else str(value))
            case noun:
                forms: dict[str, str] = _file(self.lang)["noun"][noun]
                one = self.lang == "en" and value == 1
                return forms["one" if one else "other"].format(n=write.number(value))


def _how(value: object) -> str:
    match value:
        case bool() | str():
            return "text"
        case int() | float():
            return "number"
        case datetime():
            return "moment"
        case _:
            return "text"
