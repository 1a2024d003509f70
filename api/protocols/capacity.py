"""How many sockets this process may hold: each is an open file, and the system counts them."""

import resource
from contextlib import suppress

import structlog

MOST_SOCKETS = 20_000
# The database, Redis, logs, listening sockets, requests without a WebSocket.
SPARE_FILES = 512
_ENOUGH = 5_000
_log = structlog.get_logger("pannier.sockets")


def most_sockets() -> int:
    """What the limit of open files leaves for sockets, at most twenty thousand."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_SOCKETS if soft == resource.RLIM_INFINITY else max(1, min(MOST_SOCKETS, soft - SPARE_FILES))


def claim_open_files() -> None:
    """Raise this process's limit of open files as far as the system lets it, and say so where that is little."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_SOCKETS + SPARE_FILES
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):  # some systems say "unlimited" and mean less
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    if most_sockets() < _ENOUGH:
        _log.warning("few_open_files", sockets=most_sockets(), hint="raise the limit: ulimit -n, or LimitNOFILE of the service")
