"""What the table says of saying a mutation twice, executed: every table of the database after the second time is compared."""

from api.authorisation import table, verdicts
from services.kernel.actors import Audience
from tests.api.authorisation.people import Stage
from tests.api.bad_input.attack import YES, Verdict, verdict_of
from tests.api.bad_input.questions import Question, questions
from tests.facts import fingerprint

# Where the versions of carts and menus are counted.
_VERSIONS = {"carts", "stores", "streams", "events"}


async def said_again(stage: Stage, role: str, question: Question) -> tuple[Verdict, list[str]]:
    """The second answer, and which tables it changed."""
    before = await fingerprint()
    answer = await stage.ask(role, question)
    after = await fingerprint()
    return verdict_of(answer), [name for name in before.keys() | after.keys() if before.get(name) != after.get(name)]


async def test_the_second_time_does_what_the_table_says(stage: Stage) -> None:
    rows, wrong = table("repeats")[stage.scene.audience], []
    roles = verdicts(Audience(stage.scene.audience))
    for question in questions(stage.scene.audience):
        field = question.operation[0].lower() + question.operation[1:]
        if field not in rows:
            continue
        role = "guest" if roles[field]["guest"] == "yes" else stage.main
        assert verdict_of(await stage.ask(role, question)) == {YES}, question
        verdict, changed = await said_again(stage, role, question)
        if "once" in rows[field]:
            # Of a refresh token that comes back, the first time may be forgiven.
            verdict, changed = await said_again(stage, role, question)
        if not _holds(next(iter(rows[field])), verdict, set(changed)):
            wrong.append(f"{question} is not {rows[field]}: {sorted(verdict)} {sorted(changed)}")
        await stage.back()
    assert wrong == []


def _holds(kind: str, verdict: Verdict, changed: set[str]) -> bool:
    if kind == "once":
        return all(word.endswith("Problem") for word in verdict)
    if kind == "again":
        return verdict == {YES} and bool(changed)
    if kind == "sets":
        return verdict == {YES} and changed <= _VERSIONS
    return not changed and (kind != "key" or verdict == {YES})
