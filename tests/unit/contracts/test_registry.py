"""The registry: what is registered runs by its id, and nothing else where nothing else may."""

import pytest

from api.engine.documents import RequestRefused
from api.engine.manifest import id_of
from api.engine.registry import NOT_FOUND, NOT_IN_LIST, UPDATE_NEEDED, Registry
from tests.unit.contracts.shelves import HELLO, OLD, documents


def a_registry(*, only_registered: bool) -> Registry:
    registry = Registry(documents(), only_registered=only_registered)
    registry.replace({HELLO.id: HELLO.body}, ended=[OLD.id])
    return registry


def refusal(registry: Registry, text: str | None, known_by: str | None) -> str:
    with pytest.raises(RequestRefused) as refused:
        registry.prepare(text, known_by)
    (error,) = refused.value.errors
    return str((error.extensions or {}).get("code"))


@pytest.mark.parametrize("only_registered", [True, False])
def test_a_registered_document_is_found_by_its_id_and_prepared_once(only_registered: bool) -> None:
    registry = a_registry(only_registered=only_registered)
    found = registry.prepare(None, HELLO.id)
    assert [operation.name.value for operation in found.operations if operation.name] == ["Hello"]
    assert registry.prepare(None, HELLO.id) is found
    assert registry.prepare(HELLO.body, HELLO.id) is found


@pytest.mark.parametrize("only_registered", [True, False])
def test_a_hash_that_is_not_the_texts_is_refused(only_registered: bool) -> None:
    assert refusal(a_registry(only_registered=only_registered), HELLO.body, OLD.id) == "BAD_REQUEST"


@pytest.mark.parametrize("only_registered", [True, False])
def test_whose_release_has_ended_is_told_to_update(only_registered: bool) -> None:
    assert refusal(a_registry(only_registered=only_registered), None, OLD.id) == UPDATE_NEEDED


def test_production_takes_a_text_only_where_it_is_a_registered_document_to_the_byte() -> None:
    registry = a_registry(only_registered=True)
    assert registry.prepare(HELLO.body, None) is registry.prepare(None, HELLO.id)
    assert refusal(registry, HELLO.body + " ", None) == NOT_IN_LIST
    assert refusal(registry, "{ hello }", None) == NOT_IN_LIST
    assert refusal(registry, "{ hello }", id_of("{ hello }")) == NOT_IN_LIST
    assert refusal(registry, OLD.body, None) == UPDATE_NEEDED
    assert refusal(registry, None, "0" * 64) == NOT_IN_LIST


def test_what_is_not_registered_is_never_parsed() -> None:
    unreadable = "{" * 60_000
    assert refusal(a_registry(only_registered=True), unreadable, None) == NOT_IN_LIST


def test_development_takes_anything_and_asks_for_the_text_of_an_unknown_id() -> None:
    registry = a_registry(only_registered=False)
    assert registry.prepare("{ hello }", None) is registry.prepare("{ hello }", id_of("{ hello }"))
    assert refusal(registry, None, "0" * 64) == NOT_FOUND


def test_what_is_replaced_counts_at_once() -> None:
    registry = a_registry(only_registered=True)
    kept = registry.prepare(None, HELLO.id)
    registry.replace({HELLO.id: HELLO.body, OLD.id: OLD.body})
    assert registry.prepare(None, HELLO.id) is kept
    assert len(registry.prepare(None, OLD.id).operations) == 1
    registry.replace({})
    assert [refusal(registry, None, one.id) for one in (HELLO, OLD)] == [NOT_IN_LIST, NOT_IN_LIST]


def test_a_registered_document_that_the_schema_no_longer_knows_is_refused_each_time() -> None:
    registry = a_registry(only_registered=True)
    registry.replace({id_of("query Gone { gone }"): "query Gone { gone }"})
    assert [refusal(registry, None, id_of("query Gone { gone }")) for _ in range(2)] == ["None", "None"]
