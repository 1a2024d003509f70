"""An owner's headless tablet does all of it with the shipped documents: from nobody to live, with a team."""

import random
from datetime import timedelta

import pytest

from mobile_contracts.phones.gateway import reach
from mobile_contracts.phones.owner import Owner
from mobile_contracts.phones.pace import Pace
from mobile_contracts.phones.phone import Phone
from mobile_contracts.phones.refusals import Refused
from mobile_contracts.rehearsal.opening import BEGINNING, CHRISTMAS, FEES, LUNCH, NIGHTS, TAKING, WORDS
from mobile_contracts.rehearsal.tablets import menu
from services.kernel import clock as house_clock

IDA, ONNI = "+358404899970", "+358404899971"
DELIVERY = {"radiusM": 3_000, "minimumBasket": {"amount": "10.00", "currency": "EUR"}}


async def test_an_owner_opens_a_store_and_looks_after_it(address: str) -> None:
    async with reach(f"http://{address}", await Pace.taken(house_clock.now), random.Random(1)) as gateway:
        ida = Owner(Phone(gateway, "store", IDA, "Ida Salo", "fi"))
        draft = await ida.open_store(BEGINNING)
        assert (draft["state"], await ida.missing()) == ("DRAFT", ["ADDRESS", "MENU", "HOURS"])
        with pytest.raises(Refused) as refused:
            await ida.go_live()
        assert refused.value.problem == "StoreNotReadyProblem"

        assert (await ida.describe(WORDS))["slug"] == draft["slug"]
        await ida.write_menu(menu())
        kept = await ida.keep_week([LUNCH, NIGHTS], (CHRISTMAS,))
        assert (kept["week"]["windows"], kept["week"]["specialDays"]) == ([LUNCH, NIGHTS], [CHRISTMAS])
        assert (await ida.go_live())["state"] == "LIVE"

        assert (await ida.pause("AN_HOUR"))["pausedUntil"] is not None
        assert (await ida.be_busy(20, timedelta(hours=1)))["busyMinutes"] == 20
        assert (await ida.be_quick_again())["busyMinutes"] == 0
        assert (await ida.take_orders(TAKING))["capacityOrders"] == 8
        assert (await ida.deliver(DELIVERY))["deliveryRadiusM"] == 3_000
        asked = await ida.ask_for_delivery(FEES)
        assert (asked["deliveryFees"]["isOwn"], asked["deliveryFees"]["freeFrom"]) == (True, FEES["freeFrom"])
        assert (await ida.ask_for_delivery(None, asked["deliveryFeesTag"]))["deliveryFees"]["isOwn"] is False
        await ida.withdraw((await ida.invite("+358404899972", "CLERK"))["id"])
        await ida.invite(ONNI, "MANAGER")
        await Phone(gateway, "store", ONNI, "Onni Laine", "fi").sign_in()
        team = await ida.team()
        onni = next(member for member in team["members"] if member["role"] == "MANAGER")
        assert (await ida.make(onni["id"], "CLERK")) != team["members"]
        assert len(await ida.let_go(onni["id"])) == 1
