"""The play of all shipped operations: every one is answered, and as it was recorded, to today's apps and to those out there."""

import asyncio
from collections.abc import Iterator

import pytest
from graphql import GraphQLSchema

from api.contracts import FOLDER
from api.engine.manifest import ManifestOperation
from api.examples.files import answers_in, example_file, frozen_file, is_whole, read
from api.examples.house import NOON, PATIENT, SPEED
from api.examples.reading import stumbles
from api.examples.recording import Played, played_here
from api.examples.scripts import Line, Script
from api.examples.shapes import differences, shape_of
from services.kernel import clock as house_clock
from services.settings import Settings, use
from tests.api.city.conftest import SmallTown
from tests.conftest import TestClock
from tests.contracts.readers import UNANSWERED, released_readers, todays_schema

PLAYED_WITHIN = 200


@pytest.fixture
def running_clock(clock: TestClock, house_settings: Settings) -> Iterator[None]:
    """The hours of a house that is opened for a play, instead of the town's own."""
    house_clock.set_anchor(house_clock.Anchor(house_clock.wall(), NOON, SPEED))
    use(house_settings.model_copy(update={"limits": house_settings.limits.model_copy(update=PATIENT)}))
    yield
    use(house_settings)


@pytest.mark.timeout(240)
async def test_every_operation_is_answered_as_it_was_recorded(town: SmallTown, house_settings: Settings) -> None:
    plays = await asyncio.wait_for(
        played_here(house_settings, town.url, FOLDER, house_clock.wall().date(), town.tell), PLAYED_WITHIN
    )
    script, examples = plays[0]
    unsaid = {line for line in script.documents if not is_whole(examples.get(line, {}))}
    assert unsaid == UNANSWERED.keys()
    assert list(_unlike_the_recorded(plays)) == []
    assert list(_not_understood(plays)) == []


def _unlike_the_recorded(plays: Played) -> Iterator[str]:
    """Where an answer has another shape than the example that is kept for its document."""
    for script, examples in plays:
        for line, example in examples.items():
            document = script.documents[line]
            frozen = frozen_file(FOLDER, line[0], document.id)
            kept = [example_file(FOLDER, *line)] if script.wanted == frozenset() else []
            kept += [frozen] if document.id in script.registered and is_whole(example) else []
            for file in kept:
                recorded, answered = shape_of(*answers_in(read(file))), shape_of(*answers_in(example))
                yield from (f"{line[0]}/{line[1]} by {file.stem}: {found}" for found in differences(recorded, answered))


def _not_understood(plays: Played) -> Iterator[str]:
    """Where an app would stumble over an answer: today's by today's schema, a released one by the schema of its release."""
    for script, examples in plays:
        for line, example in examples.items():
            for whose, schema in _readers(script, line, script.documents[line]):
                for answer in answers_in(example):
                    found = stumbles(schema, script.documents[line].body, answer)
                    yield from (f"{whose}, {line[1]}: {one}" for one in found)


def _readers(script: Script, line: Line, document: ManifestOperation) -> Iterator[tuple[str, GraphQLSchema]]:
    if script.wanted == frozenset():
        yield "today's app", todays_schema(line[0])
    yield from released_readers(line[0], document.id)
