"""Words of the code for its pages: what stands under a field, behind a column, at the head of a function."""

from __future__ import annotations

import ast
import inspect
import io
import re
import tokenize
from collections.abc import Iterable
from types import ModuleType

WRITTEN = "<!-- Written by `make docs` from the code; change it there. -->"


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Lay out a table in Markdown."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return lines + ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]


def plain(text: str) -> str:
    """One line of Markdown from a docstring."""
    return " ".join(text.replace("``", "`").split())


def under_fields(cls: type) -> dict[str, str]:
    """What stands under each field of a dataclass."""
    body = ast.parse(inspect.cleandoc(inspect.getsource(cls))).body[0]
    assert isinstance(body, ast.ClassDef)
    found = {}
    for here, after in zip(body.body, [*body.body[1:], ast.Pass()], strict=True):
        if isinstance(here, ast.AnnAssign) and isinstance(here.target, ast.Name):
            said = after.value if isinstance(after, ast.Expr) else None
            is_text = isinstance(said, ast.Constant) and isinstance(said.value, str)
            found[here.target.id] = plain(said.value) if is_text else ""
    return found


def behind_columns(module: ModuleType, name: str) -> dict[str, str]:
    """What the comment behind each column of a schema says."""
    source = inspect.getsource(module)
    node = next(node for node in ast.parse(source).body if _defines(node, name))
    comments = {
        token.start[0]: token.string.lstrip("# ")
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    return {
        key.value: comments[key.lineno]
        for inner in ast.walk(node)
        if isinstance(inner, ast.Dict)
        for key in inner.keys
        if isinstance(key, ast.Constant) and key.lineno in comments
    }


def _defines(node: ast.stmt, name: str) -> bool:
    if isinstance(node, ast.FunctionDef):
        return node.name == name
    return isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == name


def named_in(docstring: str) -> tuple[str, dict[str, str]]:
    """The text of a docstring, and what it says of each ``name``: in it."""
    named = {
        name: plain(said).rstrip(".")
        for name, said in re.findall(r"``(\w+)``: (.+?)(?=\s``\w+``: |\Z)", docstring, re.DOTALL)
    }
    return plain(re.split(r"``\w+``: ", docstring)[0]), named
