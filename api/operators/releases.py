"""Releases without a restart: the contracts' folder is looked at again and again, and what changed there is served at once."""

import asyncio
from collections.abc import Collection
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Final

import structlog

from api.operators import metrics
from api.releases.frozen import ReleaseBroken
from api.releases.reception import Reception
from api.releases.shelf import Shelf, minimum_file, read_shelves, releases_folder
from services.kernel.actors import Audience
from services.kernel.clock import wall

LOOKS_EVERY: Final = 2.0
# A double holds so many bits exactly.
_FINGERPRINT_BITS = 52
_Seen = tuple[date, tuple[tuple[str, int, int, int], ...]]
_log = structlog.get_logger("pannier.releases")


class ReleaseWatch:
    """Keeps the receptions of all audiences as the folder is; each process of a fleet looks for itself."""

    def __init__(self, folder: Path, receptions: Collection[Reception]) -> None:
        self._folder, self._receptions = folder, receptions
        self._seen: _Seen | None = None

    def begin(self) -> None:
        """Read everything for the first time. Raises ReleaseBroken."""
        seen = _look(self._folder)
        self._follow(read_shelves(self._folder), seen)

    async def keep_looking(self) -> None:
        """Follow the folder until cancelled."""
        while True:
            await asyncio.sleep(LOOKS_EVERY)
            await self.look_again()

    async def look_again(self) -> None:
        """Follow the folder if it changed, or if a day has passed; what is broken changes nothing but the log."""
        seen = self._seen
        try:
            seen = await asyncio.to_thread(_look, self._folder)
            if seen == self._seen:
                return
            self._follow(await asyncio.to_thread(read_shelves, self._folder), seen)
        except (ReleaseBroken, OSError) as broken:
            # A mounted folder may be away for a moment: it is looked at again.
            self._seen = seen
            metrics.RELEASES_REFUSED.inc()
            _log.error("releases_refused", reason=str(broken), served="what was served before")

    def _follow(self, shelves: dict[Audience, Shelf], seen: _Seen) -> None:
        on, _ = self._seen = seen
        for reception in self._receptions:
            reception.follow(shelves[reception.audience], on)
            metrics.REGISTERED.labels(reception.audience).set(len(reception.registry))
        print_of = fingerprint(shelves, on)
        metrics.RELEASES_FINGERPRINT.set(print_of)
        _log.info("releases_followed", documents=sum(len(one.registry) for one in self._receptions), fingerprint=print_of)


def fingerprint(shelves: dict[Audience, Shelf], on: date) -> int:
    """A number that is the same where the same releases are served: a fleet whose members differ shows it in a graph."""
    said = "\n".join(
        f"{release} {release.served_until} {operation.id}"
        for shelf in shelves.values()
        for release in shelf.served(on)
        for operation in release.operations
    )
    said += "".join(f"\n{shelf.audience} {sorted(shelf.minimum.items())}" for shelf in shelves.values())
    return int.from_bytes(sha256(said.encode()).digest()) >> (256 - _FINGERPRINT_BITS)


def _look(folder: Path) -> _Seen:
    """What the folder looks like from outside: it changes with every file in it, and with the day."""
    files = [
        file
        for audience in Audience
        for file in (*releases_folder(audience, folder).glob("*.json"), minimum_file(audience, folder))
    ]
    return wall().date(), tuple(_outside(file) for file in sorted(files))


def _outside(file: Path) -> tuple[str, int, int, int]:
    try:
        found = file.stat()
    except FileNotFoundError:
        return str(file), 0, 0, 0
    return str(file), found.st_mtime_ns, found.st_size, found.st_ino
