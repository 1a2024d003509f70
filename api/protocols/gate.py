"""What every transport does with a request once it is read: find its document, run it, word its errors, count it."""

import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from graphql import OperationDefinitionNode, OperationType

from api import doors, problems
from api.context import RequestContext
from api.engine.documents import Documents, Prepared, RequestRefused
from api.engine.execution import Answer, Execution
from api.engine.fragments import Fragment, Reading
from api.engine.registry import Registry
from api.operators import metrics
from api.protocols.guard import Guard, Paid
from api.protocols.hits import Hits
from api.protocols.public import PublicAnswers
from api.protocols.requests import GraphQLRequest
from api.protocols.streams import Stream, Streams
from api.releases.apps import AppVersion
from api.releases.reception import Reception
from services.bootstrap import Ports
from services.kernel import deadline
from services.kernel.actors import Audience, Person
from services.kernel.errors import CodedError, TimedOut
from services.kernel.request_context import request_id

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ready:
    """A request whose document is valid, and the operation of it that is meant."""

    request: GraphQLRequest
    prepared: Prepared
    operation: OperationDefinitionNode

    @property
    def kind(self) -> OperationType:
        return self.operation.operation

    @property
    def variables(self) -> dict[str, Any] | None:
        return self.request.variables

    @property
    def body(self) -> bytes | None:
        return self.request.body

    @property
    def name(self) -> str | None:
        return self.operation.name.value if self.operation.name else None


@dataclass(frozen=True, slots=True)
class Gate:
    """One audience's way in, whatever the transport."""

    audience: Audience
    documents: Documents
    execution: Execution
    ports: Callable[[], Ports]
    registry: Registry
    reception: Reception
    guard: Guard
    streams: Streams = field(default_factory=Streams)
    public: "PublicAnswers[Ready]" = field(default_factory=PublicAnswers)
    hits: Hits = field(default_factory=Hits)

    def enter(self, authorization: str | None) -> Person | None:
        """Who asks; None is a guest. Raises Unauthenticated."""
        return doors.enter(self.audience, authorization)

    def meet(self, said: Mapping[str, object]) -> AppVersion | None:
        """Which app asks, as headers or connection_init say, None if none. Raises RequestRefused where it must be updated."""
        try:
            return self.reception.meet(said)
        except RequestRefused as refused:
            self._count_refused(refused)
            raise

    def prepare(self, request: GraphQLRequest, app: AppVersion | None = None, *, any_document: bool = False) -> Ready:
        """The document and the operation meant; `any_document` is for those who may ask with one of no release.

        Raises RequestRefused.
        """
        try:
            if any_document and request.query is not None and request.document_id is None:
                prepared = self.documents.prepare(request.query)
                # Known again by its body it would be answered to anybody, and this document is the partner's alone.
                request = replace(request, body=None)
            else:
                prepared = self.registry.prepare(request.query, request.document_id)
            ready = Ready(request, prepared, prepared.operation(request.operation_name))
        except RequestRefused as refused:
            self._count_refused(refused)
            raise
        metrics.count_release(self.audience, self.reception.label(app), ready.name)
        return ready

    def name_of(self, document_id: str) -> str | None:
        """The name of the operation of a registered document; None for what is not registered, or holds several."""
        if not self.registry.is_registered(document_id):
            return None
        try:
            operation = self.registry.prepare(None, document_id).operation(None)
        except RequestRefused:
            return None
        return operation.name.value if operation.name else None

    def _count_refused(self, refused: RequestRefused) -> None:
        metrics.observe(self.audience, None, (refused.errors[0].extensions or {}).get("code", "BAD_REQUEST"), 0.0)

    def heard(self, body: bytes) -> Ready | None:
        """A request with this very body that was answered from what is kept before, if the same releases are served still."""
        return self.public.heard(body, self.reception.releases)

    async def answer(self, ready: Ready, viewer: Person | None, *, tell_cost: bool = False) -> Json:
        """Run a query or a mutation.

        Raises RequestRefused when its variables do not fit, RateLimited, Overloaded and TimedOut.
        """
        began = time.perf_counter()
        outcome = "BAD_REQUEST"
        try:
            facts = self.guard.facts(ready.prepared, ready.operation)
            paid = self.guard.charge(facts, ready.request.variables, viewer)
            async with self.guard.turn(facts):
                answer, outcome, _ = await self._run(ready, viewer)
            return answer | {"extensions": {"cost": _told(paid)}} if tell_cost else answer
        except CodedError as refused:
            outcome = refused.code
            raise
        finally:
            metrics.observe(self.audience, ready.name, outcome, time.perf_counter() - began)

    async def respond(self, ready: Ready, viewer: Person | None) -> Json | Fragment:
        """Run a query or a mutation, or give the answer kept for everybody; raises what `answer` does."""
        began = time.perf_counter()
        outcome = "BAD_REQUEST"

        async def run() -> tuple[Json, Reading]:
            nonlocal outcome
            async with self.guard.turn(facts):
                answer, outcome, reading = await self._run(ready, viewer)
            return answer, reading

        try:
            facts = self.guard.facts(ready.prepared, ready.operation)
            kept = await self.public.find(ready)
            self.hits.note(ready.name, found=kept is not None)
            if kept is not None:
                self.guard.charge_kept(viewer)
                if isinstance(kept, Fragment):
                    self.public.remember(ready, self.reception.releases)
                outcome = "ok" if isinstance(kept, Fragment) else kept["errors"][0]["extensions"]["code"]
                return kept
            self.guard.charge(facts, ready.request.variables, viewer)
            return await self.public.render(ready, run)
        except CodedError as refused:
            outcome = refused.code
            raise
        finally:
            metrics.observe(self.audience, ready.name, outcome, time.perf_counter() - began)

    async def _run(self, ready: Ready, viewer: Person | None) -> tuple[Json, str, Reading]:
        context = self._context(viewer)
        given = await self.execution.execute(ready.prepared, ready.request.variables, ready.name, context)
        if given.errors and deadline.has_passed():
            raise TimedOut
        return *worded(given), context.reading

    async def follow(self, ready: Ready, viewer: Person | None) -> Stream:
        """A subscription's answers as ready bytes.

        Raises RequestRefused, now or with the first answer, for unfit variables, and at once RateLimited and Overloaded.
        """
        facts = self.guard.facts(ready.prepared, ready.operation)
        self.guard.turnstile.turns.refuse_if_crowded(facts.priority)
        self.guard.charge(facts, ready.request.variables, viewer)
        return await self.streams.follow(ready.operation, ready.request.variables, viewer, partial(self.events, ready))

    async def events(self, ready: Ready, viewer: Person | None) -> AsyncGenerator[Json, None]:
        """Open a subscription; an answer for each event. Raises RequestRefused at once when its variables do not fit."""
        opened = await self.execution.subscribe(ready.prepared, ready.request.variables, ready.name, self._context(viewer))
        metrics.observe(self.audience, ready.name, "ok", 0.0)
        return _worded_events(opened)

    def _context(self, viewer: Person | None) -> RequestContext[Any]:
        return RequestContext(viewer, self.ports(), request_id.get() or "")


def worded(answer: Answer) -> tuple[Json, str]:
    """The answer as JSON, and its outcome: `ok` or the code of its first error."""
    if not answer.errors:
        return {"data": answer.data}, "ok"
    errors = [problems.execution_error(error) for error in answer.errors]
    return {"data": answer.data, "errors": errors}, errors[0]["extensions"]["code"]


def _told(paid: Paid) -> Json:
    return {"price": paid.price, "left": round(paid.left)}


def refusal(refused: RequestRefused) -> Json:
    """The answer to a request that was not executed."""
    return {"errors": [problems.request_error(error) for error in refused.errors]}


async def _worded_events(answers: AsyncGenerator[Answer, None]) -> AsyncGenerator[Json, None]:
    async with aclosing(answers):
        async for answer in answers:
            yield worded(answer)[0]
