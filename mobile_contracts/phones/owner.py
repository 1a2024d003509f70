"""An owner at the tablet: opens a store, tells its hours and how it takes orders, and who works there; goes live."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from mobile_contracts.phones.phone import Phone

Json = dict[str, Any]


@dataclass(slots=True)
class Owner:
    """Somebody who has a store, or is about to have one."""

    phone: Phone

    async def open_store(self, beginning: Json) -> Json:
        """The first step: who you are. Answers the draft, to which one signs in next. Raises Refused."""
        proof = await self.phone.gateway.id_token(self.phone.audience, self.phone.number, self.phone.name)
        said = {"key": uuid4().hex, "idToken": proof, **beginning}
        draft: Json = (await self.phone.ask_as_guest("OpenStore", {"input": said}))["store"]
        return draft

    async def missing(self) -> list[str]:
        """What is left to do before the store can go live."""
        steps = (await self.phone.ask("OpeningChecklist"))["steps"]
        return [lack for step in steps for lack in step["missing"]]

    async def go_live(self) -> Json:
        """Sell from now on. Raises Refused while anything is missing."""
        return await self._store("GoLive")

    async def describe(self, words: Json) -> Json:
        """Say what the store is: its name, its story, its address."""
        presentation: Json = (await self.phone.ask("DescribeStore", {"input": words}))["presentation"]
        return presentation

    async def write_menu(self, menus: list[Json], currency: str = "EUR") -> Json:
        """The second step: from now on the store sells exactly this."""
        written: Json = (await self.phone.ask("ReplaceMenu", {"input": {"currency": currency, "menus": menus}}))["menu"]
        return written

    async def keep_week(self, windows: list[Json], special_days: tuple[Json, ...] = (), *, holidays_off: bool = False) -> Json:
        """The third step: the windows of a week, and the days that are different."""
        said = {"windows": windows, "specialDays": list(special_days), "closedOnPublicHolidays": holidays_off}
        return await self._store("ChangeStoreWeek", said)

    async def pause(self, length: str) -> Json:
        """Take no orders for half an hour, an hour or a day."""
        return await self._store("PauseStore", {"length": length})

    async def be_busy(self, extra_minutes: int, how_long: timedelta) -> Json:
        """Need more time for every order, for a while."""
        until = self.phone.gateway.pace.now() + how_long
        return await self._store("StartBusyTime", {"extraMinutes": extra_minutes, "until": until.isoformat()})

    async def be_quick_again(self) -> Json:
        return await self._store("EndBusyTime")

    async def take_orders(self, taking: Json) -> Json:
        """How orders are taken on: by themselves or not, after how long, so many at a time."""
        return await self._store("ChangeOrderTaking", taking)

    async def deliver(self, delivery: Json) -> Json:
        """Whom goods are brought to, and from which amount on."""
        return await self._store("ChangeDelivery", delivery)

    async def ask_for_delivery(self, fees: Json | None, tag: str | None = None) -> Json:
        """What bringing goods costs; None: as Pannier asks. Raises Refused."""
        return await self._store("ChangeDeliveryFees", {"fees": fees, "tag": tag})

    async def team(self) -> Json:
        """Who works here, and who was asked to."""
        told: Json = await self.phone.ask("StoreTeam")
        return told

    async def invite(self, number: str, role: str) -> Json:
        """Ask whoever has this number to work here. Raises Refused."""
        said = {"phone": number, "role": role, "locale": self.phone.locale}
        invitation: Json = (await self.phone.ask("InviteStaff", {"input": said}))["invitation"]
        return invitation

    async def withdraw(self, invitation_id: str) -> None:
        """Let an invitation lapse."""
        await self.phone.ask("WithdrawStaffInvitation", {"input": {"invitationId": invitation_id}})

    async def make(self, member_id: str, role: str) -> list[Json]:
        """Let somebody be something else here. Raises Refused."""
        members: list[Json] = (await self.phone.ask("ChangeStaffRole", {"input": {"personId": member_id, "role": role}}))[
            "members"
        ]
        return members

    async def let_go(self, member_id: str) -> list[Json]:
        """Somebody works here no more, at once. Raises Refused."""
        members: list[Json] = (await self.phone.ask("RemoveStaff", {"input": {"personId": member_id}}))["members"]
        return members

    async def _store(self, operation: str, said: Json | None = None) -> Json:
        store: Json = (await self.phone.ask(operation, {"input": said} if said else None))["store"]
        return store
