"""A store opens: begun by somebody who has none yet, told what is missing, gone live."""

import strawberry

from api.context import StoreInfo
from api.schema.store.hours import StoreProfile
from api.schema.store.opening import (
    DescribeStoreInput,
    DescribeStoreResult,
    DescribeStoreSuccess,
    GoLiveResult,
    GoLiveSuccess,
    OpeningChecklist,
    OpenStoreInput,
    OpenStoreResult,
    OpenStoreSuccess,
    StorePresentation,
)
from services.opening import operations, queries
from services.stores.operations import describe_store
from services.stores.pages import page_of_store


@strawberry.type
class OpeningQueries:
    @strawberry.field(description="What is missing before the store can go live.")
    async def opening_checklist(self, info: StoreInfo) -> OpeningChecklist:
        return OpeningChecklist.of(await queries.checklist(info.context.actor))

    @strawberry.field(description="What the store says of itself.")
    async def store_presentation(self, info: StoreInfo) -> StorePresentation:
        return StorePresentation.of(await page_of_store(info.context.actor.store_id))


@strawberry.type
class OpeningMutations:
    @strawberry.mutation(description="Open a store as a draft, for whoever the ID token was made for. A guest may.")
    async def open_store(self, info: StoreInfo, input: OpenStoreInput) -> OpenStoreResult:
        card = await operations.begin_store(input.id_token, input.read(), key=input.key, verifier=info.context.ports.id_tokens)
        return OpenStoreSuccess(store=StoreProfile.of(card))

    @strawberry.mutation(description="Say what the store is: its name, its story, its address.")
    async def describe_store(self, info: StoreInfo, input: DescribeStoreInput) -> DescribeStoreResult:
        page = await describe_store(info.context.actor, input.read())
        return DescribeStoreSuccess(presentation=StorePresentation.of(page))

    @strawberry.mutation(description="Be shown and sell from now on; refused while anything is missing.")
    async def go_live(self, info: StoreInfo) -> GoLiveResult:
        return GoLiveSuccess(store=StoreProfile.of(await operations.go_live(info.context.actor)))
