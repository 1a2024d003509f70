"""Manifests: read in Apollo's form and in Relay's, and refused where an id says something else than its document."""

from hashlib import md5
from typing import Any

import pytest

from api.engine.manifest import (
    ManifestInvalid,
    apollo_form,
    as_apollo_sends,
    id_of,
    operation_in,
    read_manifest,
    relay_form,
)
from tests.unit.contracts.shelves import HELLO, OLD

LISTED = {"id": HELLO.id, "name": "Hello", "type": "query", "body": HELLO.body}


def test_both_forms_say_the_same() -> None:
    assert read_manifest(apollo_form([HELLO, OLD])) == read_manifest(relay_form([HELLO, OLD])) == (HELLO, OLD)


def test_what_a_reader_does_not_know_is_left_alone() -> None:
    assert read_manifest(apollo_form([HELLO]) | {"generatedBy": "a tool"}) == (HELLO,)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ([], "A manifest is a JSON object."),
        ({}, "Neither Apollo's form"),
        ({"format": "apollo-persisted-query-manifest", "version": 2, "operations": []}, "known in version 1 alone"),
        ({"format": "apollo-persisted-query-manifest", "version": 1, "operations": {}}, "`operations` must be a list"),
        (apollo_form([]) | {"operations": [LISTED | {"body": HELLO.body + "\n"}]}, "The id of Hello is not the SHA-256"),
        (apollo_form([]) | {"operations": [LISTED | {"type": "fragment"}]}, "Hello is of an unknown type: fragment."),
        (apollo_form([]) | {"operations": [LISTED | {"name": None}]}, "Each operation has `id`, `name`, `type` and `body`"),
        (apollo_form([]) | {"operations": [LISTED, LISTED]}, "The same id stands twice"),
        ({md5(HELLO.body.encode(), usedforsecurity=False).hexdigest(): HELLO.body}, '"algorithm": "SHA256"'),
        ({id_of("{ hello }"): "{ hello }"}, "exactly one operation, with a name"),
        ({id_of("query {"): "query {"}, "does not parse"),
    ],
)
def test_what_cannot_be_trusted_is_refused(value: Any, says: str) -> None:
    with pytest.raises(ManifestInvalid) as refused:
        read_manifest(value)
    assert says in str(refused.value)


def test_a_document_as_apollo_client_sends_it() -> None:
    fragments = "fragment B on Order { total { amount } }\nfragment A on Order { id }\n"
    text = fragments + "query Look { order { ... on Order { __typename ...A } ...B } }"
    assert as_apollo_sends(text).split("\n\n") == [
        "query Look {\n  order {\n    ... on Order {\n      __typename\n      ...A\n    }\n    ...B\n    __typename\n  }\n}",
        "fragment A on Order {\n  id\n  __typename\n}",
        "fragment B on Order {\n  total {\n    amount\n    __typename\n  }\n  __typename\n}",
    ]
    assert as_apollo_sends(as_apollo_sends(text)) == as_apollo_sends(text)


def test_a_document_of_two_operations_is_no_operation() -> None:
    with pytest.raises(ManifestInvalid):
        operation_in("query A { hello } query B { hello }")
