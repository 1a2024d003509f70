"""Who may ask, read and say what: the tables kept beside the contracts, read for the tests and printed as one page."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from services.kernel.actors import Audience

FOLDER = Path(__file__).parents[1] / "mobile_contracts" / "authorisation"
PAGE = FOLDER / "README.md"
ROOTS = ("query", "mutation", "subscription")


def table(name: str) -> dict[str, Any]:
    """One of the tables: operations, fields, inputs, repeats."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))


def verdicts(audience: Audience) -> dict[str, dict[str, str]]:
    """What each role is answered, by root field and role."""
    kept = table("operations")[audience]
    rows = {field: row for root in ROOTS for field, row in kept.get(root, {}).items()}
    return {field: dict(zip(kept["roles"], row, strict=True)) for field, row in rows.items()}


def field_classes() -> dict[str, dict[str, str]]:
    """The class of each field, by type and field."""
    return {
        kind: {field: name for name, fields in classes.items() for field in fields} for kind, classes in table("fields").items()
    }


def page() -> str:
    """All tables as one page that a person reads."""
    return "\n".join(_lines()) + "\n"


def print_page() -> Iterator[Path]:
    """Write the page where it differs from its file; yields the file if it was written."""
    if not PAGE.exists() or PAGE.read_text("utf-8") != page():
        PAGE.write_text(page(), "utf-8")
        yield PAGE


def _lines() -> Iterator[str]:
    yield "# Who may do what"
    yield ""
    yield "Printed by `pannier contracts print` from the tables of this folder; what the words mean stands at the top of each."
    for audience in Audience:
        yield from _operations(audience)
    yield from _list("Fields", "field", field_classes())
    yield from _list("Inputs", "input", table("inputs"))


def _operations(audience: Audience) -> Iterator[str]:
    roles, repeated = table("operations")[audience]["roles"], table("repeats")[audience]
    yield from ("", f"## {audience}", "", f"| root field | {' | '.join(roles)} | said twice |", "| --- " * (len(roles) + 2) + "|")
    for field, row in verdicts(audience).items():
        ((kind, why),) = repeated.get(field, {"": ""}).items()
        yield f"| `{field}` | {' | '.join(row.values())} | {f'{kind}: {why}' if kind else ''} |"


def _list(title: str, head: str, rows: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    yield from ("", f"## {title}", "", f"| {head} | |", "| --- | --- |")
    yield from (f"| `{kind}.{field}` | {said} |" for kind, row in rows.items() for field, said in row.items())
