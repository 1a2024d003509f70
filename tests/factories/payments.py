"""Payments for tests, made by the operations themselves on the sandbox network; and a network that loses calls when told to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID, uuid4

from services.adapters.sandbox_cards import SandboxCards
from services.kernel.actors import Consumer
from services.kernel.database import Row, row
from services.kernel.unit_of_work import unit_of_work
from services.payments.errors import ProviderUnavailable
from services.payments.operations import authorise, open_payment, request_capture
from services.payments.ports import Authorisation, CardProvider, Movement, ProviderEvent
from services.payments.queries import Capture, Payment
from services.payments.rules import Split

SECRET = "whsec_dGVzdHMtb2YtcGFubmllci1vbmx5LXRlc3RzLTAwMQ=="
NOWHERE = "http://127.0.0.1:9"
Answer = TypeVar("Answer")


async def only_row(sql: str, *arguments: object) -> Row:
    """The row that must be there."""
    found = await row(sql, *arguments)
    assert found is not None
    return found


def sandbox(gateway_url: str = NOWHERE) -> SandboxCards:
    """A sandbox network with the tests' own secret."""
    return SandboxCards(SECRET, gateway_url)


@dataclass(frozen=True, slots=True)
class TestPorts:
    """The ports of the house, as far as payments see them."""

    __test__ = False
    cards: CardProvider


def make_paying_consumer(person_id: UUID | None = None) -> Consumer:
    """A consumer of whom payments need no row."""
    return Consumer(person_id or uuid4(), uuid4())


async def make_opened_payment(amount: int = 5_000, method: str = "card_ok", consumer: Consumer | None = None) -> Payment:
    """A payment whose provider was not asked yet."""
    async with unit_of_work():
        return await open_payment(uuid4(), (consumer or make_paying_consumer()).person_id, amount, "EUR", method)


async def make_payment(
    amount: int = 5_000, method: str = "card_ok", *, cards: CardProvider | None = None, consumer: Consumer | None = None
) -> Payment:
    """A payment after its provider was asked: authorised with the default card."""
    opened = await make_opened_payment(amount, method, consumer)
    return await authorise(opened.id, cards or sandbox())


def make_split(amount: int, *, store_id: UUID | None = None, tip: int = 0) -> Split:
    """A split of `amount`: a fifth of the goods is commission, the rest the store's."""
    goods = amount - tip
    return Split(store_id=store_id or uuid4(), goods=goods, commission=goods // 5, tip=tip)


async def make_capture_request(
    payment: Payment, amount: int, *, order_id: UUID | None = None, store_id: UUID | None = None
) -> Capture:
    """An order's part that was decided on and not carried out."""
    return await request_capture(order_id or uuid4(), payment.purchase_id, amount, make_split(amount, store_id=store_id))


@dataclass
class UnreliableCards:
    """The sandbox behind a bad line: each fault takes the next call of its name, either on the way there or on the way back."""

    inner: SandboxCards = field(default_factory=sandbox)
    lost_there: list[str] = field(default_factory=list)
    lost_back: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    async def authorise(self, key: UUID, amount: int, currency: str, method: str) -> Authorisation:
        self._there("authorise")
        return self._back("authorise", await self.inner.authorise(key, amount, currency, method))

    async def confirm(self, provider_ref: str, answer: str) -> Authorisation:
        self._there("confirm")
        return self._back("confirm", await self.inner.confirm(provider_ref, answer))

    async def capture(self, key: UUID, provider_ref: str, amount: int, *, final: bool) -> Movement:
        self._there("capture")
        return self._back("capture", await self.inner.capture(key, provider_ref, amount, final=final))

    async def void(self, key: UUID, provider_ref: str) -> None:
        self._there("void")
        await self.inner.void(key, provider_ref)
        self._back("void", None)

    async def refund(self, key: UUID, provider_ref: str, amount: int) -> Movement:
        self._there("refund")
        return self._back("refund", await self.inner.refund(key, provider_ref, amount))

    async def look_up(self, provider_ref: str) -> Authorisation:
        self._there("look_up")
        return self._back("look_up", await self.inner.look_up(provider_ref))

    async def look_up_refund(self, provider_ref: str) -> Movement:
        return await self.inner.look_up_refund(provider_ref)

    def read_webhook(self, raw: bytes, headers: Mapping[str, str]) -> ProviderEvent:
        return self.inner.read_webhook(raw, headers)

    def _there(self, call: str) -> None:
        self.calls.append(call)
        if call in self.lost_there:
            self.lost_there.remove(call)
            raise ProviderUnavailable("lost on the way there")

    def _back(self, call: str, answer: Answer) -> Answer:
        if call in self.lost_back:
            self.lost_back.remove(call)
            raise ProviderUnavailable("lost on the way back")
        return answer
