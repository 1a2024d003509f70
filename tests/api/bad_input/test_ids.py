"""Ids in every place of every operation: of another noun, misspelt, of nothing, and of what belongs to somebody else."""

from collections.abc import Mapping
from uuid import UUID

from graphql import OperationType

from api.schema.shared.ids import opaque
from tests.api.apps import document, line_to
from tests.api.bad_input.attack import YES, Attack, Verdict
from tests.api.bad_input.questions import Place, Question, put, questions
from tests.api.bad_input.scenes import BY_CODE, NOBODY_S
from tests.api.bad_input.scenes import NOUNS as NOUN_OF
from tests.conftest import Statements

# Where no is said in another way than by NOT_FOUND, and what every agent may touch.
TOLD: Mapping[str, set[str]] = {
    "AddCartLine input.itemId": {"ChoicesNotAllowedProblem", "NOT_FOUND"},
    "NoteOnCase input.caseId": {"NOT_FOUND", YES},
    "CloseCase input.caseId": {"NOT_FOUND", YES},
    "AddCartLine input.optionIds.0": {"ChoicesNotAllowedProblem"},
    # Liking no more what one never liked, or may not see, changes nothing.
    "RemoveFavouriteStore input.storeId": {YES},
    "RemoveFavouriteItem input.itemId": {YES},
    "RejectOrder input.itemIds.0": {"BAD_REQUEST"},
    "SignInStaff input.storeId": {"NotAllowedHereProblem"},
    "SignInStaffWithCode input.storeId": {"NotAllowedHereProblem"},
    **{f"{name} input.challengeId": {"SignInCodeNotAcceptedProblem"} for name in BY_CODE},
}


def misspelt(noun: str, id: UUID) -> list[str]:
    """The id of a noun as nobody wrote it."""
    right = opaque(noun, id)
    others = [opaque(other, id) for other in {"Toy", *NOUN_OF.values()} - {noun}]
    bent = {f"{right}=", right[:-1], f" {right}", right.swapcase(), f"{right}AAAA", right.replace("A", "+"), right[1:]} - {right}
    return [*others, *bent, str(id), id.hex, "", "nonsense", "\U0001f98a", "=", "x" * 5_000, "7"]


async def test_an_id_that_is_none_is_bad_input_before_anything_is_read(attack: Attack, statements: Statements) -> None:
    attack.each = False
    for question, places in attack.places("ID"):
        for place in places:
            noun = attack.scene.noun(question, place.name)
            own = attack.scene.part(question).ids.get(noun, NOBODY_S)
            for value in (*misspelt(noun, own), 7):
                statements.clear()
                await attack.try_value(question, [place], value, _bad_input)
                assert statements.queries == [], (question, place, value)
    await attack.unchanged("an id that is none")


async def test_what_is_not_yours_is_not_found(attack: Attack) -> None:
    for question, places in attack.places("ID"):
        for place in places:
            noun = attack.scene.noun(question, place.name)
            told = TOLD.get(f"{question.operation} {place}", {"NOT_FOUND"})
            for one in (attack.scene.others[noun], NOBODY_S, UUID(int=0), UUID(int=2**128 - 1)):
                await attack.try_value(question, [place], opaque(noun, one), told.issuperset)


async def test_nobody_follows_what_is_not_theirs(attack: Attack, address: str) -> None:
    followed = [(question, place) for question in questions(attack.scene.audience) for place in _followed(question)]
    for question, place in followed:
        noun = attack.scene.noun(question, place.name)
        for value, code in (
            (opaque(noun, attack.scene.others[noun]), "NOT_FOUND"),
            (opaque(noun, NOBODY_S), "NOT_FOUND"),
            (opaque("Toy", NOBODY_S), "BAD_REQUEST"),
            ("", "BAD_REQUEST"),
        ):
            assert await _first_code(attack, address, question, place, value) == code, (question, value)
    await attack.unchanged("a subscription")


def _followed(question: Question) -> list[Place]:
    return [place for place in question.places() if place.kind == "ID" and question.asks is OperationType.SUBSCRIPTION]


async def _first_code(attack: Attack, address: str, question: Question, place: Place, value: str) -> str:
    variables = put(attack.scene.variables(question), place.path, value)
    async with line_to(address, question.audience) as line:
        await line.open(attack.scene.part(question).actor)
        await line.subscribe("s", document(question.audience, question.operation), variables)
        heard = await line.hear()
        told = heard["payload"] if heard["type"] == "error" else heard["payload"]["errors"]
        code: str = told[0]["extensions"]["code"]
        return code


def _bad_input(verdict: Verdict) -> bool:
    return verdict == {"BAD_REQUEST"}
