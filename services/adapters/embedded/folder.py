"""The folder a server lives in: made, checked, locked against a second owner, with a socket path short enough to bind."""

import fcntl
import hashlib
import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import IO

from services.adapters.embedded.account import Account
from services.adapters.embedded.errors import EmbeddedServerProblem, disk_full, not_writable

# sun_path holds 104 bytes on macOS and 108 on Linux, its closing zero included.
LONGEST_SOCKET_PATH = 103
LOG_TURNED_OVER_AT = 16 * 1024 * 1024
LAST_LINES = 16 * 1024


def prepare(folder: Path, account: Account, *, room: int) -> None:
    """Make the folder, for this account alone, and refuse one that cannot be written or whose disk has no room."""
    new = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for place in new:
        give(place, account)
    if not os.access(folder, os.W_OK | os.X_OK, effective_ids=True):
        raise not_writable(folder)
    if shutil.disk_usage(folder).free < room:
        raise disk_full(folder)


def socket_folder(folder: Path, socket_name: str) -> Path:
    """A private folder whose sockets have a path that can be bound: inside `folder`, or a short one in the temporary folder."""
    inside = folder / "socket"
    places = [inside, *(Path(place) / _short_name(folder) for place in (tempfile.gettempdir(), "/tmp"))]  # noqa: S108 - made private below
    for place in places:
        if len(os.fsencode(place / socket_name)) <= LONGEST_SOCKET_PATH:
            _make_private(place)
            return place
    raise EmbeddedServerProblem(
        f"No folder for sockets has a short enough path: move the project to a shorter one than {folder}."
    )


def _short_name(folder: Path) -> str:
    return f"pannier-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]}"


def _make_private(place: Path) -> None:
    place.mkdir(mode=0o700, exist_ok=True)
    found = place.lstat()
    # In a shared temporary folder somebody else may have been there first.
    if not stat.S_ISDIR(found.st_mode) or os.geteuid() not in {0, found.st_uid}:
        raise EmbeddedServerProblem(f"{place} belongs to another user: remove it and try again.")
    place.chmod(0o700)


def give(place: Path, account: Account) -> None:
    """Give this place to the account the server runs as; only root can, and only root needs to."""
    if os.geteuid() == 0 and place.lstat().st_uid != account.uid:
        os.chown(place, account.uid, account.gid, follow_symlinks=False)


def give_all(folder: Path, account: Account) -> None:
    """Give the folder and everything in it."""
    for place in [folder, *folder.rglob("*")]:
        give(place, account)


class FolderLock:
    """Held by the one process that owns the server of a folder; the system lets go of it when that process dies."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "lock"
        self._file: IO[bytes] | None = None

    def take(self) -> bool:
        if self._file is not None:
            return True
        file = self._path.open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._file = file
        return True

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


class ServerLog:
    """The file a server writes its log to, and what it said since it was opened last."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._from = 0

    def open(self) -> IO[bytes]:
        if self.path.exists() and self.path.stat().st_size > LOG_TURNED_OVER_AT:
            self.path.replace(self.path.with_suffix(".old"))
        file = self.path.open("ab")
        self._from = file.tell()
        return file

    def said(self) -> list[str]:
        """The last lines of this run, without empty ones."""
        with self.path.open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            file.seek(max(self._from, end - LAST_LINES))
            text = file.read().decode(errors="replace")
        return [line.strip() for line in text.splitlines() if line.strip()]
