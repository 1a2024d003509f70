"""Previews of menus: what a tablet's key shows in the consumer's app."""

import strawberry

from api.schema.consumer.previews import MenuPreview
from services.catalog.editions.previewing import preview_by_key


@strawberry.type
class PreviewQueries:
    @strawberry.field(description="What a store's draft will look like, until it is published or dropped. A guest may ask.")
    async def menu_preview(self, preview_key: str, language: str | None = None) -> MenuPreview:
        store, tree = await preview_by_key(preview_key)
        return MenuPreview.of(store, tree, language)
