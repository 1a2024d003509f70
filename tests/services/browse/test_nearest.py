"""The walk outwards finds what a look at every document finds, however thick the place; sizes hold what they hold elsewhere."""

import csv
import random
from uuid import UUID

import asyncpg

from bench.search.town import DATA, City, Europe, build
from services.catalog.rules import ContentUnit
from services.catalog.rules.measures import content_of
from services.kernel import database

# Thick in the middle, so that the first ring holds enough there, and thin at the rim.
STORES, ITEMS, ENOUGH = 400, 4_000, 40
EVERY_ONE = """
SELECT s.id, earth_distance(ll_to_earth(s.latitude, s.longitude), ll_to_earth($2, $3)) AS away,
    array_agg(d.id ORDER BY d.id) AS documents
FROM stores s JOIN search_documents d ON d.store_id = s.id AND ts_match_vq(d.document, $1::text::tsquery)
WHERE s.state = 'LIVE' AND earth_distance(ll_to_earth(s.latitude, s.longitude), ll_to_earth($2, $3)) <= s.delivery_radius_m
GROUP BY s.id ORDER BY away, s.id LIMIT $4
"""
WALKED = """
SELECT store_id, distance, ARRAY(SELECT unnest(documents) ORDER BY 1) AS documents
FROM search_matches($1::text::tsquery, $2, $3, $4)
"""


async def a_town(owner: asyncpg.Connection) -> City:
    """One city in place of many."""
    europe = Europe(STORES, ITEMS)
    europe.cities = [europe.cities[0]._replace(stores=STORES)]
    await build(owner, europe)
    return europe.cities[0]


def ids(found: list[database.Row]) -> list[tuple[UUID, int, list[UUID]]]:
    return [(record[0], round(record[1] * 1_000), record[2]) for record in found]


async def test_what_is_near_is_what_a_look_at_everything_finds(owner: asyncpg.Connection) -> None:
    city = await a_town(owner)
    draw = random.Random(3)
    enough = 0
    for asked in ("'rice'", "'chicken' | 'tea'", "'s':*", "'green' & 'tea'", "'chocolate' & !'=store'", "'nowhere'"):
        for spread in (0.002, 0.01, 0.05):
            here = city.latitude + draw.gauss(0, spread), city.longitude + draw.gauss(0, 2 * spread)
            for most in (1, ENOUGH, 300):
                truth = ids(await database.rows(EVERY_ONE, asked, *here, most))
                assert ids(await database.rows(WALKED, asked, *here, most)) == truth
                enough += len(truth) == most
    assert enough > 20


async def test_a_size_holds_as_much_in_the_database_as_in_the_house(owner: asyncpg.Connection) -> None:
    with (DATA / "products.csv").open(encoding="utf-8", newline="") as lines:
        sizes = {row["size_text"] for row in csv.DictReader(lines)}
    sizes |= {
        "6 x 330 ml",
        "16 oz (453g)",
        "1.000 g",
        "1.000 kg",
        "1,5 L",
        " 2 fl. oz. ",
        "12 Stück",
        "3 x 0,5l",
        "3*0,5l",
        "0 g",
        "",
        "1 lb",
        "9 GAL",
    }
    told = {
        record[0]: record[1]
        for record in await owner.fetch("SELECT s, content_of_size(s) FROM unnest($1::text[]) AS s", [*sizes])
    }

    meant = {size: content_of(size) for size in sizes}
    assert told == {
        size: None if content is None or content.unit is ContentUnit.PIECE else float(content.amount)
        for size, content in meant.items()
    }
    assert sum(amount is not None for amount in told.values()) > 100
