"""What can be wrong with a request to the store; each says what was found and what to try."""

from __future__ import annotations

from samehand.errors import InputError, SamehandError


class StoreError(InputError):
    """A database that cannot be reached, read, written, or that a newer samehand made."""


class NotFoundError(InputError):
    """A case, run, decision, account or token that is not there."""


class ConflictError(SamehandError):
    """Somebody else was faster: what was to be changed is no longer as it was seen. Nothing was changed."""

    exit_code = 2


class RefusedError(InputError):
    """A request that makes no sense for this case, or lacks what it needs. Nothing was changed."""


class ForbiddenError(SamehandError):
    """Somebody is not who they say, or may not do what they ask."""

    exit_code = 2
