"""The recorded examples as they lie on disk: whole, in today's words, and without a secret."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import OperationDefinitionNode, get_variable_values, parse

from api.contracts import FOLDER
from api.examples.bundle import bundle, bundle_file
from api.examples.files import Example, answers_in, example_file, frozen_file, is_whole, read
from api.examples.reading import stumbles
from api.examples.reference import page, page_file, problems_without_advice
from api.examples.scripts import Line, released, todays
from services.kernel.actors import Audience
from services.kernel.clock import wall
from tests.contracts.readers import UNANSWERED, released_readers, todays_schema

ANEW = "record them anew with `pannier contracts examples`, and look at the difference"
TODAYS = todays(FOLDER)
RELEASED = {(line, one.id): one for line, several in released(FOLDER, wall().date()).items() for one in several}
SECRET = re.compile(r"eyJ[A-Za-z0-9_-]{10,}|\bpi_\w+_secret")


def name_of(line: Line) -> str:
    return "/".join(line)


def test_there_is_an_example_of_each_operation_and_of_nothing_else() -> None:
    kept = {(file.parts[-3], file.stem) for file in FOLDER.glob("*/examples/*.json")}
    assert kept == TODAYS.keys(), ANEW
    assert {line for line in kept if not is_whole(read(example_file(FOLDER, *line)))} == UNANSWERED.keys()


@pytest.mark.parametrize("line", TODAYS, ids=name_of)
def test_an_example_is_what_the_document_asks_for(line: Line) -> None:
    example = read(example_file(FOLDER, *line))
    body = TODAYS[line].body
    assert [found for answer in answers_in(example) for found in stumbles(todays_schema(line[0]), body, answer)] == [], ANEW
    assert list(_refused_variables(line[0], body, example)) == []


@pytest.mark.parametrize(("line", "document"), RELEASED, ids=lambda value: name_of(value) if isinstance(value, tuple) else "")
def test_a_released_document_has_its_example_and_its_variables_are_still_taken(line: Line, document: str) -> None:
    file = frozen_file(FOLDER, line[0], document)
    if line in UNANSWERED and not file.exists():
        return
    assert file.exists(), f"no example is frozen for {line[1]}: `pannier contracts examples` records it"
    example = read(file)
    body = RELEASED[line, document].body
    assert list(_refused_variables(line[0], body, example)) == []
    for whose, then in released_readers(line[0], document):
        assert [(whose, found) for answer in answers_in(example) for found in stumbles(then, body, answer)] == []


def _refused_variables(audience: str, body: str, example: Example) -> Iterator[str]:
    """What today's schema would not take of the variables that were recorded."""
    (operation,) = [node for node in parse(body).definitions if isinstance(node, OperationDefinitionNode)]
    for one in (example, *example.get("problems", {}).values()):
        if "variables" in one:
            taken = get_variable_values(todays_schema(audience), operation.variable_definitions or (), one["variables"])
            yield from (str(error) for error in taken if isinstance(taken, list))


@pytest.mark.parametrize("audience", Audience)
def test_no_secret_was_written_down(audience: Audience) -> None:
    files = sorted((FOLDER / audience).rglob("examples/*.json"))
    assert len(files) > 10
    assert [file.name for file in files if SECRET.search(file.read_text("utf-8"))] == []


@pytest.mark.parametrize("audience", Audience)
def test_the_reference_page_is_todays(audience: Audience) -> None:
    kept = page_file(Path(FOLDER), audience).read_text("utf-8")
    assert kept == page(audience, FOLDER), "write it anew with `pannier contracts reference`"


@pytest.mark.parametrize("audience", Audience)
def test_the_documents_for_code_generators_are_todays(audience: Audience) -> None:
    kept = bundle_file(FOLDER, audience).read_text("utf-8")
    assert kept == bundle(audience, FOLDER), "write them anew with `pannier contracts reference`"


def test_every_problem_comes_with_advice() -> None:
    assert problems_without_advice() == set()
