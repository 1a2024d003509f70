"""The support app's account, with the documents it ships."""

from services.bootstrap import Ports
from services.identity.models import SessionRow
from services.identity.ports import VerifiedIdentity
from services.kernel.actors import Audience, SupportLevel
from tests.api.apps import Doors
from tests.factories.identity import make_consumer, make_courier, make_person, make_role, make_staff

DEVICE = {"name": "Desk 4", "platform": "WEB"}


def sign_in(ports: Ports) -> dict[str, object]:
    assert ports.issuer is not None
    return {"input": {"idToken": ports.issuer.issue(VerifiedIdentity("sofia-uid")), "device": DEVICE}}


async def test_an_agent_signs_in_at_their_level_renews_and_leaves(doors: Doors, house: Ports) -> None:
    await make_role(await make_person("Sofia", uid="sofia-uid"), Audience.SUPPORT, SupportLevel.L2)

    signed_in = (await doors.run("support", "SignInAgent", sign_in(house))).result()
    assert (signed_in["viewer"]["name"], signed_in["viewer"]["level"]) == ("Sofia", "L2")
    renewal = {"input": {"refreshToken": signed_in["tokens"]["refreshToken"]}}
    token = (await doors.run("support", "RefreshAgentSession", renewal)).result()["tokens"]["accessToken"]

    assert (await doors.ask("support", "{ supportViewer { level } }", token=token)).result() == {"level": "L2"}
    await doors.ask("support", "mutation { signOutAgent { __typename } }", token=token)
    assert (await doors.ask("support", "{ supportViewer { level } }", token=token)).codes == ["UNAUTHENTICATED"]


async def test_whoever_is_no_agent_gets_no_session(doors: Doors, house: Ports) -> None:
    await make_person(uid="sofia-uid")
    refused = (await doors.run("support", "SignInAgent", sign_in(house))).result()
    assert refused["__typename"] == "NotAllowedHereProblem"
    assert not await SessionRow.exists()


async def test_the_agents_of_one_door_alone(doors: Doors) -> None:
    assert (await doors.run("support", "SupportViewer")).codes == ["UNAUTHENTICATED"]
    for actor in (await make_consumer(), await make_staff(), await make_courier()):
        assert (await doors.run("support", "SupportViewer", actor=actor)).codes == ["UNAUTHENTICATED"]
