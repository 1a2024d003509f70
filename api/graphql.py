"""The four schemas, each composed of its audience's nouns and verbs, behind its own gate."""

from collections.abc import Callable, Mapping
from types import ModuleType

import strawberry
from strawberry.schema.config import StrawberryConfig

from api import costs, limits, problems
from api.engine.documents import Documents
from api.engine.execution import Execution
from api.engine.registry import Registry
from api.engine.strawberry_ways import StrawberryWays
from api.protocols.gate import Gate, Ready
from api.protocols.guard import Guard, Turnstile
from api.protocols.public import PublicAnswers
from api.protocols.streams import Streams, sharing_in
from api.releases.reception import Reception
from api.resolvers import consumer, courier, store, support
from api.schema.shared.scalars import SCALARS
from services.bootstrap import Ports
from services.kernel.actors import Audience
from services.settings import GateSettings

RESOLVERS: Mapping[Audience, ModuleType] = {
    Audience.CONSUMER: consumer,
    Audience.STORE: store,
    Audience.COURIER: courier,
    Audience.SUPPORT: support,
}


def schema_of(audience: Audience) -> strawberry.Schema:
    """The schema as the audience's app sees it."""
    verbs = RESOLVERS[audience]
    return build_schema(verbs.Query, verbs.Mutation, verbs.Subscription)


def build_schema(query: type, mutation: type | None = None, subscription: type | None = None) -> strawberry.Schema:
    """A schema with the house's scalars, and refusals answered as problems."""
    return strawberry.Schema(
        query,
        mutation,
        subscription,
        config=StrawberryConfig(scalar_map=SCALARS),
        exception_handlers=problems.refusal_handlers(),
    )


def gate_of(
    audience: Audience,
    schema: strawberry.Schema,
    ports: Callable[[], Ports],
    *,
    open_inside: bool,
    only_registered: bool = False,
    turnstile: Turnstile | None = None,
) -> Gate:
    """The way in to a schema; `open_inside` lets developers introspect it and get suggestions.

    With `only_registered` nothing runs but the documents of releases. The doors of a process share its `turnstile`.
    """
    core = schema._schema  # noqa: SLF001 - Strawberry has no public name for graphql-core's schema
    rules = limits.validation_rules(introspection=open_inside)
    checks = (limits.too_deep, limits.too_much, limits.too_wide)
    documents = Documents(core, rules, checks, limits.DOCUMENT, hide_suggestions=not open_inside)
    registry = Registry(documents, only_registered=only_registered)
    turnstile = turnstile or Turnstile(GateSettings(), production=False)
    public: PublicAnswers[Ready] = PublicAnswers(turnstile.settings.kept_bytes)
    ways = StrawberryWays(schema)
    return Gate(
        audience=audience,
        documents=documents,
        execution=Execution(
            core, hide_suggestions=not open_inside, ways=ways, kept=public.kept if turnstile.settings.kept_bytes else None
        ),
        ports=ports,
        registry=registry,
        reception=Reception(audience, registry),
        guard=Guard(audience, costs.scales_of(audience, core), turnstile),
        streams=Streams(sharing_in(core), turnstile.lane),
        public=public,
    )
