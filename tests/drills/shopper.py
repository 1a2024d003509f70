"""One person who says shipped documents to the gateway one by one, and notes what is answered, to the byte that is not."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from mobile_contracts.phones.documents import document
from tests.drills.founding import PLACES

Json = dict[str, Any]
DOOR = {
    "position": {"latitude": 60.1675, "longitude": 24.9427},
    "street": "Aleksanterinkatu 52",
    "city": "Helsinki",
    "postcode": "00100",
}
PATIENCE = 60.0


class Cut(Exception):
    """No whole answer came."""


@dataclass
class Heard:
    """Everything that was answered, to be judged at the end."""

    cuts: int = 0
    statuses: set[int] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)


@dataclass
class Shopper:
    """A consumer with an own connection each time, so that an answer belongs to a process that lives."""

    client: httpx.AsyncClient
    heard: Heard
    number: int
    token: str = ""

    async def sign_in(self) -> None:
        said = {"audience": "consumer", "phone": f"+358404{self.number:06d}", "name": "Aino Virtanen"}
        id_token = (await self.client.post("/dev/sign-in", json=said)).json()["idToken"]
        device = {"name": "phone", "platform": "IOS", "locale": "en"}
        self.token = (await self.ask("SignIn", input={"idToken": id_token, "device": device}))["tokens"]["accessToken"]

    async def say(self, operation: str, **variables: Any) -> Json:
        """Send a document once; the whole answer. Raises Cut where there is none."""
        body = {"query": document("consumer", operation), "variables": variables}
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        try:
            response = await self.client.post("/graphql/consumer", json=body, headers=headers)
        except httpx.HTTPError as broken:
            self.heard.cuts += 1
            raise Cut(type(broken).__name__) from broken
        answer: Json = response.json()
        self.heard.statuses.add(response.status_code)
        self.heard.codes |= {error["extensions"]["code"] for error in answer.get("errors", ())}
        self.heard.texts |= {error["message"] for error in answer.get("errors", ())}
        return answer

    async def ask(self, operation: str, **variables: Any) -> Json:
        """Send it until it is answered with data: what an app does with a key, or with what may be said twice."""
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    answer = await self.say(operation, **variables)
                except Cut:
                    await asyncio.sleep(0.1)
                    continue
                if not answer.get("errors"):
                    (value,) = answer["data"].values()
                    return dict(value)
                await asyncio.sleep(answer["errors"][0]["extensions"].get("retryAfter", 0.2))

    async def quote(self, *, stores: int = 2) -> str:
        """A cart with one item of each of so many stores, and its quote."""
        around = {"position": DOOR["position"], "first": len(PLACES)}
        near = (await self.ask("StoresNear", input=around))["edges"]
        for edge in near[:stores]:
            menu = await self.ask("Store", id=edge["node"]["id"])
            item = menu["menus"][0]["sections"][0]["items"][0]
            await self.ask("AddCartLine", input={"itemId": item["id"], "quantity": 1, "optionIds": []})
        await self.ask("SetCartAddress", input={"address": DOOR})
        answer = await self.ask("QuoteCart")
        return str(answer["quote"]["id"])

    async def check_out_once(self, quote_id: str, key: str) -> Json | None:
        """The success of one call, or None where no answer came, or one that says to come again."""
        try:
            answer = await self.say("CheckOut", input={"quoteId": quote_id, "method": "card_ok", "key": key})
        except Cut:
            return None
        return dict(answer["data"]["checkOut"]) if not answer.get("errors") else None

    async def check_out(self, quote_id: str, key: str) -> Json:
        """Check out, with the same key again and again, until it is done. A twin in flight is waited for."""
        async with asyncio.timeout(PATIENCE):
            while True:
                answer = await self.check_out_once(quote_id, key)
                if answer and answer["__typename"] == "CheckOutSuccess":
                    return answer
                assert answer is None or answer["__typename"] == "OperationInProgressProblem", answer
                await asyncio.sleep(0.1)


@dataclass
class Shop:
    """The way to one gateway, and what was heard on it."""

    client: httpx.AsyncClient
    heard: Heard = field(default_factory=Heard)

    def shopper(self, number: int) -> Shopper:
        return Shopper(self.client, self.heard, number)


@asynccontextmanager
async def shop(url: str) -> AsyncIterator[Shop]:
    # No connection is kept: on a kept one a question may meet a door that is just being closed.
    limits = httpx.Limits(max_keepalive_connections=0)
    async with httpx.AsyncClient(base_url=url, limits=limits, timeout=30, trust_env=False) as client:
        yield Shop(client)


async def people_with_quotes(phones: Shop, numbers: Iterable[int]) -> list[tuple[Shopper, str]]:
    """New consumers, each with a quote to check out."""

    async def one(number: int) -> tuple[Shopper, str]:
        shopper = phones.shopper(number)
        await shopper.sign_in()
        return shopper, await shopper.quote()

    return list(await asyncio.gather(*(one(number) for number in numbers)))
