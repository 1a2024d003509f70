"""Reads JSON of any shape by the owner's mapping: where the rows stand, and which path says what."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from services.catalog.imports.amounts import minor_units
from services.catalog.imports.cells import RowReader, SourceRow
from services.catalog.imports.making import Making, finished
from services.catalog.imports.mapping import Groups, Mapping
from services.catalog.imports.rows import read_rows
from services.catalog.imports.shapes import Progress, Reading, RemarkCode, Remarks, nobody_watches, unreadable
from services.catalog.imports.texts import json_fault, json_of
from services.catalog.rules import GroupDraft, OptionDraft

DEEPEST = 10
MOST_ROWS = 100_000


def read_mapped_json(content: bytes, mapping: Mapping, currency: str, progress: Progress = nobody_watches) -> Reading:
    """The menus of a JSON file: one object at `mapping.rows`, one item; rows are counted from 1."""
    remarks = Remarks()
    value = json_of(content, remarks)
    if value is None:
        return unreadable(json_fault(content) or "There is nothing in the file.", remarks)
    making = Making(remarks)
    reader = RowReader(mapping, currency, making)
    if mapping.groups is not None:
        reader.groups = _groups(value, mapping.groups, reader)
    rows = [
        SourceRow(number, found.path, found.look_up) for number, found in enumerate(_rows(value, mapping.rows), 1)
    ]  # fmt: skip
    read_rows(reader, rows, progress)
    return finished(making, split=True)


@dataclass(frozen=True, slots=True)
class _Found:
    """A value in the file with all that it stands in, the innermost last."""

    path: str
    chain: tuple[Any, ...]

    def look_up(self, path: str) -> Any:
        """What a path says here: `prices.base`, or `../date` of the object that this one stands in."""
        climbs = 0
        while path.startswith("../"):
            path, climbs = path[3:], climbs + 1
        if climbs >= len(self.chain):
            return None
        return _at(self.chain[-1 - climbs], path)


def _at(value: Any, path: str) -> Any:
    for step in path.split(".") if path else ():
        if not isinstance(value, dict):
            return None
        value = value.get(step)
    return value


def _rows(value: Any, path: str) -> Iterator[_Found]:
    """Everything at a path such as `days[].dishes[]`, with the objects on the way there."""
    found = [_Found("", (value,))]
    for step in path.split(".")[:DEEPEST]:
        name, _, every = step.partition("[")
        found = list(_below(found, name, every=bool(every)))[:MOST_ROWS]
    yield from found


def _below(found: list[_Found], name: str, *, every: bool) -> Iterator[_Found]:
    for one in found:
        value = _at(one.chain[-1], name)
        place = f"{one.path}.{name}".strip(".")
        if not every:
            yield _Found(place, (*one.chain, value))
        elif isinstance(value, list):
            # What stands in an array stands in the object around it: one step up leads there.
            yield from (_Found(f"{place}[{number}]", (*one.chain, each)) for number, each in enumerate(value))


def _groups(value: Any, words: Groups, reader: RowReader) -> dict[str, GroupDraft]:
    groups: dict[str, GroupDraft] = {}
    for number, found in enumerate(_rows(value, words.rows), 1):
        name = str(found.look_up(words.key) or "").strip()
        options = tuple(_options(found, words, reader, number))
        if not name or not options:
            sentence = "An option group has a name and options."
            reader.making.remarks.fault(number, found.path, RemarkCode.GROUP_NOT_ALLOWED, sentence, name)
            continue
        several = str(found.look_up(words.kind) or "") in words.several if words.kind else False
        groups[name] = GroupDraft(
            name=name,
            ref=name,
            options=options,
            min_choices=0 if several else 1,
            max_choices=len(options) if several else 1,
        )
    return groups


def _options(group: _Found, words: Groups, reader: RowReader, number: int) -> Iterator[OptionDraft]:
    found = [_Found(one.path, one.chain) for one in _below([group], words.options.removesuffix("[]"), every=True)]
    if words.order:
        found.sort(key=lambda one: _rank(one.look_up(words.order)))
    for option in found:
        name = str(option.look_up(words.option_name) or "").strip()
        said = option.look_up(words.option_price) if words.option_price else None
        try:
            price = 0 if said is None else minor_units(str(said), reader.currency, reader.mapping.decimal)
        except ValueError:
            sentence = "This is not the price of an option; the option is left out."
            reader.making.remarks.fault(number, option.path, RemarkCode.PRICE_NOT_READABLE, sentence, said)
            continue
        yield OptionDraft(name=name, price=price)


def _rank(said: Any) -> float:
    return float(said) if isinstance(said, int | float) else float("inf")
