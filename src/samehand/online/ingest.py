"""Takes events of many senders in: what came meanwhile goes to the disk at once, and who comes too fast has to wait."""

from __future__ import annotations

import asyncio
from typing import Final

from samehand.online.arriving import Arrived
from samehand.online.intake import Intake

_MOST_WAITING: Final = 256
"""Requests that may wait for the disk."""
_AT_ONCE: Final = 64


class Busy(Exception):  # noqa: N818 - a state, not a failure
    """Too many wait already."""


class Ingest:
    """The way from requests to the journal. Used from one event loop."""

    def __init__(self, intake: Intake, most_waiting: int = _MOST_WAITING) -> None:
        self._intake = intake
        self._waiting: asyncio.Queue[tuple[Arrived, asyncio.Future[int]]] = asyncio.Queue(most_waiting)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to take in."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Take in what waits, and end."""
        await self._waiting.join()
        if self._task:
            self._task.cancel()

    async def take(self, arrived: Arrived) -> int:
        """Take events in; when this returns they are on the disk.

        Returns:
            Events that are new.

        Raises:
            Busy: Nothing was taken.
            SamehandError: The disk cannot be written; nothing was taken.
        """
        done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        try:
            self._waiting.put_nowait((arrived, done))
        except asyncio.QueueFull:
            raise Busy from None
        return await done

    async def _run(self) -> None:
        while True:
            some = [await self._waiting.get()]
            while not self._waiting.empty() and len(some) < _AT_ONCE:
                some.append(self._waiting.get_nowait())
            await asyncio.to_thread(self._take_all, some, asyncio.get_running_loop())
            for _ in some:
                self._waiting.task_done()

    def _take_all(
        self, some: list[tuple[Arrived, asyncio.Future[int]]], loop: asyncio.AbstractEventLoop
    ) -> None:
        """Journal the events of several requests; each hears how many of its own were new."""
        try:
            fresh = self._intake.take_several([one for one, _ in some], None, "HTTP")
            for (_, done), n in zip(some, fresh, strict=True):
                loop.call_soon_threadsafe(_answer, done, n)
        except Exception as error:  # noqa: BLE001 - each sender is told
            for _, done in some:
                loop.call_soon_threadsafe(_fail, done, error)


def _answer(done: asyncio.Future[int], n: int) -> None:
    if not done.done():  # the sender may have gone
        done.set_result(n)


def _fail(done: asyncio.Future[int], error: Exception) -> None:
    if not done.done():
        done.set_exception(error)
