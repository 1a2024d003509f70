"""An example of every push, by the rules of the real ones; `python -m tests.contracts.push_samples` writes the files."""

import json
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from services.adapters.firebase_messages import encode
from services.identity.rules import Platform, PushKind
from services.kernel.actors import Audience
from services.kernel.events import Event
from services.notifications.operations.queueing import NewPush, collapse_key
from services.notifications.payloads import payload_of, schema
from services.notifications.ports import LiveActivity, PushAddress, PushMessage
from services.notifications.tellings import TELLINGS, Telling, matters_until, time_told
from services.notifications.words import Said, say
from services.orders.events import OrderEvent

FOLDER = Path(__file__).parents[2] / "mobile_contracts" / "push"
AT = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)


def an_id(number: int) -> UUID:
    return UUID(int=0x0190_0000_0000_7000_8000_0000_0000_0000 + number)


VALUES: dict[str, Any] = {
    name: an_id(number)
    for number, name in enumerate(
        ("order_id", "purchase_id", "store_id", "consumer_id", "delivery_id", "courier_id", "stop_id", "offer_id"), 1
    )
} | {
    "number": "R-1042",
    "store_ids": [an_id(3)],
    "order_ids": [an_id(1)],
    "item_ids": [],
    "reason": "TOO_BUSY",
    "reason_given": "nobody at the door",
    "liable_party": "STORE",
    "by": "support",
    "accept_by": AT + timedelta(minutes=8),
    "ready_at": AT + timedelta(minutes=25),
    "earlier_ready_at": AT + timedelta(minutes=15),
    "release_at": AT + timedelta(hours=2),
    "expires_at": AT + timedelta(seconds=30),
}


def example(kind: type[Event]) -> Any:
    """A fact of this kind."""
    return kind(**{field.name: VALUES[field.name] for field in fields(kind)})


def message(audience: Audience, kind: type[Event], how: Telling, platform: Platform) -> PushMessage:
    """The push about it as a phone on this platform gets it."""
    event, event_id = example(kind), an_id(99)
    number = event.number if isinstance(event, OrderEvent) else ""
    title, body = say(audience, how.kind, Said(["Ravintola Aino"], number, time_told(event), "Europe/Helsinki"), "en")
    data = payload_of(audience, how.kind, event, event_id)
    new = NewPush(event=event, event_id=event_id, audience=audience, how=how, data=data)
    return PushMessage(
        id=an_id(100),
        address=PushAddress(PushKind.FCM_FID, "the-installation", platform),
        title=title,
        body=body,
        data=data,
        priority=how.priority,
        collapse_key=collapse_key(new),
        collapsed=how.collapsible,
        lasts_for=matters_until(event, AT) - AT,
        sent_at=AT,
    )


def samples() -> Iterator[tuple[str, dict[str, Any]]]:
    """File name and FCM message of every push there is, on Android and on iOS."""
    for audience, table in TELLINGS.items():
        for kind, how in table.items():
            for platform in (Platform.ANDROID, Platform.IOS):
                made = json.loads(encode(message(audience, kind, how, platform)))
                yield f"{audience}/{how.kind}.{platform.lower()}.json", made
    yield "consumer/live_activity.ios.json", json.loads(encode(live_activity()))


def live_activity() -> PushMessage:
    """A stage told to a Live Activity."""
    kind, how = next(iter(TELLINGS[Audience.CONSUMER].items()))
    plain = message(Audience.CONSUMER, kind, how, Platform.IOS)
    activity = LiveActivity(
        token="the-activity", content={"stage": "PREPARING"}, at=AT, stale_at=AT + timedelta(minutes=15), urgent=True
    )
    return replace(plain, live_activity=activity, collapsed=False)


def files() -> dict[str, str]:
    """Every file of the contract with its text."""
    told: dict[str, Any] = {f"samples/{name}": made for name, made in samples()} | {"schema.json": schema()}
    return {name: json.dumps(made, indent=2, sort_keys=True, ensure_ascii=False) + "\n" for name, made in told.items()}


if __name__ == "__main__":
    for name, text in files().items():
        (FOLDER / name).parent.mkdir(parents=True, exist_ok=True)
        (FOLDER / name).write_text(text, "utf-8")
