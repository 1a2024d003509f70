"""What the gateway sends to PostgreSQL for each piece of work, kept so that peers can send the very same."""

import re
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from enum import Enum
from hashlib import sha256
from typing import Any
from uuid import UUID

import httpx
import orjson

from api.app import make_app
from api.contracts import printed
from bench.plain import uuid_in
from bench.plain_writes import plain_statements
from bench.works import Work
from services.bootstrap import Ports, running
from services.identity import tokens
from services.kernel import database
from services.kernel.actors import Audience
from services.kernel.clock import now
from services.settings import settings

# What asyncpg asks for itself, and the house's own background reads.
_NOT_OURS = re.compile(r"typeinfo_tree|current_setting\('jit'\)|/\* follower \*/|FROM outbox|leases")
PLAUSIBLE_SECONDS = 30 * 86_400


async def record(works: Sequence[Work]) -> dict[str, Any]:
    """Run each work twice here and keep the second run's statements and answer, each on a gateway that has kept nothing."""
    async with running(settings()) as ports:
        recorded = []
        for work in works:
            async with _phone(ports) as warm, _phone(ports) as fresh:
                recorded.append(await _recorded(warm, fresh, work))
        stores = await database.rows("SELECT id, store_id FROM items")
    return {
        "works": recorded,
        "schemas": {str(audience): printed(audience) for audience in (Audience.CONSUMER, Audience.COURIER)},
        "store_of_item": {str(row["id"]): str(row["store_id"]) for row in stores},
    }


def _phone(ports: Ports) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=make_app(settings(), ports)), base_url="http://127.0.0.1")


async def _recorded(warm: httpx.AsyncClient, fresh: httpx.AsyncClient, work: Work) -> dict[str, Any]:
    await _ask(warm, work, 0)  # asyncpg asks for types once
    heard: list[database.Statement] = []
    with closing(_Watching(heard)):
        answer = await _ask(fresh, work, 0)
    actor = tokens.read_access(token, Audience(work.audience)) if (token := work.token(0)) else None
    item = uuid_in(work.variables(0)["input"]["itemId"]) if work.operation == "AddCartLine" else None
    statements = [_statement(one, actor.person_id if actor else None, item) for one in heard if not _NOT_OURS.search(one.query)]
    return {
        "name": work.name,
        "audience": work.audience,
        "operation": work.operation,
        "query": work.query,
        "answer": orjson.loads(answer),
        "statements": statements,
        "plain": plain_statements(work.operation),
    }


class _Watching:
    """Watches the database until it is closed."""

    def __init__(self, heard: list[database.Statement]) -> None:
        self.close = database.watch(heard.append)


async def _ask(phone: httpx.AsyncClient, work: Work, number: int) -> bytes:
    token = work.token(number)
    headers = {"content-type": "application/json", "accept": "application/graphql-response+json"}
    headers |= {"authorization": f"Bearer {token}"} if token else {}
    answered = await phone.post(f"/graphql/{work.audience}", content=work.body(number), headers=headers)
    if answered.status_code != httpx.codes.OK or b'"errors"' in answered.content[:200]:
        raise RuntimeError(f"{work.name}: {answered.text[:500]}")
    return answered.content


def _statement(statement: database.Statement, actor: UUID | None, item: UUID | None) -> dict[str, Any]:
    text = statement.query.strip()
    values = [_value(value, actor, item, text, place) for place, value in enumerate(statement.args, 1)]
    return {"name": sha256(text.encode()).hexdigest()[:16], "text": text, "values": values}


def _value(value: Any, actor: UUID | None, item: UUID | None, text: str, place: int) -> Any:
    """The value as a peer may send it; what changes with every request is told by its meaning."""
    if isinstance(value, UUID):
        return _identity(value, actor, item, text, place)
    if isinstance(value, datetime):
        seconds = (value - now()).total_seconds()
        return {"meaning": "now", "seconds": round(seconds)} if abs(seconds) < PLAUSIBLE_SECONDS else value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        return [_value(one, actor, item, text, place) for one in value]
    if isinstance(value, dict):
        return orjson.dumps(value).decode()
    return value.value if isinstance(value, Enum) else str(value) if isinstance(value, Decimal) else value


def _identity(value: UUID, actor: UUID | None, item: UUID | None, text: str, place: int) -> Any:
    if value == actor:
        return {"meaning": "actor"}
    if item is None:
        return str(value)
    if value == item:
        return {"meaning": "item"}
    # The line's statement names the store beside the item; every other id in it was made for this very line.
    return {"meaning": "store"} if re.search(rf"FROM stores WHERE id = \${place}\b", text) else {"meaning": "new_id"}
