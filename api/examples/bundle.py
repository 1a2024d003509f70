"""All documents of an app in one file, each fragment once: what the code generators of Apollo, Relay and others read."""

from collections.abc import Iterator
from pathlib import Path

from graphql import FragmentDefinitionNode, parse, print_ast

from api.contracts.writing import write_where_it_differs
from services.kernel.actors import Audience

_HEAD = "# Written by `pannier contracts reference` from operations/*.graphql, for code generators; do not edit.\n\n"


class FragmentsDiffer(ValueError):
    """Two operations of an app say different things by one fragment's name; generators refuse that."""


def bundle_file(folder: Path, audience: str) -> Path:
    return folder / audience / "documents.graphql"


def bundle(audience: Audience, folder: Path) -> str:
    """The documents by name, then their fragments by name. Raises FragmentsDiffer."""
    operations: list[str] = []
    fragments: dict[str, str] = {}
    for file in sorted((folder / audience / "operations").glob("*.graphql")):
        for node in parse(file.read_text("utf-8")).definitions:
            text = print_ast(node)
            if not isinstance(node, FragmentDefinitionNode):
                operations.append(text)
            elif fragments.setdefault(node.name.value, text) != text:
                raise FragmentsDiffer(
                    f"{file.stem} says something else by the fragment {node.name.value} than another operation."
                )
    return _HEAD + "\n\n".join([*operations, *(fragments[name] for name in sorted(fragments))]) + "\n"


def write_bundles(folder: Path) -> Iterator[Path]:
    """Write the files that differ; yields those written."""
    for audience in Audience:
        yield from write_where_it_differs(bundle_file(folder, audience), bundle(audience, folder))
