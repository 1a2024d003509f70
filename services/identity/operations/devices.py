"""Where pushes go: an address belongs to one session, and moves when somebody else signs in on that device."""

from uuid import UUID

from services.identity.errors import SessionEnded
from services.identity.queries import lock_session
from services.identity.rules import Platform, PushKind, checked_locale, checked_push_token
from services.kernel.actors import Person
from services.kernel.clock import now
from services.kernel.database import run
from services.kernel.ids import new_id
from services.kernel.unit_of_work import unit_of_work


async def register_push(actor: Person, kind: PushKind, token: str, platform: Platform, locale: str) -> None:
    """Reach this session's device by `token` from now on, and nobody else by it; the same again only notes that it was seen.

    Raises SessionEnded, BadInput.
    """
    language, address = checked_locale(locale), checked_push_token(token)
    async with unit_of_work(actor):
        session = await lock_session(actor, actor.session_id)
        if session.ended_at is not None:
            raise SessionEnded
        # Two sessions that claim one address at the same moment take turns.
        await run("SELECT pg_advisory_xact_lock(hashtextextended($1 || $2, 0))", kind.value, address)
        await run(_FREE, actor.session_id, kind, address)
        await run(_REGISTER, new_id(), actor.session_id, actor.person_id, kind, address, platform, language, now())


async def forget_device(device_id: UUID, token: str) -> None:
    """The push provider knows this address no more; a newer one that the app has shown meanwhile stays."""
    await run("DELETE FROM devices WHERE id = $1 AND push_token = $2", device_id, token)


# A moved address becomes a new row, so that a push still queued for the earlier person finds no device.
_FREE = """
DELETE FROM devices
WHERE (session_id = $1 OR (push_kind = $2 AND push_token = $3)) AND NOT (session_id = $1 AND push_kind = $2 AND push_token = $3)
"""
_REGISTER = """
INSERT INTO devices (id, session_id, person_id, push_kind, push_token, platform, locale, seen_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (session_id) DO UPDATE SET platform = EXCLUDED.platform, locale = EXCLUDED.locale, seen_at = EXCLUDED.seen_at
"""
