"""What can be done to open a store: begin one as a draft, and let it go live when nothing is missing."""

from dataclasses import asdict, dataclass
from uuid import UUID

from services.identity.operations import grant_role
from services.identity.operations.people import know_person
from services.identity.ports import IdTokenVerifier
from services.identity.queries import person_by_uid
from services.identity.rules import DEFAULT_LOCALE
from services.kernel import idempotency
from services.kernel.actors import Audience, Consumer, StaffRole, StoreStaff, System
from services.kernel.errors import BadInput
from services.kernel.ids import new_id
from services.kernel.unit_of_work import unit_of_work
from services.opening.errors import StoreNotReady, TooManyDrafts
from services.opening.queries import checklist_of, drafts_of, partner_of
from services.settings import settings
from services.stores.models import StoreKind, StoreState
from services.stores.operations import (
    StoreDescription,
    StoreWords,
    check_words,
    make_live,
    must_be_allowed,
    open_store,
    register_partner,
)
from services.stores.queries import StoreCard, lock_store, store

MOST_DRAFTS = 3
# Where we know the taxes: the clock and the money of each country.
COUNTRIES = {"FI": ("Europe/Helsinki", "EUR")}
_OPENING = System("opening")


@dataclass(frozen=True, kw_only=True)
class Beginning:
    """The first step: who you are."""

    legal_name: str
    kind: StoreKind
    name: str
    category: str
    street: str
    housenumber: str
    postcode: str
    city: str
    country: str
    latitude: float
    longitude: float


async def begin_store(id_token: str, told: Beginning, *, key: str, verifier: IdTokenVerifier) -> StoreCard:
    """A draft of a store, owned by whoever the ID token was made for, who signs in to it from now on; once for each key.

    Raises IdTokenNotAccepted, NotAllowedHere for who is barred, TooManyDrafts, BadInput, KeyReusedWithOtherInput,
    OperationInProgress.
    """
    identity = await verifier.verify(id_token)
    async with unit_of_work() as work:
        known = await person_by_uid(identity.uid)
        person = await know_person(identity, known.locale if known else DEFAULT_LOCALE)
        # Nobody is signed in: what happens is put down to the person who has proved who they are.
        opener = work.actor = Consumer(person.id, new_id())
        earlier = await idempotency.once(opener, "openStore", key, asdict(told))
        if earlier:
            return await store(UUID(earlier.result["store_id"]))
        _check(told)
        if await drafts_of(person.id) >= MOST_DRAFTS:
            raise TooManyDrafts(MOST_DRAFTS)
        card = await _begin(opener, told)
        await grant_role(_OPENING, person.id, Audience.STORE, StaffRole.OWNER, card.id)
        await idempotency.keep(opener, "openStore", key, {"store_id": str(card.id)})
        return card


async def go_live(staff: StoreStaff) -> StoreCard:
    """The store is shown and sells from now on; again changes nothing. Raises StoreNotReady naming all it lacks, Forbidden."""
    must_be_allowed(staff, "go_live")
    async with unit_of_work(staff):
        missing = (await checklist_of(await lock_store(staff.store_id))).missing
        if missing:
            raise StoreNotReady(missing)
        return await make_live(staff)


async def _begin(opener: Consumer, told: Beginning) -> StoreCard:
    legal_name = told.legal_name.strip()
    partner = await partner_of(opener.person_id, legal_name)
    if partner is None:
        commission = settings().limits.commission_bps
        partner = await register_partner(opener, legal_name=legal_name, commission_bps=commission)
    time_zone, currency = COUNTRIES[told.country]
    description = StoreDescription(
        partner_id=partner,
        kind=told.kind,
        latitude=told.latitude,
        longitude=told.longitude,
        country=told.country,
        time_zone=time_zone,
        currency=currency,
        opening_hours="off",
        hours_assumed=True,
        name=told.name.strip(),
        category=told.category.strip(),
        street=told.street.strip(),
        housenumber=told.housenumber.strip(),
        postcode=told.postcode.strip(),
        city=told.city.strip(),
    )
    return await open_store(opener, description, state=StoreState.DRAFT)


def _check(told: Beginning) -> None:
    if told.country not in COUNTRIES:
        raise BadInput(f"Stores are opened in {', '.join(COUNTRIES)}.", field="country")
    words = StoreWords(
        name=told.name,
        story="",
        category=told.category,
        cuisines=(),
        street=told.street,
        housenumber=told.housenumber,
        postcode=told.postcode,
        city=told.city,
    )
    check_words(words)
