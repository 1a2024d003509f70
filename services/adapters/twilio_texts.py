"""Text messages through Twilio: one call of its Messages resource for each; the answers are read as documented."""

import httpx

from services.adapters.http_words import OVERLOADED, json_object, retry_after
from services.identity.ports import TextDelayed, TextRefused, TextSent
from services.settings import Settings

TIMEOUT = 10.0
PAUSE = 5.0
LONGEST_PAUSE = 60.0


class TextsNotConfigured(ValueError):
    """The settings ask for Twilio and do not say as whom."""


def open_twilio(settings: Settings) -> "TwilioTexts":
    """The sender of an account. Raises TextsNotConfigured."""
    token = settings.twilio_token.get_secret_value()
    if not (settings.twilio_account and token and settings.twilio_sender):
        raise TextsNotConfigured("PANNIER_SMS is 'twilio' and PANNIER_TWILIO_ACCOUNT, _TOKEN and _SENDER do not all say as whom.")
    return TwilioTexts(settings.twilio_url, settings.twilio_account, token, settings.twilio_sender)


class TwilioTexts:
    """Sends as one account, from one number or messaging service."""

    def __init__(self, url: str, account: str, token: str, sender: str, timeout: float = TIMEOUT) -> None:
        self._url = f"{url}/2010-04-01/Accounts/{account}/Messages.json"
        self._auth = (account, token)
        self._from = {"MessagingServiceSid" if sender.startswith("MG") else "From": sender}
        self._timeout = timeout
        self._client: httpx.AsyncClient | None = None

    async def send(self, phone: str, text: str) -> TextSent | TextDelayed | TextRefused:
        try:
            answer = await self._open().post(self._url, data={"To": phone, "Body": text, **self._from})
        except (httpx.ConnectError, httpx.ConnectTimeout) as away:
            return TextDelayed(PAUSE, type(away).__name__)
        except httpx.HTTPError as unclear:
            # It may have left: a second one would cost a second time, and the phone can ask again.
            return TextRefused(type(unclear).__name__)
        return outcome_of(answer)

    async def close(self) -> None:
        if self._client:
            await self._client.aclose()
            self._client = None

    def _open(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=self._timeout, follow_redirects=False, auth=self._auth)
        return self._client


def outcome_of(answer: httpx.Response) -> TextSent | TextDelayed | TextRefused:
    """What Twilio's answer means: 201 is queued, 429 and 5xx pass, any other code is final."""
    said = json_object(answer)
    if answer.status_code == httpx.codes.CREATED:
        return TextSent(str(said.get("sid") or "twilio"))
    if answer.status_code in OVERLOADED:
        asked = retry_after(answer)
        return TextDelayed(PAUSE if asked is None else min(asked, LONGEST_PAUSE), f"HTTP_{answer.status_code}")
    # Its message may hold the number: the code alone is kept.
    return TextRefused(f"TWILIO_{said.get('code') or answer.status_code}")
