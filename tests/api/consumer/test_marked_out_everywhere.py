"""What a tablet marks out is out everywhere within two seconds: in open carts and for who looks now, at every gateway.

Two gateways in processes of their own serve the doors, on a Redis of their own, which is killed and frozen in between.
"""

import asyncio
import os
import signal
from contextlib import AsyncExitStack
from typing import Any

import pytest

from api.schema.shared.ids import opaque
from services.adapters.embedded import EmbeddedValkey
from services.carts.operations import add_line
from services.catalog.rules import ItemForSale
from services.kernel.actors import Consumer, StaffRole, StoreStaff
from tests.api.apps import Line, document, line_to
from tests.api.sessions.gateways import Gateway
from tests.factories.catalog import make_group, make_item, option_named
from tests.factories.identity import make_consumer, make_staff

SEEN_WITHIN = 2.0
pytestmark = [pytest.mark.timeout(180), pytest.mark.usefixtures("wall_time")]


class Watched:
    """A dish in somebody's cart, followed at both gateways, and looked at by who passes by."""

    def __init__(self, gateways: tuple[Gateway, Gateway], item: ItemForSale, consumer: Consumer, lines: list[Line]) -> None:
        self.gateways, self.item, self.consumer, self.lines = gateways, item, consumer, lines

    async def mark(self, operation: str, staff: StoreStaff, **said: Any) -> None:
        """Tap at the first gateway; within two seconds of its answer everybody has seen it."""
        answer = (await self.gateways[0].doors.run("store", operation, {"input": said}, actor=staff)).result()
        assert answer["__typename"] == f"{operation}Success"
        async with asyncio.timeout(SEEN_WITHIN):
            await asyncio.gather(
                *(self._carts_say(line, out="Out" in operation) for line in self.lines),
                *(self._browse_says(gateway, out="Out" in operation) for gateway in self.gateways),
            )

    async def _carts_say(self, line: Line, *, out: bool) -> None:
        while True:
            heard = await line.hear()
            if heard["type"] == "next":
                (basket,) = heard["payload"]["data"]["cartChanged"]["baskets"]
                if basket["lines"][0]["available"] is not out:
                    return

    async def _browse_says(self, gateway: Gateway, *, out: bool) -> None:
        while await self.shown(gateway) is out:  # noqa: ASYNC110 - it is another process
            await asyncio.sleep(0.05)

    async def shown(self, gateway: Gateway) -> bool:
        """Whether a guest is shown the dish as one that can be had."""
        told = (await gateway.doors.run("consumer", "Store", {"id": opaque("Store", self.item.store_id)})).result()
        return bool(told["menus"][0]["sections"][0]["items"][0]["isAvailable"])


async def test_an_open_cart_and_a_new_look_see_it_within_two_seconds_whatever_becomes_of_redis(
    gateways: tuple[Gateway, Gateway], valkey: EmbeddedValkey
) -> None:
    item = await make_item(groups=(make_group("Bread", "Rye", least=1),))
    rye = option_named(item, "Rye").id
    staff, consumer = await make_staff(item.store_id, StaffRole.CLERK), await make_consumer()
    await add_line(consumer, item.id, 1, [rye])
    dish, option = {"itemId": opaque("StoreItem", item.id)}, {"optionId": opaque("StoreOption", rye)}
    async with AsyncExitStack() as stack:
        lines = []
        for gateway in gateways:
            line = await stack.enter_async_context(line_to(gateway.address, "consumer"))
            await line.open(consumer)
            await line.subscribe("cart", document("consumer", "CartChanged"))
            assert (await line.hear())["payload"]["data"]["cartChanged"]["baskets"][0]["lines"][0]["available"] is True
            lines.append(line)
        watched = Watched(gateways, item, consumer, lines)
        assert [await watched.shown(gateway) for gateway in gateways] == [True, True]

        await watched.mark("MarkItemOut", staff, **dish)
        await watched.mark("MarkItemBack", staff, **dish)
        await watched.mark("MarkOptionOut", staff, **option)
        await watched.mark("MarkOptionBack", staff, **option)

        assert valkey.pid is not None
        os.kill(valkey.pid, signal.SIGSTOP)
        await watched.mark("MarkItemOut", staff, **dish)
        os.kill(valkey.pid, signal.SIGCONT)
        await watched.mark("MarkItemBack", staff, **dish)

        await asyncio.to_thread(valkey.stop)
        await watched.mark("MarkOptionOut", staff, **option)
        await asyncio.to_thread(valkey.start)
        await watched.mark("MarkOptionBack", staff, **option)
