"""Runs the command line in this process, as a user would from a shell."""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from unittest.mock import patch

from samehand.cli import main


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Everything it printed, on one line, since messages may be wrapped anywhere."""
        return " ".join((self.out + self.err).split())


def samehand(*arguments: object) -> Done:
    """Run ``samehand`` with these arguments."""
    out, err = io.StringIO(), io.StringIO()
    command = ["samehand", *(str(argument) for argument in arguments)]
    with patch.object(sys, "argv", command), redirect_stdout(out), redirect_stderr(err):
        try:
            main()
            code: object = 0
        except SystemExit as left:
            code = left.code
    assert code is None or isinstance(code, int)
    return Done(int(code or 0), out.getvalue(), err.getvalue())
