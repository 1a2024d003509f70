"""A made-up Europe, written straight into the tables: cities of very different sizes, with their stores and goods."""

import csv
import json
import math
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

DATA = Path(__file__).parents[2] / "services" / "seeds" / "data"
AT = datetime(2026, 6, 1, tzinfo=UTC)
KINDS = ("RESTAURANT", "GROCER", "SHOP")
SHARES = (0.7, 0.2, 0.1)
GOODS = (30, 80, 30)
CITIES = 120
_SIDES = (
    "with fries",
    "with rice",
    "large",
    "small",
    "of the house",
    "spicy",
    "mit Salat",
    "con patatas",
    "med ris",
    "perunoilla",
    "to share",
)
_WHERE = (("FI", "Europe/Helsinki", 61.5, 24.5), ("SE", "Europe/Stockholm", 58.5, 15.5), ("GB", "Europe/London", 52.5, -1.5),
          ("DE", "Europe/Berlin", 50.5, 10.0), ("ES", "Europe/Madrid", 40.0, -3.5))  # fmt: skip


COPIED_AT_ONCE = 100_000
COLUMNS = {
    "stores": "id partner_id kind name slug category cuisines latitude longitude street housenumber postcode city country"
    " time_zone currency opening_hours hours_assumed preparation_minutes delivery_radius_m minimum_basket prices_include_tax"
    " auto_accept state created_at",
    "menus": "id store_id ref name position",
    "sections": "id menu_id store_id ref name position",
    "items": "id store_id section_id product_id ref name description price currency tax_class allergens diets stock position",
}


Facts = tuple[list[str], float, float, str]


class City(NamedTuple):
    """Where many stores stand."""

    country: str
    time_zone: str
    latitude: float
    longitude: float
    stores: int


class Europe:
    """Cities, stores and goods, the same for the same seed."""

    def __init__(self, stores: int, items: int, seed: int = 1) -> None:
        self.draw = random.Random(seed)
        self.items_factor = items / (stores * sum(share * count for share, count in zip(SHARES, GOODS, strict=True)))
        weights = [1 / (rank + 1) for rank in range(CITIES)]
        self.cities = [self._city(rank, round(stores * weight / sum(weights))) for rank, weight in enumerate(weights)]
        dishes = [json.loads(line) for line in (DATA / "dishes.jsonl").read_text("utf-8").splitlines()]
        with (DATA / "composed_dishes.csv").open(encoding="utf-8", newline="") as lines:
            dishes += [row | {"cuisines": row["kitchens"].split()} for row in csv.DictReader(lines)]
        self.dishes = [(dish["name"], dish["cuisines"] or ["european"], dish["section"]) for dish in dishes]
        with (DATA / "products.csv").open(encoding="utf-8", newline="") as lines:
            self.articles = [
                (row["name"], row["brand"], row["size_text"], row["gtin"], row["aisle"]) for row in csv.DictReader(lines)
            ]
        self.hours = sorted(
            {json.loads(line)["opening_hours"] for line in (DATA / "stores.jsonl").read_text("utf-8").splitlines()}
        )
        self.names = [
            "".join(self.draw.choice("bdfghjklmnprstv") + self.draw.choice("aeiou") for _ in range(3)) for _ in range(20_000)
        ]

    def _city(self, rank: int, stores: int) -> City:
        country, zone, latitude, longitude = _WHERE[rank % len(_WHERE)]
        return City(country, zone, latitude + self.draw.uniform(-2.5, 2.5), longitude + self.draw.uniform(-2.5, 2.5), stores)

    def new_id(self) -> UUID:
        return UUID(int=self.draw.getrandbits(128))

    def stores(self) -> Iterator[tuple[City, UUID, str, Facts]]:
        """Each store: its city, id, kind, cuisines, place and hours; thick in the middle of a city, thin at its rim."""
        for city in self.cities:
            for _ in range(city.stores):
                (kind,) = self.draw.choices(KINDS, SHARES)
                away = abs(self.draw.gauss(0, 4_000)) / 111_000
                angle = self.draw.uniform(0, 2 * math.pi)
                latitude = city.latitude + away * math.sin(angle)
                longitude = city.longitude + away * math.cos(angle) / math.cos(math.radians(city.latitude))
                cuisines = self.draw.choice(self.dishes)[1][:2] if kind == "RESTAURANT" else []
                yield city, self.new_id(), kind, (cuisines, latitude, longitude, self.draw.choice(self.hours))

    def goods(self, kind: str) -> Iterator[tuple[str, str, str | None, int]]:
        """What a store sells: name, section, the article's barcode, price."""
        count = round(GOODS[KINDS.index(kind)] * self.items_factor)
        for _ in range(max(count, 1)):
            if kind == "RESTAURANT":
                name, _, section = self.draw.choice(self.dishes)
                if self.draw.random() < 0.3:
                    name = f"{name} {self.draw.choice(_SIDES)}"
                yield name, section, None, self.draw.randint(500, 2_500)
            else:
                name, _, size, gtin, aisle = self.draw.choice(self.articles)
                own = self.draw.random() < 0.4
                yield (
                    (f"{self.draw.choice(self.names)} {name} {size}" if own else name),
                    aisle,
                    None if own else gtin,
                    self.draw.randint(50, 1_500),
                )


class Writer:
    """What waits to be copied into the tables."""

    def __init__(self, connection: asyncpg.Connection, europe: Europe) -> None:
        self.connection, self.europe = connection, europe
        self.partner = europe.new_id()
        self.products = {gtin: europe.new_id() for _, _, _, gtin, _ in europe.articles}
        self.rows: dict[str, list[tuple[Any, ...]]] = {table: [] for table in COLUMNS}

    def add_store(self, number: int, city: City, store_id: UUID, kind: str, facts: Facts) -> None:
        """One store with its menu."""
        cuisines, latitude, longitude, hours = facts
        draw = self.europe.draw
        name = f"{draw.choice(self.europe.names).capitalize()} {(cuisines or [kind.lower()])[0]}"
        place = (latitude, longitude, "Street", "1", "00000", "City", city.country, city.time_zone, "EUR", hours, False)
        own = (draw.randint(8, 40), draw.choice((3_000, 4_500, 5_000, 6_000, 10_000)), 0, True, True, "LIVE", AT)
        self.rows["stores"].append(
            (store_id, self.partner, kind, name, f"made-up-{number}", kind.lower(), cuisines, *place, *own)
        )
        self._add_goods(store_id, kind)

    def _add_goods(self, store_id: UUID, kind: str) -> None:
        menu, new_id = self.europe.new_id(), self.europe.new_id
        self.rows["menus"].append((menu, store_id, "m", "Menu", 0))
        sections: dict[str, UUID] = {}
        for place, (name, section, gtin, price) in enumerate(self.europe.goods(kind)):
            if section not in sections:
                sections[section] = new_id()
                self.rows["sections"].append((sections[section], menu, store_id, section, section, len(sections)))
            product, diets = self.products[gtin] if gtin else None, ["VEGAN"] if place % 5 == 0 else []
            said: tuple[Any, ...] = (f"i{place}", name, "", price, "EUR", "FOOD", [], diets, None, place)
            self.rows["items"].append((new_id(), store_id, sections[section], product, *said))

    async def flush(self) -> None:
        """Copy what waits."""
        for table, rows in self.rows.items():
            await self.connection.copy_records_to_table(table, columns=COLUMNS[table].split(), records=rows)
            rows.clear()


async def build(connection: asyncpg.Connection, europe: Europe) -> dict[str, int]:
    """Write it all, with triggers off and the index of words built at the end; answers how much there is.

    The connection is left as it was set for this: give one that is used for nothing else.
    """
    by_words = await connection.fetchval("SELECT indexdef FROM pg_indexes WHERE indexname = 'search_documents_by_words'")
    await connection.execute(
        "SET session_replication_role = replica; SET maintenance_work_mem = '1GB'; DROP INDEX search_documents_by_words"
    )
    writer = Writer(connection, europe)
    await connection.execute("INSERT INTO partners VALUES ($1, NULL, 'Made Up Oy', 2000, $2)", writer.partner, AT)
    articles = [(writer.products[gtin], gtin, name, brand, size) for name, brand, size, gtin, _ in europe.articles]
    await connection.copy_records_to_table("products", columns=["id", "gtin", "name", "brand", "size_text"], records=articles)
    for number, store in enumerate(europe.stores()):
        writer.add_store(number, *store)
        if len(writer.rows["items"]) > COPIED_AT_ONCE:
            await writer.flush()
    await writer.flush()
    return await _documents(connection, by_words)


async def _documents(connection: asyncpg.Connection, by_words: str) -> dict[str, int]:
    await connection.execute("ANALYZE")
    ids = [record["id"] for record in await connection.fetch("SELECT id FROM stores ORDER BY id")]
    for place in range(0, len(ids), 1_000):
        await connection.fetch(
            "SELECT write_search_documents_of_store(id) FROM unnest($1::uuid[]) AS id", ids[place : place + 1_000]
        )
    await connection.execute(by_words)
    await connection.execute(
        "INSERT INTO search_words SELECT word, search_stems(word), search_letters(word)"
        " FROM ts_stat('SELECT document FROM search_documents') WHERE word ~ '^[[:alnum:]]{2,40}$' ON CONFLICT DO NOTHING"
    )
    await connection.execute("INSERT INTO store_traits SELECT id, version, 1200, '{VEGAN}' FROM stores")
    await connection.execute("VACUUM ANALYZE")
    tables = ("stores", "items", "search_documents", "search_words")
    return {table: await connection.fetchval(f"SELECT count(*) FROM {table}") for table in tables}  # noqa: S608 - ours
