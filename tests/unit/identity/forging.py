"""How tokens are forged: every way of getting one nearly right, as a change of its header, its claims or its text."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from services.identity.errors import TokenFault

ABSENT = object()
Sign = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Forgery:
    """A token that differs from a good one in one thing, and the fault it has to be refused with."""

    name: str
    fault: TokenFault
    header: Mapping[str, Any] = field(default_factory=dict)
    claims: Mapping[str, Any] = field(default_factory=dict)
    sign: Sign | None = None
    spell: Callable[[str], str] = str
    # The JSON itself, where no dictionary can say it.
    write_header: Callable[[bytes], bytes] = bytes
    write_claims: Callable[[bytes], bytes] = bytes

    def __str__(self) -> str:
        return self.name


def segment(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def hs256(secret: bytes) -> Sign:
    return lambda text: hmac.new(secret, text, hashlib.sha256).digest()


def forged(good_header: Mapping[str, Any], good_claims: Mapping[str, Any], sign: Sign, forgery: Forgery) -> str:
    """The token that `forgery` makes of a good one: signed well, where it does not say otherwise."""
    header = _changed(good_header, forgery.header)
    claims = _changed(good_claims, forgery.claims)
    text = f"{segment(forgery.write_header(orjson.dumps(header)))}.{segment(forgery.write_claims(orjson.dumps(claims)))}"
    return forgery.spell(f"{text}.{segment((forgery.sign or sign)(text.encode()))}")


def _changed(good: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in ({**good, **change}).items() if value is not ABSENT}


def swapped_payload(token: str) -> str:
    """The signature of the good claims under other claims."""
    header, payload, signature = token.split(".")
    claims = orjson.loads(base64.urlsafe_b64decode(payload + "=="))
    return f"{header}.{segment(orjson.dumps(claims | {'extra': 1}))}.{signature}"


SPELLINGS = [
    Forgery("padded signature", TokenFault.MALFORMED, spell=lambda token: token + "="),
    Forgery("padded header", TokenFault.MALFORMED, spell=lambda token: token.replace(".", "=.", 1)),
    Forgery("blank behind", TokenFault.MALFORMED, spell=lambda token: token + " "),
    Forgery("line behind", TokenFault.MALFORMED, spell=lambda token: token + "\n"),
    Forgery("empty", TokenFault.MALFORMED, spell=lambda _: ""),
    Forgery("two segments", TokenFault.MALFORMED, spell=lambda token: token.rsplit(".", 1)[0]),
    Forgery("empty signature", TokenFault.MALFORMED, spell=lambda token: token.rsplit(".", 1)[0] + "."),
    Forgery("four segments", TokenFault.MALFORMED, spell=lambda token: token + ".AAAA"),
    Forgery("no payload", TokenFault.MALFORMED, spell=lambda token: token.split(".")[0] + ".." + token.split(".")[2]),
    Forgery("null byte", TokenFault.MALFORMED, spell=lambda token: token + "\x00"),
    Forgery("letters of another script", TokenFault.MALFORMED, spell=lambda token: token[:-1] + "а"),  # noqa: RUF001
    Forgery("standard base64", TokenFault.MALFORMED, spell=lambda token: token[:-2] + "+/"),
    Forgery("header is no JSON", TokenFault.MALFORMED, spell=lambda token: "AAAA." + token.split(".", 1)[1]),
    Forgery("header is a list", TokenFault.MALFORMED, spell=lambda token: segment(b"[]") + "." + token.split(".", 1)[1]),
    Forgery("deep header", TokenFault.MALFORMED, spell=lambda token: segment(b"[" * 2500) + "." + token.split(".", 1)[1]),
    Forgery("a megabyte", TokenFault.MALFORMED, spell=lambda token: token + "A" * 1_000_000),
    Forgery("claims changed after signing", TokenFault.SIGNATURE, spell=swapped_payload),
    Forgery("signature cut short", TokenFault.SIGNATURE, spell=lambda token: token[: -(len(token.rsplit(".", 1)[1]) % 4)]),
    Forgery("signature of nothing", TokenFault.SIGNATURE, sign=lambda _: b"\x00" * 32),
]

HEADERS = [
    Forgery("alg none", TokenFault.ALGORITHM, header={"alg": "none"}),
    Forgery("alg None", TokenFault.ALGORITHM, header={"alg": "None"}),
    Forgery("alg NONE without signature", TokenFault.ALGORITHM, header={"alg": "NONE"}, sign=lambda _: b"\x00"),
    Forgery("no alg", TokenFault.ALGORITHM, header={"alg": ABSENT}),
    Forgery("alg null", TokenFault.ALGORITHM, header={"alg": None}),
    Forgery("alg in a list", TokenFault.ALGORITHM, header={"alg": ["HS256", "RS256"]}),
    Forgery("alg HS512", TokenFault.ALGORITHM, header={"alg": "HS512"}),
    Forgery("alg HS384", TokenFault.ALGORITHM, header={"alg": "HS384"}),
    Forgery("alg RS512", TokenFault.ALGORITHM, header={"alg": "RS512"}),
    Forgery("alg PS256", TokenFault.ALGORITHM, header={"alg": "PS256"}),
    Forgery("alg ES256", TokenFault.ALGORITHM, header={"alg": "ES256"}),
    Forgery("alg EdDSA", TokenFault.ALGORITHM, header={"alg": "EdDSA"}),
    Forgery("alg in small letters", TokenFault.ALGORITHM, header={"alg": "hs256"}),
    Forgery("no kid", TokenFault.KEY, header={"kid": ABSENT}),
    Forgery("kid empty", TokenFault.KEY, header={"kid": ""}),
    Forgery("kid unknown", TokenFault.KEY, header={"kid": "another"}),
    Forgery("kid is a path", TokenFault.KEY, header={"kid": "../../../dev/null"}),
    Forgery("kid is SQL", TokenFault.KEY, header={"kid": "' OR 1=1 --"}),
    Forgery("kid is a number", TokenFault.KEY, header={"kid": 1}),
    Forgery("kid null", TokenFault.KEY, header={"kid": None}),
    Forgery("typ of another kind", TokenFault.MALFORMED, header={"typ": "at+jwt"}),
    Forgery("typ is a list", TokenFault.MALFORMED, header={"typ": ["JWT"]}),
    Forgery("critical extension", TokenFault.MALFORMED, header={"crit": ["exp"], "exp": 1}),
    Forgery("critical b64", TokenFault.MALFORMED, header={"crit": ["b64"], "b64": True}),
    Forgery("critical nothing", TokenFault.MALFORMED, header={"crit": []}),
    Forgery("unencoded payload", TokenFault.MALFORMED, header={"b64": False}),
    Forgery("brings its key", TokenFault.MALFORMED, header={"jwk": {"kty": "oct", "k": "AAAA"}}),
    Forgery("says where its key is", TokenFault.MALFORMED, header={"jku": "https://evil.example/keys"}),
    Forgery("brings a certificate", TokenFault.MALFORMED, header={"x5c": ["AAAA"]}),
    Forgery("says where its certificate is", TokenFault.MALFORMED, header={"x5u": "file:///etc/passwd"}),
    Forgery("zipped", TokenFault.MALFORMED, header={"zip": "DEF"}),
]


def claims_of_anybody(at: int, skew: int, issuer: str) -> list[Forgery]:
    """What goes wrong with the claims that every token has, at the second `at`."""
    return [
        *(Forgery(f"no {name}", TokenFault.MISSING_CLAIM, claims={name: ABSENT}) for name in ("iss", "sub", "exp", "iat")),
        Forgery("no aud", TokenFault.MISSING_CLAIM, claims={"aud": ABSENT}),
        Forgery("other issuer", TokenFault.ISSUER, claims={"iss": "https://evil.example"}),
        Forgery("issuer with a tail", TokenFault.ISSUER, claims={"iss": issuer + "/"}),
        Forgery("issuer in a list", TokenFault.ISSUER, claims={"iss": [issuer]}),
        Forgery("other audience", TokenFault.AUDIENCE, claims={"aud": "another-house"}),
        Forgery("empty audience", TokenFault.MISSING_CLAIM, claims={"aud": ""}),
        Forgery("subject empty", TokenFault.SUBJECT, claims={"sub": ""}),
        Forgery("subject a number", TokenFault.SUBJECT, claims={"sub": 7}),
        Forgery("expired, skew used up", TokenFault.EXPIRED, claims={"exp": at - skew}),
        Forgery("expired long ago", TokenFault.EXPIRED, claims={"exp": 0}),
        Forgery("expires before all time", TokenFault.EXPIRED, claims={"exp": -(10**15)}),
        Forgery("expiry is text", TokenFault.MALFORMED, claims={"exp": str(at + 900)}),
        Forgery("expiry is a fraction", TokenFault.MALFORMED, claims={"exp": at + 900.5}),
        Forgery("expiry is true", TokenFault.MALFORMED, claims={"exp": True}),
        Forgery("expiry null", TokenFault.MISSING_CLAIM, claims={"exp": None}),
        Forgery("expiry in a list", TokenFault.MALFORMED, claims={"exp": [at + 900]}),
        Forgery("issued in the future", TokenFault.NOT_YET, claims={"iat": at + skew + 1}),
        Forgery("issue time is text", TokenFault.MALFORMED, claims={"iat": "now"}),
        Forgery("not before the future", TokenFault.NOT_YET, claims={"nbf": at + skew + 1}),
        Forgery("not-before is text", TokenFault.MALFORMED, claims={"nbf": "later"}),
    ]
