"""The registry: the documents that may be asked for by an id, found without parsing anything that a client sent."""

from collections.abc import Collection, Mapping
from typing import Final

from graphql import GraphQLError

from api.engine.documents import Documents, Prepared, RequestRefused
from api.engine.manifest import id_of

# The codes that Apollo's clients and gateways know. At NOT_FOUND a client sends the text too, at NOT_IN_LIST it gives up.
NOT_FOUND: Final = "PERSISTED_QUERY_NOT_FOUND"
NOT_IN_LIST: Final = "PERSISTED_QUERY_NOT_IN_LIST"
UPDATE_NEEDED: Final = "UPDATE_NEEDED"


class Registry:
    """The registered documents of one schema, each prepared when it is first asked for.

    With `only_registered` nothing else runs: a text counts if it is, to the byte, a registered document.
    """

    def __init__(self, documents: Documents, *, only_registered: bool) -> None:
        self._documents, self._only_registered = documents, only_registered
        self._bodies: Mapping[str, str] = {}
        self._ended: frozenset[str] = frozenset()
        self._prepared: dict[str, Prepared | RequestRefused] = {}

    def __len__(self) -> int:
        return len(self._bodies)

    def replace(self, bodies: Mapping[str, str], ended: Collection[str] = ()) -> None:
        """From now on these documents are registered, by their ids; those of `ended` were, and their apps are told so."""
        self._bodies, self._ended = dict(bodies), frozenset(ended) - bodies.keys()
        self._prepared = {asked: found for asked, found in self._prepared.items() if asked in self._bodies}

    def is_registered(self, id: str | None) -> bool:
        return id in self._bodies

    def prepare(self, text: str | None, id: str | None) -> Prepared:
        """The document meant by an id, by its text, or by both. Raises RequestRefused."""
        if id is not None and text is not None and id_of(text) != id:
            raise _refused("The hash is not that of the document.", "BAD_REQUEST")
        asked = id_of(text) if id is None and text is not None and self._only_registered else id
        if asked is not None and asked in self._bodies:
            return self._registered(asked)
        if asked in self._ended:
            raise _refused("This version of the app is no longer served: update it.", UPDATE_NEEDED)
        if text is not None and not self._only_registered:
            return self._documents.prepare(text)
        if self._only_registered:
            raise _refused("Only documents of released apps run here, and this is none of them.", NOT_IN_LIST)
        # Apollo's clients look for this very sentence, and send the document with its hash.
        raise _refused("PersistedQueryNotFound", NOT_FOUND)

    def _registered(self, id: str) -> Prepared:
        found = self._prepared.get(id)
        if found is None:
            try:
                found = self._documents.prepare(self._bodies[id])
            except RequestRefused as refused:
                found = refused
            self._prepared[id] = found
        if isinstance(found, RequestRefused):
            raise RequestRefused(found.errors)
        return found


def _refused(message: str, code: str) -> RequestRefused:
    return RequestRefused([GraphQLError(message, extensions={"code": code})])
