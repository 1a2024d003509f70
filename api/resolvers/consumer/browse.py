"""Looking around: what a consumer, or a guest, can ask about what is near."""

import strawberry

from api.schema.consumer.browse import BrowseInput, HomeInput, HomeStore, SearchHit, SearchInput, Ware, WareInput
from api.schema.consumer.menus import moment_asked
from api.schema.shared.ids import read_opaque
from api.schema.shared.paging import Connection
from services.browse import queries
from services.browse.home import stores_at_home
from services.kernel.paging import PageRequest


@strawberry.type
class BrowseQueries:
    @strawberry.field(description="The stores near, near and quick ones first, as wished. A guest may ask.")
    async def home(self, input: HomeInput) -> Connection[HomeStore]:
        found = await stores_at_home(input.read(), PageRequest(input.first, input.after))
        return Connection[HomeStore].of(found, HomeStore.of, after=input.after)

    @strawberry.field(description="Stores, dishes and articles that answer the words, and why. A guest may ask.")
    async def search(self, input: SearchInput) -> Connection[SearchHit]:
        found = await queries.search(input.question.read(), PageRequest(input.first, input.after))
        return Connection[SearchHit].of(found, SearchHit.of, after=input.after)

    @strawberry.field(description="Wares merged over all stores near, with the offers of each. A guest may ask.")
    async def browse(self, input: BrowseInput) -> Connection[Ware]:
        found = await queries.browse(input.question.read(), input.order, PageRequest(input.first, input.after))
        return Connection[Ware].of(found, Ware.of, after=input.after)

    @strawberry.field(description="One ware with the offers of each store near. A guest may ask.")
    async def ware(self, input: WareInput) -> Ware:
        latitude, longitude = input.position.read("position")
        ware_id = read_opaque("Ware", input.ware_id, "wareId")
        return Ware.of(await queries.ware(ware_id, latitude, longitude, at=moment_asked(input.at), order=input.order))
