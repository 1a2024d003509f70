"""Every app lists its person's sessions and ends them, in the same shape at each door."""

import pytest

from services.identity.events import SessionFinished
from services.identity.models import SessionRow
from services.identity.rules import EndReason
from services.kernel.actors import Audience
from tests.api.apps import Doors
from tests.api.sessions.words import CONSUMER, COURIER, EVERYONE, Words, signed_in
from tests.conftest import Statements, TestClock
from tests.factories.identity import make_person
from tests.facts import recorded

at_every_door = pytest.mark.parametrize("words", EVERYONE, ids=lambda words: words.audience)


@at_every_door
async def test_a_person_sees_each_device_and_which_one_is_the_present_one(doors: Doors, words: Words, clock: TestClock) -> None:
    person_id = await make_person()
    here = await signed_in(words, person_id)
    clock.move(minutes=5)
    other = await signed_in(COURIER if words is CONSUMER else CONSUMER, person_id)
    await signed_in(words)

    newer, older = (await doors.run(words.audience, words.sessions, actor=here)).result()

    assert older == {
        "id": older["id"],
        "app": words.audience.name,
        "deviceName": "Test phone",
        "platform": "IOS",
        "signedInAt": "2026-06-10T09:00:00.000Z",
        "lastSeenAt": "2026-06-10T09:00:00.000Z",
        "endedAt": None,
        "current": True,
    }
    assert (newer["app"], newer["signedInAt"], newer["current"]) == (other.audience.name, "2026-06-10T09:05:00.000Z", False)


@at_every_door
async def test_a_lost_device_is_signed_out_from_another(doors: Doors, words: Words) -> None:
    person_id = await make_person()
    here = await signed_in(words, person_id)
    lost_words = COURIER if words is CONSUMER else CONSUMER
    lost = await signed_in(lost_words, person_id)
    listed = (await doors.run(words.audience, words.sessions, actor=here)).result()
    (lost_id,) = [session["id"] for session in listed if not session["current"]]

    for _ in range(2):
        ended = await doors.run(words.audience, words.end_session, {"input": {"sessionId": lost_id}}, actor=here)
        assert ended.result()["session"] == {"id": lost_id, "endedAt": "2026-06-10T09:00:00.000Z"}

    assert (await doors.run(lost_words.audience, lost_words.viewer, actor=lost)).codes == ["UNAUTHENTICATED"]
    assert [session["current"] for session in (await doors.run(words.audience, words.sessions, actor=here)).result()] == [True]
    assert await recorded(SessionFinished) == [
        SessionFinished(
            person_id=person_id, session_id=lost.session_id, audience=lost_words.audience, end_reason=EndReason.ENDED_BY_PERSON
        )
    ]


@at_every_door
async def test_somebody_elses_session_is_not_found(doors: Doors, words: Words) -> None:
    mine, theirs = await signed_in(words), await signed_in(words)
    (shown,) = (await doors.run(words.audience, words.sessions, actor=theirs)).result()

    refused = await doors.run(words.audience, words.end_session, {"input": {"sessionId": shown["id"]}}, actor=mine)
    wrong = await doors.run(words.audience, words.end_session, {"input": {"sessionId": "nonsense"}}, actor=mine)

    assert (refused.codes, wrong.codes) == (["NOT_FOUND"], ["BAD_REQUEST"])
    assert await SessionRow.filter(ended_at__isnull=False).count() == 0
    assert await recorded(SessionFinished) == []


@at_every_door
async def test_nobody_else_passes(doors: Doors, words: Words) -> None:
    owner = await signed_in(words)
    (shown,) = (await doors.run(words.audience, words.sessions, actor=owner)).result()
    ending = {"input": {"sessionId": shown["id"]}}
    strangers = [await signed_in(other, owner.person_id) for other in EVERYONE if other is not words]
    for stranger in (None, *strangers):
        assert (await doors.run(words.audience, words.sessions, actor=stranger)).codes == ["UNAUTHENTICATED"]
        assert (await doors.run(words.audience, words.end_session, ending, actor=stranger)).codes == ["UNAUTHENTICATED"]
    assert await SessionRow.filter(ended_at__isnull=False).count() == 0


@at_every_door
async def test_statements(doors: Doors, words: Words, statements: Statements) -> None:
    here = await signed_in(words)
    statements.clear()
    (shown,) = (await doors.run(words.audience, words.sessions, actor=here)).result()
    assert await statements.count() == 1, statements.queries
    statements.clear()
    await doors.run(words.audience, words.end_session, {"input": {"sessionId": shown["id"]}}, actor=here)
    assert await statements.count() == 4, statements.queries  # session held, ended, its device, event


def test_every_audience_is_here() -> None:
    assert [words.audience for words in EVERYONE] == list(Audience)
