"""Partners and their stores come into the house: registered, opened, gone live, told anew."""

from dataclasses import asdict, dataclass
from uuid import UUID

from services.kernel import clock
from services.kernel.actors import Person, StoreStaff, System
from services.kernel.errors import BadInput
from services.kernel.ids import new_id
from services.kernel.places import on_earth
from services.kernel.unit_of_work import unit_of_work
from services.stores import rules
from services.stores.events import StoreDescribed, StoreOpened, StoreWentLive
from services.stores.models import Partner, Store, StoreKind, StoreState
from services.stores.operations.changing import change, must_be_allowed
from services.stores.operations.hours import check_hours
from services.stores.pages import StorePage, page_of_store
from services.stores.queries import StoreCard, lock_store, store

LONGEST_STORY = 4_000
LONGEST_LINE = 200
MOST_CUISINES, LONGEST_CUISINE = 10, 40


@dataclass(frozen=True, kw_only=True)
class StoreDescription:
    """What a store is, as its partner tells it."""

    partner_id: UUID
    kind: StoreKind
    name: str
    category: str
    latitude: float
    longitude: float
    street: str
    housenumber: str
    postcode: str
    city: str
    country: str
    time_zone: str
    currency: str
    opening_hours: str
    cuisines: tuple[str, ...] = ()
    hours_assumed: bool = False
    preparation_minutes: int = 20
    delivery_radius_m: int = 5_000
    minimum_basket: int = 0
    prices_include_tax: bool = True
    auto_accept: bool = False
    source_ref: str | None = None


@dataclass(frozen=True, kw_only=True)
class StoreWords:
    """What a store says of itself: its name, its story, and where its door is in words."""

    name: str
    story: str
    category: str
    cuisines: tuple[str, ...]
    street: str
    housenumber: str
    postcode: str
    city: str


async def register_partner(
    actor: System | Person, *, legal_name: str, commission_bps: int, source_ref: str | None = None
) -> UUID:
    """A new partner's id; the same `source_ref` again answers the partner that is there, unchanged. Raises BadInput."""
    if not 1 <= len(legal_name.strip()) <= LONGEST_LINE or "\0" in legal_name:
        raise BadInput(f"A legal name has 1 to {LONGEST_LINE} characters.", field="legalName")
    async with unit_of_work(actor):
        earlier = await Partner.get_or_none(source_ref=source_ref) if source_ref else None
        if earlier is not None:
            return earlier.id
        partner = await Partner.create(
            id=new_id(), source_ref=source_ref, legal_name=legal_name, commission_bps=commission_bps, created_at=clock.now()
        )
        return partner.id


async def open_store(actor: System | Person, description: StoreDescription, *, state: StoreState = StoreState.LIVE) -> StoreCard:
    """A new store, live at once or a draft; the same `source_ref` again answers the store that is there, unchanged.

    Raises HoursNotReadable, BadInput.
    """
    check_hours(description.opening_hours, description.time_zone, description.country)
    if not description.name.strip() or not on_earth(description.latitude, description.longitude):
        raise BadInput("A store has a name and stands on the earth.")
    async with unit_of_work(actor) as work:
        if description.source_ref and (earlier := await Store.get_or_none(source_ref=description.source_ref)):
            return await store(earlier.id)
        store_id = new_id()
        facts = asdict(description) | {"cuisines": list(description.cuisines)}
        slug = rules.slug_of(description.name, store_id.hex[-8:])
        await Store.create(id=store_id, slug=slug, state=state, created_at=clock.now(), **facts)
        await work.record(StoreOpened(store_id=store_id, partner_id=description.partner_id, name=description.name))
        return await store(store_id)


async def make_live(staff: StoreStaff) -> StoreCard:
    """The store is shown and sells from now on; whether it is ready is for the caller to know. Again changes nothing."""
    must_be_allowed(staff, "go_live")
    async with unit_of_work(staff) as work:
        card = await lock_store(staff.store_id)
        if card.state == StoreState.LIVE:
            return card
        await change(card.id, state=StoreState.LIVE)
        await work.record(StoreWentLive(store_id=card.id))
        return await store(card.id)


async def describe_store(staff: StoreStaff, words: StoreWords) -> StorePage:
    """The store says this of itself from now on; its slug stays. The same again changes nothing. Raises BadInput, Forbidden."""
    must_be_allowed(staff, "describe_store")
    told = check_words(words)
    async with unit_of_work(staff) as work:
        card = await lock_store(staff.store_id)
        page = await page_of_store(card.id)
        if all(getattr(page if name == "story" else card, name) == said for name, said in told.items()):
            return page
        await change(card.id, **told)
        await work.record(StoreDescribed(store_id=card.id))
        return await page_of_store(card.id)


def check_words(words: StoreWords) -> dict[str, object]:
    """The words as columns. Raises BadInput naming the first that is missing, too long or no text."""
    told: dict[str, object] = {}
    for name, said in asdict(words).items():
        if name == "cuisines":
            told[name] = _checked_cuisines(said)
            continue
        text, most = said.strip(), LONGEST_STORY if name == "story" else LONGEST_LINE
        if len(text) > most or "\0" in text or (name == "name" and not text):
            raise BadInput(f"This is text of at most {most} characters.", field=name)
        told[name] = text
    return told


def _checked_cuisines(said: tuple[str, ...]) -> list[str]:
    cuisines = list(dict.fromkeys(one.strip().lower() for one in said))
    if len(cuisines) > MOST_CUISINES or any(not 1 <= len(one) <= LONGEST_CUISINE or "\0" in one for one in cuisines):
        raise BadInput(f"At most {MOST_CUISINES} cuisines of at most {LONGEST_CUISINE} letters.", field="cuisines")
    return cuisines
