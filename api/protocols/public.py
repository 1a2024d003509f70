"""Answers that are the same for everybody: rendered once, kept as bytes, and given while the stores they tell of stand still."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

import orjson
from graphql import FieldNode, OperationDefinitionNode, OperationType

from api.engine.fragments import Fragment, Fragments, Reading
from api.problems import is_away
from services.kernel.clock import now
from services.stores.versions import current_versions, known_versions

MOST_BYTES = 64 * 1_024 * 1_024
LONGEST_KEY = 2_048
MOST_QUESTIONS = 1_000
# A question that is longer is read anew each time.
LONGEST_BODY = 8_192
Key = tuple[int, int, bytes]
Answered = tuple[dict[str, Any], Reading]


class Question(Protocol):
    """What is asked, whoever asks."""

    @property
    def prepared(self) -> object: ...
    @property
    def operation(self) -> OperationDefinitionNode: ...
    @property
    def variables(self) -> dict[str, Any] | None: ...
    @property
    def body(self) -> bytes | None: ...


Asked = TypeVar("Asked", bound=Question)


@dataclass(slots=True, eq=False)
class _Rendering:
    """An answer that is being rendered, and what those who wait for it get where it cannot be kept."""

    done: asyncio.Event = field(default_factory=asyncio.Event)
    failed: dict[str, Any] | None = None
    error: Exception | None = None
    is_personal: bool = False


class PublicAnswers(Generic[Asked]):
    """The public answers of one gate."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self.kept = Fragments(most_bytes)
        self._keeps = most_bytes > 0
        self._rendering: dict[Hashable, _Rendering] = {}
        # What turned out to be public once, with its document to keep it alive: only for such is anybody made to wait.
        self._public: dict[Hashable, object] = {}
        # Questions that were answered from what is kept, by their bodies, with the releases they were understood by.
        self._heard: dict[bytes, tuple[Asked, Key, object]] = {}

    def remember(self, question: Asked, releases: object) -> None:
        """Know this question again by its body, as long as the same releases are served."""
        key = key_of(question)
        if key is None or question.body is None or len(question.body) > LONGEST_BODY:
            return
        if len(self._heard) >= MOST_QUESTIONS:
            self._heard.clear()
        self._heard[question.body] = (question, key, releases)

    def has_heard(self, body: bytes) -> bool:
        """Whether a question came with this very body before."""
        return body in self._heard

    def heard(self, body: bytes, releases: object) -> Asked | None:
        """The question that came with this very body before."""
        known = self._heard.get(body)
        return known[0] if known is not None and known[2] is releases else None

    def at_once(self, question: Asked) -> Fragment | None:
        """The answer kept, if that it is true is known without a look."""
        key = key_of(question)
        found = None if key is None or key in self._rendering else self.kept.find(key, now())
        if found is None or found.entities != known_versions(one for one in found.entities if isinstance(one, UUID)):
            return None
        return found

    async def find(self, question: Question) -> Fragment | dict[str, Any] | None:
        """The answer kept, if it is still true; raises what rendering it raised.

        While somebody else is rendering it, that is waited for: a menu that has just changed is read once, not by everybody. A
        failure is shared like an answer; of those whose renderer went away one takes its place.
        """
        key = key_of(question)
        if key is None:
            return None
        while (found := await self._true(key)) is None and (rendering := self._rendering.get(key)) is not None:
            await rendering.done.wait()
            if rendering.error is not None:
                raise rendering.error.with_traceback(None)
            if rendering.failed is not None or rendering.is_personal:
                return rendering.failed
        return found

    async def render(self, question: Question, run: Callable[[], Awaitable[Answered]]) -> dict[str, Any] | Fragment:
        """Run it; what turns out to be public is kept, and answered as the fragment that others will get."""
        key = key_of(question) if self._keeps else None
        if key is None:
            return (await run())[0]
        if key in self._rendering or key[:2] not in self._public:
            answer, reading = await run()
            return self._keep(key, question, answer, reading) or answer
        rendering = self._rendering[key] = _Rendering()
        try:
            answer, reading = await run()
            kept = self._keep(key, question, answer, reading)
            rendering.failed = answer if "errors" in answer and reading.is_public else None
            rendering.is_personal = kept is None
        except Exception as error:
            rendering.error = error
            raise
        else:
            return kept or answer
        finally:
            del self._rendering[key]
            rendering.done.set()

    def _keep(self, key: Key, question: Question, answer: dict[str, Any], reading: Reading) -> Fragment | None:
        if "errors" in answer or not reading.is_public or reading.until is None or reading.roots != _roots(question.operation):
            return None
        made = Fragment(orjson.dumps(answer), reading.entities, reading.until, anchor=question.prepared)
        self.kept.keep(key, made)
        if len(self._public) > MOST_QUESTIONS:
            self._public.clear()
        self._public[key[:2]] = question.prepared
        return made

    async def _true(self, key: Key) -> Fragment | None:
        while (found := self.kept.find(key, now())) is not None:
            stores = {entity for entity in found.entities if isinstance(entity, UUID)}
            try:
                versions = await current_versions(stores)
            except Exception as error:
                if is_away(error):
                    return None  # the answer itself will say so, as every other one does
                raise
            if found.entities == versions:
                return found
            # Somebody may have rendered it anew while the versions were read.
            self.kept.drop(key, found)
        return None


def key_of(question: Question) -> Key | None:
    """What the answer is kept under, or None for what is never kept: the document, its operation, and its variables."""
    if question.operation.operation is not OperationType.QUERY:
        return None
    variables = orjson.dumps(question.variables or {}, option=orjson.OPT_SORT_KEYS)
    return None if len(variables) > LONGEST_KEY else (id(question.prepared), id(question.operation), variables)


def _roots(operation: OperationDefinitionNode) -> int:
    """How many fields must say that they are public; a fragment at the root may hide more than one, so it never is."""
    selections = operation.selection_set.selections
    return len(selections) if all(isinstance(one, FieldNode) for one in selections) else -1
