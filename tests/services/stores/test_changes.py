"""Opening, hours, pauses, and what unanswered orders do."""

from datetime import timedelta

import pytest

from services.kernel.actors import StaffRole, System
from services.kernel.errors import Forbidden, NotFound
from services.kernel.ids import new_id
from services.stores.errors import HoursNotReadable, PauseNotAllowed
from services.stores.events import StoreHoursChanged, StoreOpened, StorePaused, StoreResumed
from services.stores.models import Partner, PauseReason, Store
from services.stores.operations import (
    change_hours,
    count_expiry,
    forget_expiries,
    pause_store,
    register_partner,
    resume_store,
)
from services.stores.queries import live_store, store
from tests.conftest import Statements, TestClock
from tests.factories.identity import make_staff
from tests.factories.stores import make_store
from tests.facts import recorded


async def test_a_store_is_opened_once_per_source() -> None:
    first = await make_store(source_ref="osm:1", name="Ekberg")
    again = await make_store(source_ref="osm:1", name="Other", partner_id=first.partner_id)

    assert again == first
    assert first.slug.startswith("ekberg-")
    assert (first.state, first.version) == ("LIVE", 1)
    assert await recorded(StoreOpened) == [StoreOpened(store_id=first.id, partner_id=first.partner_id, name="Ekberg")]


async def test_a_partner_is_registered_once_per_source() -> None:
    told = [
        await register_partner(System("tests"), legal_name=name, commission_bps=1_000, source_ref="p:1")
        for name in ("A Oy", "B Oy")
    ]

    assert told[0] == told[1]
    assert [partner.legal_name for partner in await Partner.all()] == ["A Oy"]


async def test_a_store_with_unreadable_hours_is_not_opened() -> None:
    with pytest.raises(HoursNotReadable):
        await make_store(opening_hours="always")

    assert await Store.all().count() == 0


async def test_a_store_that_does_not_exist_or_is_not_live_is_not_found() -> None:
    closed = await make_store(state="CLOSED_DOWN")

    with pytest.raises(NotFound):
        await store(new_id())
    with pytest.raises(NotFound):
        await live_store(closed.id)


async def test_new_hours_hold_at_once_and_the_same_again_change_nothing() -> None:
    before = await make_store(hours_assumed=True)
    staff = await make_staff(before.id, StaffRole.MANAGER)

    changed = await change_hours(staff, "Mo-Su 10:00-11:00")
    again = await change_hours(staff, "Mo-Su 10:00-11:00")

    assert (changed.opening_hours, changed.hours_assumed, changed.version) == ("Mo-Su 10:00-11:00", False, 2)
    assert again.version == 2
    assert await recorded(StoreHoursChanged) == [
        StoreHoursChanged(store_id=before.id, opening_hours="Mo-Su 10:00-11:00", before="24/7")
    ]


async def test_hours_are_changed_by_those_who_may_and_only_to_what_can_be_read() -> None:
    before = await make_store()

    with pytest.raises(Forbidden):
        await change_hours(await make_staff(before.id, StaffRole.CLERK), "10:00-11:00")
    with pytest.raises(HoursNotReadable):
        await change_hours(await make_staff(before.id), "from ten to eleven")

    after = await store(before.id)
    assert (after.opening_hours, after.version) == ("24/7", 1)
    assert await recorded(StoreHoursChanged) == []


async def test_a_pause_ends_by_itself_and_can_be_ended_before(clock: TestClock) -> None:
    made = await make_store()
    staff = await make_staff(made.id, StaffRole.CLERK)
    until = clock.now() + timedelta(minutes=30)

    paused = await pause_store(staff, until)
    assert (paused.takes_orders, paused.opens_at, paused.pause_reason) == (False, until, "BY_STAFF")
    assert (await pause_store(staff, until)).version == paused.version == 2
    clock.move(minutes=30)
    assert (await store(made.id)).takes_orders
    clock.move(minutes=-10)
    resumed = await resume_store(staff)
    assert (resumed.takes_orders, resumed.paused_until, resumed.version) == (True, None, 3)
    assert (await resume_store(staff)).version == 3

    assert [type(event) for event in await recorded(StorePaused)] == [StorePaused]
    assert await recorded(StoreResumed) == [StoreResumed(store_id=made.id, paused_until=until)]


async def test_a_pause_without_a_near_end_is_refused(clock: TestClock) -> None:
    made = await make_store()
    staff = await make_staff(made.id)

    for until in (clock.now(), clock.now() + timedelta(days=7, seconds=1)):
        with pytest.raises(PauseNotAllowed) as refused:
            await pause_store(staff, until)
        assert refused.value.latest == clock.now() + timedelta(days=7)

    assert (await store(made.id)).paused_until is None
    assert await recorded(StorePaused) == []


async def test_three_unanswered_orders_in_a_row_pause_until_the_next_opening() -> None:
    made = await make_store(opening_hours="Mo-Su 08:00-22:00")

    await count_expiry(made.id)
    await count_expiry(made.id)
    assert (await store(made.id)).takes_orders
    await count_expiry(made.id)

    paused = await store(made.id)
    assert (paused.pause_reason, paused.expiries_in_row, paused.version) == (PauseReason.UNANSWERED_ORDERS, 0, 2)
    assert paused.opens_at is not None
    assert paused.opens_at.isoformat() == "2026-06-11T05:00:00+00:00"
    assert await recorded(StorePaused) == [
        StorePaused(store_id=made.id, until=paused.opens_at, pause_reason=PauseReason.UNANSWERED_ORDERS)
    ]


async def test_an_answer_in_between_begins_the_count_anew() -> None:
    made = await make_store()

    for _ in range(2):
        await count_expiry(made.id)
        await count_expiry(made.id)
        await forget_expiries(made.id)

    assert (await store(made.id)).takes_orders
    assert await recorded(StorePaused) == []


async def test_statements_of_a_change(statements: Statements, clock: TestClock) -> None:
    made = await make_store()
    staff = await make_staff(made.id)
    statements.clear()

    await pause_store(staff, clock.now() + timedelta(hours=1))
    assert await statements.count() == 4
    statements.clear()
    await forget_expiries(made.id)
    assert await statements.count() == 1
