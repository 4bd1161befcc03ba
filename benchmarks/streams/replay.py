"""A log watched from its first event to its last, as fast as it goes."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pyarrow as pa

from samehand.online.settings import StreamSettings, open_settings
from samehand.online.sources.lines import GrowingFile
from samehand.online.watch import Watch


def replay(events: pa.Table, folder: Path, settings: StreamSettings) -> Watch:
    """Watch events to their end; the state is in ``folder/state``."""
    log, state = folder / "events.ndjson", folder / "state"
    rows = ({k: v for k, v in row.items() if v is not None} for row in events.to_pylist())
    log.write_bytes(b"".join(msgspec.json.encode(row) + b"\n" for row in rows))
    watching = Watch(state, open_settings(state, settings))
    try:
        watching.run(GrowingFile(log, settings, follow=False))
    finally:
        watching.close()
    return watching
