"""Tokens bent systematically: families of changes, each by name, that any verifier of signed tokens has to refuse."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from services.identity.errors import TokenFault
from tests.unit.identity.forging import Forgery, segment

# Which fault is found first is told of the forgeries that stand alone; here it counts that there is one.
_ANY = TokenFault.MALFORMED
Write = Callable[[bytes], bytes]

ALGORITHMS = (
    *("NoNe", " none", "none ", "none\u0000", "", "HS1", "HS224", "hs256 ", "HS256\u0000", "RS1", "RS384", "rs256", "RS256 "),
    *("PS384", "PS512", "ES384", "ES512", "ES256K", "Ed25519", "dir", "A128KW", "RSA-OAEP", "RSA1_5", "HS256,RS256"),
)
KEY_IDS: tuple[Any, ...] = (
    *("/dev/null", "file:///etc/passwd", "../../keys/public.pem", "https://evil.example/key", "//evil.example/key"),
    *("a' UNION SELECT 'k", "' OR ''='", "newer; ls", "$(id)", "newer\u0000", " newer", "newer ", "NEWER", "google-1\n"),
    *("x" * 2_000, "\u202enewer", "__proto__"),
    *(0, 1.5, True, False, [], ["newer"], {}, {"kid": "newer"}),
)
TYPES: tuple[Any, ...] = ("jwt", "Jwt", "JWE", "JOSE", "application/jwt", "JWT ", "", "id+jwt", "secevent+jwt", 1, True, {}, [])
HEADERS: Mapping[str, Any] = {
    "x5t": "AAAA",
    "x5t#S256": "AAAA",
    "cty": "JWT",
    "enc": "A256GCM",
    "epk": {"kty": "EC"},
    "p2c": 2**31,
    "p2s": "AAAA",
    "jwks": {"keys": []},
    "url": "https://evil.example/",
    "nonce": "1",
    "svt": ["AAAA"],
    "alg2": "none",
    "iss": "pannier",
    "sub": "somebody",
    "aud": "pannier:consumer",
    "exp": 9_999_999_999,
    "crit2": ["exp"],
    "": "",
    "Alg": "none",
    "KID": "newer",
}
TIMES: tuple[Any, ...] = ("", "0", "9999999999", "1e12", " 1", [], [1], {}, {"at": 1}, True, False, 1.0, 0.5, -1.5)
DOTS = {"two dots": "..", "wide dot": "\uff0e", "ideographic stop": "\u3002", "escaped dot": "%2e", "comma": ","}
NO_TEXT: tuple[Any, ...] = (None, 0, 1, True, False, 1.5, [], {}, {"value": 1})


def bits_and_pieces(token: str) -> Iterator[tuple[str, str]]:
    """The text itself bent: signatures cut and flipped, segments added and swapped, other spellings of the same bytes."""
    header, payload, signature = token.split(".")
    for length in (1, 2, 3, 5, 8, 13, 21, 34, len(signature) - 4):
        yield f"signature of {length}", f"{header}.{payload}.{signature[:length]}"
    for place in range(0, len(signature) - 1, max(1, len(signature) // 12)):
        other = "A" if signature[place] != "A" else "B"
        yield f"signature bent at {place}", f"{header}.{payload}.{signature[:place]}{other}{signature[place + 1 :]}"
    for name, symbol in (
        ("blank", " "),
        ("tab", "\t"),
        ("line", "\n"),
        ("zero width", "\u200b"),
        ("BOM", "\ufeff"),
        ("null", "\0"),
    ):
        yield f"{name} before", symbol + token
        yield f"{name} after", token + symbol
        yield f"{name} between", token.replace(".", symbol + ".", 1)
    for name, dot in DOTS.items():
        yield f"{name} first", token.replace(".", dot, 1)
        yield f"{name} last", dot.join(token.rsplit(".", 1))
    yield "dot before", "." + token
    yield "dot after", token + "."
    yield "quoted", f'"{token}"'
    yield "with its scheme", f"Bearer {token}"
    yield "five segments", f"{token}.AAAA.AAAA"
    yield "twice", f"{token}.{token}"
    yield "two in a list", f"{token},{token}"
    yield "signature twice", f"{token}{signature}"
    yield "header and payload swapped", f"{payload}.{header}.{signature}"
    yield "payload as signature", f"{header}.{payload}.{payload}"
    yield "signature turned round", f"{header}.{payload}.{signature[::-1]}"
    yield "signature in capitals", f"{header}.{payload}.{signature.upper()}"
    yield "other spelling of the same signature", f"{header}.{payload}.{_respelt(signature)}"
    yield "as JSON", f'{{"protected":"{header}","payload":"{payload}","signature":"{signature}"}}'
    yield "within another", f"{header}.{segment(token.encode())}.{signature}"
    yield "payload of another", f"{header}.{segment(b'{}')}.{signature}"
    yield "header without anything", f"{segment(b'{}')}.{payload}.{signature}"


def _respelt(text: str) -> str:
    """The last letter with a spare bit set: lenient readers find the same bytes."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return text[:-1] + alphabet[alphabet.index(text[-1]) | 1]


def families(algorithm: str, issuer: str, audience: str, times: tuple[str, ...], key: str) -> Iterator[Forgery]:
    """Every mutant of a token that is signed by `algorithm`, for `audience`, by `issuer`, with the key called `key`."""
    yield from _kinds("alg", [alg for alg in (*ALGORITHMS, *NO_TEXT) if alg != algorithm], "header")
    yield from (Forgery(f"alg {alg!r} unsigned", _ANY, header={"alg": alg}, sign=lambda _: b"") for alg in ("none", "None", ""))
    yield from _kinds("kid", [kid for kid in KEY_IDS if kid != key], "header")
    yield from _kinds("typ", TYPES, "header")
    yield from (Forgery(f"header {name!r}", _ANY, header={name: value}) for name, value in HEADERS.items())
    for claim in times:
        yield from _kinds(claim, TIMES, "claims")
    for claim, right in (("iss", issuer), ("aud", audience)):
        bent = (right.upper(), right + " ", " " + right, right[:-1], right + "x", right + "\0", f"{right},{right}", f"{right}//")
        yield from _kinds(claim, [*bent, f"x{right}", "", "*", "null", *NO_TEXT, ["another", right], [right, right]], "claims")
    yield from _kinds("sub", NO_TEXT, "claims")
    yield from _written(algorithm, audience)


def _kinds(name: str, values: Sequence[Any], part: str) -> Iterator[Forgery]:
    """One forgery for each of the values."""
    for value in values:
        change = {name: value}
        told = f"{part} {name} {str(value)[:90]!r} of kind {type(value).__name__}"
        yield Forgery(told, _ANY, header=change if part == "header" else {}, claims=change if part == "claims" else {})


def _written(algorithm: str, audience: str) -> Iterator[Forgery]:
    """JSON that two readers read differently, or that is none; well signed all the same."""
    yield Forgery("alg twice, the right one last", _ANY, write_header=_before("alg", "none"))
    yield Forgery("alg twice, both right", _ANY, write_header=_before("alg", algorithm))
    yield Forgery("kid twice", _ANY, write_header=_before("kid", "another"))
    yield Forgery("alg escaped", _ANY, write_header=_before("\\u0061lg", "none"))
    for name, value in (("sub", "another"), ("aud", "another"), ("aud", audience), ("exp", "1"), ("iss", "another")):
        yield Forgery(f"{name} twice, first {value}", _ANY, write_claims=_before(name, value))
    for name, more in ENDS.items():
        yield Forgery(f"claims with {name}", _ANY, write_claims=_with(b'"more":' + more))
    for name, whole in WHOLES.items():
        yield Forgery(f"claims are {name}", _ANY, write_claims=_only(whole))
        yield Forgery(f"header as {name}", _ANY, write_header=_only(whole))
    yield Forgery("claims with a BOM", _ANY, write_claims=lambda text: b"\xef\xbb\xbf" + text)
    yield Forgery("claims in UTF-16", _ANY, write_claims=lambda text: text.decode().encode("utf-16"))
    yield Forgery("claims with a tail", _ANY, write_claims=lambda text: text + b"{}")
    yield Forgery("claims with a comma too many", _ANY, write_claims=lambda text: text[:-1] + b",}")
    yield Forgery("header without end", _ANY, write_header=_with(b'"typ":"' + b"x" * 5_000 + b'"'))


ENDS = {
    "no number": b"NaN",
    "infinity": b"Infinity",
    "less than infinity": b"-Infinity",
    "a name twice further down": b'{"a":1,"a":2}',
    "broken UTF-8": b'"\xff"',
    "deep nesting": b"[" * 1_000 + b"]" * 1_000,
    "no end": b'"' + b"x" * 5_000 + b'"',
}
WHOLES = {"a list": b"[]", "text": b'"text"', "a number": b"1", "null": b"null", "true": b"true", "nothing": b" "}


def _before(name: str, value: str) -> Write:
    return lambda text: f'{{"{name}":"{value}",'.encode() + text[1:]


def _with(more: bytes) -> Write:
    return lambda text: text[:-1] + b"," + more + b"}"


def _only(whole: bytes) -> Write:
    return lambda _: whole
