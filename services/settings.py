"""Settings: every figure and address the house can be told, read once from the environment by the entrypoints."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

MINUTE, HOUR, DAY = 60, 3_600, 86_400
DEVELOPMENT_KEY = "pannier-development-key-not-for-production-0001"


class Limits(BaseModel):
    """Clocks and limits of the domain book; spans in seconds, lengths in metres, amounts in minor units."""

    # stores
    accept_within: int = 8 * MINUTE
    expiries_before_pause: int = 3
    last_order_buffer: int = 20 * MINUTE
    # Of what a partner sells who opens a store by themselves, in basis points.
    commission_bps: int = 2_500
    # Between which a store may choose a delivery fee of its own, and the most it may ask on top of a small basket.
    own_delivery_fee_at_least: int = 0
    own_delivery_fee_at_most: int = 2_000
    own_small_basket_fee_at_most: int = 1_000
    # How long after a whole menu was brought in the next one may come.
    menu_sync_pause: int = MINUTE
    # carts and quotes
    quote_valid_for: int = 10 * MINUTE
    cart_kept_for: int = 7 * DAY
    lines_per_cart: int = 100
    quantity_per_line: int = 99
    # orders
    pay_within: int = 10 * MINUTE
    dispute_window: int = DAY
    ready_within: int = 3 * HOUR
    # dispatch
    offer_lasts: int = 30
    misses_before_offline: int = 3
    search_radii: tuple[int, ...] = (2_000, 4_000, 6_000)
    widen_search_after: int = 2 * MINUTE
    search_gives_up_after: int = 20 * MINUTE
    search_lead: int = 8 * MINUTE
    pin_tries: int = 5
    # Codes at a counter: so many tries, then none for so long.
    pickup_code_tries: int = 5
    pickup_code_lock: int = 5 * MINUTE
    pay_base: int = 250
    pay_per_stop: int = 60
    pay_per_km: int = 70
    position_is_fresh_for: int = 3 * MINUTE
    points_per_call: int = 250
    nearby: int = 500
    arrived: int = 80
    wait_at_door: int = 8 * MINUTE
    # How long after the end of a delivery its courier may still look at it.
    door_shown_after: int = 15 * MINUTE
    contact_attempts: int = 2
    position_grain: int = 20
    positions_kept_for: int = 30 * DAY
    worst_accuracy: int = 100
    fastest_speed: int = 40
    # identity
    access_token_lasts: int = 15 * MINUTE
    refresh_token_lasts: int = 60 * DAY
    clock_skew: int = 60
    # A rotated refresh token that comes back within this span, once, and before its successor was used, buys one more pair
    # instead of ending the session: two requests of one phone, or an answer that was lost on the way.
    refresh_reuse_grace: int = 10
    push_token_kept_for: int = 270 * DAY
    # support
    contact_shown_for: int = 5 * MINUTE
    # idempotency
    money_keys_kept_for: int = 30 * DAY


class FeeSchedule(BaseModel, frozen=True):
    """What Pannier itself asks for a purchase, in minor units of `currency`, tax included; bands are (up to metres, fee)."""

    currency: str = "EUR"
    delivery_bands: tuple[tuple[int, int], ...] = ((1_000, 190), (2_000, 290), (3_000, 390), (5_000, 490))
    delivery_beyond_bands: int = 690
    further_stop: int = 150
    service_bps: int = 500
    service_floor: int = 50
    service_cap: int = 300
    small_basket_below: int = 1_000
    small_basket_at_most: int = 200
    tip_at_most: int = 10_000


class TravelTimes(BaseModel, frozen=True):
    """How long a bicycle needs, for the window a quote promises: spans in seconds."""

    metres_per_minute: int = 250
    street_percent: int = 130
    per_stop: int = 4 * MINUTE
    at_the_door: int = 3 * MINUTE
    window: int = 15 * MINUTE
    rounded_to: int = 5 * MINUTE


class RateLimit(BaseModel, frozen=True):
    """A leaky bucket: how many points it holds, and how many run out of it in a second."""

    burst: int
    per_second: float


# Nobody is to be throttled on a developer's machine: a city at sixty times the speed, and a bench with one person's token.
UNTHROTTLED = RateLimit(burst=10_000_000, per_second=1_000_000)


class GateSettings(BaseModel, frozen=True):
    """How much the gateway takes on and how long it waits; spans in seconds."""

    # Points per session, and per address of guests, whose carriers let thousands of phones share one. None: production's own
    # figures in production, no throttling elsewhere.
    person: RateLimit | None = None
    guest: RateLimit | None = None
    body_within: float = Field(default=10, gt=0)
    query_within: float = Field(default=5, gt=0)
    mutation_within: float = Field(default=15, gt=0)
    # Operations run at the same time by one process, and how long each class, the most urgent first, may wait for its turn. None:
    # production's own figures in production, patience with a busy machine elsewhere.
    at_once: int = Field(default=16, ge=1)
    patience: tuple[float, float, float, float, float] | None = None
    streams_each: int = Field(default=20, ge=1)
    heartbeat: float = Field(default=12, gt=0)
    # Sockets that one address of guests, and one person, may hold open in one process. None: production's own figures in
    # production, no bound elsewhere.
    sockets_per_address: int | None = Field(default=None, ge=1)
    sockets_per_person: int | None = Field(default=None, ge=1)
    # Memory for answers that are the same for everybody, of each audience, in bytes; 0 keeps none.
    kept_bytes: int = Field(default=64 * 1_024 * 1_024, ge=0)
    # Networks (CIDR) whose X-Forwarded-For and -Proto are believed.
    trusted_proxies: tuple[str, ...] = ()
    # Whoever sends this as `x-cost` is told prices; empty: nobody but support's agents.
    cost_key: SecretStr = SecretStr("")
    # Partners' tools, by name: who sends one of these as `x-partner-key` may ask with documents of no release, within the limits.
    partner_keys: dict[str, SecretStr] = {}

    def patience_of(self, *, production: bool) -> tuple[float, float, float, float, float]:
        return self.patience or ((2.0, 0.5, 0.3, 0.02, 0.01) if production else (10.0, 10.0, 10.0, 5.0, 5.0))

    def sockets_of(self, *, production: bool) -> tuple[int | None, int | None]:
        """Per address of guests, and per person; a carrier lets thousands of phones come back from one address at a time."""
        usual = (1_000, 50) if production else (None, None)
        return self.sockets_per_address or usual[0], self.sockets_per_person or usual[1]

    def person_limit(self, *, production: bool) -> RateLimit:
        return self.person or (RateLimit(burst=3_000, per_second=200) if production else UNTHROTTLED)

    def guest_limit(self, *, production: bool) -> RateLimit:
        return self.guest or (RateLimit(burst=20_000, per_second=2_000) if production else UNTHROTTLED)


class SignInCodes(BaseModel, frozen=True):
    """Sign-in codes by text message: how long one lives, who may have how many, what all may cost in minor units of money."""

    lasts: int = Field(default=10 * MINUTE, ge=60, le=10 * MINUTE)
    tries: int = Field(default=5, ge=1, le=5)
    # ISO country -> the price of one message; a country that is not here is sent none.
    prices: dict[str, int] = {"FI": 7, "SE": 6, "EE": 8, "NO": 6, "DK": 5}
    phone_per_hour: int = 3
    phone_per_day: int = 6
    # A number on a device where it has signed in before: its own budget, whatever others do.
    known_per_hour: int = 3
    device_per_hour: int = 3
    device_per_day: int = 10
    address_per_hour: int = 10
    network_per_hour: int = 40
    country_cost_per_hour: int = 2_000
    cost_per_hour: int = 3_000
    cost_per_day: int = 20_000
    # The part of the money that only numbers known on their device may use.
    percent_for_known: int = Field(default=20, ge=0, le=100)


class Settings(BaseSettings):
    """What the environment says: `PANNIER_<NAME>`, nested by two underscores (`PANNIER_LIMITS__ACCEPT_WITHIN=480`)."""

    model_config = SettingsConfigDict(env_prefix="PANNIER_", env_nested_delimiter="__", extra="ignore", frozen=True)

    profile: Literal["development", "test", "production"] = "development"
    database_url: str = Field(default="", validation_alias="DATABASE_URL")
    redis_url: str = Field(default="", validation_alias="REDIS_URL")
    data_folder: Path = Path(".pannier")
    # Where releases of apps and least versions are read from, again whenever they change; the house's own by default.
    contracts_folder: Path | None = None
    # What doors run: any document, or those of releases alone. Production runs those of releases whatever stands here.
    documents: Literal["any", "released"] = "any"
    # The released version that headless phones are, such as 1.2.0; without one they send whole documents, as developers do.
    phones_release: str | None = None
    # The process whose end ends this one: set by `pannier up` for its children.
    parent: int = 0

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    allowed_hosts: tuple[str, ...] = ("127.0.0.1", "localhost", "testserver")
    allowed_origins: tuple[str, ...] = ()
    public_url: str = ""
    # Who sends this as a bearer token may read /metrics. Empty: anybody in development, nobody in production.
    metrics_token: SecretStr = SecretStr("")

    database_pool: int = 10
    # Seconds of the wall after which what a dead worker had in hand is anybody's again; longer than any such work may take.
    lease: float = Field(default=30, gt=0)
    statement_timeout_ms: int = 10_000

    # Key id -> secret of at least 32 bytes; the first one signs, all verify, so that keys rotate without signing anybody out.
    token_keys: dict[str, SecretStr] = {"development": SecretStr(DEVELOPMENT_KEY)}
    quote_key: SecretStr = SecretStr(DEVELOPMENT_KEY)

    firebase_project: str = "pannier-development"
    firebase_credentials: Path | None = None
    firebase_auth_emulator_host: str = Field(default="", validation_alias="FIREBASE_AUTH_EMULATOR_HOST")
    fcm_url: str = "https://fcm.googleapis.com"
    google_certificates_url: str = "https://www.googleapis.com/robot/v1/metadata/x509/securetoken@system.gserviceaccount.com"

    sign_in: Literal["local", "firebase"] = "local"
    push: Literal["local", "firebase"] = "local"
    sms: Literal["off", "local", "twilio"] = "local"
    twilio_account: str = ""
    twilio_token: SecretStr = SecretStr("")
    # A number in E.164, or the id of a messaging service ("MG…").
    twilio_sender: str = ""
    twilio_url: str = "https://api.twilio.com"
    cards: Literal["sandbox", "stripe"] = "sandbox"
    stripe_key: SecretStr = SecretStr("")
    stripe_url: str = ""
    # Standard Webhooks form: "whsec_" and 32 bytes in base64.
    webhook_secret: SecretStr = SecretStr("whsec_cGFubmllci1kZXZlbG9wbWVudC13ZWJob29rLWtleTE=")

    gate: GateSettings = GateSettings()
    limits: Limits = Limits()
    sign_in_codes: SignInCodes = SignInCodes()
    fees: FeeSchedule = FeeSchedule()
    travel: TravelTimes = TravelTimes()

    @property
    def gateway_url(self) -> str:
        """Where other processes reach the gateway."""
        return self.public_url or f"http://{self.host}:{self.port}"


_in_force: list[Settings] = []


def settings() -> Settings:
    """The settings of this process: those given by `use`, else read from the environment at the first call."""
    if not _in_force:
        _in_force.append(Settings())
    return _in_force[0]


def use(chosen: Settings) -> None:
    """Let this process run with `chosen` (entrypoints and tests)."""
    _in_force[:] = [chosen]
