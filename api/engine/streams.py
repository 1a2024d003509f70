"""Subscriptions: the source of events, as graphql-core opens it; each event then runs as an operation of its own."""

from collections.abc import AsyncIterable
from typing import Any

from graphql import GraphQLError, default_field_resolver, located_error
from graphql.pyutils import inspect
from graphql.pyutils.is_awaitable import is_async_iterable, is_awaitable

from api.engine.run import Run


async def source_of(run: Run) -> AsyncIterable[Any]:
    """The events of a subscription's one field. Raises GraphQLError when it cannot be opened."""
    fields = run.shape.root.fields
    if not fields:
        raise GraphQLError("The subscription has no field of this schema.", run.plan.operation)
    field, path = fields[0], fields[0].place
    try:
        subscribe = field.definition.subscribe or default_field_resolver
        source = subscribe(run.root, run.info(field, path), **field.arguments.read(run.variables))
        return _stream(await source if is_awaitable(source) else source)
    except Exception as error:
        raise located_error(error, field.nodes, path.as_list()) from error


def _stream(source: Any) -> AsyncIterable[Any]:
    if isinstance(source, Exception):
        raise source
    if not is_async_iterable(source):
        raise GraphQLError(f"Subscription field must return AsyncIterable. Received: {inspect(source)}.")
    return source
