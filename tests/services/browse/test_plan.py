"""The plan of a search: by the index of words and by keys, never a table from end to end, statements inside functions too."""

import asyncpg

from bench.search.town import Europe, build
from services.browse.home import Opening, Wish, stores_at_home
from services.browse.queries import browse, search, ware
from services.browse.question import Question
from services.browse.rules import Order
from services.kernel.paging import PageRequest
from tests.conftest import TestClock
from tests.services.browse.explained import plans_of, said

STORES, ITEMS = 150, 6_000
LARGE = ("search_documents", "search_words", "items", "products")


async def test_a_search_reads_no_table_from_end_to_end(owner: asyncpg.Connection, clock: TestClock) -> None:
    europe = Europe(STORES, ITEMS)
    counts = await build(owner, europe)
    assert counts["items"] > ITEMS * 0.9
    city = europe.cities[0]
    question = Question(words="green tea", latitude=city.latitude, longitude=city.longitude, at=clock.now())
    typing = Question(words="chok", latitude=city.latitude, longitude=city.longitude, at=clock.now(), typing=True)
    plain = Question(words="chocolate", latitude=city.latitude, longitude=city.longitude, at=clock.now())
    some, *_ = (await browse(plain, Order.CHEAPEST, PageRequest(first=1))).rows
    home = Wish(latitude=city.latitude, longitude=city.longitude, at=clock.now(), opening=Opening.OPEN)

    asked = await said(lambda: search(question, PageRequest()))
    asked += await said(lambda: search(typing, PageRequest()))
    asked += await said(lambda: browse(question, Order.BEST, PageRequest()))
    asked += await said(lambda: browse(plain, Order.CHEAPEST, PageRequest(first=100)))
    asked += await said(lambda: ware(some.id, city.latitude, city.longitude, at=clock.now(), order=Order.BEST))
    walked = await said(lambda: stores_at_home(home, PageRequest()))
    plans, walk = await plans_of(owner, asked), await plans_of(owner, walked[:1])

    assert [table for table in LARGE if f"Seq Scan on {table}" in plans] == []
    assert "Bitmap Index Scan on search_documents_by_words" in plans
    assert "Index Scan using stores_by_rank" in walk
    assert "Seq Scan on stores" not in walk
