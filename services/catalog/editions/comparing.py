"""What differs: an edition from what is published, and two people's versions of one draft."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.catalog.editions.errors import Overtaken
from services.catalog.editions.queries import EditionCard, documents, documents_at
from services.catalog.editions.standing import leave_what_was_fed
from services.catalog.published import published_menus
from services.catalog.rules import MenuDraft
from services.catalog.rules.counts import uncounted
from services.catalog.rules.differences import DifferenceKind, RowDifference, differences
from services.catalog.rules.documents import read
from services.catalog.rules.layout import layout_of
from services.kernel.paging import Page, PageRequest, keys, number, page_of


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many rows are new, gone and otherwise, and the rows themselves."""

    rows: Sequence[RowDifference]

    def count(self, kind: DifferenceKind) -> int:
        return sum(row.kind is kind for row in self.rows)

    def page(self, page: PageRequest) -> Page[RowDifference]:
        """A page of the rows, which are counted from the first one on. Raises BadInput for a cursor that was not made here."""
        begin = int(keys(page.after, number)[0]) + 1 if page.after is not None else 0
        asked = list(enumerate(self.rows))[max(begin, 0) : max(begin, 0) + page.first + 1]
        found = page_of(asked, page, lambda row: (row[0],))
        return Page([row for _, row in found.rows], found.cursors, found.has_next)


async def compared(editions: Sequence[EditionCard]) -> list[Comparison]:
    """What publishing each of these editions would change, in their order."""
    said = await documents(editions)
    published = {store_id: uncounted(await published_menus(store_id)) for store_id in {card.store_id for card in editions}}
    return [Comparison(await _from_published(published[card.store_id], card, said[card.id].document)) for card in editions]


async def overtaken(draft: EditionCard, seen_version: int, yours: Mapping[str, Any]) -> Overtaken:
    """What whoever changed an older version needs: both documents, and what each of the two changed."""
    kept = await documents_at(draft.id, draft.version, seen_version)
    theirs = kept[draft.version].document
    common = seen_version in kept
    start = read(kept[seen_version].document).menus if common else uncounted(await published_menus(draft.store_id))
    return Overtaken(theirs, yours, common, _between(start, theirs), _between(start, yours))


async def _from_published(published: Sequence[MenuDraft], card: EditionCard, said: Mapping[str, Any]) -> list[RowDifference]:
    document = read(said)
    after = layout_of(document.menus)[0]
    await leave_what_was_fed(after, card)
    return list(differences(layout_of(published)[0], after, document.currency))


def _between(before: Sequence[MenuDraft], after: Mapping[str, Any]) -> list[RowDifference]:
    document = read(after)
    return list(differences(layout_of(before)[0], layout_of(document.menus)[0], document.currency))
