"""Stores: what a consumer, or a guest, can ask of them."""

import strawberry

from api.context import ConsumerInfo
from api.schema.consumer.pages import StorePage
from api.schema.consumer.stores import Store, StoresNearInput
from api.schema.shared.ids import read_opaque
from api.schema.shared.paging import Connection
from services.kernel.clock import now
from services.kernel.paging import PageRequest
from services.stores import queries, shown
from services.stores.pages import live_page
from services.stores.versions import ON_THE_MAP


@strawberry.type
class StoreQueries:
    @strawberry.field(description="The stores that deliver to a point, nearest first, open or not. A guest may ask.")
    async def stores_near(self, info: ConsumerInfo, input: StoresNearInput) -> Connection[Store]:
        latitude, longitude = input.position.read("position")
        page = PageRequest(input.first, input.after)
        found = await shown.stores_near(latitude, longitude, at=now(), page=page, kinds=input.kinds)
        if found.on_the_map is not None:
            reading = info.context.reading
            for near in found.page.rows:
                reading.part(near.card.id, near.card.version, near.card.same_until)
            reading.root(ON_THE_MAP, found.on_the_map, reading.until or now())
        return Connection[Store].of(found.page, Store.near, after=input.after)

    @strawberry.field(description="One store, with all it sells. A guest may ask.")
    async def store(self, info: ConsumerInfo, id: strawberry.ID) -> Store:
        card = await queries.live_store(read_opaque("Store", id))
        info.context.reading.root(card.id, card.version, card.same_until)
        return Store.of(card)

    @strawberry.field(description="A store's public page, by its slug. A guest may ask.")
    async def store_page(self, info: ConsumerInfo, slug: str) -> StorePage:
        page = await live_page(slug)
        info.context.reading.root(page.card.id, page.card.version, page.card.same_until)
        return StorePage.of(page)
