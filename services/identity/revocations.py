"""The sessions that ended lately, in every process's memory, so that a door refuses their tokens and asks no database."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from services.identity.events import SESSIONS_TOPIC
from services.kernel import clock, nudges
from services.kernel.database import rows
from services.settings import settings

READ_AGAIN_EVERY = 2.0
_log = structlog.get_logger(__name__)
_ended: dict[UUID, datetime] = {}


def has_ended(session_id: UUID) -> bool:
    """Whether the session is known to have ended within the life of an access token."""
    return session_id in _ended


def remember(session_ids: Iterable[UUID], ended_at: datetime) -> None:
    """Refuse these sessions' tokens in this process from now on."""
    _ended.update(dict.fromkeys(session_ids, ended_at))


async def read_again() -> None:
    """Learn which sessions ended anywhere, and forget those whose last access token has run out since."""
    horizon = clock.now() - _memory()
    # The whole window each time: a row committed late is not missed because a newer one was seen first.
    found = await rows("/* follower */ SELECT id, ended_at FROM sessions WHERE ended_at > $1", horizon)
    _ended.update((row["id"], row["ended_at"]) for row in found)
    for session_id in [known for known, ended_at in _ended.items() if ended_at <= horizon]:
        del _ended[session_id]


async def follow_revocations(every: float = READ_AGAIN_EVERY) -> None:
    """Read again every two seconds of the wall, and at once after each nudge, for ever; a database that is away is waited for."""
    async for _ in nudges.listen(SESSIONS_TOPIC, poll_every=every):
        try:
            await read_again()
        except Exception as away:  # noqa: BLE001 - whatever it is, the doors must hear of the next ended session
            _log.warning("ended_sessions_not_read", error=type(away).__name__)


def _memory() -> timedelta:
    limits = settings().limits
    # Twice the skew: once for the token's own, once for the clock of the process that ended the session.
    return timedelta(seconds=limits.access_token_lasts + 2 * limits.clock_skew)
