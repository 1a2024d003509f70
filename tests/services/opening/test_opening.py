"""Opening a store: a draft by whoever proves who they are, a checklist, and going live when nothing is missing."""

from dataclasses import replace

import pytest

from services.bootstrap import Ports
from services.catalog.marking import mark_item_out
from services.identity.errors import IdTokenNotAccepted
from services.identity.operations import sign_in
from services.identity.ports import VerifiedIdentity
from services.identity.rules import DeviceDescription, Platform
from services.kernel.actors import Audience, StaffRole, StoreStaff
from services.kernel.errors import BadInput, Forbidden
from services.kernel.idempotency import KeyReusedWithOtherInput
from services.opening.errors import StoreNotReady, TooManyDrafts
from services.opening.operations import Beginning, begin_store, go_live
from services.opening.queries import checklist
from services.opening.rules import STEP_OF, Lack, Step
from services.stores.events import StoreDescribed, StoreOpened, StoreWentLive
from services.stores.models import Partner, StoreKind
from services.stores.operations import StoreWords, change_hours, change_week, describe_store
from services.stores.queries import StoreCard, store
from services.stores.rules.week import WeekHours
from services.stores.rules.windows import Window
from tests.conftest import Statements
from tests.factories.catalog import draft_item, make_menu
from tests.factories.identity import make_staff
from tests.factories.stores import make_store
from tests.facts import fingerprint, recorded

TOLD = Beginning(
    legal_name="Ida Oy",
    kind=StoreKind.RESTAURANT,
    name="Idan keittiö",
    category="cafe",
    street="",
    housenumber="1",
    postcode="00100",
    city="Helsinki",
    country="FI",
    latitude=60.1712,
    longitude=24.9443,
)
WORDS = StoreWords(
    name="Idan keittiö",
    story="Since this morning.",
    category="cafe",
    cuisines=("Finnish", "finnish "),
    street="Kaivokatu",
    housenumber="1",
    postcode="00100",
    city="Helsinki",
)


async def begin(house: Ports, told: Beginning = TOLD, key: str = "k", uid: str = "ida-uid") -> StoreCard:
    assert house.issuer is not None
    token = house.issuer.issue(VerifiedIdentity(uid, phone="+358401239100", name="Ida"))
    return await begin_store(token, told, key=key, verifier=house.id_tokens)


async def signed_in(house: Ports) -> StoreStaff:
    assert house.issuer is not None
    device = DeviceDescription("Tablet", Platform.ANDROID, "fi")
    actor = (
        await sign_in(Audience.STORE, house.issuer.issue(VerifiedIdentity("ida-uid")), device=device, verifier=house.id_tokens)
    ).actor
    assert isinstance(actor, StoreStaff)
    return actor


async def test_three_steps_from_nobody_to_live(house: Ports) -> None:
    draft = await begin(house)
    again = await begin(house)
    ida = await signed_in(house)

    assert again == draft
    assert (draft.state, draft.time_zone, draft.currency, draft.partner_name) == ("DRAFT", "Europe/Helsinki", "EUR", "Ida Oy")
    assert (ida.store_id, ida.role) == (draft.id, StaffRole.OWNER)
    assert (await checklist(ida)).missing == [Lack.ADDRESS, Lack.MENU, Lack.HOURS]
    before = await fingerprint()
    with pytest.raises(StoreNotReady) as refused:
        await go_live(ida)
    assert refused.value.missing == (Lack.ADDRESS, Lack.MENU, Lack.HOURS)
    assert await fingerprint() == before

    page = await describe_store(ida, WORDS)
    assert (page.story, page.card.cuisines, page.card.slug) == ("Since this morning.", ["finnish"], draft.slug)
    assert (await describe_store(ida, WORDS)).card.version == page.card.version
    tree = await make_menu(ida.store_id, draft_item("Soup", 1_200))
    item = tree.menus[0].sections[0].items[0].id
    await mark_item_out(ida, item)
    await change_hours(ida, "2020 Jan 01 10:00-12:00")
    assert (await checklist(ida)).missing == [Lack.ANYTHING_AVAILABLE, Lack.AN_OPENING_SOON]
    await make_menu(ida.store_id, draft_item("Stew", 1_200))
    await change_week(ida, WeekHours(((Window(0, 1_440),),) * 7))

    live = await go_live(ida)

    assert (live.state, live.takes_orders) == ("LIVE", True)
    assert (await go_live(ida)).version == live.version
    assert (await checklist(ida)).missing == []
    assert [event.name for event in await recorded(StoreOpened)] == ["Idan keittiö"]
    assert await recorded(StoreDescribed) == [StoreDescribed(store_id=draft.id)]
    assert await recorded(StoreWentLive) == [StoreWentLive(store_id=draft.id)]


async def test_a_second_store_of_the_same_business_belongs_to_the_same_partner_and_drafts_are_few(house: Ports) -> None:
    first = await begin(house)
    second = await begin(house, key="2")
    third = await begin(house, replace(TOLD, legal_name="Other Oy"), key="3")

    assert first.partner_id == second.partner_id != third.partner_id
    before = await fingerprint()
    with pytest.raises(TooManyDrafts):
        await begin(house, key="4")
    with pytest.raises(KeyReusedWithOtherInput):
        await begin(house, replace(TOLD, name="Another"))
    assert await fingerprint() == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"legal_name": ""},
        {"country": "SE"},
        {"latitude": 91.0},
        {"street": "x" * 201},
        {"city": "a\0b"},
    ],
)
async def test_what_no_store_can_be_is_refused(house: Ports, wrong: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        await begin(house, replace(TOLD, **wrong))  # type: ignore[arg-type]
    assert await fingerprint() == {}


async def test_nobody_opens_a_store_without_proof(house: Ports) -> None:
    with pytest.raises(IdTokenNotAccepted):
        await begin_store("nonsense", TOLD, key="k", verifier=house.id_tokens)
    assert not await Partner.exists()


async def test_only_an_owner_describes_a_store_and_lets_it_go_live(house: Ports) -> None:
    made = await make_store(state="DRAFT")
    manager = await make_staff(made.id, StaffRole.MANAGER)
    before = await fingerprint()

    with pytest.raises(Forbidden):
        await go_live(manager)
    with pytest.raises(Forbidden):
        await describe_store(manager, WORDS)
    with pytest.raises(BadInput):
        await describe_store(await make_staff(made.id), replace(WORDS, story="x" * 4_001))

    assert (await store(made.id)).state == "DRAFT"
    assert {name: one for name, one in (await fingerprint()).items() if name in before and name not in _PEOPLE} == {
        name: one for name, one in before.items() if name not in _PEOPLE
    }


_PEOPLE = {"people", "roles", "sessions"}


def test_every_lack_belongs_to_a_step() -> None:
    assert list(STEP_OF) == list(Lack)
    assert set(STEP_OF.values()) == set(Step)


async def test_statements(house: Ports, statements: Statements) -> None:
    statements.clear()
    await begin(house)
    began = await statements.count()
    ida = await signed_in(house)
    statements.clear()
    await checklist(ida)
    asked = await statements.count()
    assert (began, asked) == (16, 2)
