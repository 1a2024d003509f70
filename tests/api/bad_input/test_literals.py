"""Bad values written into the document itself, where JSON's strictness does not reach: a typed no, and nothing changed."""

import pytest

from tests.api.apps import Doors
from tests.api.bad_input.attack import refused, verdict_of
from tests.factories.carts import make_cart
from tests.factories.dispatch import make_courier_on_shift
from tests.facts import fingerprint

NEAR = "{ storesNear(input: {position: {latitude: %s, longitude: 24.9}}) { pageInfo { hasNextPage } } }"
PAGE = "{ purchases(first: %s) { pageInfo { hasNextPage } } }"
ADDRESS = """mutation { setCartAddress(input: {address: {
  position: {latitude: 60.1, longitude: 24.9}, street: %s, city: "Helsinki", postcode: "00100"
}}) { __typename } }"""
TIP = 'mutation { setCartTip(input: {tip: {amount: %s, currency: "EUR"}}) { __typename } }'
POINT = """mutation { sendPositions(input: {points: [
  {latitude: 60.1, longitude: 24.9, accuracyM: %s, takenAt: "2026-06-10T09:00:10Z"}
]}) { __typename ... on SendPositionsSuccess { accepted refused { fault count } } } }"""
CONSUMERS = [
    *(NEAR % value for value in ("1e999", "-1e999", "9" * 500, "9" * 1_500, "NaN", "null", '"60"', "5e9", "[60.1]", "{a: 1}")),
    *(PAGE % value for value in ("9" * 6_000, "2147483648", "1e3", "-1", "1.0")),
    *(
        ADDRESS % value
        for value in ('"\\u0000"', '"\\u{0}"', '"\\uD800"', '"\\u{D800}"', '"\\uD83E"', "7", "street", "null", '""')
    ),
    *(ADDRESS % value for value in ('"""   """', f'"{"x" * 201}"', f'"""{"x" * 9_000}"""')),
    *(TIP % value for value in ("1e999", "1.5", "150", '"1e2"', '"-1"', '"\\u0000"', "EUR", "null")),
]


@pytest.mark.parametrize("query", CONSUMERS, ids=range(len(CONSUMERS)))
async def test_a_literal_that_cannot_be_meant(doors: Doors, query: str) -> None:
    ready = await make_cart()
    before = await fingerprint()
    assert refused(verdict_of(await doors.ask("consumer", query, actor=ready.consumer)))
    assert await fingerprint() == before


@pytest.mark.parametrize("accuracy", ["1e999", "-1e999"])
async def test_a_number_beyond_all_numbers(doors: Doors, accuracy: str) -> None:
    courier = await make_courier_on_shift()
    before = await fingerprint()
    told = await doors.ask("courier", POINT % accuracy, actor=courier)
    assert (told.status, told.data, told.errors[0]["message"]) == (400, None, "A number must be finite.")
    assert await fingerprint() == before


async def test_a_point_as_wide_as_the_universe(doors: Doors) -> None:
    courier = await make_courier_on_shift()
    before = await fingerprint()
    told = (await doors.ask("courier", POINT % ("9" * 500), actor=courier)).result()
    assert (told["accepted"], [one["count"] for one in told["refused"]]) == (0, [1])
    assert await fingerprint() == before
