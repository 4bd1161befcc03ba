"""``python -m samehand``: the same as ``samehand``."""

from samehand.cli import main

main()
