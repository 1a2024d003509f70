"""Every operation that takes a key: said twice it happens once, and said with other input it is refused and changes nothing."""

from tests.api.bad_input.attack import YES, Attack, verdict_of
from tests.api.bad_input.questions import Place, Question, put
from tests.facts import fingerprint

# Of an operation that nobody is signed in for: another one is another person, or nobody.
WHO_ASKS = {"idToken"}
WITH_A_KEY = {
    "consumer": {"CheckOut", "AskForHelp"},
    "store": {"OpenStore"},
    "courier": set(),
    "support": {"OpenCase", "NoteOnCase", "ReleaseCourier"},
}


async def test_a_key_reused_with_other_input(attack: Attack) -> None:
    seen = set()
    for question, places in attack.places("String"):
        if any(place.name == "key" for place in places):
            seen.add(question.operation)
            await _say_again(attack, question, [place for place in places if place.name not in WHO_ASKS | {"key"}])
    assert seen >= WITH_A_KEY[attack.scene.audience]


async def _say_again(attack: Attack, question: Question, others: list[Place]) -> None:
    said = attack.scene.variables(question)
    first = await attack.ask(question, said)
    assert verdict_of(first) == {YES}, question
    before = await fingerprint()
    again = await attack.ask(question, said)
    assert verdict_of(again) == {YES}, question
    assert await fingerprint() == before, question
    for place in others:
        other = await attack.ask(question, put(said, place.path, "something else"))
        assert verdict_of(other) == {"KeyReusedProblem"}, (question, place)
        assert await fingerprint() == before, (question, place)
    await attack.rewind.back()
