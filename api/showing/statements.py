"""The SQL that a query runs: run once, as somebody who has something to see, in a transaction that is taken back."""

import asyncio
from collections.abc import Mapping
from contextvars import ContextVar
from inspect import cleandoc
from typing import Any, Final

from api.context import RequestContext
from api.engine.answers import Answer
from api.schema.shared.ids import opaque
from api.showing.shipped import Operation
from services.bootstrap import Ports
from services.kernel import database
from services.kernel.actors import Audience, Consumer, Courier, Person, StaffRole, StoreStaff, SupportAgent, SupportLevel
from services.kernel.ids import new_id
from services.kernel.unit_of_work import unit_of_work

_WHO: Final[Mapping[Audience, str]] = {
    Audience.CONSUMER: """
        SELECT id AS person_id FROM people
        ORDER BY (SELECT max(created_at) FROM purchases WHERE consumer_id = people.id) DESC NULLS LAST,
                 EXISTS (SELECT FROM carts WHERE consumer_id = people.id AND state = 'OPEN') DESC, id LIMIT 1""",
    Audience.STORE: """
        SELECT person_id, store_id, role FROM roles WHERE audience = 'store' AND revoked_at IS NULL
        ORDER BY (SELECT max(created_at) FROM orders WHERE orders.store_id = roles.store_id) DESC NULLS LAST,
                 role = 'OWNER' DESC, id LIMIT 1""",
    Audience.COURIER: """
        SELECT person_id FROM roles WHERE audience = 'courier' AND revoked_at IS NULL
        ORDER BY (SELECT max(created_at) FROM deliveries WHERE courier_id = person_id) DESC NULLS LAST, id LIMIT 1""",
    Audience.SUPPORT: """
        SELECT person_id, role FROM roles WHERE audience = 'support' AND revoked_at IS NULL ORDER BY role, id LIMIT 1""",
}
_SOMETHING: Final[Mapping[str, str]] = {
    "MenuEdition": "SELECT id FROM menu_editions WHERE store_id = $1 ORDER BY id DESC LIMIT 1",
    "MenuImport": "SELECT id FROM menu_imports WHERE store_id = $1 ORDER BY id DESC LIMIT 1",
    "Purchase": "SELECT id FROM purchases WHERE consumer_id = $1 ORDER BY created_at DESC LIMIT 1",
    "Store": "SELECT id FROM stores ORDER BY id LIMIT 1",
    "StoreOrder": "SELECT id FROM orders WHERE store_id = $1 ORDER BY created_at DESC LIMIT 1",
    "SupportPurchase": "SELECT id FROM purchases ORDER BY created_at DESC LIMIT 1",
}
# Operations that are called otherwise than what they show.
_NOUNS: Final[Mapping[str, str]] = {
    "MenuEditionPreview": "MenuEdition",
    "MenuImportChanges": "MenuImport",
    "MenuImportRemarks": "MenuImport",
}
_UNTOLD: Final = frozenset({"Ware", "MenuPreview"})
"""What only an answer before can name: the id of a ware, the key of a preview."""
_shown: ContextVar[bool] = ContextVar("shown", default=False)


class NothingToSee(Exception):
    """The operation cannot be run here; the sentence says why."""


class _TakenBack(Exception):
    pass


async def statements_of(operation: Operation, ports: Ports, given: Mapping[str, Any] | None) -> tuple[list[str], Answer]:
    """The statements of one run in their order, and its answer. Raises NothingToSee."""
    viewer = await _somebody(operation.audience)
    if operation.name in _UNTOLD and not given:
        raise NothingToSee(f"There is no {operation.name} to ask for yet: give --variables.")
    variables = operation.stand_ins() | await _seen_by(viewer, operation) | dict(given or {})
    seen: list[str] = []

    def note(statement: database.Statement) -> None:
        # What the driver asks about types, once for a connection, belongs to no operation.
        aside = "typeinfo_tree" in statement.query or "'jit'" in statement.query
        if _shown.get() and database.is_statement(statement.query) and not aside:
            seen.append(cleandoc(statement.query))

    stop = database.watch(note)
    try:
        answer = await _taken_back(operation, variables, RequestContext(viewer, ports, "engine show"))
        # The driver tells its watchers in the next turn of the loop.
        await asyncio.sleep(0)
    finally:
        stop()
    return seen, answer


async def _taken_back(operation: Operation, variables: Mapping[str, Any], context: RequestContext[Any]) -> Answer:
    """Run it and leave no trace: a look at a purchase, say, is written down."""
    answer: Answer | None = None
    mark = _shown.set(True)
    try:
        async with unit_of_work():
            answer = await operation.execution.execute(operation.prepared, variables, None, context)
            raise _TakenBack  # noqa: TRY301 - it is how a transaction is taken back
    except _TakenBack:
        assert answer is not None  # noqa: S101 - it was raised after it
        return answer
    finally:
        _shown.reset(mark)


async def _somebody(audience: Audience) -> Person:
    found = await database.row(_WHO[audience])
    if found is None:
        raise NothingToSee(f"The database has no {audience} to run it as: fill it with `pannier seed`.")
    person, session = found["person_id"], new_id()
    if audience is Audience.STORE:
        return StoreStaff(person, session, found["store_id"], StaffRole(found["role"]))
    if audience is Audience.SUPPORT:
        return SupportAgent(person, session, SupportLevel(found["role"]))
    return (Courier if audience is Audience.COURIER else Consumer)(person, session)


async def _seen_by(viewer: Person, operation: Operation) -> dict[str, Any]:
    """Variables that lead to something this person may see."""
    variables: dict[str, Any] = {}
    asked = {told.variable.name.value for told in operation.prepared.operation(None).variable_definitions or ()}
    if "first" in asked:
        variables["first"] = 20
    noun = _NOUNS.get(operation.name, operation.name)
    if "id" in asked:
        variables["id"] = opaque(noun, await _something(noun, viewer))
    elif operation.name in _NOUNS:
        variables["input"] = {"importId": opaque(noun, await _something(noun, viewer))}
    if operation.name == "FindOrders":
        found = await database.row("SELECT number FROM purchases ORDER BY created_at DESC LIMIT 1")
        variables["text"] = found["number"] if found else "P-000000"
    if "slug" in asked:
        found = await database.row("SELECT slug FROM stores WHERE state = 'LIVE' ORDER BY id LIMIT 1")
        variables["slug"] = found["slug"] if found else ""
    if operation.name == "StoresNear":
        variables["input"] = {"position": await _somewhere()}
    if operation.name in {"Search", "Browse"}:
        variables["input"] = {"question": {"words": "pizza", "position": await _somewhere()}}
    return variables


async def _somewhere() -> dict[str, float]:
    place = await database.row("SELECT latitude, longitude FROM stores ORDER BY id LIMIT 1")
    return dict(place) if place else {"latitude": 60.17, "longitude": 24.94}


async def _something(noun: str, viewer: Person) -> Any:
    statement = _SOMETHING.get(noun, "")
    whose = viewer.store_id if isinstance(viewer, StoreStaff) else viewer.person_id
    found = await database.row(statement, *([whose] if "$1" in statement else [])) if statement else None
    if found is None:
        raise NothingToSee(f"There is no {noun} to ask for yet: let the city live a little, or give --variables.")
    return found["id"]
