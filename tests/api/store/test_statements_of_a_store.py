"""How many statements each tap of a store's own matters costs: its opening, its hours and pauses, its fees, its people."""

from typing import Any

from api.schema.shared.ids import opaque
from services.bootstrap import Ports
from services.identity.ports import VerifiedIdentity
from services.kernel.actors import StaffRole, StoreStaff
from tests.api.apps import Doors
from tests.conftest import Statements
from tests.factories.catalog import make_item
from tests.factories.identity import make_staff
from tests.factories.stores import make_store

BEGINNING = {
    "key": "k",
    "legalName": "Ida Oy",
    "kind": "RESTAURANT",
    "name": "Idan keittiö",
    "country": "FI",
    "position": {"latitude": 60.1712, "longitude": 24.9443},
}
DEVICE = {"name": "Tablet", "platform": "ANDROID", "locale": "fi"}
FREE = {"beyond": {"amount": "0", "currency": "EUR"}}


async def counted(
    doors: Doors, statements: Statements, said: dict[str, dict[str, Any] | None], actor: StoreStaff | None
) -> dict[str, int]:
    """What each of these costs, one after the other; all of them have to succeed."""
    counts = {}
    for operation, input_ in said.items():
        statements.clear()
        told = await doors.run("store", operation, {"input": input_} if input_ else None, actor=actor)
        assert told.errors == []
        assert not str(told.result().get("__typename")).endswith("Problem"), told.result()
        counts[operation] = await statements.count()
    return counts


async def test_hours_pauses_and_fees(doors: Doors, statements: Statements) -> None:
    staff = await make_staff((await make_store()).id)
    said: dict[str, dict[str, Any] | None] = {
        "StoreProfile": None,
        "ChangeStoreHours": {"openingHours": "Mo-Fr 10:00-21:00"},
        "PauseStore": {"length": "AN_HOUR"},
        "ResumeStore": None,
        "ChangeDeliveryFees": {"fees": FREE},
    }
    assert await counted(doors, statements, said, staff) == {
        "StoreProfile": 1,
        "ChangeStoreHours": 4,
        "PauseStore": 4,
        "ResumeStore": 4,
        "ChangeDeliveryFees": 5,
    }


async def test_a_draft_with_a_menu_goes_live(doors: Doors, statements: Statements) -> None:
    draft = await make_store(state="DRAFT")
    await make_item(draft)
    await make_item(draft)
    owner = await make_staff(draft.id)
    said: dict[str, dict[str, Any] | None] = {"OpeningChecklist": None, "GoLive": None}
    # The store, and what its menus hold; then held, looked at, held again by whoever makes it live, written, told and read.
    assert await counted(doors, statements, said, owner) == {"OpeningChecklist": 2, "GoLive": 6}


async def test_a_store_is_begun_and_signed_in_to(doors: Doors, house: Ports, statements: Statements) -> None:
    assert house.issuer is not None
    proof = house.issuer.issue(VerifiedIdentity("ida-uid", phone="+358401239100", name="Ida"))
    said: dict[str, dict[str, Any] | None] = {
        "OpenStore": {"idToken": proof, **BEGINNING},
        "SignInStaff": {"idToken": proof, "device": DEVICE},
    }
    assert await counted(doors, statements, said, None) == {"OpenStore": 16, "SignInStaff": 8}


async def test_people_are_asked_not_asked_after_all_changed_and_let_go(doors: Doors, statements: Statements) -> None:
    store = await make_store()
    owner, clerk = await make_staff(store.id), await make_staff(store.id, StaffRole.CLERK)
    asked = {"input": {"phone": "+358401239107", "role": "CLERK"}}
    invited = (await doors.run("store", "InviteStaff", asked, actor=owner)).result()["invitation"]
    person = opaque("StaffMember", clerk.person_id)
    said: dict[str, dict[str, Any] | None] = {
        "WithdrawStaffInvitation": {"invitationId": invited["id"]},
        "ChangeStaffRole": {"personId": person, "role": "MANAGER"},
        "RemoveStaff": {"personId": person},
    }
    assert await counted(doors, statements, said, owner) == {
        "WithdrawStaffInvitation": 2,
        "ChangeStaffRole": 13,
        "RemoveStaff": 9,
    }
