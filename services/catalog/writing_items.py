"""Writes the items of a menu that was laid out, all facts of a thousand of them in one statement."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from services.catalog.rules import Measure, MediaDraft, normalised_gtin
from services.catalog.rules.layout import ItemRow, Layout
from services.catalog.rules.marks import marks_of
from services.catalog.weights_kept import keep_weights
from services.kernel.batches import batches
from services.kernel.database import run

# So many rows go in one statement: more would take it, with all that is searched in them, near the time that a statement has.
AT_ONCE = 1_000
# More than any feed can tell.
_NOTHING_TOLD = 2**63 - 1


async def write_items(
    store_id: UUID, currency: str, ids: Mapping[tuple[str, str], UUID], products: Mapping[str, UUID], layout: Layout
) -> None:
    """Make the store's items those of the layout; what staff marked out stays out until then, whatever the new menu says."""
    if weighed := [one for one in layout.items.values() if one.draft.sold_by is Measure.WEIGHT]:
        await keep_weights({ids["item", one.ref]: one.draft.step_grams for one in weighed})
    for batch in batches(layout.items.values(), AT_ONCE):
        await run(_ITEMS, store_id, currency, [item_record(item, ids, products, layout) for item in batch])


def item_record(
    item: ItemRow, ids: Mapping[tuple[str, str], UUID], products: Mapping[str, UUID], layout: Layout
) -> dict[str, Any]:
    """The facts of an item as its row holds them."""
    draft = item.draft
    product = products.get(normalised_gtin(draft.gtin) or "") if draft.gtin else None
    return {
        "id": str(ids["item", item.ref]),
        "section_id": str(ids["section", item.section]),
        "product_id": str(product) if product else None,
        "ref": item.ref,
        "name": draft.name,
        "description": draft.description,
        "price": draft.price,
        "tax_class": draft.tax_class.value,
        "allergens": marks_of(draft.allergens),
        "diets": marks_of(draft.diets),
        "stock": draft.stock,
        "position": item.position,
        "names": texts(draft.names),
        "descriptions": texts(draft.descriptions),
        "media": _media(draft.media),
        "energy_kj": draft.energy_kj,
        "energy_kcal": draft.energy_kcal,
        "age_limit": draft.age_limit,
        "preparation_minutes": draft.preparation_minutes,
        "most_per_day": draft.most_per_day,
        "own_brand": draft.brand,
        "own_size_text": draft.size_text,
        "aisle": draft.aisle,
        "shelf": draft.shelf,
        "sold_by": draft.sold_by.value,
        "priced_by": draft.priced_by.value,
        "grams": draft.step_grams if draft.sold_by is Measure.WEIGHT else draft.nominal_grams,
        "content": None if draft.content is None else f"{draft.content:f}",
        "content_unit": draft.content_unit and draft.content_unit.value,
        "selling_hours": layout.menus[layout.sections[item.section].menu].hours,
    }


def texts(by_language: Mapping[str, str]) -> dict[str, str] | None:
    """Texts by language as a row keeps them: null where there are none."""
    return dict(by_language) or None


def _media(media: Iterable[MediaDraft]) -> list[dict[str, Any]] | None:
    return [
        {
            "kind": one.kind.value,
            "url": one.url,
            "alt": one.alt,
            "width": one.width,
            "height": one.height,
            "size_bytes": one.size_bytes,
        }
        for one in media
    ] or None


_TYPES = {
    "id": "uuid",
    "section_id": "uuid",
    "product_id": "uuid",
    "ref": "text",
    "name": "text",
    "description": "text",
    "price": "bigint",
    "tax_class": "text",
    "allergens": "text[]",
    "diets": "text[]",
    "stock": "integer",
    "position": "integer",
    "names": "jsonb",
    "descriptions": "jsonb",
    "media": "jsonb",
    "energy_kj": "integer",
    "energy_kcal": "integer",
    "age_limit": "integer",
    "preparation_minutes": "integer",
    "most_per_day": "integer",
    "own_brand": "text",
    "own_size_text": "text",
    "aisle": "text",
    "shelf": "text",
    "sold_by": "text",
    "priced_by": "text",
    "grams": "integer",
    "content": "numeric",
    "content_unit": "text",
    "selling_hours": "text",
}
_COLUMNS = ", ".join(_TYPES)
_TYPED = ", ".join(f"{column} {kind}" for column, kind in _TYPES.items())
_ANEW = ", ".join(f"{column} = excluded.{column}" for column in _TYPES if column not in {"id", "ref"})
# A price that is set otherwise than the till said takes the till's word back: its row counts when it is told again, for any
# amount is smaller than this one, and older rows still do not.
_ITEMS = f"""
WITH written AS (
    SELECT * FROM json_to_recordset($3::json) AS i ({_TYPED})
), taken_back AS (
    UPDATE item_feed_versions v SET told = {_NOTHING_TOLD} FROM written i
    WHERE v.item_id = i.id AND v.store_id = $1 AND v.feed = 'PRICE' AND v.told <> i.price
)
INSERT INTO items (store_id, currency, {_COLUMNS})
SELECT $1, $2, {_COLUMNS} FROM written
ON CONFLICT (id) DO UPDATE SET {_ANEW}, currency = excluded.currency, removed_at = NULL
"""  # noqa: S608 - columns are ours
