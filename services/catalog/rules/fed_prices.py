"""Prices that a till fed while an edition was written: the edition sets only those that whoever wrote it changed."""

from collections.abc import Mapping
from dataclasses import replace

from services.catalog.rules.layout import Layout


def priced_as_fed(layout: Layout, begun: Layout, fed: Mapping[str, int]) -> None:
    """Give every item its fed price by its reference, where the layout says the price it was begun with."""
    for ref in fed.keys() & layout.items.keys() & begun.items.keys():
        row = layout.items[ref]
        if row.draft.price == begun.items[ref].draft.price:
            layout.items[ref] = replace(row, draft=replace(row.draft, price=fed[ref]))
