"""Ending sessions: the door closes everywhere within seconds, the device is told nothing more."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from services.identity import revocations
from services.identity.events import SessionFinished
from services.identity.queries import SessionCard, lock_session
from services.identity.rules import EndReason
from services.kernel.actors import Person
from services.kernel.clock import now
from services.kernel.database import rows, run
from services.kernel.unit_of_work import UnitOfWork, unit_of_work


async def sign_out(actor: Person) -> None:
    """End the session that asks, and stop pushes to its device; signing out again changes nothing."""
    async with unit_of_work(actor) as work:
        await finish(work, [actor.session_id], EndReason.SIGNED_OUT)


async def end_session(actor: Person, session_id: UUID) -> SessionCard:
    """End any session of the actor's own; ending it again changes nothing. Raises NotFound for somebody else's."""
    async with unit_of_work(actor) as work:
        session = await lock_session(actor, session_id)
        if session.ended_at is not None:
            return session
        await finish(work, [session_id], EndReason.ENDED_BY_PERSON)
        return replace(session, ended_at=now())


async def finish(work: UnitOfWork, session_ids: Sequence[UUID], reason: EndReason) -> int:
    """End those of the sessions that still run, inside `work`; answers how many that were."""
    ended_at = now()
    ended = await rows(_END, list(session_ids), ended_at, reason)
    if not ended:
        return 0
    ids = [record["id"] for record in ended]
    await run("DELETE FROM devices WHERE session_id = ANY($1::uuid[])", ids)
    for record in ended:
        await work.record(
            SessionFinished(
                person_id=record["person_id"], session_id=record["id"], audience=record["audience"], end_reason=reason
            )
        )

    async def refuse_its_tokens() -> None:
        revocations.remember(ids, ended_at)

    work.after_commit(refuse_its_tokens)
    return len(ids)


_END = """
UPDATE sessions SET ended_at = $2, end_reason = $3 WHERE id = ANY($1::uuid[]) AND ended_at IS NULL
RETURNING id, person_id, audience
"""
