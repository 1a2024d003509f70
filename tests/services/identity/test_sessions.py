"""Sessions are seen and ended by their person, everywhere within seconds."""

import asyncio

import pytest

from services.bootstrap import Ports
from services.identity import revocations, tokens
from services.identity.events import SessionFinished
from services.identity.models import DeviceRow, SessionRow
from services.identity.operations import end_idle_sessions, end_session, forget_spent_refresh_tokens, sign_out
from services.identity.queries import sessions_of
from services.identity.rules import EndReason
from services.kernel import database, nudges
from services.kernel.actors import Audience
from services.kernel.errors import NotFound, Unauthenticated
from services.kernel.ids import new_id
from tests.conftest import NOON, Statements, TestClock
from tests.factories.identity import access_token, make_consumer, make_courier, make_device, make_person
from tests.facts import recorded


async def test_a_person_sees_where_they_are_signed_in_the_latest_first(clock: TestClock) -> None:
    person_id = await make_person()
    phone = await make_consumer(person_id=person_id)
    clock.move(minutes=1)
    bag = await make_courier(person_id=person_id)
    await make_consumer("Somebody else")

    assert [(session.id, session.audience) for session in await sessions_of(person_id)] == [
        (bag.session_id, Audience.COURIER),
        (phone.session_id, Audience.CONSUMER),
    ]


async def test_signing_out_ends_the_session_and_its_pushes() -> None:
    actor, other = await make_consumer(), await make_consumer()
    await make_device(actor)
    kept = await make_device(other)

    await sign_out(actor)

    ended = await SessionRow.get(id=actor.session_id)
    assert (ended.ended_at, ended.end_reason) == (NOON, EndReason.SIGNED_OUT)
    assert [device.id for device in await DeviceRow.all()] == [kept.id]
    assert await sessions_of(actor.person_id) == []
    with pytest.raises(Unauthenticated):
        tokens.read_access(access_token(actor), Audience.CONSUMER)
    assert tokens.read_access(access_token(other), Audience.CONSUMER) == other


async def test_signing_out_again_changes_nothing(clock: TestClock) -> None:
    actor = await make_consumer()
    await sign_out(actor)
    clock.move(minutes=1)
    await sign_out(actor)

    assert (await SessionRow.get()).ended_at == NOON
    assert await recorded(SessionFinished) == [
        SessionFinished(person_id=actor.person_id, session_id=actor.session_id, audience="consumer", end_reason="SIGNED_OUT")
    ]


async def test_a_lost_phone_is_signed_out_from_another() -> None:
    person_id = await make_person()
    here, lost = await make_consumer(person_id=person_id), await make_courier(person_id=person_id)
    await make_device(lost)

    await end_session(here, lost.session_id)
    await end_session(here, lost.session_id)

    assert (await SessionRow.get(id=lost.session_id)).end_reason is EndReason.ENDED_BY_PERSON
    assert (await SessionRow.get(id=here.session_id)).ended_at is None
    assert not await DeviceRow.exists()
    assert len(await recorded(SessionFinished)) == 1
    with pytest.raises(Unauthenticated):
        tokens.read_access(access_token(lost), Audience.COURIER)


async def test_somebody_elses_session_is_not_found() -> None:
    actor, other = await make_consumer(), await make_consumer()
    for session_id in (other.session_id, new_id()):
        with pytest.raises(NotFound):
            await end_session(actor, session_id)
    assert (await SessionRow.get(id=other.session_id)).ended_at is None
    assert await recorded(SessionFinished) == []


async def ended_elsewhere() -> str:
    """A token of a session that another process has ended."""
    actor = await make_consumer()
    await database.run("UPDATE sessions SET ended_at = $2, end_reason = 'SIGNED_OUT' WHERE id = $1", actor.session_id, NOON)
    return access_token(actor)


async def test_a_nudge_makes_every_process_refuse_at_once() -> None:
    token = await ended_elsewhere()
    await nudges.publish(["sessions"])

    for _ in range(100):
        await asyncio.sleep(0.01)
        try:
            tokens.read_access(token, Audience.CONSUMER)
        except Unauthenticated:
            return
    pytest.fail("the follower of the running house did not hear")


async def test_the_list_is_read_again_without_any_nudge() -> None:
    follower = asyncio.create_task(revocations.follow_revocations(every=0.05))
    await asyncio.sleep(0.1)
    token = await ended_elsewhere()
    await asyncio.sleep(0.3)
    follower.cancel()
    with pytest.raises(Unauthenticated):
        tokens.read_access(token, Audience.CONSUMER)


async def test_the_list_forgets_whose_tokens_have_run_out(clock: TestClock) -> None:
    actor = await make_consumer()
    await sign_out(actor)
    assert revocations.has_ended(actor.session_id)
    token = access_token(actor)

    clock.move(minutes=17)
    await revocations.read_again()

    assert not revocations.has_ended(actor.session_id)
    with pytest.raises(Unauthenticated):
        tokens.read_access(token, Audience.CONSUMER)


async def test_sessions_nobody_came_back_to_end_by_themselves(clock: TestClock) -> None:
    idle = await make_consumer()
    clock.move(days=60)
    await make_consumer()
    assert await end_idle_sessions() == 0
    clock.move(seconds=1)
    assert await end_idle_sessions() == 1
    assert (await SessionRow.get(id=idle.session_id)).end_reason is EndReason.EXPIRED
    assert await forget_spent_refresh_tokens() == 0


async def test_statements(statements: Statements) -> None:
    actor, other = await make_consumer(), await make_consumer()
    await make_device(actor)
    statements.clear()
    await sign_out(actor)
    assert await statements.count() == 3, statements.queries  # session, its device, event
    statements.clear()
    await sign_out(actor)
    assert await statements.count() == 1
    statements.clear()
    await sessions_of(other.person_id)
    assert await statements.count() == 1
    statements.clear()
    tokens.read_access(access_token(other), Audience.CONSUMER)
    assert await statements.count() == 0


async def test_the_running_house_follows_revocations(house: Ports) -> None:
    assert any(
        getattr(task.get_coro(), "__name__", "") == "follow_revocations" for task in asyncio.all_tasks() if not task.done()
    )
