"""Roles: who gives them, and what taking one away shuts."""

import asyncio

import pytest

from services.identity import tokens
from services.identity.events import RoleGranted, RoleRevoked, SessionFinished
from services.identity.models import RoleRow, SessionRow
from services.identity.operations import enrol_person, grant_role, revoke_role
from services.identity.queries import people_by_ids, person, person_by_phone, person_by_uid, roles_in_force, staff_of_store
from services.identity.rules import EndReason, HeldRole
from services.kernel.actors import Audience, StaffRole, System
from services.kernel.errors import BadInput, Forbidden, NotFound, Unauthenticated
from services.kernel.ids import new_id
from tests.conftest import Statements
from tests.factories.identity import access_token, make_agent, make_courier, make_person, make_role, make_staff
from tests.facts import recorded

OFFICE = System("back office")


async def test_an_owner_gives_roles_at_the_own_store() -> None:
    owner, person_id = await make_staff(), await make_person("Helmi")
    await grant_role(owner, person_id, Audience.STORE, StaffRole.CLERK, owner.store_id)

    assert [(card.name, card.role) for card in await staff_of_store(owner.store_id)] == [
        ("Eero Mäkelä", StaffRole.OWNER),
        ("Helmi", StaffRole.CLERK),
    ]
    assert await recorded(RoleGranted) == [
        RoleGranted(person_id=person_id, audience="store", role="CLERK", store_id=owner.store_id)
    ]


async def test_granting_again_changes_nothing() -> None:
    person_id = await make_person()
    granted = [await grant_role(OFFICE, person_id, Audience.COURIER, "APPROVED") for _ in range(2)]
    assert granted == [HeldRole(Audience.COURIER, "APPROVED")] * 2
    assert await RoleRow.all().count() == 1
    assert len(await recorded(RoleGranted)) == 1


async def test_ten_grants_at_once_leave_one_role() -> None:
    person_id, store_id = await make_person(), new_id()
    await asyncio.gather(*(grant_role(OFFICE, person_id, Audience.STORE, "CLERK", store_id) for _ in range(10)))
    assert await RoleRow.all().count() == 1


async def test_another_role_replaces_the_first_and_ends_its_sessions() -> None:
    clerk = await make_staff(role=StaffRole.CLERK)
    await grant_role(OFFICE, clerk.person_id, Audience.STORE, StaffRole.OWNER, clerk.store_id)

    assert await roles_in_force(clerk.person_id, Audience.STORE) == [HeldRole(Audience.STORE, "OWNER", clerk.store_id)]
    assert (await SessionRow.get()).end_reason is EndReason.ROLE_REVOKED
    with pytest.raises(Unauthenticated):
        tokens.read_access(access_token(clerk), Audience.STORE)


async def test_taking_a_role_away_shuts_that_stores_door_alone() -> None:
    clerk = await make_staff(role=StaffRole.CLERK)
    elsewhere = await make_staff(role=StaffRole.CLERK, person_id=clerk.person_id)

    await revoke_role(OFFICE, clerk.person_id, Audience.STORE, clerk.store_id)
    await revoke_role(OFFICE, clerk.person_id, Audience.STORE, clerk.store_id)

    with pytest.raises(Unauthenticated):
        tokens.read_access(access_token(clerk), Audience.STORE)
    assert tokens.read_access(access_token(elsewhere), Audience.STORE) == elsewhere
    assert await staff_of_store(clerk.store_id) == []
    assert len(await recorded(RoleRevoked)) == len(await recorded(SessionFinished)) == 1


async def test_nobody_else_gives_or_takes_roles() -> None:
    manager, owner_elsewhere = await make_staff(role=StaffRole.MANAGER), await make_staff()
    agent, courier = await make_agent(), await make_courier()
    before = await RoleRow.all().count()
    for actor in (manager, owner_elsewhere, agent, courier):
        with pytest.raises(Forbidden):
            await grant_role(actor, courier.person_id, Audience.STORE, StaffRole.OWNER, manager.store_id)
        with pytest.raises(Forbidden):
            await revoke_role(actor, manager.person_id, Audience.STORE, manager.store_id)
    assert await RoleRow.filter(revoked_at__isnull=True).count() == before
    assert await recorded(RoleGranted) == []


@pytest.mark.parametrize(
    ("audience", "role", "with_store"),
    [
        (Audience.CONSUMER, "OWNER", False),
        (Audience.STORE, "GOD", True),
        (Audience.STORE, "OWNER", False),
        (Audience.COURIER, "APPROVED", True),
        (Audience.COURIER, "OWNER", False),
        (Audience.SUPPORT, "L9", False),
    ],
)
async def test_a_role_that_does_not_exist_is_refused(audience: Audience, role: str, with_store: bool) -> None:
    person_id = await make_person()
    with pytest.raises(BadInput):
        await grant_role(OFFICE, person_id, audience, role, new_id() if with_store else None)
    assert not await RoleRow.exists()


async def test_unknown_people_get_no_role() -> None:
    with pytest.raises(NotFound):
        await grant_role(OFFICE, new_id(), Audience.COURIER, "APPROVED")
    with pytest.raises(NotFound):
        await revoke_role(OFFICE, new_id(), Audience.COURIER)


async def test_people_are_found_by_what_is_known_of_them() -> None:
    aino = await enrol_person("aino-uid", name=" Aino  Virtanen ", phone="+358 40 1234567", locale="fi")
    again = await enrol_person("aino-uid")

    assert again.name == "Aino Virtanen"
    assert again.phone == "+358401234567"
    assert await person(aino.id) == again
    assert await person_by_phone("040 1234567", "FI") == again
    assert await person_by_phone("+358 50 7654321") is None
    assert await person_by_phone("nonsense") is None
    assert await person_by_uid("aino-uid") == again
    assert await people_by_ids([aino.id, new_id()]) == {aino.id: again}
    with pytest.raises(NotFound):
        await person(new_id())


async def test_statements(statements: Statements) -> None:
    person_id = await make_person()
    statements.clear()
    await grant_role(OFFICE, person_id, Audience.COURIER, "APPROVED")
    assert await statements.count() == 4, statements.queries  # person, role held, role, event
    statements.clear()
    await staff_of_store(new_id())
    assert await statements.count() == 1


async def test_one_role_in_force_is_held_by_the_database_itself() -> None:
    person_id, store_id = await make_person(), new_id()
    await make_role(person_id, Audience.STORE, StaffRole.CLERK, store_id)
    with pytest.raises(Exception, match="roles_one_at_a_store"):
        await make_role(person_id, Audience.STORE, StaffRole.OWNER, store_id)
