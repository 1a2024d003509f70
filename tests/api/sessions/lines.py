"""Sockets of one session, open at both gateways, and what must become of them and of its tokens."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from api.schema.shared.ids import opaque
from services.kernel.actors import Audience, Consumer, Person
from tests.api.apps import Line, access_token, document, line_to
from tests.api.sessions.gateways import Gateway, Gateways
from tests.api.sessions.words import EVERYONE
from tests.factories.identity import make_consumer
from tests.factories.orders import make_purchase

WITHIN = 5.0
UNAUTHORIZED = 401
ENDED = (4403, "Forbidden: the session has ended; sign in again")
VIEWERS = {words.audience: words.viewer for words in EVERYONE}


@dataclass(frozen=True, slots=True)
class Held:
    """One session's token, and the sockets it holds open: one at each gateway, each following something."""

    audience: Audience
    token: str
    lines: tuple[Line, ...]
    gateways: Gateways

    async def is_shut(self) -> None:
        """Within five seconds every socket is closed and no gateway accepts the token, be it on HTTP or on a new socket."""
        async with asyncio.timeout(WITHIN):
            closes, *_ = await asyncio.gather(
                asyncio.gather(*(line.closed_by_server() for line in self.lines)),
                *(self._is_refused(gateway) for gateway in self.gateways.both),
            )
        assert closes == [ENDED, ENDED]
        for gateway in self.gateways.both:
            async with line_to(gateway.address, self.audience) as line:
                await line.say({"type": "connection_init", "payload": {"authorization": f"Bearer {self.token}"}})
                assert await line.closed_by_server() == (4403, "Forbidden")

    async def is_open(self) -> None:
        """Every socket still answers, and every gateway accepts the token."""
        for line, gateway in zip(self.lines, self.gateways.both, strict=True):
            await line.subscribe("still", document(self.audience, VIEWERS[self.audience]))
            while (heard := await line.hear())["id"] != "still":
                pass
            assert "errors" not in heard["payload"]
            assert await self._status(gateway) == 200

    async def _is_refused(self, gateway: Gateway) -> None:
        while await self._status(gateway) != UNAUTHORIZED:  # noqa: ASYNC110 - it is another process
            await asyncio.sleep(0.05)

    async def _status(self, gateway: Gateway) -> int:
        return (await gateway.doors.ask(self.audience, document(self.audience, VIEWERS[self.audience]), token=self.token)).status


@asynccontextmanager
async def held(gateways: Gateways, actor: Person, token: str | None = None) -> AsyncIterator[Held]:
    """The actor's session with a subscription running at each gateway; both have answered once."""
    shown = token or access_token(actor)
    name, variables = await _followed(actor)
    async with AsyncExitStack() as stack:
        lines = []
        for gateway in gateways.both:
            line = await stack.enter_async_context(line_to(gateway.address, actor.audience))
            await line.say({"type": "connection_init", "payload": {"authorization": f"Bearer {shown}"}})
            assert await line.hear() == {"type": "connection_ack"}
            await line.subscribe("followed", document(actor.audience, name), variables)
            heard = await line.hear()
            assert (heard["id"], heard["type"], heard["payload"].get("errors")) == ("followed", "next", None)
            lines.append(line)
        yield Held(actor.audience, shown, tuple(lines), gateways)


@asynccontextmanager
async def all_held(gateways: Gateways, actors: Sequence[Person]) -> AsyncIterator[list[Held]]:
    """The same for several sessions, in their order."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(held(gateways, actor)) for actor in actors]


async def all_shut(sessions: Sequence[Held]) -> None:
    await asyncio.gather(*(session.is_shut() for session in sessions))


async def _followed(actor: Person) -> tuple[str, dict[str, Any]]:
    """What an app of this audience follows all day."""
    if actor.audience is Audience.STORE:
        return "StoreOrderQueueChanged", {}
    if actor.audience is Audience.COURIER:
        return "CourierWorkChanged", {}
    owner = actor if isinstance(actor, Consumer) else await make_consumer()
    purchase = await make_purchase(consumer=owner)
    if actor.audience is Audience.SUPPORT:
        return "SupportPurchaseUpdated", {"purchaseId": opaque("SupportPurchase", purchase.id), "afterSequence": 0}
    return "PurchaseUpdated", {"purchaseId": opaque("Purchase", purchase.id), "afterSequence": 0}
