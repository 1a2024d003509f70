"""Second act, behind the counter: two people edit a menu, publish it at once and at a time, and go back."""

from copy import deepcopy
from datetime import timedelta
from typing import Any

import orjson

from mobile_contracts.rehearsal.accounts import Cast
from mobile_contracts.rehearsal.device import Device
from mobile_contracts.rehearsal.notes import Json
from mobile_contracts.rehearsal.tablets import menu

PAGE = 20


async def edit_menu(cast: Cast) -> None:
    """Everything an edition can go through; the menu ends as it began."""
    tablet = cast.tablets[0]
    first = (await tablet.ask("MenuEditing"))["published"]["id"]
    async with tablet.following("MenuEditingChanged") as next_one:
        await next_one()
        draft = (await tablet.say("BeginMenuDraft", editionId=None))["edition"]
        await next_one()
    await _write_together(tablet, draft)
    await tablet.refused("BeginMenuDraft", "MenuDraftOpenProblem", editionId=first)
    await tablet.ask("MenuEdition", id=draft["id"], first=PAGE, after=None)
    await tablet.ask("MenuEditionPreview", id=draft["id"])
    await cast.consumer.ask("MenuPreview", previewKey=draft["previewKey"], language="en")
    await _publish(tablet, draft)
    await tablet.refused("SaveMenuDraft", "MenuEditionCannotMoveProblem", editionId=draft["id"], version=2, document=_said(draft))
    await tablet.refused("DiscardMenuDraft", "MenuEditionCannotMoveProblem", editionId=draft["id"])
    await _at_a_time(tablet)
    await _publish_over(tablet)
    await tablet.say("UndoMenu", editionId=first)
    await tablet.ask("MenuEditions", first=PAGE, after=None)
    await _mark(tablet)


async def _write_together(tablet: Device, draft: Json) -> None:
    """One saves; the other, who saw what was before, is told; so is whoever writes what cannot stand."""
    named: Json = {"editionId": draft["id"], "version": 1}
    await tablet.say("SaveMenuDraft", **named, document=_said(draft, price="12.90"))
    await tablet.refused("SaveMenuDraft", "MenuEditedMeanwhileProblem", **named, document=_said(draft, description="With dill."))
    named["version"] = 2
    await tablet.refused("SaveMenuDraft", "MenuRowInvalidProblem", **named, document=_said(draft, price="-1"))
    media = [{"kind": "IMAGE", "url": f"https://pictures.example/{number}.jpg"} for number in range(11)]
    await tablet.refused("SaveMenuDraft", "MenuLimitExceededProblem", **named, document=_said(draft, media=media))


async def _publish(tablet: Device, draft: Json) -> None:
    seen: Json = {"editionId": draft["id"], "version": 1}
    await tablet.refused("PublishMenuEdition", "MenuEditedMeanwhileProblem", **seen)
    await tablet.refused("UndoMenu", "MenuEditionCannotMoveProblem", editionId=draft["id"])
    await tablet.refused("CallOffMenuEdition", "MenuEditionCannotMoveProblem", editionId=draft["id"])
    await tablet.say("PublishMenuEdition", **seen | {"version": 2})


async def _at_a_time(tablet: Device) -> None:
    """A menu that waits for tomorrow, and is not wanted after all."""
    now = tablet.stage.gateway.pace.now
    draft = (await tablet.say("BeginMenuDraft", editionId=None))["edition"]
    seen: Json = {"editionId": draft["id"], "version": 1}
    tomorrow = {"publishAt": (now() + timedelta(days=1)).isoformat()}
    yesterday = {"publishAt": (now() - timedelta(days=1)).isoformat()}
    await tablet.refused("ScheduleMenuEdition", "PublicationTimeNotAllowedProblem", **seen, **yesterday)
    await tablet.refused("ScheduleMenuEdition", "MenuEditedMeanwhileProblem", **seen | {"version": 7}, **tomorrow)
    await tablet.say("ScheduleMenuEdition", **seen, **tomorrow)
    await tablet.say("CallOffMenuEdition", editionId=draft["id"])
    await tablet.refused("ScheduleMenuEdition", "MenuEditionCannotMoveProblem", **seen, **tomorrow)
    await tablet.refused("PublishMenuEdition", "MenuEditionCannotMoveProblem", **seen)
    again = (await tablet.say("BeginMenuDraft", editionId=draft["id"]))["edition"]
    await tablet.say("DiscardMenuDraft", editionId=again["id"])


async def _publish_over(tablet: Device) -> None:
    """A draft that was begun before the whole menu was replaced."""
    draft = (await tablet.say("BeginMenuDraft", editionId=None))["edition"]
    await tablet.say("ReplaceMenu", currency="EUR", menus=menu(price="4.00"))
    seen: Json = {"editionId": draft["id"], "version": 1}
    tomorrow = (tablet.stage.gateway.pace.now() + timedelta(days=1)).isoformat()
    await tablet.refused("PublishMenuEdition", "MenuPublishedMeanwhileProblem", **seen)
    await tablet.refused("ScheduleMenuEdition", "MenuPublishedMeanwhileProblem", **seen, publishAt=tomorrow)
    await tablet.say("DiscardMenuDraft", editionId=draft["id"])


async def _mark(tablet: Device) -> None:
    soup = (await tablet.ask("StoreMenu"))["menus"][0]["sections"][0]["items"][0]
    hot = soup["optionGroups"][0]["options"][-1]["id"]
    await tablet.say("MarkOptionOut", optionId=hot, today=True)
    await tablet.say("MarkOptionBack", optionId=hot)


def _said(draft: Json, **change: Any) -> str:
    """What the draft said when it was begun, with something else said of its first item."""
    document = deepcopy(orjson.loads(draft["document"]))
    document["menus"][0]["sections"][0]["items"][0] |= change
    return orjson.dumps(document).decode()
