"""What is found near a point: stores and wares by words, wares alone with the offers of each store, one ware everywhere near.

A search looks at the nearest stores that deliver to the point and have something that matches. Every question is a fixed number
of statements: the vocabulary, what matches where, the stores' versions and cards, one page in its order, and that page's items.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.browse import words as language
from services.browse.around import Around, around, around_ware
from services.browse.places import Place, places, time_of
from services.browse.question import Question, terms_of
from services.browse.rules import Field, Match, Near, Order, Ware, merged, offer
from services.catalog.queries import items_by_ids
from services.kernel.database import rows
from services.kernel.errors import NotFound
from services.kernel.paging import Page, PageRequest
from services.stores.models import StoreKind

_RELEVANT = "RELEVANT"
_BY_WEIGHT = {"A": Field.NAME, "B": Field.BRAND, "C": Field.SECTION, "D": Field.DESCRIPTION}
_BY_WEIGHT_OF_STORE = {"A": Field.NAME, "B": Field.CUISINE, "D": Field.PARTNER}


@dataclass(frozen=True, slots=True)
class Hit:
    """A store or a ware that was found, and why."""

    id: UUID
    store: Near | None
    ware: Ware | None
    matches: tuple[Match, ...]


async def search(question: Question, page: PageRequest) -> Page[Hit]:
    """Stores and wares that answer the words, the most fitting first; what can be had comes before what cannot.

    Fitting is: all words as they were typed (the last as a beginning, while one types) count 1, PostgreSQL's rank of the words by
    the fields they stand in up to 1, a store's own name 0.3; two hours until it is at the door take 1 off. The first page's time
    holds for the pages after it.
    """
    question = _pinned(question, page)
    terms = await terms_of(question)
    wanted = language.query_of(terms)
    found = await around(question, wanted, stores=True)
    shown = await places(question, page, found, _RELEVANT, (_exactly(question), wanted))
    return Page(await _hits(shown.rows, found, question.at, terms), shown.cursors, shown.has_next)


async def browse(question: Question, order: Order, page: PageRequest) -> Page[Ware]:
    """The wares that answer the words, merged over the stores near by what is sold, in the order asked for.

    CHEAPEST by the price for a kilogram or a litre where all offers of a ware tell one, else by the price of one; FASTEST by the
    soonest door; BEST by both: a unit of the currency weighs two minutes. What can be had comes before what cannot. The first
    page's time holds for the pages after it.
    """
    question = _pinned(question, page)
    wanted = language.query_of(await terms_of(question))
    found = await around(question, wanted, stores=False)
    shown = await places(question, page, found, order.value, (_exactly(question), wanted))
    wares = await _wares({item_id: place.id for place in shown.rows for item_id in place.documents}, found, question.at, order)
    return Page([wares[place.id] for place in shown.rows if place.id in wares], shown.cursors, shown.has_next)


async def ware(ware_id: UUID, latitude: float, longitude: float, *, at: datetime, order: Order) -> Ware:
    """One ware with the offers of each store near. Raises NotFound where no store near sells it."""
    found = await around_ware(ware_id, latitude, longitude, at)
    wares = await _wares(dict.fromkeys(found.documents, ware_id), found, at, order)
    if not wares:
        raise NotFound("No store near sells it.")
    return wares[ware_id]


def _exactly(question: Question) -> str:
    return language.exactly(language.words_of(question.words), typing=question.typing)


def _pinned(question: Question, page: PageRequest) -> Question:
    """The question at the time of its first page."""
    return question if page.after is None else replace(question, at=time_of(page.after))


async def _wares(ware_of: Mapping[UUID, UUID], found: Around, at: datetime, order: Order) -> dict[UUID, Ware]:
    """The wares that these items are, with all their offers."""
    if not ware_of:
        return {}
    said = {record["id"]: record for record in await rows(_AS_SAID, list(ware_of))}
    items = [item for item in await items_by_ids(list(ware_of)) if item.removed_at is None and item.id in said]
    offers = (
        (ware_of[item.id], offer(item, found.stores[item.store_id], at, own["own_brand"], own["own_size_text"]))
        for item, own in ((item, said[item.id]) for item in items)
    )
    return {one.id: one for one in merged(offers, order)}


_AS_SAID = "SELECT id, own_brand, own_size_text FROM items WHERE id = ANY($1)"


async def _hits(shown: Sequence[Place], found: Around, at: datetime, terms: Sequence[language.Term]) -> list[Hit]:
    sold = {item_id: place.id for place in shown if not place.is_store for item_id in place.documents}
    wares = await _wares(sold, found, at, Order.BEST)
    words = await rows(_LEXEMES, [place.best for place in shown]) if shown else []
    held = {record["id"]: (record["kind"], dict(one.rsplit(":", 1) for one in record["lexemes"])) for record in words}
    hits = []
    for place in shown:
        store = found.stores.get(place.id) if place.is_store else None
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
