"""What can go wrong with the embedded servers, each in one sentence a person can act on."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DISK_IS_FULL = {errno.ENOSPC, errno.EDQUOT}
NOT_ALLOWED = {errno.EACCES, errno.EPERM, errno.EROFS}


class EmbeddedServerProblem(Exception):
    """The embedded server cannot run; the text is one sentence that says why and what to do."""


def disk_full(folder: Path) -> EmbeddedServerProblem:
    return EmbeddedServerProblem(f"The disk that holds {folder} is full: free some space and try again.")


def not_writable(folder: Path) -> EmbeddedServerProblem:
    return EmbeddedServerProblem(
        f"{folder} cannot be written by this user: give it back to this user (chown) or remove it and try again."
    )


@contextmanager
def told_plainly(folder: Path) -> Iterator[None]:
    """Turn the operating system's refusals about this folder into one plain sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in DISK_IS_FULL:
            raise disk_full(folder) from error
        if error.errno in NOT_ALLOWED:
            raise not_writable(folder) from error
        raise EmbeddedServerProblem(f"{folder} cannot be used: {error}.") from error
