"""In which order what was found is shown: one page of stores and wares, ordered by PostgreSQL as the rules say."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.browse.around import Around
from services.browse.question import Question
from services.browse.rules import MINOR_UNITS, SECONDS_PER_UNIT
from services.kernel.database import rows
from services.kernel.paging import Page, PageRequest, keys, moment, number, page_of


@dataclass(frozen=True, slots=True)
class Place:
    """Where a hit stands in its order: what speaks for it most, and all of its documents around."""

    id: UUID
    is_store: bool
    best: UUID
    documents: list[UUID]
    later: bool
    key: float


def time_of(after: str) -> datetime:
    """The time of the first page, which holds for the pages after it. Raises BadInput for what is no cursor."""
    return _cursor(after)[0]


async def places(question: Question, page: PageRequest, around: Around, order: str, queries: tuple[str, str]) -> Page[Place]:
    """A page in an Order, or the RELEVANT first, by the words as they were typed and by all that may stand for them."""
    _, later, key, hit = _cursor(page.after) if page.after is not None else (None, None, None, None)
    several = list(around.stores.values())
    found = await rows(
        _PAGE,
        [one.card.id for one in several],
        [one.seconds for one in several],
        [one.card.takes_orders for one in several],
        around.documents,
        question.at,
        order,
        *queries,
        question.price_at_most,
        question.open_only,
        later,
        key,
        hit,
        page.first + 1,
        [store_id for store_id, _ in around.shut],
        [hours for _, hours in around.shut],
    )
    ordered = [Place(*record) for record in found]
    return page_of(ordered, page, lambda place: (question.at.isoformat(), place.later, place.key, str(place.id)))


def _cursor(after: str) -> tuple[datetime, bool, float, UUID]:
    at, later, key, hit = keys(after, moment, bool, number, UUID)
    return at, later, key, hit


# Kept in step with rules.key_of and rules.merged.
_PAGE = f"""
WITH near AS (
    SELECT * FROM unnest($1::uuid[], $2::int[], $3::bool[]) AS n (store_id, seconds, takes_orders)
), matched AS (
    SELECT d.id, coalesce(d.ware, d.store_id) AS hit, d.ware IS NULL AS is_store, p.price,
        CASE WHEN i.grams IS NULL THEN i.price * 1000 / d.content ELSE i.price END AS per_unit,
        NOT (n.takes_orders AND coalesce(i.stock, 1) > 0
             AND (d.store_id, coalesce(i.selling_hours, '')) NOT IN (SELECT * FROM unnest($15::uuid[], $16::text[]))
             AND coalesce(greatest(i.unavailable_until, i.choices_out_until) <= $5, true)) AS later,
        CASE $6::text
            WHEN 'CHEAPEST' THEN p.price
            WHEN 'FASTEST' THEN n.seconds
            WHEN 'BEST' THEN n.seconds + p.price * {SECONDS_PER_UNIT} / {MINOR_UNITS}.0
            ELSE n.seconds / 7200.0 - (d.document @@ $7::text::tsquery)::int
                - ts_rank('{{0.1, 0.2, 0.4, 1.0}}', d.document, $8::text::tsquery) - CASE WHEN d.ware IS NULL THEN 0.3 ELSE 0 END
        END::double precision AS key
    FROM unnest($4::uuid[]) AS m (id) JOIN search_documents d ON d.id = m.id JOIN near n ON n.store_id = d.store_id
        LEFT JOIN items i ON i.id = d.id,
        LATERAL (SELECT CASE WHEN i.grams IS NULL THEN i.price ELSE i.price * i.grams / 1000.0 END AS price) AS p
), keyed AS (
    SELECT id, hit, is_store, later, ($9::bigint IS NULL OR price <= $9) AND NOT ($10 AND later) AS fits,
        CASE WHEN $6 = 'CHEAPEST' AND bool_and(per_unit IS NOT NULL) OVER (PARTITION BY hit) THEN per_unit ELSE key END AS key
    FROM matched
), hits AS (
    SELECT hit, bool_and(is_store) AS is_store, (array_agg(id ORDER BY later, key, id) FILTER (WHERE fits))[1] AS best,
        array_agg(id) AS documents, bool_and(later) FILTER (WHERE fits) AS later,
        (array_agg(key ORDER BY later, key, id) FILTER (WHERE fits))[1] AS key
    FROM keyed GROUP BY hit HAVING bool_or(fits)
)
SELECT hit, is_store, best, documents, later, key FROM hits
WHERE $13::uuid IS NULL OR (later, key, hit) > ($11::bool, $12::double precision, $13)
ORDER BY later, key, hit
LIMIT $14
"""  # noqa: S608 - our own numbers
