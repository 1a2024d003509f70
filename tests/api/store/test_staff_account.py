"""The store app's people, with the documents it ships."""

from services.bootstrap import Ports
from services.identity.models import DeviceRow, SessionRow
from services.identity.ports import VerifiedIdentity
from services.kernel.actors import Audience, StaffRole
from services.kernel.ids import new_id
from tests.api.apps import Doors
from tests.conftest import Statements
from tests.factories.identity import make_agent, make_consumer, make_courier, make_person, make_role, make_staff

DEVICE = {"name": "Tablet at the till", "platform": "ANDROID", "locale": "fi"}


def sign_in(ports: Ports, **more: object) -> dict[str, object]:
    assert ports.issuer is not None
    return {"input": {"idToken": ports.issuer.issue(VerifiedIdentity("eero-uid")), "device": DEVICE, **more}}


async def test_staff_sign_in_renew_and_leave(doors: Doors, house: Ports) -> None:
    person_id = await make_person("Eero", uid="eero-uid")
    await make_role(person_id, Audience.STORE, StaffRole.CLERK, new_id())

    signed_in = (await doors.run("store", "SignInStaff", sign_in(house))).result()
    assert (signed_in["viewer"]["name"], signed_in["viewer"]["role"]) == ("Eero", "CLERK")
    renewal = {"input": {"refreshToken": signed_in["tokens"]["refreshToken"]}}
    token = (await doors.run("store", "RefreshStaffSession", renewal)).result()["tokens"]["accessToken"]

    viewer = await doors.ask("store", "{ storeViewer { id name role storeId rights } }", token=token)
    assert viewer.result() == signed_in["viewer"]
    out = await doors.ask("store", "mutation { signOutStaff { __typename } }", token=token)
    assert out.result() == {"__typename": "SignOutStaffSuccess"}
    assert (await doors.ask("store", "{ storeViewer { id } }", token=token)).codes == ["UNAUTHENTICATED"]


async def test_whoever_works_for_two_stores_chooses_one(doors: Doors, house: Ports) -> None:
    person_id = await make_person(uid="eero-uid")
    for _ in range(2):
        await make_role(person_id, Audience.STORE, StaffRole.OWNER, new_id())

    asked = (await doors.run("store", "SignInStaff", sign_in(house))).result()
    assert asked["__typename"] == "StoreChoiceNeededProblem"
    chosen = (await doors.run("store", "SignInStaff", sign_in(house, storeId=asked["storeIds"][1]))).result()
    assert chosen["viewer"]["storeId"] == asked["storeIds"][1]


async def test_without_a_role_there_is_no_session(doors: Doors, house: Ports) -> None:
    await make_person(uid="eero-uid")
    refused = (await doors.run("store", "SignInStaff", sign_in(house))).result()
    assert refused == {"__typename": "NotAllowedHereProblem", "message": "This account has no access here."}
    assert not await SessionRow.exists()


async def test_the_tablet_is_reached_by_push(doors: Doors) -> None:
    staff = await make_staff()
    address = {"kind": "FCM_FID", "token": "installation-1", "platform": "ANDROID", "locale": "fi"}
    await doors.run("store", "RegisterStaffPushDevice", {"input": address}, actor=staff)
    assert (await DeviceRow.get()).session_id == staff.session_id


async def test_the_staff_of_one_door_alone(doors: Doors) -> None:
    assert (await doors.run("store", "StoreViewer")).codes == ["UNAUTHENTICATED"]
    for actor in (await make_consumer(), await make_courier(), await make_agent()):
        assert (await doors.run("store", "StoreViewer", actor=actor)).codes == ["UNAUTHENTICATED"]


async def test_a_consumers_refresh_token_renews_nothing_here(doors: Doors, house: Ports) -> None:
    consumer = (await doors.run("consumer", "SignIn", sign_in(house))).result()
    renewal = {"input": {"refreshToken": consumer["tokens"]["refreshToken"]}}
    refused = (await doors.run("store", "RefreshStaffSession", renewal)).result()
    assert refused["__typename"] == "RefreshTokenNotAcceptedProblem"
    assert (await doors.run("consumer", "RefreshSession", renewal)).result()["__typename"] == "RefreshSessionSuccess"


async def test_statements(doors: Doors, statements: Statements) -> None:
    staff = await make_staff()
    statements.clear()
    await doors.run("store", "StoreViewer", actor=staff)
    assert await statements.count() == 1, statements.queries
