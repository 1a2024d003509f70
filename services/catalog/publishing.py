"""The one way by which a menu comes on sale: its rows are written, it is kept as an edition, and everybody is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.catalog.choices_out import write_choices_out_of_store
from services.catalog.editions import keeping
from services.catalog.editions.keeping import Published
from services.catalog.editions.queries import EditionCard, editions_topic
from services.catalog.editions.standing import leave_what_was_fed
from services.catalog.editions.states import EditionOrigin
from services.catalog.errors import MenuRowInvalid
from services.catalog.events import MenuReplaced
from services.catalog.rules import MenuDraft
from services.catalog.rules.counts import counted_as_before
from services.catalog.rules.documents import write
from services.catalog.rules.layout import Layout, lay_out
from services.catalog.rules.limits import check_menus
from services.catalog.stock_counts import stock_by_ref
from services.catalog.writing import write_menus
from services.kernel.unit_of_work import UnitOfWork
from services.stores.models import StoreState
from services.stores.operations import raise_version
from services.stores.queries import StoreCard


@dataclass(frozen=True, slots=True)
class AsEdition:
    """A menu that staff wrote as an edition, or that brings an earlier publication back: counts it does not say stay.

    So do prices that a till fed while staff wrote, where they changed none, and counts fed after they had written; going back
    is meant, and sets prices.
    """

    edition: EditionCard | None = None
    restores: int | None = None


def checked_layout(menus: Sequence[MenuDraft]) -> Layout:
    """The rows of menus that can stand. Raises MenuLimitExceeded, MenuRowInvalid."""
    check_menus(menus)
    return lay_out(menus)


async def put_on_sale(
    work: UnitOfWork,
    store: StoreCard,
    menus: Sequence[MenuDraft],
    layout: Layout,
    *,
    at: datetime,
    as_edition: AsEdition | None = None,
) -> Published:
    """The locked store sells exactly these menus, checked and laid out before; part of the work that locked it.

    Raises MenuRowInvalid where a live store would have nothing to sell.
    """
    if store.state == StoreState.LIVE and not layout.items:
        raise MenuRowInvalid("menus", "", "a live store must have something to sell; to take no orders, pause it")
    if as_edition is not None:
        if as_edition.edition is not None:
            await leave_what_was_fed(layout, as_edition.edition)
        counted_as_before(layout, await stock_by_ref(store.id))
    written = await write_menus(store.id, store.currency, layout, at)
    await write_choices_out_of_store(store.id)
    published = await _keep(work, store, menus, at, as_edition)
    await raise_version(work, [store.id])
    await work.record(
        MenuReplaced(
            store_id=store.id,
            items=written.items,
            items_removed=written.items_removed,
            edition_id=published.edition_id,
            called_off=published.called_off,
        )
    )
    work.nudge(editions_topic(store.id))
    return published


async def _keep(
    work: UnitOfWork, store: StoreCard, menus: Sequence[MenuDraft], at: datetime, as_edition: AsEdition | None
) -> Published:
    by = work.actor.person_id
    if as_edition is not None and as_edition.edition is not None:
        return await keeping.publish_edition(as_edition.edition, by=by, at=at)
    return await keeping.publish_document(
        store.id,
        write(menus, store.currency),
        EditionOrigin.UNDO if as_edition else EditionOrigin.REPLACEMENT,
        restores=as_edition.restores if as_edition else None,
        by=by,
        at=at,
    )
