"""Everything that samehand raises on purpose.

Each message says what was found, where, and what to try. The command line prints it without a traceback and leaves
with the class's ``exit_code``.
"""

from __future__ import annotations


class SamehandError(Exception):
    """A failure with an explanation for the person at the terminal.

    Args:
        found: What is wrong, with the offending value.
        where: File, row, column or option, as exactly as it is known.
        hint: What to try next.
    """

    exit_code = 1

    def __init__(self, found: str, *, where: str = "", hint: str = "") -> None:
        self.found = found
        self.where = where
        self.hint = hint
        super().__init__(found)

    def __str__(self) -> str:
        text = f"{self.where}: {self.found}" if self.where else self.found
        return harmless(f"{text}\n  Try: {self.hint}" if self.hint else text)


def harmless(text: str) -> str:
    r"""Write characters that would move a terminal's cursor, or do not show, as their code.

    >>> harmless("a\x1b[2Jb")
    'a\\x1b[2Jb'
    """
    return "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)


class InputError(SamehandError):
    """A log, run folder or truth file that cannot be used as it is."""

    exit_code = 2


class OptionError(SamehandError):
    """A setting or option that is unknown, malformed or contradicts another."""

    exit_code = 2
