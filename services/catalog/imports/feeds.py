"""Feeds of stock and prices: the row of the highest version counts, whenever and however often it arrives."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.catalog.events import PricesFed, StockFed
from services.catalog.imports.barcodes import read_barcode
from services.catalog.imports.errors import FeedTooLong
from services.catalog.rules.limits import HIGHEST_PRICE, LARGEST_STOCK
from services.kernel import clock
from services.kernel.actors import StoreStaff
from services.kernel.database import Row, rows
from services.kernel.errors import Forbidden
from services.kernel.unit_of_work import unit_of_work
from services.stores.operations import raise_version
from services.stores.queries import lock_store
from services.stores.rules import staff_may

ROWS_PER_CALL = 5_000
HIGHEST_VERSION = 2**63 - 1


class Feed(StrEnum):
    STOCK = "STOCK"
    PRICE = "PRICE"


class FeedOutcome(StrEnum):
    """What became of a row of a feed."""

    TAKEN = "TAKEN"
    REPEATED = "REPEATED"
    """This version was told before, in the same words."""
    OUTDATED = "OUTDATED"
    """A newer one is known."""
    VERSION_TWICE = "VERSION_TWICE"
    """Two rows of one version say different things: the smaller amount counts."""
    UNKNOWN = "UNKNOWN"
    """The store sells nothing of this reference or barcode."""
    NOT_ALLOWED = "NOT_ALLOWED"
    """No such stock, price, version or barcode can be."""


@dataclass(frozen=True, slots=True)
class FeedRow:
    """`amount` is a count of what is on the shelf, or a price in minor units; the item is named by reference, else by barcode."""

    version: int
    amount: int
    ref: str = ""
    gtin: str = ""


@dataclass(frozen=True, slots=True)
class FeedReport:
    """What became of each row, in their order."""

    outcomes: Sequence[FeedOutcome]

    def count(self, outcome: FeedOutcome) -> int:
        return sum(each is outcome for each in self.outcomes)


async def feed_stock(staff: StoreStaff, told: Sequence[FeedRow]) -> FeedReport:
    """So many of these are on the shelf; what orders hold of them is taken off. Raises FeedTooLong, Forbidden."""
    return await _feed(staff, Feed.STOCK, told)


async def feed_prices(staff: StoreStaff, told: Sequence[FeedRow]) -> FeedReport:
    """These cost so much from now on. Raises FeedTooLong, Forbidden."""
    return await _feed(staff, Feed.PRICE, told)


async def _feed(staff: StoreStaff, feed: Feed, told: Sequence[FeedRow]) -> FeedReport:
    if not staff_may(staff.role, "replace_menu"):
        raise Forbidden("Your role in this store does not allow it.")
    if len(told) > ROWS_PER_CALL:
        raise FeedTooLong(ROWS_PER_CALL, len(told))
    most = LARGEST_STOCK if feed is Feed.STOCK else HIGHEST_PRICE
    gtins = [read_barcode(each.gtin).gtin or "" if not each.ref else "" for each in told]
    sound = [place for place, each in enumerate(told) if _is_sound(each, gtins[place], most)]
    outcomes = [FeedOutcome.NOT_ALLOWED] * len(told)
    async with unit_of_work(staff) as work:
        await lock_store(staff.store_id)
        found = await rows(
            _STATEMENTS[feed],
            staff.store_id,
            feed.value,
            clock.now(),
            sound,
            [told[place].ref for place in sound],
            [gtins[place] for place in sound],
            [told[place].version for place in sound],
            [told[place].amount for place in sound],
        )
        for record in found:
            outcomes[record["place"]] = _outcome(record, told[record["place"]])
        if any(record["seen"] for record in found):
            await raise_version(work, [staff.store_id])
        if (taken := outcomes.count(FeedOutcome.TAKEN)) > 0:
            fact = StockFed if feed is Feed.STOCK else PricesFed
            await work.record(fact(store_id=staff.store_id, rows=len(told), taken=taken))
    return FeedReport(outcomes)


def _is_sound(each: FeedRow, gtin: str, most: int) -> bool:
    return 0 <= each.version <= HIGHEST_VERSION and 0 <= each.amount <= most and bool(each.ref or gtin) and "\x00" not in each.ref


def _outcome(record: Row, told: FeedRow) -> FeedOutcome:
    if record["item_id"] is None:
        return FeedOutcome.UNKNOWN
    known = (record["known_version"], record["known_told"])
    if record["taken"] and (told.version, told.amount) == known:
        return FeedOutcome.REPEATED if record["repeats"] else FeedOutcome.TAKEN
    if known == (told.version, told.amount):
        return FeedOutcome.REPEATED
    return FeedOutcome.VERSION_TWICE if record["known_version"] == told.version else FeedOutcome.OUTDATED


# One statement: which item each row means, the newest row of each, and what that changes where it is newer than all before.
# Of two rows of one version the smaller amount counts, so that what comes of it does not depend on which arrives first.
_STATEMENT = """
WITH told AS (
    SELECT * FROM unnest($4::int[], $5::text[], $6::text[], $7::bigint[], $8::bigint[]) AS t (place, ref, gtin, version, told)
), meant AS (
    SELECT t.*, i.id AS item_id FROM told t JOIN items i ON i.store_id = $1 AND i.ref = t.ref AND i.removed_at IS NULL
    WHERE t.ref <> ''
    UNION ALL
    SELECT t.*, i.id FROM told t JOIN products p ON p.gtin = t.gtin
    JOIN items i ON i.product_id = p.id AND i.store_id = $1 AND i.removed_at IS NULL
    WHERE t.ref = ''
), newest AS (
    SELECT DISTINCT ON (item_id) item_id, version, told, place FROM meant ORDER BY item_id, version DESC, told, place
), taken AS (
    INSERT INTO item_feed_versions AS v (item_id, feed, store_id, version, told, told_at)
    SELECT item_id, $2, $1, version, told, $3 FROM newest ORDER BY item_id
    ON CONFLICT (item_id, feed) DO UPDATE SET version = excluded.version, told = excluded.told, told_at = excluded.told_at
    WHERE (excluded.version, -excluded.told) > (v.version, -v.told)
    RETURNING item_id, version, told
), changed AS (
    {change}
)
SELECT DISTINCT ON (t.place) t.place, m.item_id, k.item_id IS NOT NULL AS taken,
       coalesce(k.version, b.version) AS known_version, coalesce(k.told, b.told) AS known_told,
       coalesce(n.place <> t.place, false) AS repeats, coalesce(c.seen, false) AS seen
FROM told t
LEFT JOIN meant m ON m.place = t.place
LEFT JOIN newest n ON n.item_id = m.item_id
LEFT JOIN taken k ON k.item_id = m.item_id
LEFT JOIN item_feed_versions b ON b.item_id = m.item_id AND b.feed = $2
LEFT JOIN changed c ON c.id = m.item_id
ORDER BY t.place, taken DESC NULLS LAST, seen DESC
"""
_STOCK = """
    UPDATE items i SET stock = greatest(0, k.told - h.held)::int
    FROM taken k JOIN items o ON o.id = k.item_id
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(quantity), 0) AS held FROM stock_holds WHERE item_id = k.item_id AND state = 'HELD'
    ) h
    WHERE i.id = k.item_id
    RETURNING i.id, o.stock IS NULL OR (o.stock = 0) <> (i.stock = 0) AS seen
"""
_PRICE = """
    UPDATE items i SET price = k.told FROM taken k JOIN items o ON o.id = k.item_id
    WHERE i.id = k.item_id RETURNING i.id, o.price <> i.price AS seen
"""
_STATEMENTS = {Feed.STOCK: _STATEMENT.format(change=_STOCK), Feed.PRICE: _STATEMENT.format(change=_PRICE)}
