"""The matrix of operations, executed: every root field tried at its door in every role, and told exactly what the table says."""

from collections.abc import Iterable

import orjson
from graphql import OperationType

from api.authorisation import verdicts
from api.schema.shared.ids import opaque
from services.kernel.actors import Audience, Person, StoreStaff
from services.kernel.database import rows
from tests.api.apps import Told, access_token, document, line_to
from tests.api.authorisation.people import EVERYBODYS, Stage
from tests.api.bad_input.attack import YES, verdict_of
from tests.api.bad_input.questions import Question, questions
from tests.api.bad_input.rewind import Rewind

# Numbers of the whole house: raised by whoever moves a store, used up by whoever has a text sent.
_OF_ALL = {"stores_on_map", "sign_in_code_budgets"}
NO = {"UNAUTHENTICATED", "FORBIDDEN", "NOT_FOUND"}
# Who is not let in at all is told by the transport: nothing was executed for them.
AT_THE_DOOR = {"former", "stranger"}


def root_field(question: Question) -> str:
    return question.operation[0].lower() + question.operation[1:]


def asked(stage: Stage, *, following: bool) -> Iterable[tuple[Question, dict[str, str]]]:
    """Every question of the audience with its row."""
    table = verdicts(Audience(stage.scene.audience))
    for question in questions(stage.scene.audience):
        if (question.asks is OperationType.SUBSCRIPTION) is following:
            yield question, table[root_field(question)]


def expected(verdict: str, role: str) -> set[str]:
    """The verdict as an answer shows it."""
    return {f"401 {verdict}" if role in AT_THE_DOOR else YES if verdict in {"yes", "own"} else verdict}


async def test_every_role_is_told_what_the_table_says(stage: Stage) -> None:
    tried = 0
    for question, row in asked(stage, following=False):
        for role, verdict in row.items():
            if verdict == "own":
                continue
            answer = await stage.ask(role, question)
            assert verdict_of(answer) == expected(verdict, role), (question, role)
            tried += 1
            if verdict == "yes":
                await stage.back()
        assert await stage.back() == [], (question, "a refusal changed something")
    assert tried > 60


async def test_another_is_answered_with_their_own_things_alone(stage: Stage) -> None:
    for question, row in asked(stage, following=False):
        for role in [role for role, verdict in row.items() if verdict == "own"]:
            answer = await stage.ask(role, question)
            assert verdict_of(answer).isdisjoint(NO), (question, role, answer.codes)
            assert shown(stage, question, answer) == [], (question, role)
            person = stage.who(role, question)
            assert person is not None
            assert await touched_of_others(stage.rewind, person) == [], (question, role)
            await stage.back()


def shown(stage: Stage, question: Question, answer: Told) -> list[str]:
    """The scene's private ids that stand in the answer."""
    text = orjson.dumps(answer.data).decode()
    ids = {**stage.scene.usual.ids, **stage.scene.part(question).ids}
    return [noun for noun, own in ids.items() if noun not in EVERYBODYS and opaque(noun, own) in text]


async def touched_of_others(rewind: Rewind, person: Person) -> list[str]:
    """The tables of which a row that stood there was changed and does not name this person, their session or their store."""
    own = [str(person.person_id), str(person.session_id), *([str(person.store_id)] if isinstance(person, StoreStaff) else [])]
    touched = []
    for name in rewind.tables.keys() - _OF_ALL:
        before = {orjson.dumps(row, option=orjson.OPT_SORT_KEYS).decode() for row in orjson.loads(rewind.tables[name])}
        if before:
            found = await rows(f'SELECT to_jsonb(t) FROM "{name}" t')  # noqa: S608 - catalogue names
            after = {orjson.dumps(record[0], option=orjson.OPT_SORT_KEYS).decode() for record in found}
            touched += [name for row in before - after if not any(name_of in row for name_of in own)]
    return touched


async def test_whoever_follows_is_told_what_the_table_says(stage: Stage, address: str) -> None:
    for question, row in asked(stage, following=True):
        for role, verdict in row.items():
            assert await first_word(stage, address, question, role) == verdict, (question, role)


async def first_word(stage: Stage, address: str, question: Question, role: str) -> str:
    """What somebody of this role hears first when they follow the scene's things."""
    person = stage.who(role, question)
    async with line_to(address, question.audience) as line:
        payload = {"authorization": f"Bearer {access_token(person)}"} if person else {}
        await line.say({"type": "connection_init", "payload": payload})
        if role in AT_THE_DOOR:
            assert await line.closed_by_server() == (4403, "Forbidden")
            return "UNAUTHENTICATED"
        assert await line.hear() == {"type": "connection_ack"}
        await line.subscribe("s", document(question.audience, question.operation), stage.scene.variables(question))
        heard = await line.hear()
        told = heard["payload"] if heard["type"] == "error" else heard["payload"].get("errors")
        if told:
            code: str = told[0]["extensions"]["code"]
            return code
        answer = Told(200, heard["payload"]["data"], [], {})
        return "yes" if shown(stage, question, answer) or role in {"consumer", "courier", stage.main, *_LIKE_MAIN} else "own"


_LIKE_MAIN = {"manager", "clerk", "L1", "FINANCE"}
