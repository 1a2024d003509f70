"""Menus out of files and into them; feeds of stock and prices."""

from collections.abc import AsyncIterator

import strawberry

from api.context import StoreInfo
from api.schema.shared.ids import read_opaque
from api.schema.shared.paging import Connection
from api.schema.store.menu_feeds import (
    FeedAnswer,
    FeedPricesInput,
    FeedPricesResult,
    FeedPricesSuccess,
    FeedStockInput,
    FeedStockResult,
    FeedStockSuccess,
)
from api.schema.store.menu_imports import (
    ApplyMenuImportResult,
    ApplyMenuImportSuccess,
    CancelMenuImportResult,
    CancelMenuImportSuccess,
    MenuExport,
    MenuImport,
    MenuImportChange,
    MenuImportChangesInput,
    MenuImportInput,
    MenuImportRemark,
    MenuImportRemarksInput,
    StartMenuImportInput,
    StartMenuImportResult,
    StartMenuImportSuccess,
)
from services.catalog.imports import asking, export, feeds, jobs
from services.kernel import nudges
from services.kernel.paging import PageRequest
from services.stores.queries import store


@strawberry.type
class MenuImportQueries:
    @strawberry.field(description="One of the store's imports.")
    async def menu_import(self, info: StoreInfo, id: strawberry.ID) -> MenuImport:
        return MenuImport.of(await jobs.import_by_id(info.context.actor.store_id, read_opaque("MenuImport", id)))

    @strawberry.field(description="The store's last imports, the newest first.")
    async def menu_imports(self, info: StoreInfo) -> list[MenuImport]:
        return [MenuImport.of(card) for card in await jobs.latest_imports(info.context.actor)]

    @strawberry.field(description="What was told about the rows of an import, in the order of the file.")
    async def menu_import_remarks(self, info: StoreInfo, input: MenuImportRemarksInput) -> Connection[MenuImportRemark]:
        import_id = read_opaque("MenuImport", input.import_id, "importId")
        page = PageRequest(input.first, input.after)
        found = await jobs.remarks_of(info.context.actor, import_id, page, input.kind)
        return Connection[MenuImportRemark].of(found, MenuImportRemark.of, after=input.after)

    @strawberry.field(description="What an import changes, or would change: rows that are new or otherwise, then rows that go.")
    async def menu_import_changes(self, info: StoreInfo, input: MenuImportChangesInput) -> Connection[MenuImportChange]:
        import_id = read_opaque("MenuImport", input.import_id, "importId")
        found = await jobs.changes_of(info.context.actor, import_id, PageRequest(input.first, input.after))
        return Connection[MenuImportChange].of(found, MenuImportChange.of, after=input.after)

    @strawberry.field(description="All that the store sells, as a file that can be brought in again.")
    async def menu_export(self, info: StoreInfo) -> MenuExport:
        return MenuExport.of(await export.export_menu(info.context.actor, info.context.actor.store_id))


@strawberry.type
class MenuImportMutations:
    @strawberry.mutation(description="Bring a file in: the whole menu, all or nothing; or only show what would change.")
    async def start_menu_import(self, info: StoreInfo, input: StartMenuImportInput) -> StartMenuImportResult:
        staff, file = info.context.actor, input.read()
        card = await asking.start_menu_import(
            staff, staff.store_id, file, dry_run=input.dry_run, take_good_rows=input.take_good_rows, key=input.key
        )
        return StartMenuImportSuccess(menu_import=MenuImport.of(card))

    @strawberry.mutation(description="Sell what a preview showed; if what is sold changed since, it is shown again instead.")
    async def apply_menu_import(self, info: StoreInfo, input: MenuImportInput) -> ApplyMenuImportResult:
        import_id = read_opaque("MenuImport", input.import_id, "importId")
        card = await asking.apply_menu_import(info.context.actor, import_id)
        return ApplyMenuImportSuccess(menu_import=MenuImport.of(card))

    @strawberry.mutation(description="Let an import go that is not finished, or a preview that nobody wants.")
    async def cancel_menu_import(self, info: StoreInfo, input: MenuImportInput) -> CancelMenuImportResult:
        import_id = read_opaque("MenuImport", input.import_id, "importId")
        card = await asking.cancel_menu_import(info.context.actor, import_id)
        return CancelMenuImportSuccess(menu_import=MenuImport.of(card))

    @strawberry.mutation(description="Tell how many are on the shelf; of each item the row of the highest version counts.")
    async def feed_stock(self, info: StoreInfo, input: FeedStockInput) -> FeedStockResult:
        sent = input.read()
        return FeedStockSuccess(feed=FeedAnswer.of(await feeds.feed_stock(info.context.actor, sent), sent))

    @strawberry.mutation(description="Tell what things cost; of each item the row of the highest version counts.")
    async def feed_prices(self, info: StoreInfo, input: FeedPricesInput) -> FeedPricesResult:
        staff = info.context.actor
        sent = input.read((await store(staff.store_id)).currency)
        return FeedPricesSuccess(feed=FeedAnswer.of(await feeds.feed_prices(staff, sent), sent))


@strawberry.type
class MenuImportSubscriptions:
    @strawberry.subscription(description="An import as it goes on: at once, and after every step.")
    async def menu_import_changed(self, info: StoreInfo, id: strawberry.ID) -> AsyncIterator[MenuImport]:
        actor, import_id = info.context.actor, read_opaque("MenuImport", id)
        async for _ in nudges.listen(jobs.import_topic(import_id)):
            yield MenuImport.of(await jobs.import_by_id(actor.store_id, import_id))
