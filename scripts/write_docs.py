"""Write the pages of docs/ that say what the code says: ``python -m scripts.write_docs``. A test keeps them current."""

from __future__ import annotations

from pathlib import Path

from scripts.pages import command_line, layers, run_folder

DOCS = Path(__file__).parents[1] / "docs"
PAGES = {
    "command-line.md": command_line.write,
    "run-folder.md": run_folder.write,
    "layers.md": layers.write,
}


def main() -> None:
    """Write all of them."""
    for name, write in PAGES.items():
        (DOCS / name).write_text(write(), encoding="utf-8")


if __name__ == "__main__":
    main()
