"""A menu that is not published yet, shown to whoever holds its key exactly as it will be seen."""

from typing import Self

import strawberry

from api.schema.consumer.menus import Menu, languages_asked
from services.catalog.queries import MenuTree
from services.stores.queries import StoreCard


@strawberry.type(description="What a store would sell if an edition of its menu were published.")
class MenuPreview:
    store_name: str
    menus: list[Menu]

    @classmethod
    def of(cls, store: StoreCard, tree: MenuTree, language: str | None) -> Self:
        wanted = languages_asked(language)
        menus = [Menu.of(menu, currency=store.currency, at=tree.at, languages=wanted) for menu in tree.menus]
        return cls(store_name=store.name, menus=menus)
