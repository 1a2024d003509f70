"""Development's stand-in for a provider of text messages: nothing leaves the machine, a file shows what would have."""

import os
from pathlib import Path

import orjson

from services.identity.ports import TextSent
from services.kernel import clock
from services.kernel.ids import new_id

FILE = "texts.jsonl"


class LocalTexts:
    """Writes every message to a file that its owner alone can read, one JSON object a line."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE

    async def send(self, phone: str, text: str) -> TextSent:
        line = orjson.dumps({"at": clock.now(), "phone": phone, "text": text}, option=orjson.OPT_APPEND_NEWLINE)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        # One write: what several processes append never mixes.
        with os.fdopen(handle, "ab", buffering=0) as file:
            file.write(line)
        return TextSent(f"local/{new_id()}")

    async def close(self) -> None:
        """Nothing is open."""


def local_texts(folder: Path) -> list[dict[str, str]]:
    """What was sent, the oldest first."""
    file = folder / FILE
    return [orjson.loads(line) for line in file.read_bytes().splitlines()] if file.exists() else []
