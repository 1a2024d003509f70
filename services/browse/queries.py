"""What is found near a point: stores and wares by words, wares alone with the offers of each store, one ware everywhere near.

A search looks at the `NEAREST` stores that deliver to the point and have something that matches. Every question is a fixed number
of statements: the vocabulary, what matches where, the stores' versions and cards, one page in its order, and that page's items.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.browse import words as language
from services.browse.rules import (
    MINOR_UNITS,
    SECONDS_PER_UNIT,
    Field,
    Match,
    Near,
    Order,
    Ware,
    merged,
    near,
    offer,
    ware_of_barcode,
)
from services.catalog.queries import items_by_ids
from services.catalog.rules import normalised_gtin
from services.catalog.rules.windows import SellingHours, is_sold
from services.kernel.database import Row, rows
from services.kernel.errors import NotFound
from services.kernel.paging import Page, PageRequest, keys, moment, number, page_of
from services.settings import settings
from services.stores.models import StoreKind
from services.stores.shown import shown_stores

NEAREST = 300
_RELEVANT = "RELEVANT"
_BY_WEIGHT = {"A": Field.NAME, "B": Field.BRAND, "C": Field.SECTION, "D": Field.DESCRIPTION}
_BY_WEIGHT_OF_STORE = {"A": Field.NAME, "B": Field.CUISINE, "D": Field.PARTNER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is looked for: words at a point and a time; `typing` while the last word may be the beginning of one."""

    words: str
    latitude: float
    longitude: float
    at: datetime
    typing: bool = False
    kinds: Collection[StoreKind] = ()
    diets: Collection[str] = ()
    price_at_most: int | None = None
    open_only: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A store or a ware that was found, and why."""

    id: UUID
    store: Near | None
    ware: Ware | None
    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a hit stands in its order."""

    id: UUID
    is_store: bool
    best: UUID
    later: bool
    key: float


@dataclass(frozen=True, slots=True)
class _Around:
    """The stores near that have something, the documents that matched, and the menus' hours that do not sell at the time."""

    stores: dict[UUID, Near]
    documents: list[UUID]
    shut: list[tuple[UUID, str]]


async def search(question: Question, page: PageRequest) -> Page[Hit]:
    """Stores and wares that answer the words, the most fitting first; what can be had comes before what cannot.

    Fitting is: all words as they were typed count 1, PostgreSQL's rank of the words by the fields they stand in up to 1, a
    store's own name 0.3; two hours until it is at the door take 1 off. The first page's time holds for the pages after it.
    """
    question = _pinned(question, page)
    terms, exact = await _terms(question)
    wanted = language.query_of(terms)
    around = await _around(question, wanted, stores=True)
    places = await _places(question, page, around, _RELEVANT, (exact, wanted))
    hits = await _hits(places.rows, around, question.at, terms)
    return Page(hits, places.cursors, places.has_next)


async def browse(question: Question, order: Order, page: PageRequest) -> Page[Ware]:
    """The wares that answer the words, merged over the stores near by what is sold, in the order asked for.

    CHEAPEST by the least price, FASTEST by the soonest door, BEST by both: a unit of the currency weighs two minutes. What can
    be had comes before what cannot. The first page's time holds for the pages after it.
    """
    question = _pinned(question, page)
    terms, exact = await _terms(question)
    wanted = language.query_of(terms)
    around = await _around(question, wanted, stores=False)
    places = await _places(question, page, around, order.value, (exact, wanted))
    wares = {ware.id: ware for ware in await _wares([place.id for place in places.rows], around, question.at, order)}
    return Page([wares[place.id] for place in places.rows if place.id in wares], places.cursors, places.has_next)


async def ware(ware_id: UUID, latitude: float, longitude: float, *, at: datetime, order: Order) -> Ware:
    """One ware with the offers of each store near. Raises NotFound where no store near sells it."""
    found = await rows(_MATCHES_OF_WARE, ware_id, latitude, longitude, NEAREST, None)
    around = await _stand(found, at)
    wares = await _wares([ware_id], around, at, order)
    if not wares:
        raise NotFound("No store near sells it.")
    return wares[0]


def _pinned(question: Question, page: PageRequest) -> Question:
    """The question at the time of its first page."""
    return question if page.after is None else replace(question, at=_cursor(page.after)[0])


def _cursor(after: str) -> tuple[datetime, bool, float, UUID]:
    at, later, key, hit = keys(after, moment, bool, number, UUID)
    return at, later, key, hit


async def _terms(question: Question) -> tuple[list[language.Term], str]:
    asked = language.words_of(question.words)
    known = {
        record["word"]: language.Known(record["known"], tuple(record["forms"]), tuple(record["alike"] or ()))
        for record in await rows(_VOCABULARY, asked)
    }
    return language.terms_of(asked, known, typing=question.typing), language.exactly(asked)


# Other forms share a stem in some language. What is spelled alike is only looked for where the word itself is unknown: much the
# same trigrams, or the same letters in another order.
_VOCABULARY = """
SELECT a.word, k.known,
    ARRAY(SELECT v.word FROM search_words v WHERE v.stems && search_stems(a.word) AND v.word <> a.word
          ORDER BY length(v.word), v.word LIMIT 20) AS forms,
    CASE WHEN NOT k.known THEN
        ARRAY(SELECT v.word FROM search_words v WHERE v.word % a.word ORDER BY similarity(v.word, a.word) DESC, v.word LIMIT 20)
        || ARRAY(SELECT v.word FROM search_words v WHERE v.letters = search_letters(a.word) ORDER BY v.word LIMIT 5)
    END AS alike
FROM unnest($1::text[]) AS a (word), LATERAL (SELECT EXISTS (SELECT FROM search_words v WHERE v.word = a.word) AS known) AS k
"""


def _filters(question: Question, *, stores: bool) -> list[str]:
    tags = [] if stores else ["!'=store'"]
    if question.kinds:
        tags.append("(" + " | ".join(f"'={kind.value}'" for kind in sorted(question.kinds)) + ")")
    tags += ["'#" + diet.replace("'", "''") + "'" for diet in sorted(question.diets)]
    return tags


async def _around(question: Question, wanted: str, *, stores: bool) -> _Around:
    """What answers the words; a barcode is answered by its article alone."""
    barcode = normalised_gtin(question.words)
    here = question.latitude, question.longitude, NEAREST
    if barcode is None:
        query = " & ".join([f"({wanted})", *_filters(question, stores=stores)])
        return await _stand(await rows(_MATCHES, query, *here), question.at)
    found = await rows(_MATCHES_OF_WARE, ware_of_barcode(barcode), *here, " & ".join(_filters(question, stores=False)))
    return await _stand(found, question.at)


# PostgreSQL cannot read opening hours: it is told which of them do not sell at the time.
_MATCHES = """
SELECT store_id, distance, documents,
    ARRAY(SELECT DISTINCT o.hours FROM menus o WHERE o.store_id = m.store_id AND o.hours <> '') AS hours
FROM search_matches($1::text::tsquery, $2, $3, $4) m
"""

_MATCHES_OF_WARE = """
SELECT s.id AS store_id, earth_distance(ll_to_earth(s.latitude, s.longitude), ll_to_earth($2, $3)) AS distance,
    m.found AS documents, ARRAY(SELECT DISTINCT o.hours FROM menus o WHERE o.store_id = s.id AND o.hours <> '') AS hours
FROM (
    SELECT d.store_id, array_agg(d.id) AS found FROM search_documents d
    WHERE d.ware = $1 AND d.document @@ search_here($2, $3) AND ($5::text IS NULL OR d.document @@ $5::text::tsquery)
    GROUP BY d.store_id
) m JOIN stores s ON s.id = m.store_id
WHERE s.state = 'LIVE' AND earth_distance(ll_to_earth(s.latitude, s.longitude), ll_to_earth($2, $3)) <= s.delivery_radius_m
  AND (s.delivery_area IS NULL OR in_delivery_area(s.delivery_area, $2, $3))
ORDER BY distance, s.id
LIMIT $4
"""


async def _stand(found: Sequence[Row], at: datetime) -> _Around:
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
    return _Around(stores, documents, shut)


async def _places(question: Question, page: PageRequest, around: _Around, order: str, queries: tuple[str, str]) -> Page[_Place]:
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
    places = [_Place(*record) for record in found]
    return page_of(places, page, lambda place: (question.at.isoformat(), place.later, place.key, str(place.id)))


# Kept in step with rules.key_of.
_PAGE = f"""
WITH near AS (
    SELECT * FROM unnest($1::uuid[], $2::int[], $3::bool[]) AS n (store_id, seconds, takes_orders)
), matched AS (
    SELECT d.id, coalesce(d.ware, d.store_id) AS hit, d.ware IS NULL AS is_store,
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
    WHERE ($9::bigint IS NULL OR p.price <= $9)
), hits AS (
    SELECT hit, bool_and(is_store) AS is_store, (array_agg(id ORDER BY later, key, id))[1] AS best, bool_and(later) AS later,
        (array_agg(key ORDER BY later, key))[1] AS key
    FROM matched WHERE NOT ($10 AND later) GROUP BY hit
)
SELECT hit, is_store, best, later, key FROM hits
WHERE $13::uuid IS NULL OR (later, key, hit) > ($11::bool, $12::double precision, $13)
ORDER BY later, key, hit
LIMIT $14
"""  # noqa: S608 - our own numbers


async def _wares(ids: Sequence[UUID], around: _Around, at: datetime, order: Order) -> list[Ware]:
    if not ids:
        return []
    said = {record["id"]: record for record in await rows(_ITEMS_OF_WARES, around.documents, ids)}
    items = [item for item in await items_by_ids(list(said)) if item.removed_at is None]
    offers = (
        (own["ware"], offer(item, around.stores[item.store_id], at, own["own_brand"], own["own_size_text"]))
        for item, own in ((item, said[item.id]) for item in items)
    )
    return merged(offers, order)


_ITEMS_OF_WARES = """
SELECT d.id, d.ware, i.own_brand, i.own_size_text
FROM search_documents d JOIN items i ON i.id = d.id
WHERE d.id = ANY($1) AND d.ware = ANY($2)
"""


async def _hits(places: Sequence[_Place], around: _Around, at: datetime, terms: Sequence[language.Term]) -> list[Hit]:
    wares = {one.id: one for one in await _wares([place.id for place in places if not place.is_store], around, at, Order.BEST)}
    found = await rows(_LEXEMES, [place.best for place in places]) if places else []
    held = {record["id"]: (record["kind"], dict(one.rsplit(":", 1) for one in record["lexemes"])) for record in found}
    hits = []
    for place in places:
        store = around.stores.get(place.id) if place.is_store else None
        if place.best in held and (store or place.id in wares):
            hits.append(Hit(place.id, store, wares.get(place.id), _matches(terms, *held[place.best], is_store=place.is_store)))
    return hits


# The heaviest field of each word; tags and cells are no words.
_LEXEMES = """
SELECT d.id, s.kind, ARRAY(
    SELECT l.lexeme || ':' || coalesce((SELECT min(w) FROM unnest(l.weights) AS w), 'D') FROM unnest(d.document) AS l
    WHERE l.positions IS NOT NULL
) AS lexemes
FROM search_documents d JOIN stores s ON s.id = d.store_id WHERE d.id = ANY($1)
"""


def _matches(terms: Sequence[language.Term], kind: str, weights: dict[str, str], *, is_store: bool) -> tuple[Match, ...]:
    fields = _BY_WEIGHT_OF_STORE if is_store else _BY_WEIGHT
    found = []
    for term, word, weight, how in language.why(terms, weights):
        field = fields.get(weight, Field.DESCRIPTION)
        if field is Field.BRAND and kind == StoreKind.RESTAURANT:
            field = Field.CUISINE
        found.append(Match(term.typed, word, field, how))
    return tuple(found)
