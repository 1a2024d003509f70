"""From nobody to a paid order through the public doors alone: a store is opened, written, live, and sells in the same session."""

from typing import Any

from services.adapters.local_texts import local_texts
from services.bootstrap import Ports
from services.identity.ports import VerifiedIdentity
from services.settings import Settings
from tests.api.apps import Doors, document
from tests.facts import fingerprint, run_errands

DEVICE = {"name": "Tablet", "platform": "ANDROID", "locale": "fi"}
PLACE = {"latitude": 60.1712, "longitude": 24.9443}
HERE = {"latitude": 60.1675, "longitude": 24.9427}
DOOR = {"position": HERE, "street": "Aleksanterinkatu 52", "city": "Helsinki", "postcode": "00100", "note": ""}
BEGINNING = {
    "key": "my store",
    "legalName": "Ida Oy",
    "kind": "RESTAURANT",
    "name": "Idan keittiö",
    "category": "cafe",
    "country": "FI",
    "position": PLACE,
}
WORDS = {
    "name": "Idan keittiö",
    "story": "Since this morning.",
    "category": "cafe",
    "cuisines": ["finnish"],
    "street": "Kaivokatu",
    "housenumber": "1",
    "postcode": "00100",
    "city": "Helsinki",
}
ALL_DAY = {"days": ["MO", "TU", "WE", "TH", "FR", "SA", "SU"], "opens": "00:00", "closes": "24:00"}
MENU = {"name": "Lunch", "sections": [{"name": "Kitchen", "items": [{"name": "Soup", "price": "12.50"}]}]}


class Hand:
    """Somebody with an app: signs in, and says the rest with the token."""

    def __init__(self, doors: Doors, house: Ports, audience: str, uid: str, phone: str) -> None:
        self.doors, self.house, self.audience, self.uid, self.phone = doors, house, audience, uid, phone
        self.token: str | None = None

    def proof(self) -> str:
        assert self.house.issuer is not None
        return self.house.issuer.issue(VerifiedIdentity(self.uid, phone=self.phone, name="Ida"))

    async def sign_in(self, operation: str) -> Any:
        self.token = None
        told = await self.say(operation, idToken=self.proof(), device=DEVICE)
        self.token = told["tokens"]["accessToken"] if "tokens" in told else None
        return told

    async def say(self, operation: str, **said: Any) -> Any:
        return await self.ask(operation, {"input": said} if said else None)

    async def ask(self, operation: str, variables: dict[str, Any] | None = None) -> Any:
        return (await self.doors.ask(self.audience, document(self.audience, operation), variables, token=self.token)).result()


async def test_a_newly_made_store_sells_within_the_same_session(doors: Doors, house: Ports) -> None:
    ida = Hand(doors, house, "store", "ida-uid", "+358401239100")
    assert (await ida.sign_in("SignInStaff"))["__typename"] == "NotAllowedHereProblem"

    draft = (await ida.say("OpenStore", idToken=ida.proof(), **BEGINNING))["store"]
    assert (draft["state"], draft["openingHours"], draft["takesOrders"]) == ("DRAFT", "off", False)
    viewer = (await ida.sign_in("SignInStaff"))["viewer"]
    assert (viewer["role"], viewer["storeId"], "go_live" in viewer["rights"]) == ("OWNER", draft["id"], True)
    first = await ida.ask("OpeningChecklist")
    assert [(step["step"], step["missing"]) for step in first["steps"]] == [
        ("WHO_YOU_ARE", ["ADDRESS"]),
        ("YOUR_MENU", ["MENU"]),
        ("YOUR_HOURS", ["HOURS"]),
    ]
    before = await fingerprint()
    assert (await ida.say("GoLive"))["missing"] == ["ADDRESS", "MENU", "HOURS"]
    assert await fingerprint() == before
    assert (await near(doors, house)) == []

    assert (await ida.say("DescribeStore", **WORDS))["presentation"]["slug"] == draft["slug"]
    await ida.say("ReplaceMenu", currency="EUR", menus=[MENU])
    assert (await ida.say("ChangeStoreWeek", windows=[ALL_DAY]))["store"]["openingHours"] == "24/7"
    live = (await ida.say("GoLive"))["store"]
    assert (live["state"], live["takesOrders"]) == ("LIVE", True)
    assert (await ida.ask("OpeningChecklist"))["isComplete"] is True

    purchase = await buy(doors, house, await near(doors, house))
    assert (purchase["payment"]["state"], purchase["goods"]["amount"]) == ("AUTHORISED", "12.50")
    await run_errands(house)
    (order,) = await ida.ask("StoreOrderQueue")
    assert (order["stage"], order["lines"][0]["name"]) == ("PLACED", "Soup")
    page = await ida.doors.run("consumer", "StorePage", {"slug": draft["slug"]})
    assert (page.result()["story"], page.result()["store"]["menus"][0]["name"]) == ("Since this morning.", "Lunch")


async def near(doors: Doors, house: Ports) -> list[str]:
    guest = Hand(doors, house, "consumer", "", "")
    found = await guest.ask("StoresNear", {"input": {"position": DOOR["position"], "first": 20}})
    return [edge["node"]["id"] for edge in found["edges"]]


async def buy(doors: Doors, house: Ports, stores: list[str]) -> Any:
    """A consumer orders the first thing of the only store there is."""
    eater = Hand(doors, house, "consumer", "eater-uid", "+358401239101")
    await eater.sign_in("SignIn")
    (store,) = stores
    item = (await eater.ask("Store", {"id": store}))["menus"][0]["sections"][0]["items"][0]
    await eater.say("AddCartLine", itemId=item["id"], quantity=1)
    await eater.say("SetCartAddress", address=DOOR)
    quote = (await eater.ask("QuoteCart"))["quote"]
    return (await eater.say("CheckOut", quoteId=quote["id"], method="card_ok", key="k"))["purchase"]


async def test_the_team_comes_in_by_its_phones(doors: Doors, house: Ports, house_settings: Settings) -> None:
    ida = Hand(doors, house, "store", "ida-uid", "+358401239100")
    await ida.say("OpenStore", idToken=ida.proof(), **BEGINNING)
    await ida.sign_in("SignInStaff")
    onni = Hand(doors, house, "store", "onni-uid", "+358401239102")

    invited = (await ida.say("InviteStaff", phone=onni.phone, role="MANAGER", locale="en"))["invitation"]
    await run_errands(house)
    assert (invited["phone"], invited["role"]) == ("…102", "MANAGER")
    assert [one["text"] for one in local_texts(house_settings.data_folder) if one["phone"] == onni.phone] == [
        "Idan keittiö asks you to work there. Sign in to Pannier's store app with this number."
    ]
    assert (await onni.sign_in("SignInStaff"))["viewer"]["role"] == "MANAGER"
    team = await onni.ask("StoreTeam")
    assert ([member["role"] for member in team["members"]], team["invitations"]) == (["OWNER", "MANAGER"], [])
    assert (await ida.say("InviteStaff", phone=onni.phone, role="CLERK"))["__typename"] == "AlreadyStaffProblem"
    other = (await ida.say("InviteStaff", phone="+358401239103", role="CLERK"))["invitation"]
    await ida.say("WithdrawStaffInvitation", invitationId=other["id"])
    assert (await ida.ask("StoreTeam"))["invitations"] == []

    member = next(one["id"] for one in team["members"] if one["role"] == "MANAGER")
    owner = next(one["id"] for one in team["members"] if one["role"] == "OWNER")
    assert (await ida.say("ChangeStaffRole", personId=owner, role="CLERK"))["__typename"] == "LastOwnerProblem"
    await ida.say("ChangeStaffRole", personId=member, role="CLERK")
    assert (await onni.sign_in("SignInStaff"))["viewer"]["role"] == "CLERK"
    assert [one["id"] for one in (await ida.say("RemoveStaff", personId=member))["members"]] == [owner]
    assert (await onni.sign_in("SignInStaff"))["__typename"] == "NotAllowedHereProblem"
