"""A tablet on which the menu is edited: a draft that colleagues write at too, previews, publications, the way back, marks."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from mobile_contracts.phones.gateway import Gateway
from mobile_contracts.phones.phone import Phone
from mobile_contracts.phones.refusals import Refused, read_answer

Json = dict[str, Any]
Change = Callable[[Json], Json]
"""What a person does to a menu document; done again to a colleague's where they were quicker."""
PAGE = 100
TRIES = 5


@dataclass(slots=True)
class MenuDesk:
    """The tablet's pages on which a menu is written; `draft` is the draft as this tablet saw it last."""

    phone: Phone
    draft: Json | None = None
    text: str = ""

    async def begin(self, edition: str | None = None) -> Json:
        """Open the store's draft, or go on with it. Raises Refused where another one is open than from this edition."""
        begun: Json = (await self._say("BeginMenuDraft", editionId=edition))["edition"]
        self._see(begun, begun["document"])
        return begun

    @property
    def document(self) -> Json:
        """What the draft says, as this tablet saw it last."""
        read: Json = orjson.loads(self.text)
        return read

    async def edit(self, change: Change) -> Json:
        """Change the draft and save it. Where a colleague was quicker, and with other rows, it is done to theirs as well.

        Raises Refused where both changed the same fact of the same row: then a person has to choose.
        """
        for _ in range(TRIES):
            text = orjson.dumps(change(self.document)).decode()
            try:
                saved = await self._say("SaveMenuDraft", **self._seen(), document=text)
            except Refused as refused:
                if refused.problem != "MenuEditedMeanwhileProblem" or _same_facts(refused.facts):
                    raise
                self._see(refused.facts["edition"], refused.facts["edition"]["document"])
                continue
            self._see(saved["edition"], text)
            return self._here()
        raise AssertionError("a draft that changes without pause")

    async def differences(self) -> list[Json]:
        """All that publishing the draft would change, page after page."""
        found: list[Json] = []
        after = None
        while True:
            said = {"id": self._here()["id"], "first": PAGE, "after": after}
            page = (await self.phone.ask("MenuEdition", said))["differences"]
            found += [edge["node"] for edge in page["edges"]]
            if not page["pageInfo"]["hasNextPage"]:
                return found
            after = page["pageInfo"]["endCursor"]

    async def preview(self) -> Json:
        """The draft as a menu of the store."""
        seen: Json = await self.phone.ask("MenuEditionPreview", {"id": self._here()["id"]})
        return seen

    async def preview_for_consumers(self, gateway: Gateway, language: str | None = None) -> Json:
        """The draft in the consumer's app, opened by its key by whoever is handed it: nobody signs in for that."""
        guest = Phone(gateway, "consumer", "", "A guest")
        said = {"previewKey": self._here()["previewKey"], "language": language}
        seen: Json = read_answer("MenuPreview", await guest.say_as_guest("MenuPreview", said))
        return seen

    async def publish(self, over: int | None = None) -> Json:
        """Sell what the draft says from now on. Raises Refused, also where something else was published meanwhile."""
        published: Json = (await self._say("PublishMenuEdition", **self._seen(), over=over))["edition"]
        self.draft = None
        return published

    async def schedule(self, at: datetime, over: int | None = None) -> Json:
        """Sell what the draft says from a time on. Raises Refused."""
        said = {**self._seen(), "publishAt": at.isoformat(), "over": over}
        waiting: Json = (await self._say("ScheduleMenuEdition", **said))["edition"]
        self.draft = None
        return waiting

    async def call_off(self, edition: str) -> Json:
        """Do not publish what waits. Raises Refused."""
        called_off: Json = (await self._say("CallOffMenuEdition", editionId=edition))["edition"]
        return called_off

    async def discard(self) -> Json:
        """Throw the draft away. Raises Refused."""
        gone: Json = (await self._say("DiscardMenuDraft", editionId=self._here()["id"]))["edition"]
        self.draft = None
        return gone

    async def undo_to(self, edition: str) -> Json:
        """Sell again what an earlier publication said. Raises Refused."""
        undone: Json = (await self._say("UndoMenu", editionId=edition))["edition"]
        return undone

    async def editions(self) -> AsyncIterator[Json]:
        """Every edition there is, the one begun last first."""
        after = None
        while True:
            page = await self.phone.ask("MenuEditions", {"first": PAGE, "after": after})
            for edge in page["edges"]:
                yield edge["node"]
            if not page["pageInfo"]["hasNextPage"]:
                return
            after = page["pageInfo"]["endCursor"]

    async def editing(self) -> Json:
        """Where the editing stands."""
        standing: Json = await self.phone.ask("MenuEditing")
        return standing

    async def follow(self) -> AsyncGenerator[Json, None]:
        """Where the editing stands, at once and after everybody's every change."""
        async with aclosing(self.phone.follow("MenuEditingChanged", dict)) as changes:
            async for standing in changes:
                yield standing

    async def mark_item(self, item: str, *, out: bool, until: datetime | None = None, today: bool = False) -> Json:
        """One tap on an item. Raises Refused."""
        marked: Json = (await self._mark("Item", {"itemId": item}, out, until, today=today))["item"]
        return marked

    async def mark_option(
        self, option: str, *, out: bool, until: datetime | None = None, today: bool = False, namesakes: bool = False
    ) -> Json:
        """One tap on an option, with all that needs it. Raises Refused."""
        said = {"optionId": option, "namesakes": namesakes}
        marked: Json = (await self._mark("Option", said, out, until, today=today))["marked"]
        return marked

    async def _mark(self, what: str, said: Json, out: bool, until: datetime | None, *, today: bool) -> Any:
        end = {"until": until.isoformat() if until else None, "today": today} if out else {}
        return await self._say(f"Mark{what}{'Out' if out else 'Back'}", **said, **end)

    async def _say(self, operation: str, **said: Any) -> Any:
        return await self.phone.ask(operation, {"input": said})

    def _see(self, edition: Json, text: str) -> None:
        self.draft, self.text = edition, text

    def _here(self) -> Json:
        if self.draft is None:
            raise AssertionError("no draft is open on this tablet")
        return self.draft

    def _seen(self) -> Json:
        return {"editionId": self._here()["id"], "version": self._here()["version"]}


def _same_facts(problem: Json) -> bool:
    """Whether two people changed the same fact of the same row."""
    theirs, yours = (
        {(row["level"], row["ref"], field["field"]) for row in problem[side] for field in row["fields"]}
        for side in ("theirChanges", "yourChanges")
    )
    return bool(theirs & yours)
