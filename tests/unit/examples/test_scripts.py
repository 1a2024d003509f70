"""Which plays are played: today's documents first, then whatever releases say otherwise, each by its id."""

from datetime import date
from pathlib import Path

from api.contracts import FOLDER
from api.examples.scripts import released, scripts, todays

TODAY = date(2026, 12, 1)


def test_every_released_document_is_sent_in_some_play() -> None:
    plays = list(scripts(FOLDER, TODAY))
    sent = {(line, document.id) for play in plays for line, document in play.documents.items()}
    assert {(line, one.id) for line, several in released(FOLDER, TODAY).items() for one in several} - sent == set()
    assert plays[0].documents == todays(FOLDER)
    assert (plays[0].wanted, all(play.wanted for play in plays[1:])) == (frozenset(), True)


def test_a_released_document_is_asked_for_by_its_id() -> None:
    play = next(scripts(FOLDER, TODAY))
    for (audience, operation), document in play.documents.items():
        said = play(audience, operation)
        assert said == ({"documentId": document.id} if document.id in play.registered else {"query": document.body})


def test_without_releases_there_is_one_play_and_it_sends_texts(tmp_path: Path) -> None:
    (tmp_path / "consumer" / "operations").mkdir(parents=True)
    (tmp_path / "consumer" / "operations" / "Me.graphql").write_text("query Me { me { id } }", "utf-8")
    (play,) = scripts(tmp_path, TODAY)
    assert play("consumer", "Me") == {"query": "query Me {\n  me {\n    id\n    __typename\n  }\n}"}
