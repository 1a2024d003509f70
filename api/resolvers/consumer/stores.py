"""Stores: what a consumer, or a guest, can ask of them."""

import strawberry

from api.context import ConsumerInfo
from api.schema.consumer.stores import Store, StoresNearInput, store_away
from api.schema.shared.ids import read_opaque
from api.schema.shared.paging import Connection
from services.kernel.clock import now
from services.kernel.paging import PageRequest
from services.stores import queries, shown


@strawberry.type
class StoreQueries:
    @strawberry.field(description="The stores that deliver to a point, nearest first, open or not. A guest may ask.")
    async def stores_near(self, input: StoresNearInput) -> Connection[Store]:
        latitude, longitude = input.position.read("position")
        page = PageRequest(input.first, input.after)
        found = await shown.stores_near(latitude, longitude, at=now(), page=page, kinds=input.kinds)
        return Connection[Store].of(found, store_away, after=input.after)

    @strawberry.field(description="One store, with all it sells. A guest may ask.")
    async def store(self, info: ConsumerInfo, id: strawberry.ID) -> Store:
        card = await queries.live_store(read_opaque("Store", id))
        info.context.reading.root(card.id, card.version, card.same_until)
        return Store.of(card)
