"""What is sent in a play: today's documents first, then those of releases that say the same operation otherwise."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from api.engine.manifest import ManifestOperation, as_apollo_sends, operation_in
from api.releases.shelf import read_shelves

Line = tuple[str, str]
"""Audience and operation."""


@dataclass(frozen=True, slots=True)
class Script:
    """One document for each operation; those that a release knows are asked for by their ids, as the release does."""

    documents: Mapping[Line, ManifestOperation]
    registered: frozenset[str]
    wanted: frozenset[Line] = frozenset()
    """What this play is played for; empty: everything."""

    def __call__(self, audience: str, operation: str) -> dict[str, Any]:
        document = self.documents[audience, operation]
        return {"documentId": document.id} if document.id in self.registered else {"query": document.body}


def todays(folder: Path) -> dict[Line, ManifestOperation]:
    """The shipped operations as Apollo's clients send them."""
    files = sorted(folder.glob("*/operations/*.graphql"))
    return {(file.parts[-3], file.stem): operation_in(as_apollo_sends(file.read_text("utf-8"))) for file in files}


def released(folder: Path, on: date) -> dict[Line, list[ManifestOperation]]:
    """Every document of every release that is served on that day, once."""
    found: dict[Line, list[ManifestOperation]] = {}
    for audience, shelf in read_shelves(folder).items():
        for release in shelf.served(on):
            for operation in release.operations:
                known = found.setdefault((audience, operation.name), [])
                if operation not in known:
                    known.append(operation)
    return found


def scripts(folder: Path, on: date) -> Iterator[Script]:
    """As many plays as it takes to send every document: the first with today's, the others with what is left of the releases."""
    now, before = todays(folder), released(folder, on)
    registered = frozenset(document.id for documents in before.values() for document in documents)
    left = {line: [one for one in documents if one != now.get(line)] for line, documents in before.items()}
    yield Script(now, registered)
    for number in range(max((len(documents) for documents in left.values()), default=0)):
        others = {line: documents[number] for line, documents in left.items() if number < len(documents)}
        yield Script(now | others, registered, frozenset(others))
