"""The production profile refuses what was made for development, naming each."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from services.production import UnfitForProduction, refuse_unfit, unfit_for_production
from services.settings import Settings

SOUND: dict[str, Any] = {
    "profile": "production",
    "DATABASE_URL": "postgresql://db/pannier",
    "REDIS_URL": "redis://cache",
    "FIREBASE_AUTH_EMULATOR_HOST": "",
    "sign_in": "firebase",
    "push": "firebase",
    "sms": "off",
    "cards": "stripe",
    "stripe_key": SecretStr("sk_live_" + "s" * 24),
    "firebase_project": "pannier-live",
    "firebase_credentials": Path("/etc/pannier/firebase.json"),
    "token_keys": {"2026-11": SecretStr("k" * 32)},
    "quote_key": SecretStr("q" * 32),
    "webhook_secret": SecretStr("whsec_" + "d" * 44),
}


def test_a_sound_production_house_may_start() -> None:
    refuse_unfit(Settings(**SOUND))


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"DATABASE_URL": ""}, "DATABASE_URL"),
        ({"REDIS_URL": ""}, "REDIS_URL"),
        ({"FIREBASE_AUTH_EMULATOR_HOST": "localhost:9099"}, "FIREBASE_AUTH_EMULATOR_HOST"),
        ({"sign_in": "local"}, "PANNIER_SIGN_IN"),
        ({"push": "local"}, "PANNIER_PUSH"),
        ({"sms": "local"}, "PANNIER_SMS"),
        ({"sms": "twilio"}, "PANNIER_TWILIO_ACCOUNT"),
        ({"cards": "sandbox"}, "PANNIER_CARDS"),
        ({"stripe_key": SecretStr("")}, "PANNIER_STRIPE_KEY is empty"),
        ({"metrics_token": SecretStr("short")}, "PANNIER_METRICS_TOKEN has less than 32 bytes"),
        ({"firebase_credentials": None}, "PANNIER_FIREBASE_CREDENTIALS"),
        ({"firebase_project": "pannier-development"}, "PANNIER_FIREBASE_PROJECT"),
        ({"token_keys": Settings.model_fields["token_keys"].default}, "PANNIER_TOKEN_KEYS holds the development key"),
        ({"token_keys": {"short": SecretStr("k" * 31)}}, "less than 32 bytes"),
        ({"token_keys": {}}, "PANNIER_TOKEN_KEYS is empty"),
        ({"quote_key": Settings.model_fields["quote_key"].default}, "PANNIER_QUOTE_KEY"),
        ({"webhook_secret": Settings.model_fields["webhook_secret"].default}, "PANNIER_WEBHOOK_SECRET"),
    ],
)
def test_each_thing_of_development_is_refused_by_name(wrong: dict[str, Any], named: str) -> None:
    chosen = Settings(**SOUND | wrong)
    [reason] = unfit_for_production(chosen)
    assert named in reason
    with pytest.raises(UnfitForProduction, match=named):
        refuse_unfit(chosen)


def test_development_may_have_all_of_it() -> None:
    assert unfit_for_production(Settings()) == []
