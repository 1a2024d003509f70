"""Requests that are none, around an operation that would change much: each door answers a typed 4xx, and runs nothing."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from services.kernel.ids import new_id
from tests.api.apps import Told, access_token, document, line_to, told
from tests.api.bad_input.attack import YES, Attack, verdict_of
from tests.api.bad_input.questions import Question, questions
from tests.conftest import Statements

MUTATION = {"consumer": "QuoteCart", "store": "ResumeStore", "courier": "EndShift", "support": "SignOutAgent"}
MEGABYTE = 1_024 * 1_024
DEEP = 10_000


def change_at(audience: str) -> Question:
    """An operation that changes something, and needs no input to do so."""
    return next(one for one in questions(audience) if one.operation == MUTATION[audience])


def bodies(question: Question) -> Iterator[tuple[str, object, int]]:
    """What the request is, its body, and its status."""
    text = document(question.audience, question.operation)
    good = orjson.dumps({"query": text})
    yield "a syntax error", {"query": text.rstrip().rstrip("}")}, 400
    yield "no document", {"query": "Buy me milk."}, 400
    yield "an unknown operation", {"query": text, "operationName": "BuyTheWholeStore"}, 400
    yield "an unknown field", {"query": "mutation { buyTheWholeStore { __typename } }"}, 400
    yield "an unknown variable", {"query": text.replace(question.operation, f"{question.operation}($a: Nobody)", 1)}, 400
    yield "two operations and no name", {"query": f"{text} query Two {{ __typename }}"}, 400
    yield "variables that are no object", {"query": text, "variables": [1]}, 400
    yield "a batch", [{"query": text}, {"query": text}], 400
    yield "one megabyte and more", good[:-1] + b', "variables": {"a": "' + b"x" * 5 * MEGABYTE + b'"}}', 413
    yield "deep objects", good[:-1] + b', "variables": ' + b'{"a":' * DEEP + b"1" + b"}" * DEEP + b"}", 400
    yield "deep lists", good[:-1] + b', "variables": {"a": ' + b"[" * DEEP + b"]" * DEEP + b"}}", 400
    yield "deep lists alone", b"[" * DEEP + b"]" * DEEP, 400
    yield "a deep document", {"query": "mutation { " + "a { " * 500 + "b" + " }" * 501}, 400
    yield "a null byte in the document", {"query": text + "\0"}, 400
    yield "a null byte in a literal", {"query": text.replace("{", '@skip(if: "\\u0000") {', 1)}, 400
    yield "a null byte in a variable", {"query": text, "variables": {"a": "\0"}}, 400
    yield "a null byte in a name", {"query": text, "variables": {"\0": 1}}, 400
    yield "a null byte in the operation's name", {"query": text, "operationName": f"{question.operation}\0"}, 400
    yield "a null byte between", good + b"\0", 400
    yield "half a request", good[: len(good) // 2], 400
    yield "no UTF-8", good.replace(b"mutation", b"mut\xff\xfeation"), 400


async def test_what_is_no_request_runs_nothing(attack: Attack, statements: Statements) -> None:
    question = change_at(attack.scene.audience)
    # Of a session of its own, so that its end is nobody else's.
    token = access_token(replace(attack.scene.usual.actor, session_id=new_id()))
    statements.clear()
    for name, body, status in bodies(question):
        answer = await attack.doors.post(question.audience, body, token=token)
        assert (answer.status, answer.data, set(answer.codes)) == (status, None, {"BAD_REQUEST"}), name
    assert (await by_get(attack, question, token)).status == 405
    assert statements.queries == []
    await attack.unchanged("what is no request")
    # The proof that each of them would have been run, had it been one.
    done = await attack.doors.ask(question.audience, document(question.audience, question.operation), token=token)
    assert verdict_of(done) <= {YES, "ShiftHasWorkProblem"}


async def by_get(attack: Attack, question: Question, token: str) -> Told:
    query = urlencode({"query": document(question.audience, question.operation)})
    headers = {"authorization": f"Bearer {token}"}
    return told(await attack.doors.client.get(f"/graphql/{question.audience}?{query}", headers=headers))


FRAMES: dict[str, tuple[Any, int]] = {
    "one megabyte": ("x" * MEGABYTE, 1009),
    "deep lists": ("[" * DEEP + "]" * DEEP, 4400),
    "deep objects": ('{"a":' * DEEP + "1" + "}" * DEEP, 4400),
    "a null byte": ('{"type": "subscribe", "id": "a\\u0000", "payload": {"query": "{ __typename }"}}', 4400),
    "a lone surrogate": ('{"type": "subscribe", "id": "\\ud800", "payload": {"query": "{ __typename }"}}', 4400),
    "no JSON": ("subscribe", 4400),
    "bytes": (b"\x00\xff", 4400),
}


@pytest.mark.parametrize("name", FRAMES)
async def test_a_frame_that_is_no_message_closes_the_socket(attack: Attack, address: str, name: str) -> None:
    frame, code = FRAMES[name]
    async with line_to(address, attack.scene.audience) as line:
        await line.open(attack.scene.usual.actor)
        await line.connection.send(frame)
        assert (await line.closed_by_server())[0] == code
    await attack.unchanged("a frame")
