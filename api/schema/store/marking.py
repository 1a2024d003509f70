"""Options marked out and back, with the items that need them."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from api.schema.store.catalog import StoreItem, StoreOption
from services.catalog.marking import MarkedOption
from services.catalog.rules import available_at
from services.kernel.clock import now

ITEMS_TOLD = 100


@strawberry.type(description="An option, and the items on which it may be chosen.")
class MarkedStoreOption:
    option: StoreOption
    items: list[StoreItem] = strawberry.field(description="Those on which it may be chosen; a hundred at most.")
    items_using: int = strawberry.field(description="How many these are.")
    items_out: int = strawberry.field(description="How many of them cannot be had now, for want of it or otherwise.")

    @classmethod
    def of(cls, marked: MarkedOption) -> Self:
        at, currency = now(), marked.currency
        return cls(
            option=StoreOption.of(marked.option, currency),
            items=[StoreItem.of(item, at) for item in marked.items[:ITEMS_TOLD]],
            items_using=len(marked.items),
            items_out=sum(not available_at(item, at) for item in marked.items),
        )


@strawberry.input(description="Which option cannot be had, and until when.")
class MarkOptionOutInput:
    option_id: strawberry.ID
    until: datetime | None = strawberry.field(default=None, description="Until when; without it, until it is marked back.")
    today: bool = strawberry.field(default=False, description="For the rest of the store's day; then without `until`.")
    namesakes: bool = strawberry.field(default=False, description="Also what is called the same in other groups of the store.")


@strawberry.input(description="Which option can be had again.")
class MarkOptionBackInput:
    option_id: strawberry.ID
    namesakes: bool = strawberry.field(default=False, description="Also what is called the same in other groups of the store.")


@strawberry.type(description="The option cannot be had, nor any item that asks for more choices than are left.")
class MarkOptionOutSuccess:
    marked: MarkedStoreOption


@strawberry.type(description="The option can be had again.")
class MarkOptionBackSuccess:
    marked: MarkedStoreOption


MarkOptionOutResult = Annotated[
    MarkOptionOutSuccess, strawberry.union("MarkOptionOutResult", description="The option and what needs it, marked.")
]
MarkOptionBackResult = Annotated[
    MarkOptionBackSuccess, strawberry.union("MarkOptionBackResult", description="The option and what needs it, on sale.")
]
