"""From settings to a running house: the database, Redis, the clock, and the ports with real or local adapters behind them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from services.adapters.firebase import FirebaseIdTokens, GoogleCertificates
from services.adapters.firebase_push import open_firebase_push
from services.adapters.floors import check_servers
from services.adapters.local_identity import LocalIssuer, open_issuer
from services.adapters.local_push import LocalPush
from services.adapters.local_texts import LocalTexts
from services.adapters.redis import RedisPair, open_redis
from services.adapters.sandbox_cards import SandboxCards
from services.adapters.stripe_cards import StripeCards
from services.adapters.twilio_texts import open_twilio
from services.identity.ports import IdTokenVerifier, TextMessages
from services.identity.revocations import follow_revocations, read_again
from services.kernel import background, city_clock, clock, database, nudges
from services.models import MODEL_MODULES
from services.notifications.ports import PushSender
from services.payments.ports import CardProvider
from services.settings import Settings


@dataclass(frozen=True, slots=True)
class Ports:
    """The strangers the house deals with."""

    settings: Settings
    redis: RedisPair
    id_tokens: IdTokenVerifier
    cards: CardProvider
    push: PushSender
    texts: TextMessages
    # Development alone: who stands in for Firebase on the phone.
    issuer: LocalIssuer | None = None


def open_ports(settings: Settings, redis: RedisPair) -> Ports:
    """The adapters that the settings ask for."""
    issuer = open_issuer(settings.firebase_project, settings.data_folder) if settings.sign_in == "local" else None
    google = FirebaseIdTokens(settings.firebase_project, GoogleCertificates(settings.google_certificates_url))
    tokens = issuer.verifier() if issuer else google
    return Ports(
        settings=settings,
        redis=redis,
        id_tokens=tokens,
        cards=_cards(settings),
        push=_push(settings),
        texts=_texts(settings),
        issuer=issuer,
    )


def _cards(settings: Settings) -> CardProvider:
    secret = settings.webhook_secret.get_secret_value()
    if settings.cards == "stripe":
        return StripeCards(settings.stripe_key.get_secret_value(), secret, settings.stripe_url)
    return SandboxCards(secret, settings.gateway_url)


def _push(settings: Settings) -> PushSender:
    if settings.push == "local":
        return LocalPush()
    return open_firebase_push(settings.firebase_project, settings.firebase_credentials, settings.fcm_url)


def _texts(settings: Settings) -> TextMessages:
    return open_twilio(settings) if settings.sms == "twilio" else LocalTexts(settings.data_folder)


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Ports]:
    """A process of the house from start to stop: everything it leans on is open inside, and closed after. Raises ServerUnfit.

    Without Redis it starts all the same, and tells and hears more slowly until Redis is there.
    """
    await check_servers(settings.database_url, settings.redis_url, without_redis=True)
    await database.connect(
        settings.database_url, MODEL_MODULES, pool=settings.database_pool, statement_timeout_ms=settings.statement_timeout_ms
    )
    redis = open_redis(settings.redis_url)
    # Nobody gets in on a session that ended while this process was not there to hear of it.
    await read_again()
    followers = [
        asyncio.create_task(nudges.follow(redis.waiting)),
        asyncio.create_task(nudges.spread(redis.requests)),
        asyncio.create_task(follow_revocations()),
    ]
    if settings.profile == "development":
        clock.set_anchor(await city_clock.read_anchor())
        followers.append(asyncio.create_task(city_clock.follow()))
    ports = open_ports(settings, redis)
    try:
        yield ports
    finally:
        await background.end(followers)
        await ports.push.close()
        await ports.texts.close()
        await redis.close()
        await database.disconnect()
