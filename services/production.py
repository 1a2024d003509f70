"""What production refuses to start with, each named, so that nothing made for development ever meets a customer."""

from services.settings import DEVELOPMENT_KEY, Settings

SHORTEST_KEY = 32
_DEVELOPMENT_WEBHOOK_SECRET = Settings.model_fields["webhook_secret"].default.get_secret_value()


def unfit_for_production(settings: Settings) -> list[str]:
    """One sentence for everything that a production house must not have; empty when it may start."""
    keys = {name: secret.get_secret_value() for name, secret in settings.token_keys.items()}
    found = {
        "DATABASE_URL is not set: production does not run on the embedded PostgreSQL.": not settings.database_url,
        "REDIS_URL is not set: production does not run on the embedded Valkey.": not settings.redis_url,
        "FIREBASE_AUTH_EMULATOR_HOST is set: with it anybody can sign in as anybody.": bool(settings.firebase_auth_emulator_host),
        "PANNIER_SIGN_IN is 'local': developer sign-in has no place in production; set it to 'firebase'.": settings.sign_in
        == "local",
        "PANNIER_PUSH is 'local': pushes would only be recorded; set it to 'firebase'.": settings.push == "local",
        "PANNIER_CARDS is 'sandbox': no money would move; set it to 'stripe'.": settings.cards == "sandbox",
        "PANNIER_SMS is 'local': codes would only go into a file; set it to 'twilio' or 'off'.": settings.sms == "local",
        "PANNIER_TWILIO_ACCOUNT, _TOKEN and _SENDER do not all say as whom codes are sent.": settings.sms == "twilio"
        and not (settings.twilio_account and settings.twilio_token.get_secret_value() and settings.twilio_sender),
        "PANNIER_STRIPE_KEY is empty: no card could be charged.": settings.cards == "stripe"
        and not settings.stripe_key.get_secret_value(),
        "PANNIER_FIREBASE_CREDENTIALS names no service account file: no push could be sent.": settings.push == "firebase"
        and settings.firebase_credentials is None,
        "PANNIER_FIREBASE_PROJECT is the development project: name your own.": settings.firebase_project
        == Settings.model_fields["firebase_project"].default,
        "PANNIER_TOKEN_KEYS holds the development key.": DEVELOPMENT_KEY in keys.values(),
        "PANNIER_TOKEN_KEYS holds a key of less than 32 bytes.": any(len(key.encode()) < SHORTEST_KEY for key in keys.values()),
        "PANNIER_TOKEN_KEYS is empty.": not keys,
        "PANNIER_METRICS_TOKEN has less than 32 bytes: it can be guessed.": 0
        < len(settings.metrics_token.get_secret_value().encode())
        < SHORTEST_KEY,
        "PANNIER_QUOTE_KEY is the development key.": settings.quote_key.get_secret_value() == DEVELOPMENT_KEY,
        "PANNIER_WEBHOOK_SECRET is the development secret.": settings.webhook_secret.get_secret_value()
        == _DEVELOPMENT_WEBHOOK_SECRET,
    }
    return [sentence for sentence, holds in found.items() if settings.profile == "production" and holds]


class UnfitForProduction(RuntimeError):
    """The production profile refuses to start; the message names every reason."""


def refuse_unfit(settings: Settings) -> None:
    """Raise UnfitForProduction unless the settings may meet customers."""
    reasons = unfit_for_production(settings)
    if reasons:
        raise UnfitForProduction(" ".join(reasons))
