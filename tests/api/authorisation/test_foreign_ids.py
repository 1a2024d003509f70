"""What is somebody else's looks like what is nobody's: the same answer at the same number of statements, at every id."""

from collections.abc import Iterator
from typing import Any

from graphql import (
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLObjectType,
    OperationType,
    get_named_type,
)

from api.schema.shared.ids import opaque
from tests.api.apps import Line, access_token, document, line_to
from tests.api.authorisation.people import Stage
from tests.api.bad_input.attack import YES, verdict_of
from tests.api.bad_input.questions import AUDIENCES, Place, Question, core, put, questions
from tests.api.bad_input.scenes import BY_CODE, NOBODY_S
from tests.conftest import Statements

# Every agent may work on every case and see every order: there is no foreign one.
NOBODY_S_OWN = {("NoteOnCase", "caseId"), ("CloseCase", "caseId"), ("CancelOrderForConsumer", "orderId")}
# A challenge is nobody's: whoever knows its id may try the code, five times.
NOBODY_S_OWN |= {(name, "challengeId") for name in BY_CODE}
# The item is read together with its options; both are public, and the answer says only that they do not go together.
PUBLIC = {("AddCartLine", "itemId"), ("AddCartLine", "optionIds")}


def with_ids(audience: str) -> Iterator[tuple[Question, Place]]:
    for question in questions(audience):
        yield from ((question, place) for place in question.places() if place.kind == "ID")


def ids_in(kind: GraphQLInputType, path: str, depth: int = 0) -> Iterator[str]:
    """Every place of an id below an argument."""
    named = get_named_type(kind)
    if isinstance(named, GraphQLInputObjectType):
        for name, field in named.fields.items():
            if depth < 5:
                yield from ids_in(field.type, f"{path}.{name}", depth + 1)
    elif named.name == "ID":
        yield path


def test_every_id_in_the_schemas_is_tried() -> None:
    for audience in AUDIENCES:
        schema = core(audience)
        tried = {
            f"{question.operation}.{'.'.join(str(step) for step in place.path if isinstance(step, str))}"
            for question, place in with_ids(audience)
        }
        there = {
            f"{name[0].upper()}{name[1:]}.{path}"
            for root in (schema.query_type, schema.mutation_type, schema.subscription_type)
            if root
            for name, field in root.fields.items()
            for argument, given in field.args.items()
            for path in ids_in(given.type, argument)
        }
        assert tried == there, audience


def test_no_id_hides_in_an_argument_further_down() -> None:
    for audience in AUDIENCES:
        below = [
            f"{kind.name}.{name}"
            for kind in core(audience).type_map.values()
            if isinstance(kind, GraphQLObjectType) and kind.name not in {"Query", "Mutation", "Subscription"}
            for name, field in kind.fields.items()
            for argument in field.args.values()
            for _ in ids_in(argument.type, name)
        ]
        assert below == [], audience


async def test_foreign_and_nobodys_are_told_alike_at_the_same_cost(stage: Stage, statements: Statements) -> None:
    tried, unlike = 0, []
    for question, place in with_ids(stage.scene.audience):
        if question.asks is OperationType.SUBSCRIPTION or (question.operation, place.name) in NOBODY_S_OWN:
            continue
        noun = stage.scene.noun(question, place.name)
        foreign = await told_and_cost(stage, question, place, opaque(noun, stage.scene.others[noun]), statements)
        nobodys = await told_and_cost(stage, question, place, opaque(noun, NOBODY_S), statements)
        if (question.operation, place.name) in PUBLIC:
            assert YES not in foreign[0] | nobodys[0], (question, place)
        elif foreign != nobodys:
            unlike.append(f"{question} {place}: {sorted(foreign[0])} {foreign[1]}, {sorted(nobodys[0])} {nobodys[1]}")
        assert [table for table in await stage.back() if table != "audit_log"] == [], (question, place)
        tried += 1
    assert unlike == []
    assert tried >= 5


async def told_and_cost(
    stage: Stage, question: Question, place: Place, id: str, statements: Statements
) -> tuple[frozenset[str], int]:
    person = stage.scene.part(question).actor
    statements.clear()
    answer = await stage.doors.post(question.audience, put_id(stage, question, place, id), token=access_token(person))
    return verdict_of(answer), await statements.count()


async def test_nobody_follows_what_is_foreign_at_another_cost(stage: Stage, address: str, statements: Statements) -> None:
    for question, place in with_ids(stage.scene.audience):
        if question.asks is OperationType.SUBSCRIPTION:
            noun = stage.scene.noun(question, place.name)
            foreign, nobodys = opaque(noun, stage.scene.others[noun]), opaque(noun, NOBODY_S)
            async with line_to(address, question.audience) as line:
                await line.open(stage.scene.part(question).actor)
                told = [await _first(line, put_id(stage, question, place, asked), statements) for asked in (foreign, nobodys)]
            assert told[0] == told[1], question
            assert told[0][0] == "NOT_FOUND", question


def put_id(stage: Stage, question: Question, place: Place, id: str) -> dict[str, Any]:
    """The question as a request, with this id in this place."""
    variables = put(stage.scene.variables(question), place.path, id)
    return {"query": document(question.audience, question.operation), "variables": variables}


async def _first(line: Line, request: dict[str, Any], statements: Statements) -> tuple[str, int]:
    """The code of the first answer to a subscription, and how many statements it took."""
    statements.clear()
    await line.say({"id": "s", "type": "subscribe", "payload": request})
    heard = await line.hear()
    errors = heard["payload"] if heard["type"] == "error" else heard["payload"]["errors"]
    if heard["type"] != "error":
        assert (await line.hear())["type"] == "complete"
    return errors[0]["extensions"]["code"], await statements.count()


async def test_no_edge_leads_to_somebody_elses(stage: Stage) -> None:
    """Whatever the scene's person may read holds no id of the things of somebody else, who has the same of each kind."""
    for question in questions(stage.scene.audience):
        if question.asks is OperationType.QUERY and stage.scene.audience != "support":
            answer = await stage.ask(stage.main, question)
            text = str(answer.data)
            shown = [noun for noun, theirs in stage.scene.others.items() if opaque(noun, theirs) in text]
            assert shown == [], question
