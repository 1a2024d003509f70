"""The outbox: written with the fact, run at least once, in order per stream and lane, effects once."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest

from services import reactions
from services.bootstrap import Ports
from services.kernel import clock, events, outbox
from services.kernel.actors import System
from services.kernel.database import row, rows, run
from services.kernel.events import Event
from services.kernel.ids import new_id
from services.kernel.unit_of_work import unit_of_work
from services.worker.relay import relay_once
from tests.conftest import Statements
from tests.facts import recorded, run_errands


@dataclass(frozen=True, kw_only=True)
class KettleBoiled(Event):
    kettle_id: UUID
    degrees: int

    @property
    def stream(self) -> UUID:
        return self.kettle_id


_seen: list[int] = []
_fail: list[int] = []


async def pour(event: KettleBoiled) -> None:
    if event.degrees in _fail:
        raise ValueError("no cup")
    _seen.append(event.degrees)


@pytest.fixture(autouse=True)
def _reactions(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    _seen.clear()
    _fail.clear()
    monkeypatch.setattr(reactions, "BY_NAME", {"tea.pour": reactions.Reaction(KettleBoiled, pour)})
    routes = dict(outbox._routes)
    outbox.wire({"KettleBoiled": [outbox.Route("tea.pour", "tea")]})
    yield
    outbox.wire(routes)


async def boil(kettle: UUID, degrees: int) -> int:
    async with unit_of_work(System("test")) as work:
        return await work.record(KettleBoiled(kettle_id=kettle, degrees=degrees))


async def test_an_event_is_numbered_within_its_stream_and_handled_in_order(house: Ports) -> None:
    kettle = new_id()
    assert [await boil(kettle, degrees) for degrees in (90, 91, 92)] == [1, 2, 3]

    await run_errands(house)

    assert _seen == [90, 91, 92]
    assert await outbox.lag() == (0, 0.0)
    assert [row.sequence for row in await events.timeline(kettle, after=1)] == [2, 3]
    assert [event.degrees for event in await recorded(KettleBoiled)] == [90, 91, 92]


async def test_recording_costs_one_statement(statements: Statements) -> None:
    statements.clear()
    await boil(new_id(), 100)
    assert await statements.count() == 1


async def test_parallel_recording_leaves_no_gap() -> None:
    kettle = new_id()
    await asyncio.gather(*(boil(kettle, degrees) for degrees in range(30)))
    assert [line.sequence for line in await events.timeline(kettle)] == list(range(1, 31))


async def test_what_is_rolled_back_never_happened(house: Ports) -> None:
    kettle = new_id()
    with pytest.raises(ValueError, match="cold"):
        async with unit_of_work(System("test")) as work:
            await work.record(KettleBoiled(kettle_id=kettle, degrees=1))
            raise ValueError("cold")
    assert await events.timeline(kettle) == []
    assert await run_errands(house) == 0


async def test_a_failing_errand_holds_back_only_its_own_stream_and_dies_after_its_last_attempt(house: Ports) -> None:
    broken, sound = new_id(), new_id()
    _fail.append(13)
    for kettle, degrees in ((broken, 13), (broken, 14), (sound, 15)):
        await boil(kettle, degrees)

    for _ in range(outbox.ATTEMPTS):
        await run_errands(house)
        assert 14 not in _seen or await outbox.dead_letters()
        await run("UPDATE outbox SET due_at = $1 WHERE dead_at IS NULL", clock.wall() - timedelta(seconds=1))
    await run_errands(house)

    assert _seen == [15, 14]
    [dead] = await outbox.dead_letters()
    assert (dead["handler"], dead["attempts"], dead["last_error"]) == ("tea.pour", 8, "ValueError: no cup")

    _fail.clear()
    assert await outbox.replay(dead["id"])
    await run_errands(house)
    assert _seen == [15, 14, 13]
    assert await outbox.dead_letters() == []


async def test_a_replayed_errand_whose_effect_was_done_does_nothing(house: Ports) -> None:
    kettle = new_id()
    await boil(kettle, 50)
    errand = await row("SELECT * FROM outbox")
    assert errand is not None
    await run_errands(house)
    columns = "id, event_id, stream, sequence, place, handler, lane, due_at"
    values = [errand[name] for name in columns.split(", ")]
    await run(f"INSERT INTO outbox ({columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)", *values)  # noqa: S608

    assert await run_errands(house) == 1
    assert _seen == [50]


async def test_a_crashed_worker_s_errand_comes_back_when_its_lease_ends(house: Ports) -> None:
    await boil(new_id(), 77)
    [claimed] = await outbox.claim(10)
    assert await relay_once(house) == 0

    await run("UPDATE outbox SET leased_until = $1", clock.wall() - timedelta(seconds=1))

    assert await relay_once(house) == 1
    assert _seen == [77]
    assert claimed.attempts == 1


async def test_an_errand_that_takes_its_worker_with_it_every_time_becomes_a_dead_letter(house: Ports) -> None:
    await boil(new_id(), 66)
    for _ in range(outbox.ATTEMPTS):
        assert len(await outbox.claim(10)) == 1
        await run("UPDATE outbox SET leased_until = $1", clock.wall() - timedelta(seconds=1))

    assert await outbox.claim(10) == []
    [dead] = await outbox.dead_letters()
    assert (dead["attempts"], dead["last_error"]) == (8, "the worker died at every attempt")

    assert await outbox.replay(dead["id"])
    await run_errands(house)
    assert _seen == [66]


async def test_the_application_cannot_change_a_fact() -> None:
    await boil(new_id(), 60)
    for change in ("UPDATE events SET kind = 'x'", "DELETE FROM events"):
        with pytest.raises(Exception, match="permission denied"):
            await run(change)
    assert len(await rows("SELECT 1 FROM events")) == 1
