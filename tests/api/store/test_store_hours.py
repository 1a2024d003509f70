"""A store's profile, hours and pauses through the tablet's door."""

from typing import Any

import pytest

from api.schema.shared.ids import opaque
from services.kernel.actors import StaffRole
from services.stores.queries import store as read_store
from tests.api.apps import Doors
from tests.factories.identity import make_agent, make_consumer, make_courier, make_staff
from tests.factories.stores import make_store

CALLS: dict[str, dict[str, Any] | None] = {
    "StoreProfile": None,
    "ChangeStoreHours": {"input": {"openingHours": "Mo-Su 10:00-20:00"}},
    "PauseStore": {"input": {"until": "2026-06-10T10:00:00Z"}},
    "ResumeStore": None,
}


async def test_a_day_at_the_tablet(doors: Doors) -> None:
    store = await make_store(hours_assumed=True)
    staff = await make_staff(store.id)

    profile = (await doors.run("store", "StoreProfile", actor=staff)).result()
    assert (profile["id"], profile["openingHours"], profile["hoursAssumed"]) == (opaque("StoreProfile", store.id), "24/7", True)
    changed = (await doors.run("store", "ChangeStoreHours", CALLS["ChangeStoreHours"], actor=staff)).result()
    assert changed["__typename"] == "ChangeStoreHoursSuccess"
    assert (changed["store"]["openingHours"], changed["store"]["hoursAssumed"]) == ("Mo-Su 10:00-20:00", False)
    paused = (await doors.run("store", "PauseStore", CALLS["PauseStore"], actor=staff)).result()["store"]
    assert (paused["isOpen"], paused["takesOrders"], paused["pauseReason"]) == (True, False, "BY_STAFF")
    assert paused["pausedUntil"] == paused["opensAt"] == "2026-06-10T10:00:00.000Z"
    resumed = (await doors.run("store", "ResumeStore", actor=staff)).result()["store"]
    assert (resumed["takesOrders"], resumed["pausedUntil"], resumed["version"]) == (True, None, 4)


async def test_refusals_are_told_as_problems_and_change_nothing(doors: Doors) -> None:
    store = await make_store()
    staff = await make_staff(store.id)

    unread = (await doors.run("store", "ChangeStoreHours", {"input": {"openingHours": "ten to six"}}, actor=staff)).result()
    past = (await doors.run("store", "PauseStore", {"input": {"until": "2026-06-10T09:00:00Z"}}, actor=staff)).result()

    assert (unread["__typename"], unread["openingHours"]) == ("HoursNotReadableProblem", "ten to six")
    assert unread["fault"]
    assert (past["__typename"], past["latest"]) == ("PauseNotAllowedProblem", "2026-06-17T09:00:00.000Z")
    assert (await read_store(store.id)).version == 1


async def test_a_clerk_may_pause_but_not_change_hours(doors: Doors) -> None:
    clerk = await make_staff((await make_store()).id, StaffRole.CLERK)

    assert (await doors.run("store", "ChangeStoreHours", CALLS["ChangeStoreHours"], actor=clerk)).codes == ["FORBIDDEN"]
    assert (await doors.run("store", "PauseStore", CALLS["PauseStore"], actor=clerk)).errors == []


@pytest.mark.parametrize("operation", CALLS)
async def test_only_staff_come_in(doors: Doors, operation: str) -> None:
    for actor in (None, await make_consumer(), await make_courier(), await make_agent()):
        assert (await doors.run("store", operation, CALLS[operation], actor=actor)).codes == ["UNAUTHENTICATED"]
