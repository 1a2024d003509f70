"""`pannier engine show` in a house with people: every shipped query can be shown with its SQL, and nothing is left of the run."""

import asyncpg
import pytest

from api.showing.shipped import operation_named
from api.showing.statements import NothingToSee, statements_of
from mobile_contracts.phones.documents import CONTRACTS
from services.bootstrap import Ports
from services.kernel.actors import Audience
from tests.factories.identity import make_agent, make_courier, make_staff
from tests.factories.orders import make_order

QUERIES = [
    (Audience(file.parts[-3]), file.stem)
    for file in sorted(CONTRACTS.glob("*/operations/*.graphql"))
    if file.read_text("utf-8").lstrip().startswith("query")
]
# What nobody has drafted, brought in or found in a house where people have only just arrived.
NOT_THERE_YET = {
    *("MenuPreview", "Ware"),
    *("MenuImport", "MenuImportChanges", "MenuImportRemarks"),
}


async def _people() -> None:
    order = await make_order()
    await make_staff(order.store_id)
    await make_courier()
    await make_agent()


async def test_every_query_is_shown_with_its_statements(house: Ports, admin: asyncpg.Connection) -> None:
    assert len(QUERIES) > 15
    await _people()
    written = await _rows_of_every_table(admin)
    for audience, name in QUERIES:
        operation = operation_named(name, audience)
        assert operation.plan().startswith("Query\n")
        if name in NOT_THERE_YET:
            with pytest.raises(NothingToSee, match="to ask for yet"):
                await statements_of(operation, house, None)
            continue
        statements, answer = await statements_of(operation, house, None)
        assert (name, [str(error) for error in answer.errors]) == (name, [])
        assert statements, name
    assert await _rows_of_every_table(admin) == written


async def test_the_statements_are_those_of_the_operation_alone(house: Ports) -> None:
    await _people()
    statements, answer = await statements_of(operation_named("Me"), house, None)
    assert answer.data is not None
    assert [statement.split()[0] for statement in statements] == ["SELECT"]
    assert "people" in statements[0]


async def test_without_people_it_says_so(house: Ports) -> None:
    with pytest.raises(NothingToSee, match=r"no consumer to run it as: fill it with `pannier seed`"):
        await statements_of(operation_named("Me"), house, None)


async def test_without_something_to_ask_for_it_says_so(house: Ports) -> None:
    await make_courier()
    with pytest.raises(NothingToSee, match=r"There is no Purchase to ask for yet"):
        await statements_of(operation_named("Purchase"), house, None)


async def _rows_of_every_table(admin: asyncpg.Connection) -> dict[str, int]:
    names = await admin.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return {one["tablename"]: await admin.fetchval(f'SELECT count(*) FROM "{one["tablename"]}"') for one in names}  # noqa: S608
