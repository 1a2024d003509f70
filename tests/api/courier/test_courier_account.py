"""The courier app's account, with the documents it ships."""

from services.bootstrap import Ports
from services.identity.models import DeviceRow, SessionRow
from services.identity.ports import VerifiedIdentity
from services.kernel.actors import Audience
from tests.api.apps import Doors
from tests.factories.identity import make_agent, make_consumer, make_courier, make_person, make_role, make_staff

DEVICE = {"name": "Mika's phone", "platform": "ANDROID"}


def sign_in(ports: Ports) -> dict[str, object]:
    assert ports.issuer is not None
    return {"input": {"idToken": ports.issuer.issue(VerifiedIdentity("mika-uid")), "device": DEVICE}}


async def test_an_approved_courier_signs_in_renews_and_leaves(doors: Doors, house: Ports) -> None:
    await make_role(await make_person("Mika", uid="mika-uid"), Audience.COURIER, "APPROVED")

    signed_in = (await doors.run("courier", "SignInCourier", sign_in(house))).result()
    assert (signed_in["viewer"]["name"], signed_in["viewer"]["locale"]) == ("Mika", "en")
    renewal = {"input": {"refreshToken": signed_in["tokens"]["refreshToken"]}}
    token = (await doors.run("courier", "RefreshCourierSession", renewal)).result()["tokens"]["accessToken"]

    assert (await doors.ask("courier", "{ courierViewer { name } }", token=token)).result() == {"name": "Mika"}
    await doors.ask("courier", "mutation { signOutCourier { __typename } }", token=token)
    assert (await doors.ask("courier", "{ courierViewer { name } }", token=token)).codes == ["UNAUTHENTICATED"]


async def test_whoever_is_not_approved_gets_no_session(doors: Doors, house: Ports) -> None:
    await make_person(uid="mika-uid")
    refused = (await doors.run("courier", "SignInCourier", sign_in(house))).result()
    assert refused["__typename"] == "NotAllowedHereProblem"
    assert not await SessionRow.exists()


async def test_offers_reach_the_phone_by_push(doors: Doors) -> None:
    courier = await make_courier()
    address = {"kind": "FCM_TOKEN", "token": "token-1", "platform": "ANDROID", "locale": "fi"}
    await doors.run("courier", "RegisterCourierPushDevice", {"input": address}, actor=courier)
    assert (await DeviceRow.get()).session_id == courier.session_id


async def test_the_couriers_of_one_door_alone(doors: Doors) -> None:
    assert (await doors.run("courier", "CourierViewer")).codes == ["UNAUTHENTICATED"]
    for actor in (await make_consumer(), await make_staff(), await make_agent()):
        assert (await doors.run("courier", "CourierViewer", actor=actor)).codes == ["UNAUTHENTICATED"]
