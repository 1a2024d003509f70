"""Asking with one bad value after another: each answer is typed, and what is refused has changed nothing in any table."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import orjson
from graphql import OperationType

from tests.api.apps import Doors, Told, access_token, document
from tests.api.bad_input.questions import Place, Question, Variables, put, questions
from tests.api.bad_input.rewind import Rewind
from tests.api.bad_input.scenes import BY_CODE, Scene

YES = "yes"
CODES = {"BAD_REQUEST", "NOT_FOUND", "FORBIDDEN", "UNAUTHENTICATED"}
NOT_RUN = {"400 BAD_REQUEST", "413 BAD_REQUEST"}
OPEN_TO_GUESTS = ("SignIn", "Refresh", "Request")
# A wrong secret is refused and counted: that count is the one thing a refusal may leave.
COUNTED = {("DeliverOrders", "pin"), ("CollectOrders", "codes"), ("ConfirmPayment", "answer")} | {
    (name, "code") for name in BY_CODE
}
COUNTED |= {(name, "challengeId") for name in BY_CODE}
# Who looked for whom is written down, even where the rest of the answer is refused.
LOGGED = {"FindOrders": "audit_log"}
Verdict = frozenset[str]


@dataclass(frozen=True, slots=True)
class Raw:
    """A value that no JSON writer would write."""

    text: bytes


@dataclass
class Attack:
    """The questions of one audience, its scene, and what was wrong with the answers."""

    doors: Doors
    scene: Scene
    rewind: Rewind
    # Whether every table is looked at after each refusal, or only when the test says so.
    each: bool = True
    complaints: list[str] = field(default_factory=list)

    def places(self, *kinds: str) -> Iterator[tuple[Question, list[Place]]]:
        """Every operation that is answered over HTTP with its places of these kinds, if it has any."""
        for question in questions(self.scene.audience):
            places = [place for place in question.places() if place.kind in kinds]
            if question.asks is not OperationType.SUBSCRIPTION and places:
                yield question, places

    async def ask(self, question: Question, variables: Variables, raw: Raw | None = None) -> Told:
        """Ask as the person of the scene, or as a guest where one signs in; the word BAD makes way for what is raw."""
        guest = question.operation.startswith(OPEN_TO_GUESTS)
        body = orjson.dumps({"query": document(question.audience, question.operation), "variables": variables})
        if raw:
            body = body.replace(b'"BAD"', raw.text)
        token = None if guest else access_token(self.scene.part(question).actor)
        return await self.doors.post(question.audience, body, token=token)

    async def try_value(
        self, question: Question, places: Sequence[Place], value: object, allowed: Callable[[Verdict], bool]
    ) -> None:
        """Ask with the value in these places; complain of a verdict that is not allowed. What was done is undone."""
        variables = self.scene.variables(question)
        raw = value if isinstance(value, Raw) else None
        for place in places:
            variables = put(variables, place.path, "BAD" if raw else value)
        verdict = verdict_of(await self.ask(question, variables, raw))
        if not allowed(verdict):
            shown = ", ".join(map(str, places))
            self.complaints.append(f"{question} {shown}: {_shown(value)} was answered {sorted(verdict)}")
        if not_run(verdict):
            return
        counted = any((question.operation, place.name) in COUNTED for place in places)
        if YES in verdict or (counted and verdict != {"BAD_REQUEST"}):
            await self.rewind.back()
        elif self.each:
            await self.unchanged(f"{question} {_shown(value)}", but=LOGGED.get(question.operation, ""))

    async def unchanged(self, what: object, *, but: str = "") -> None:
        """Complain where a table does not hold what the scene put there; go on from there."""
        if changed := [name for name in await self.rewind.back() if name != but]:
            self.complaints.append(f"{what} changed {changed}")


def verdict_of(answer: Told) -> Verdict:
    """`yes`, the problem's type, or the codes of the errors, after their status where it is not 200."""
    if answer.errors:
        return frozenset(code if answer.status == 200 else f"{answer.status} {code}" for code in answer.codes)
    result = answer.result()
    name = result.get("__typename", "") if isinstance(result, dict) else ""
    return frozenset({name if name.endswith("Problem") else YES})


def not_run(verdict: Verdict) -> bool:
    """Whether the request was refused before any resolver ran."""
    return verdict <= NOT_RUN


def refused(verdict: Verdict) -> bool:
    """Whether the answer is a no that an app understands."""
    return all(word in CODES | NOT_RUN or word.endswith("Problem") for word in verdict)


def typed(verdict: Verdict) -> bool:
    """Whether the answer is a yes, or a no that an app understands."""
    return refused(verdict - {YES})


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) < 60 else f"{text[:30]}… ({len(text)} characters)"
