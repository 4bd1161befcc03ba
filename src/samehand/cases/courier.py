"""Delivers messages in the background, as long as the review app runs."""

from __future__ import annotations

import logging
import threading
from types import TracebackType
from typing import Final, Self

from samehand.cases.database import Database
from samehand.cases.errors import StoreError
from samehand.cases.outbox import deliver

_LOOK_S: Final = 2.0
_LOG: Final = logging.getLogger("samehand.webhooks")


class Courier:
    """A thread that looks into the outbox every two seconds; ``with`` starts and ends it."""

    def __init__(self, database: Database, look_s: float = _LOOK_S) -> None:
        self._database = database
        self._look_s = look_s
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="samehand-webhooks", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join(timeout=20)

    def _work(self) -> None:
        while not self._ended.wait(self._look_s):
            try:
                deliver(self._database)
            except StoreError as error:  # the messages wait in the database until it answers again
                _LOG.warning("messages wait: %s", error.found)
