"""The consumer app's account, with the documents it ships."""

import pytest

from services.bootstrap import Ports
from services.identity.models import DeviceRow, PersonRow, SessionRow
from services.identity.ports import VerifiedIdentity
from tests.api.apps import Doors
from tests.conftest import Statements, TestClock
from tests.factories.identity import make_agent, make_consumer, make_courier, make_person, make_staff

AINO = VerifiedIdentity("aino-uid", phone="+358401234567", name="Aino Virtanen")
DEVICE = {"name": "Aino's iPhone", "platform": "IOS", "locale": "fi"}


def id_token(ports: Ports, identity: VerifiedIdentity = AINO) -> str:
    assert ports.issuer is not None
    return ports.issuer.issue(identity)


async def signed_in(doors: Doors, ports: Ports) -> dict[str, str]:
    answer = await doors.run("consumer", "SignIn", {"input": {"idToken": id_token(ports), "device": DEVICE}})
    tokens: dict[str, str] = answer.result()["tokens"]
    return tokens


async def test_from_the_sdks_token_to_me(doors: Doors, house: Ports) -> None:
    answer = await doors.run("consumer", "SignIn", {"input": {"idToken": id_token(house), "device": DEVICE}})
    result = answer.result()

    assert result["__typename"] == "SignInSuccess"
    assert result["tokens"]["expiresAt"] == "2026-06-10T09:15:00.000Z"
    me = {key: result["me"][key] for key in ("name", "phone", "locale")}
    assert me == {"name": "Aino Virtanen", "phone": "+358401234567", "locale": "fi"}
    document = "query Me { me { id name phone locale } }"
    assert (await doors.ask("consumer", document, token=result["tokens"]["accessToken"])).result() == result["me"]


async def test_the_developers_stand_in_for_the_sdk(doors: Doors) -> None:
    given = await doors.client.post("/dev/sign-in", json={"audience": "consumer", "phone": "+358 40 1234567", "name": "Aino"})
    answer = await doors.run("consumer", "SignIn", {"input": {"idToken": given.json()["idToken"], "device": DEVICE}})

    assert answer.result()["me"]["phone"] == "+358401234567"
    assert (await PersonRow.get()).firebase_uid == "consumer-+358401234567"


@pytest.mark.parametrize("body", [{"phone": "call me"}, {"name": "\x00"}, {"uid": "x" * 129}, {"name": ""}, {"phone": 7}, {}])
async def test_the_stand_in_refuses_what_no_sdk_could_say(doors: Doors, body: dict[str, object]) -> None:
    assert (await doors.client.post("/dev/sign-in", json={"audience": "consumer", **body})).status_code == 400


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c", "x" * 10_000])
async def test_a_token_of_nobody_is_a_problem(doors: Doors, token: str) -> None:
    answer = await doors.run("consumer", "SignIn", {"input": {"idToken": token, "device": DEVICE}})
    assert answer.result() == {
        "__typename": "IdTokenNotAcceptedProblem",
        "expired": False,
        "message": "We could not confirm who you are. Please sign in again.",
    }
    assert not await PersonRow.exists()


async def test_an_expired_id_token_is_to_be_renewed(doors: Doors, house: Ports, clock: TestClock) -> None:
    late = id_token(house)
    clock.move(hours=2)
    answer = await doors.run("consumer", "SignIn", {"input": {"idToken": late, "device": DEVICE}})
    assert (answer.result()["__typename"], answer.result()["expired"]) == ("IdTokenNotAcceptedProblem", True)


async def test_a_pair_is_renewed_once_and_its_return_ends_the_session(doors: Doors, house: Ports, clock: TestClock) -> None:
    first = await signed_in(doors, house)
    renewal = {"input": {"refreshToken": first["refreshToken"]}}
    second = (await doors.run("consumer", "RefreshSession", renewal)).result()
    assert second["__typename"] == "RefreshSessionSuccess"

    clock.move(seconds=11)
    assert (await doors.run("consumer", "RefreshSession", renewal)).result()["__typename"] == "RefreshTokenReusedProblem"
    refused = await doors.ask("consumer", "{ me { id } }", token=second["tokens"]["accessToken"])
    assert refused.codes == ["UNAUTHENTICATED"]
    again = {"input": {"refreshToken": second["tokens"]["refreshToken"]}}
    assert (await doors.run("consumer", "RefreshSession", again)).result()["__typename"] == "SessionEndedProblem"


async def test_an_expired_access_token_does_not_keep_from_refreshing(doors: Doors, house: Ports, clock: TestClock) -> None:
    first = await signed_in(doors, house)
    clock.move(hours=1)
    assert (await doors.ask("consumer", "{ me { id } }", token=first["accessToken"])).codes == ["UNAUTHENTICATED"]
    renewed = await doors.run("consumer", "RefreshSession", {"input": {"refreshToken": first["refreshToken"]}})
    assert (await doors.ask("consumer", "{ me { id } }", token=renewed.result()["tokens"]["accessToken"])).errors == []


async def test_sessions_are_listed_and_ended(doors: Doors) -> None:
    person_id = await make_person()
    here, lost = await make_consumer(person_id=person_id), await make_courier(person_id=person_id)

    listed = (await doors.run("consumer", "MySessions", actor=here)).result()
    assert {(session["app"], session["current"]) for session in listed} == {("CONSUMER", True), ("COURIER", False)}
    other = next(session["id"] for session in listed if not session["current"])
    ended = await doors.run("consumer", "EndSession", {"input": {"sessionId": other}}, actor=here)
    assert ended.result()["session"] == {"id": other, "endedAt": "2026-06-10T09:00:00.000Z"}

    assert (await doors.run("courier", "CourierViewer", actor=lost)).codes == ["UNAUTHENTICATED"]
    assert len((await doors.run("consumer", "MySessions", actor=here)).result()) == 1


async def test_somebody_elses_session_is_not_found(doors: Doors) -> None:
    mine, theirs = await make_consumer(), await make_consumer()
    (theirs_shown,) = (await doors.run("consumer", "MySessions", actor=theirs)).result()
    refused = await doors.run("consumer", "EndSession", {"input": {"sessionId": theirs_shown["id"]}}, actor=mine)
    assert refused.codes == ["NOT_FOUND"]
    wrong = await doors.run("consumer", "EndSession", {"input": {"sessionId": "nonsense"}}, actor=mine)
    assert wrong.codes == ["BAD_REQUEST"]
    assert await SessionRow.filter(ended_at__isnull=False).count() == 0


async def test_signing_out_takes_the_push_address_along(doors: Doors) -> None:
    actor = await make_consumer()
    address = {"kind": "FCM_TOKEN", "token": "token-1", "platform": "IOS", "locale": "fi"}
    registered = await doors.run("consumer", "RegisterPushDevice", {"input": address}, actor=actor)
    assert registered.result()["registeredAt"] == "2026-06-10T09:00:00.000Z"
    assert await DeviceRow.all().count() == 1

    out = await doors.run("consumer", "SignOut", actor=actor)

    assert out.result() == {"__typename": "SignOutSuccess", "signedOutAt": "2026-06-10T09:00:00.000Z"}
    assert not await DeviceRow.exists()
    assert (await doors.run("consumer", "Me", actor=actor)).codes == ["UNAUTHENTICATED"]


@pytest.mark.parametrize("operation", ["Me", "MySessions", "SignOut"])
async def test_a_guest_has_no_account(doors: Doors, operation: str) -> None:
    assert (await doors.run("consumer", operation)).codes == ["UNAUTHENTICATED"]


async def test_no_other_audience_passes_this_door(doors: Doors) -> None:
    for actor in (await make_staff(), await make_courier(), await make_agent()):
        assert (await doors.run("consumer", "Me", actor=actor)).codes == ["UNAUTHENTICATED"]


async def test_statements(doors: Doors, statements: Statements) -> None:
    actor = await make_consumer()
    for operation in ("Me", "MySessions"):
        statements.clear()
        await doors.run("consumer", operation, actor=actor)
        assert await statements.count() == 1, statements.queries
