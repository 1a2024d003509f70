"""Many people ask at once and most of them go away in the middle: whoever stays is told of themselves and of nobody else."""

import asyncio
import random
from collections.abc import Sequence

import httpx

from services.kernel.actors import Consumer
from tests.api.apps import GRAPHQL, access_token
from tests.factories.carts import make_cart
from tests.factories.catalog import make_item
from tests.factories.identity import make_consumer

PEOPLE, ASKS, GO = 12, 240, 0.6
STORM = "query Storm { me { name } cart { baskets { lines { name } } } }"


async def test_replies_never_cross(address: str) -> None:
    draw = random.Random(4)
    people = [await _with_a_cart_of_their_own(number) for number in range(PEOPLE)]
    limits = httpx.Limits(max_connections=24, max_keepalive_connections=24)
    async with httpx.AsyncClient(base_url=f"http://{address}", timeout=30, limits=limits) as client:
        outcomes = await asyncio.gather(*(_ask(client, people, draw) for _ in range(ASKS)))
        told = [one for one in outcomes if one is not None]
        # Some stayed and some went; and afterwards everybody is answered once more.
        assert 0 < len(told) < ASKS
        told += [await _answer(client, number, people[number]) for number in range(PEOPLE)]
    assert [one for one in told if one[0] != one[1]] == []


async def _with_a_cart_of_their_own(number: int) -> Consumer:
    consumer = await make_consumer(f"Guest {number}")
    await make_cart(await make_item(name=f"Dish {number}", price=2_000), consumer=consumer)
    return consumer


async def _ask(client: httpx.AsyncClient, people: Sequence[Consumer], draw: random.Random) -> tuple[object, object] | None:
    """What somebody should be told and was told; None where they went away before."""
    number = draw.randrange(PEOPLE)
    goes, after = draw.random() < GO, draw.uniform(0.0, 0.15)
    asking = asyncio.create_task(_answer(client, number, people[number]))
    if goes:
        await asyncio.sleep(after)
        asking.cancel()
    try:
        return await asking
    except asyncio.CancelledError:
        return None


async def _answer(client: httpx.AsyncClient, number: int, person: Consumer) -> tuple[object, object]:
    headers = {"authorization": f"Bearer {access_token(person)}", "accept": GRAPHQL}
    response = await client.post("/graphql/consumer", json={"query": STORM}, headers=headers)
    data = response.json()["data"]
    found = [data["me"]["name"], *(line["name"] for basket in data["cart"]["baskets"] for line in basket["lines"])]
    return [f"Guest {number}", f"Dish {number}"], found
