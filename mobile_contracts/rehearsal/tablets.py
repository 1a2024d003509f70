"""Second act: two stores write their menus, tell their hours, pause and come back."""

from copy import deepcopy
from datetime import timedelta
from typing import Any

from mobile_contracts.rehearsal.accounts import Cast
from mobile_contracts.rehearsal.device import Device
from mobile_contracts.rehearsal.notes import Json

SAUCE = {
    "name": "Sauce",
    "minChoices": 1,
    "maxChoices": 2,
    "freeCount": 1,
    "options": [{"name": "Mild", "price": "0.50", "isDefault": True}, {"name": "Hot", "price": "0.50"}],
}
SOUP = {
    "name": "Salmon soup",
    "description": "With dill and rye bread.",
    "price": "12.50",
    "allergens": ["fish", "milk"],
    "groups": [SAUCE],
    "names": [{"language": "fi", "text": "Lohikeitto"}, {"language": "sv", "text": "Laxsoppa"}],
    "media": [
        {"kind": "IMAGE", "url": "https://pictures.example/soup.jpg", "alt": "A bowl of soup", "width": 1600, "height": 1200}
    ],
    "energyKcal": 420,
}
BUN = {"name": "Cinnamon bun", "price": "3.90", "stock": 3}
BUN_LEFT = 3
MENU = {"name": "Lunch", "sections": [{"name": "Kitchen", "items": [SOUP, BUN]}], "language": "en"}
HAM = {
    "name": "Smoked ham",
    "price": "24.90",
    "measure": {"soldBy": "WEIGHT", "pricedBy": "WEIGHT", "stepGrams": 100},
    "aisle": "Counter",
}
JUICE = {"name": "Apple juice", "price": "1.29", "sizeText": "330 ml"}
EVERY_DAY = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
COUNTER = {
    "name": "Counter",
    "sections": [{"name": "Shelf", "items": [HAM, JUICE]}],
    "windows": [{"days": EVERY_DAY, "opens": "00:00", "closes": "00:00"}],
}


def menu(**change: Any) -> list[Json]:
    """The menus, with something else said of the bun."""
    changed: Json = deepcopy(MENU)
    changed["sections"][0]["items"][1] |= change
    return [changed, COUNTER]


async def open_stores(cast: Cast) -> None:
    """Both stores sell soup and buns, round the clock."""
    for tablet in cast.tablets:
        await tablet.say("ReplaceMenu", currency="EUR", menus=menu())
        await tablet.say("ChangeStoreHours", openingHours="24/7")
        await tablet.say("ResumeStore")
    await _try_the_tablet(cast.tablets[0])


async def _try_the_tablet(tablet: Device) -> None:
    now = tablet.stage.gateway.pace.now
    await tablet.refused("ReplaceMenu", "MenuRowInvalidProblem", currency="EUR", menus=menu(price="-1"))
    groups = [SAUCE | {"ref": f"G{number}"} for number in range(31)]
    await tablet.refused("ReplaceMenu", "MenuLimitExceededProblem", currency="EUR", menus=menu(groups=groups))
    await tablet.refused("ChangeStoreHours", "HoursNotReadableProblem", openingHours="when the sun shines")
    await tablet.refused("PauseStore", "PauseNotAllowedProblem", until=(now() - timedelta(hours=1)).isoformat())
    await tablet.say("PauseStore", until=(now() + timedelta(hours=1)).isoformat())
    await tablet.say("ResumeStore")
    await tablet.ask("StoreProfile")
    seen = await tablet.ask("StoreMenu")
    bun = tablet.knows["bun"] = seen["menus"][0]["sections"][0]["items"][1]["id"]
    await tablet.say("MarkItemOut", itemId=bun, until=(now() + timedelta(hours=3)).isoformat())
    await tablet.say("MarkItemBack", itemId=bun)
    await tablet.ask("StoreOrderQueue")
