"""The store's menu: reading it, marking items and options out and back, replacing it whole."""

import strawberry

from api.context import StoreInfo
from api.schema.shared.ids import read_opaque
from api.schema.store.catalog import (
    MarkItemBackInput,
    MarkItemBackResult,
    MarkItemBackSuccess,
    MarkItemOutInput,
    MarkItemOutResult,
    MarkItemOutSuccess,
    ReplaceMenuResult,
    ReplaceMenuSuccess,
    StoreItem,
    StoreMenu,
)
from api.schema.store.marking import (
    MarkedStoreOption,
    MarkOptionBackInput,
    MarkOptionBackResult,
    MarkOptionBackSuccess,
    MarkOptionOutInput,
    MarkOptionOutResult,
    MarkOptionOutSuccess,
)
from api.schema.store.menu_input import ReplaceMenuInput
from services.catalog import marking, operations, queries
from services.kernel.clock import now


@strawberry.type
class CatalogQueries:
    @strawberry.field(description="All that the store sells.")
    async def store_menu(self, info: StoreInfo) -> StoreMenu:
        return StoreMenu.of(await queries.menu(info.context.actor.store_id, now()))


@strawberry.type
class CatalogMutations:
    @strawberry.mutation(description="This item cannot be had, until a time or until it is marked back.")
    async def mark_item_out(self, info: StoreInfo, input: MarkItemOutInput) -> MarkItemOutResult:
        item_id = read_opaque("StoreItem", input.item_id, "itemId")
        item = await marking.mark_item_out(info.context.actor, item_id, input.until, today=input.today)
        return MarkItemOutSuccess(item=StoreItem.of(item))

    @strawberry.mutation(description="This item can be had again.")
    async def mark_item_back(self, info: StoreInfo, input: MarkItemBackInput) -> MarkItemBackResult:
        item_id = read_opaque("StoreItem", input.item_id, "itemId")
        return MarkItemBackSuccess(item=StoreItem.of(await marking.mark_item_back(info.context.actor, item_id)))

    @strawberry.mutation(description="This option cannot be had, nor what needs it, until a time or until it is marked back.")
    async def mark_option_out(self, info: StoreInfo, input: MarkOptionOutInput) -> MarkOptionOutResult:
        actor, option_id = info.context.actor, read_opaque("StoreOption", input.option_id, "optionId")
        until, today, namesakes = input.until, input.today, input.namesakes
        marked = await marking.mark_option_out(actor, option_id, until, today=today, namesakes=namesakes)
        return MarkOptionOutSuccess(marked=MarkedStoreOption.of(marked))

    @strawberry.mutation(description="This option can be had again, and what could not be had without it.")
    async def mark_option_back(self, info: StoreInfo, input: MarkOptionBackInput) -> MarkOptionBackResult:
        option_id = read_opaque("StoreOption", input.option_id, "optionId")
        marked = await marking.mark_option_back(info.context.actor, option_id, namesakes=input.namesakes)
        return MarkOptionBackSuccess(marked=MarkedStoreOption.of(marked))

    @strawberry.mutation(description="Sell exactly this from now on, all or nothing; rows that stay keep their ids.")
    async def replace_menu(self, info: StoreInfo, input: ReplaceMenuInput) -> ReplaceMenuResult:
        staff = info.context.actor
        tree = await operations.replace_menu(staff, staff.store_id, *input.read(), currency=input.currency)
        return ReplaceMenuSuccess(menu=StoreMenu.of(tree))
