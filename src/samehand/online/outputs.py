"""Where leads go: each output reads the outbox of the stream from where it left off."""

from __future__ import annotations

import hashlib
import hmac
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec
import urllib3

from samehand.errors import InputError, OptionError, SamehandError
from samehand.online.leads import Lead
from samehand.placing import check_place, write_whole

if TYPE_CHECKING:
    from redis import Redis

_TRIES: Final = 5
_TIMEOUT_S: Final = 10.0
_LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")


class Output(Protocol):
    """Somebody who is told the leads of a stream, in order. What cannot be delivered stays and is tried again."""

    needs_runs: bool
    """Whether it wants the whole run that a lead rests on, and not the lead alone."""

    @property
    def name(self) -> str:
        """For messages."""

    def last(self) -> int:
        """Number of the last lead that was delivered."""

    def tell(self, leads: Sequence[Lead]) -> None:
        """Deliver leads.

        Raises:
            SamehandError: They cannot be delivered, now.
        """


def deliver(outbox: Path, outputs: Sequence[Output]) -> list[str]:
    """Tell each output what it was not told yet; give what went wrong, a sentence each."""
    wrong = []
    for output in outputs:
        waiting = [lead for lead in read_leads(outbox) if lead.seq > output.last()]
        try:
            if waiting:
                output.tell(waiting)
        except SamehandError as error:
            wrong.append(f"{len(waiting)} leads wait for {output.name}: {error}")
    return wrong


def read_leads(outbox: Path) -> Iterator[Lead]:
    """Read the leads of a stream."""
    if outbox.exists():
        with open(outbox, "rb") as lines:
            for line in lines:
                if line.endswith(b"\n"):
                    yield msgspec.json.decode(line, type=Lead)


class FileOutput:
    """A file of JSON lines; it goes on after the last whole line that is there."""

    needs_runs = False

    def __init__(self, file: Path) -> None:
        check_place(file)
        self._file = file
        self.name = str(file)
        self._last = 0
        if file.exists():
            lines = file.read_bytes().splitlines(keepends=True)
            whole = [line for line in lines if line.endswith(b"\n")]
            try:
                self._last = msgspec.json.decode(whole[-1], type=Lead).seq if whole else 0
            except msgspec.DecodeError as error:
                raise OptionError(
                    "exists and holds no leads", where=str(file), hint="another --leads"
                ) from error
            os.truncate(file, sum(map(len, whole)))

    def last(self) -> int:
        return self._last

    def tell(self, leads: Sequence[Lead]) -> None:
        try:
            with open(self._file, "ab") as stream:
                stream.write(b"".join(msgspec.json.encode(one) + b"\n" for one in leads))
        except OSError as error:
            raise SamehandError(f"cannot be written: {error.strerror}", where=self.name) from error
        self._last = leads[-1].seq


class Cursor:
    """The last lead that an output took, on the disk."""

    def __init__(self, state: Path, kind: str, address: str) -> None:
        folder = state / "outputs"
        folder.mkdir(exist_ok=True)
        self._file = folder / f"{kind}-{hashlib.sha256(address.encode()).hexdigest()[:16]}"
        try:
            self.at = int(self._file.read_bytes()) if self._file.exists() else 0
        except ValueError as error:
            raise InputError(
                "is damaged: it holds the number of the last lead that was delivered",
                where=str(self._file),
                hint="write that number into it; 0: all are delivered again",
            ) from error

    def move(self, seq: int) -> None:
        """Remember that a lead was taken."""
        write_whole(self._file, b"%d" % seq)
        self.at = seq


class Webhook:
    """Posts each lead as JSON to an address, signed; a receiver may get one again, and tells it by its number.

    The header ``Samehand-Signature`` is ``t=SECONDS,v1=HEX``: HMAC-SHA256 of ``SECONDS.BODY`` under the secret. A
    receiver checks it, and refuses what is older than some minutes.
    """

    needs_runs = False

    def __init__(self, state: Path, address: str, secret: bytes) -> None:
        parts = urllib3.util.parse_url(address)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.host in _LOOPBACK):
            raise OptionError(
                "leads go over https only, or to this machine", where=address, hint="--webhook https://..."
            )
        if len(secret) < 16:
            raise OptionError(
                "the secret has fewer than 16 bytes", where="webhook secret", hint="a longer one"
            )
        self._address, self._secret = address, secret
        self.name = f"the webhook at {parts.host}"
        self._cursor = Cursor(state, "webhook", address)
        self._pool = urllib3.PoolManager(retries=False, timeout=_TIMEOUT_S)

    def last(self) -> int:
        return self._cursor.at

    def tell(self, leads: Sequence[Lead]) -> None:
        for lead in leads:
            self._post(lead)
            self._cursor.move(lead.seq)

    def _post(self, lead: Lead) -> None:
        body = msgspec.json.encode(lead)
        wrong = ""
        for n in range(_TRIES):
            try:
                headers = {
                    "Content-Type": "application/json",
                    "Idempotency-Key": f"{lead.fleet_id}-{lead.seq}",
                    "Samehand-Signature": signature(self._secret, body, int(time.time())),
                }
                answer = self._pool.request("POST", self._address, body=body, headers=headers, redirect=False)
                if 200 <= answer.status < 300:
                    return
                wrong = f"it answered {answer.status}"
                if answer.status < 500 and answer.status not in (408, 429):
                    break
            except urllib3.exceptions.HTTPError as error:
                wrong = type(error).__name__
            time.sleep(min(0.1 * 2**n, 2.0))
        raise SamehandError(wrong)


def signature(secret: bytes, body: bytes, seconds: int) -> str:
    """Sign a body at a time; see ``Webhook``."""
    return f"t={seconds},v1={hmac.new(secret, b'%d.' % seconds + body, hashlib.sha256).hexdigest()}"


class RedisOutput:
    """Adds each lead to a Redis stream under its own number, so that none is there twice."""

    needs_runs = False

    def __init__(self, client: Redis, stream: str) -> None:
        self._client, self._stream = client, stream
        self.name = f"the Redis stream {stream}"

    def last(self) -> int:
        from redis.exceptions import RedisError

        try:
            found: Any = self._client.xrevrange(self._stream, count=1)
        except RedisError:  # told when the leads are
            return 0
        return int(found[0][0].split(b"-")[0]) if found else 0

    def tell(self, leads: Sequence[Lead]) -> None:
        from redis.exceptions import RedisError

        try:
            for lead in leads:
                self._client.xadd(self._stream, {"lead": msgspec.json.encode(lead)}, id=f"{lead.seq}-1")
        except RedisError as error:
            raise SamehandError(f"Redis: {error}") from error
