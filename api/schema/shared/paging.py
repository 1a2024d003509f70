"""Connections after Relay's convention over the house's keyset pages."""

from collections.abc import Callable
from typing import Generic, Self, TypeVar

import strawberry

from services.kernel.paging import Page

Node = TypeVar("Node")
Row = TypeVar("Row")


@strawberry.type(description="Where a page ends and whether more follows.")
class PageInfo:
    has_next_page: bool
    has_previous_page: bool = strawberry.field(description="Whether this page was asked for after another.")
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type(description="A row of a page and the cursor after which the next page may begin.")
class Edge(Generic[Node]):
    cursor: str
    node: Node


@strawberry.type(description="A page of a list that grows.")
class Connection(Generic[Node]):
    edges: list[Edge[Node]]
    page_info: PageInfo

    @classmethod
    def of(cls, page: Page[Row], node: Callable[[Row], Node], *, after: str | None = None) -> Self:
        """The page with each row said as `node(row)`; `after` is the cursor the page was asked for."""
        edges = [Edge(cursor=cursor, node=node(row)) for row, cursor in zip(page.rows, page.cursors, strict=True)]
        return cls(
            edges=edges,
            page_info=PageInfo(
                has_next_page=page.has_next,
                has_previous_page=after is not None,
                start_cursor=page.cursors[0] if page.cursors else None,
                end_cursor=page.end_cursor,
            ),
        )
