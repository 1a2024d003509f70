"""Who works for a store: invited by phone, taken up at sign-in, made something else, let go; an owner always remains."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest

from services.adapters.local_texts import local_texts
from services.bootstrap import Ports
from services.identity import tokens
from services.identity.errors import AlreadyStaff, NotAllowedHere, PhoneNotServed, TooManyInvitations
from services.identity.events import RoleGranted, RoleRevoked
from services.identity.models import SessionRow
from services.identity.operations import ask_for_code, sign_in
from services.identity.ports import VerifiedIdentity
from services.identity.queries import open_invitations, staff_of_store
from services.identity.rules import DeviceDescription, Platform
from services.kernel.actors import Audience, StaffRole, StoreStaff
from services.kernel.database import row
from services.kernel.errors import BadInput, Forbidden, NotFound, Unauthenticated
from services.kernel.ids import new_id
from services.settings import Settings
from services.stores.errors import LastOwner
from services.stores.events import StaffInvited
from services.stores.handlers import plain
from services.stores.operations import change_staff_role, invite_staff, remove_staff, withdraw_invitation
from tests.api.apps import access_token
from tests.conftest import Statements, TestClock
from tests.factories.identity import make_person, make_staff
from tests.factories.stores import make_store
from tests.facts import fingerprint, recorded, run_errands

PHONE = "+358401239900"
TABLET = DeviceDescription("Tablet", Platform.ANDROID, "fi")


async def come_in(house: Ports, phone: str | None = PHONE, uid: str = "ida-uid", store_id: UUID | None = None) -> StoreStaff:
    assert house.issuer is not None
    token = house.issuer.issue(VerifiedIdentity(uid, phone=phone, name="Ida"))
    actor = (await sign_in(Audience.STORE, token, device=TABLET, store_id=store_id, verifier=house.id_tokens)).actor
    assert isinstance(actor, StoreStaff)
    return actor


async def test_whoever_is_invited_is_told_once_and_comes_in_with_that_phone(
    house: Ports, house_settings: Settings, clock: TestClock
) -> None:
    store = await make_store(name="Kahvila evil.example/x <Ääni>")
    owner = await make_staff(store.id)

    invited = await invite_staff(owner, "+358 40 123 9900", StaffRole.MANAGER, "fi")
    again = await invite_staff(owner, PHONE, StaffRole.MANAGER, "fi")
    await run_errands(house)

    assert (invited.phone, invited.role, invited.expires_at) == (PHONE, StaffRole.MANAGER, clock.now() + timedelta(days=7))
    assert again == invited
    assert await recorded(StaffInvited) == [StaffInvited(store_id=store.id, invitation_id=invited.id, role="MANAGER")]
    told = [one["text"] for one in local_texts(house_settings.data_folder) if one["phone"] == PHONE]
    assert told == ["Kahvila evil example x Ääni kutsuu sinut töihin. Kirjaudu Pannierin kauppasovellukseen tällä numerolla."]
    with pytest.raises(NotAllowedHere):
        await come_in(house, phone="+358401239901", uid="somebody-else")
    ida = await come_in(house)
    assert (ida.store_id, ida.role) == (store.id, StaffRole.MANAGER)
    assert await open_invitations(store.id, clock.now()) == []
    assert {card.role for card in await staff_of_store(store.id)} == {StaffRole.OWNER, StaffRole.MANAGER}
    with pytest.raises(AlreadyStaff):
        await invite_staff(owner, PHONE, StaffRole.CLERK, "fi")
    assert [one.role for one in await recorded(RoleGranted)] == ["MANAGER"]


async def test_a_code_to_sign_in_with_is_sent_to_whoever_is_invited(house: Ports, clock: TestClock) -> None:
    async def is_sent() -> bool:
        asked = await ask_for_code(Audience.STORE, PHONE, device_id="an-installation", locale="fi", address="127.0.0.1")
        found = await row("SELECT send_from IS NOT NULL AS sent FROM sign_in_codes WHERE id = $1", asked.id)
        assert found is not None
        return bool(found["sent"])

    assert not await is_sent()
    store = await make_store()
    await invite_staff(await make_staff(store.id), PHONE, StaffRole.CLERK, "fi")
    assert await is_sent()


async def test_what_is_over_withdrawn_or_of_an_owner_who_left_lets_nobody_in(house: Ports, clock: TestClock) -> None:
    store = await make_store()
    owner, other = await make_staff(store.id), await make_staff(store.id)
    withdrawn = await invite_staff(owner, PHONE, StaffRole.CLERK, "en")
    await withdraw_invitation(owner, withdrawn.id)
    before = await fingerprint()
    await withdraw_invitation(owner, withdrawn.id)
    assert await fingerprint() == before
    with pytest.raises(NotAllowedHere):
        await come_in(house)

    await invite_staff(other, PHONE, StaffRole.CLERK, "en")
    await remove_staff(owner, other.person_id)
    with pytest.raises(NotAllowedHere):
        await come_in(house)

    await invite_staff(owner, PHONE, StaffRole.MANAGER, "en")
    clock.move(days=7)
    with pytest.raises(NotAllowedHere):
        await come_in(house)
    assert {card.person_id for card in await staff_of_store(store.id)} == {owner.person_id}


async def test_only_an_owner_invites_and_only_so_many_to_phones_that_are_served(house: Ports) -> None:
    store, elsewhere = await make_store(), await make_store()
    owner, manager = await make_staff(store.id), await make_staff(store.id, StaffRole.MANAGER)
    theirs = await invite_staff(await make_staff(elsewhere.id), "+358401239800", StaffRole.CLERK, "en")
    before = await fingerprint()

    with pytest.raises(Forbidden):
        await invite_staff(manager, PHONE, StaffRole.CLERK, "en")
    with pytest.raises(PhoneNotServed):
        await invite_staff(owner, "+14155552671", StaffRole.CLERK, "en")
    with pytest.raises(BadInput):
        await invite_staff(owner, "twelve", StaffRole.CLERK, "en")
    for unknown in (theirs.id, new_id()):
        with pytest.raises(NotFound):
            await withdraw_invitation(owner, unknown)

    assert await fingerprint() == before
    for number in range(20):
        await invite_staff(owner, f"+3584012397{number:02}", StaffRole.CLERK, "en")
    with pytest.raises(TooManyInvitations):
        await invite_staff(owner, PHONE, StaffRole.CLERK, "en")


async def test_another_role_ends_the_sessions_of_the_earlier_one(clock: TestClock) -> None:
    store = await make_store()
    owner, clerk = await make_staff(store.id), await make_staff(store.id, StaffRole.CLERK)

    changed = await change_staff_role(owner, clerk.person_id, StaffRole.MANAGER)
    again = await change_staff_role(owner, clerk.person_id, StaffRole.MANAGER)

    assert {(card.person_id, card.role) for card in changed} == {
        (owner.person_id, StaffRole.OWNER),
        (clerk.person_id, StaffRole.MANAGER),
    }
    assert again == changed
    assert (await SessionRow.get(id=clerk.session_id)).end_reason == "ROLE_REVOKED"
    with pytest.raises(Unauthenticated):
        tokens.read_access(access_token(clerk), Audience.STORE)


async def test_who_is_removed_is_out_at_once(clock: TestClock) -> None:
    store = await make_store()
    owner, clerk = await make_staff(store.id), await make_staff(store.id, StaffRole.CLERK)
    token = access_token(clerk)
    assert tokens.read_access(token, Audience.STORE) == clerk

    left = await remove_staff(owner, clerk.person_id)
    before = await fingerprint()
    again = await remove_staff(owner, clerk.person_id)

    assert [card.person_id for card in left] == [owner.person_id]
    assert again == left
    assert await fingerprint() == before
    with pytest.raises(Unauthenticated):
        tokens.read_access(token, Audience.STORE)
    assert await recorded(RoleRevoked) == [
        RoleRevoked(person_id=clerk.person_id, audience="store", role="CLERK", store_id=store.id)
    ]


async def test_a_store_always_has_an_owner() -> None:
    store = await make_store()
    owner, manager = await make_staff(store.id), await make_staff(store.id, StaffRole.MANAGER)
    before = await fingerprint()

    with pytest.raises(LastOwner):
        await remove_staff(owner, owner.person_id)
    with pytest.raises(LastOwner):
        await change_staff_role(owner, owner.person_id, StaffRole.CLERK)
    for forbidden in (remove_staff(manager, owner.person_id), change_staff_role(manager, owner.person_id, StaffRole.CLERK)):
        with pytest.raises(Forbidden):
            await forbidden
    for unknown in ((await make_staff()).person_id, new_id()):
        with pytest.raises(NotFound):
            await remove_staff(owner, unknown)

    assert {card.person_id for card in await staff_of_store(store.id)} == {owner.person_id, manager.person_id}
    assert {name: hash_ for name, hash_ in (await fingerprint()).items() if name in {"events", "stores", "store_slots"}} == {
        name: hash_ for name, hash_ in before.items() if name in {"events", "stores", "store_slots"}
    }


async def test_two_owners_cannot_let_each_other_go_at_once() -> None:
    store = await make_store()
    one, other = await make_staff(store.id), await make_staff(store.id)

    told = await asyncio.gather(remove_staff(one, other.person_id), remove_staff(other, one.person_id), return_exceptions=True)

    assert [type(answer) for answer in told].count(LastOwner) == 1
    assert len(await staff_of_store(store.id)) == 1


async def test_statements(statements: Statements) -> None:
    store = await make_store()
    owner, clerk = await make_staff(store.id), await make_staff(store.id, StaffRole.CLERK)
    changes: dict[str, Callable[[], Awaitable[object]]] = {
        "invite": lambda: invite_staff(owner, PHONE, StaffRole.CLERK, "en"),
        "change": lambda: change_staff_role(owner, clerk.person_id, StaffRole.MANAGER),
        "remove": lambda: remove_staff(owner, clerk.person_id),
    }
    counts = {}
    for name, change in changes.items():
        statements.clear()
        await change()
        counts[name] = await statements.count()
    assert counts == {"invite": 6, "change": 13, "remove": 9}


def test_a_name_in_a_text_is_nothing_to_tap() -> None:
    assert plain("Café Ekberg & Co") == "Café Ekberg & Co"
    assert plain("win.money/now http://x") == "win money now http x"
    assert plain("☕") == "Pannier"


async def test_a_person_without_a_phone_takes_nothing_up(house: Ports) -> None:
    await make_person(uid="ida-uid")
    with pytest.raises(NotAllowedHere):
        await come_in(house, phone=None)
