"""Editing the menu: drafts, previews, publications at once or at a time, and the way back."""

from collections.abc import AsyncIterator

import strawberry

from api.context import StoreInfo
from api.schema.shared.ids import read_opaque
from api.schema.shared.paging import Connection
from api.schema.shared.sharing import same_whatever
from api.schema.store.catalog import StoreMenu
from api.schema.store.edition_results import (
    BeginMenuDraftResult,
    BeginMenuDraftSuccess,
    CallOffMenuEditionResult,
    CallOffMenuEditionSuccess,
    DiscardMenuDraftResult,
    DiscardMenuDraftSuccess,
    PublishMenuEditionResult,
    PublishMenuEditionSuccess,
    SaveMenuDraftResult,
    SaveMenuDraftSuccess,
    ScheduleMenuEditionResult,
    ScheduleMenuEditionSuccess,
    UndoMenuResult,
    UndoMenuSuccess,
)
from api.schema.store.editions import (
    BeginMenuDraftInput,
    MenuEditing,
    MenuEdition,
    MenuEditionInput,
    PublishMenuEditionInput,
    SaveMenuDraftInput,
    ScheduleMenuEditionInput,
)
from services.catalog.editions import drafting, previewing, publishing, queries
from services.kernel import nudges
from services.kernel.paging import PageRequest


@strawberry.type
class EditionQueries:
    @strawberry.field(description="The open draft, what waits for its time, and what is published.")
    async def menu_editing(self, info: StoreInfo) -> MenuEditing:
        return MenuEditing.of(await queries.editing(info.context.actor))

    @strawberry.field(description="One edition of the store's menu.")
    async def menu_edition(self, info: StoreInfo, id: strawberry.ID) -> MenuEdition:
        return MenuEdition.of(await queries.edition(info.context.actor, read_opaque("MenuEdition", id)))

    @strawberry.field(description="Every edition of the store's menu, the one begun last first.")
    async def menu_editions(self, info: StoreInfo, first: int = 20, after: str | None = None) -> Connection[MenuEdition]:
        page = await queries.editions(info.context.actor, PageRequest(first, after))
        return Connection[MenuEdition].of(page, MenuEdition.of, after=after)

    @strawberry.field(
        description="What the store would sell if this edition were published; rows that are new have no lasting id."
    )
    async def menu_edition_preview(self, info: StoreInfo, id: strawberry.ID) -> StoreMenu:
        _, tree = await previewing.preview(info.context.actor, read_opaque("MenuEdition", id))
        return StoreMenu.of(tree)


@strawberry.type
class EditionMutations:
    @strawberry.mutation(description="Open a draft, or go on with the one that is open.")
    async def begin_menu_draft(self, info: StoreInfo, input: BeginMenuDraftInput) -> BeginMenuDraftResult:
        return BeginMenuDraftSuccess(edition=MenuEdition.of(await drafting.begin_draft(info.context.actor, input.read())))

    @strawberry.mutation(description="Let the draft say this, if nobody saved it since the version that was seen.")
    async def save_menu_draft(self, info: StoreInfo, input: SaveMenuDraftInput) -> SaveMenuDraftResult:
        edition_id = read_opaque("MenuEdition", input.edition_id, "editionId")
        saved = await drafting.save_document(info.context.actor, edition_id, input.version, input.document)
        return SaveMenuDraftSuccess(edition=MenuEdition.of(saved))

    @strawberry.mutation(description="Throw the draft away; another may begin from it.")
    async def discard_menu_draft(self, info: StoreInfo, input: MenuEditionInput) -> DiscardMenuDraftResult:
        edition_id = read_opaque("MenuEdition", input.edition_id, "editionId")
        return DiscardMenuDraftSuccess(edition=MenuEdition.of(await drafting.discard_draft(info.context.actor, edition_id)))

    @strawberry.mutation(description="Sell what this edition says from now on.")
    async def publish_menu_edition(self, info: StoreInfo, input: PublishMenuEditionInput) -> PublishMenuEditionResult:
        edition_id = read_opaque("MenuEdition", input.edition_id, "editionId")
        published = await publishing.publish_edition(info.context.actor, edition_id, input.version, input.over)
        return PublishMenuEditionSuccess(edition=MenuEdition.of(published))

    @strawberry.mutation(description="Sell what this edition says from a time on; another publication before calls it off.")
    async def schedule_menu_edition(self, info: StoreInfo, input: ScheduleMenuEditionInput) -> ScheduleMenuEditionResult:
        edition_id = read_opaque("MenuEdition", input.edition_id, "editionId")
        waiting = await publishing.schedule_edition(info.context.actor, edition_id, input.version, input.publish_at, input.over)
        return ScheduleMenuEditionSuccess(edition=MenuEdition.of(waiting))

    @strawberry.mutation(description="Do not publish this edition when its time comes.")
    async def call_off_menu_edition(self, info: StoreInfo, input: MenuEditionInput) -> CallOffMenuEditionResult:
        edition_id = read_opaque("MenuEdition", input.edition_id, "editionId")
        return CallOffMenuEditionSuccess(
            edition=MenuEdition.of(await publishing.call_off_edition(info.context.actor, edition_id))
        )

    @strawberry.mutation(description="Sell again what this earlier publication said.")
    async def undo_menu(self, info: StoreInfo, input: MenuEditionInput) -> UndoMenuResult:
        edition_id = read_opaque("MenuEdition", input.edition_id, "editionId")
        return UndoMenuSuccess(edition=MenuEdition.of(await publishing.undo_to(info.context.actor, edition_id)))


@strawberry.type
class EditionSubscriptions:
    @strawberry.subscription(description="Where the editing of the menu stands: at once, and after everybody's every change.")
    @same_whatever("person_id", "session_id")
    async def menu_editing_changed(self, info: StoreInfo) -> AsyncIterator[MenuEditing]:
        actor = info.context.actor
        async for _ in nudges.listen(queries.editions_topic(actor.store_id)):
            yield MenuEditing.of(await queries.editing(actor))
