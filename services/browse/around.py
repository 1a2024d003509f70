"""What stands around a point: the nearest stores that deliver there and have something that answers, and what that is.

PostgreSQL walks outwards, ring by ring (`search_matches`), and stops at `NEAREST` stores: in a thick place only what is near
is read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.browse.question import Question, filters_of
from services.browse.rules import Near, near, ware_of_barcode
from services.catalog.rules import normalised_gtin
from services.catalog.rules.windows import SellingHours, is_sold
from services.kernel.database import Row, rows
from services.settings import settings
from services.stores.shown import shown_stores

NEAREST = 300


@dataclass(frozen=True, slots=True)
class Around:
    """The stores near that have something, the documents that matched, and the menus' hours that do not sell at the time."""

    stores: dict[UUID, Near]
    documents: list[UUID]
    shut: list[tuple[UUID, str]]


async def around(question: Question, wanted: str, *, stores: bool) -> Around:
    """What answers the words; a barcode is answered by its article alone."""
    barcode = normalised_gtin(question.words)
    here = question.latitude, question.longitude, NEAREST
    if barcode is None:
        query = " & ".join([f"({wanted})", *filters_of(question, stores=stores)])
        return await _stand(await rows(_MATCHES, query, *here), question.at)
    found = await rows(_MATCHES_OF_WARE, ware_of_barcode(barcode), *here, " & ".join(filters_of(question, stores=False)))
    return await _stand(found, question.at)


async def around_ware(ware_id: UUID, latitude: float, longitude: float, at: datetime) -> Around:
    """Where one ware is sold."""
    return await _stand(await rows(_MATCHES_OF_WARE, ware_id, latitude, longitude, NEAREST, None), at)


# PostgreSQL cannot read opening hours: it is told which of them do not sell at the time.
_MATCHES = """
SELECT store_id, distance, documents,
    ARRAY(SELECT DISTINCT o.hours FROM menus o WHERE o.store_id = m.store_id AND o.hours <> '') AS hours
FROM search_matches($1::text::tsquery, $2, $3, $4) m
"""

_MATCHES_OF_WARE = """
SELECT s.id AS store_id, s.distance, m.found AS documents,
    ARRAY(SELECT DISTINCT o.hours FROM menus o WHERE o.store_id = s.id AND o.hours <> '') AS hours
FROM (
    SELECT d.store_id, array_agg(d.id) AS found FROM search_documents d
    WHERE d.ware = $1 AND d.document @@ search_here($2, $3) AND ($5::text IS NULL OR d.document @@ $5::text::tsquery)
    GROUP BY d.store_id
) m CROSS JOIN LATERAL (
    SELECT t.*, search_away(t.latitude, t.longitude, $2, $3) AS distance FROM stores t WHERE t.id = m.store_id OFFSET 0
) s
WHERE s.state = 'LIVE' AND s.distance <= s.delivery_radius_m
  AND (s.delivery_area IS NULL OR in_delivery_area(s.delivery_area, $2, $3))
ORDER BY s.distance, s.id
LIMIT $4
"""


async def _stand(found: Sequence[Row], at: datetime) -> Around:
    cards = await shown_stores([record["store_id"] for record in found], at=at)
    travel = settings().travel
    stores: dict[UUID, Near] = {}
    documents: list[UUID] = []
    shut: list[tuple[UUID, str]] = []
    for store_id, distance, of_store, hours in found:
        if card := cards.get(store_id):
            stores[store_id] = near(card, distance, at, travel)
            documents += of_store
            shut += [(store_id, one) for one in hours if not is_sold(SellingHours(one, card.time_zone, card.country), at)]
    return Around(stores, documents, shut)
