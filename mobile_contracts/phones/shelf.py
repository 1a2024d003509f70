"""What a store sells: a tablet writes all of it at once and reads it back, a consumer reads it for any time and in any words."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from mobile_contracts.phones.phone import Phone

Json = dict[str, Any]


async def replace_menu(tablet: Phone, currency: str, menus: Sequence[Json]) -> Json:
    """Sell exactly this from now on; answers the menu as it stands. Raises Refused, with every row that cannot stand."""
    answer = await tablet.ask("ReplaceMenu", {"input": {"currency": currency, "menus": list(menus)}})
    menu: Json = answer["menu"]
    return menu


async def menu_at(consumer: Phone, store_id: str, at: datetime | None = None, language: str | None = None) -> Json:
    """A store with its menus for a time (now, where none is said): what cannot be had is marked, and says when it can be next."""
    said: Json = {"id": store_id}
    said |= {"at": at.isoformat()} if at else {}
    store: Json = await consumer.ask("Store", said | ({"language": language} if language else {}))
    return store
