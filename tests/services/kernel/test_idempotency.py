"""A key once, whatever is said how often: one effect, a replay, or a typed refusal."""

import asyncio
from datetime import timedelta

import pytest

from services.kernel import idempotency
from services.kernel.actors import Consumer
from services.kernel.database import rows
from services.kernel.errors import BadInput
from services.kernel.idempotency import KeyReusedWithOtherInput, OperationInProgress
from services.kernel.ids import new_id
from services.kernel.unit_of_work import unit_of_work
from services.settings import settings
from tests.conftest import TestClock


async def ring(person: Consumer, key: str, arguments: dict[str, int], *, wait: float = 0) -> str:
    async with unit_of_work(person):
        earlier = await idempotency.once(person, "ring", key, arguments)
        if earlier:
            return f"again {earlier.result['bell']}"
        await asyncio.sleep(wait)
        await idempotency.keep(person, "ring", key, {"bell": 7})
        return "rung"


@pytest.fixture
def person() -> Consumer:
    return Consumer(new_id(), new_id())


async def test_a_repeat_gets_the_first_result(person: Consumer) -> None:
    assert [await ring(person, "k", {"a": 1}) for _ in range(3)] == ["rung", "again 7", "again 7"]
    assert await ring(Consumer(new_id(), new_id()), "k", {"a": 1}) == "rung"


async def test_another_input_is_refused_and_changes_nothing(person: Consumer) -> None:
    await ring(person, "k", {"a": 1})
    before = await rows("SELECT * FROM idempotency_keys")
    with pytest.raises(KeyReusedWithOtherInput):
        await ring(person, "k", {"a": 2})
    assert await rows("SELECT * FROM idempotency_keys") == before


async def test_a_twin_in_flight_is_told_at_once(person: Consumer) -> None:
    first = asyncio.create_task(ring(person, "k", {"a": 1}, wait=0.3))
    await asyncio.sleep(0.1)
    with pytest.raises(OperationInProgress):
        await ring(person, "k", {"a": 1})
    assert await first == "rung"
    assert await ring(person, "k", {"a": 1}) == "again 7"


async def test_a_key_of_a_failed_operation_is_free_again(person: Consumer) -> None:
    with pytest.raises(ValueError, match="broken"):
        async with unit_of_work(person):
            await idempotency.once(person, "ring", "k", {})
            raise ValueError("broken")
    assert await ring(person, "k", {}) == "rung"


@pytest.mark.parametrize("key", ["", "x" * 129])
async def test_a_key_has_a_sensible_length(person: Consumer, key: str) -> None:
    with pytest.raises(BadInput):
        await ring(person, key, {})


async def test_keys_are_kept_for_thirty_days(person: Consumer, clock: TestClock) -> None:
    await ring(person, "k", {})
    clock.move(days=30)
    assert await idempotency.forget_old_keys() == 0
    clock.move(seconds=1)
    assert await idempotency.forget_old_keys() == 1
    assert timedelta(seconds=settings().limits.money_keys_kept_for) == timedelta(days=30)
