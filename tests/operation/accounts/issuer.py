"""An OpenID Connect issuer in the process of the test; it can be told to lie."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

if TYPE_CHECKING:
    from collections.abc import Callable

ISSUER, CLIENT, SECRET = "https://id.example", "stopline north", "s:cret/%"  # of nobody
BACK = "https://node.example:8443/oidc/back"


def new_key(name: str) -> ECKey:
    return ECKey.generate_key("P-256", {"kid": name, "use": "sig"}, auto_kid=False)


@dataclass
class Issuer:
    """Answers like an issuer; the fields say how.

    Attributes:
        now_s: UTC seconds.
        subject: who signs in.
        change: changes the claims of the next ID token.
        make_token: makes the token itself, in place of signing it.
        metadata: put over the published metadata.
        keys_told: published in place of the keys.
    """

    now_s: float
    subject: str = "u-17"
    change: dict[str, Any] = field(default_factory=dict)
    make_token: Callable[[dict[str, Any]], str] | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    key: ECKey | RSAKey = field(default_factory=lambda: new_key("one"))
    published: list[Any] = field(default_factory=list)
    keys_told: Any = ...
    calls: list[str] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.published = [self.key]

    def client(self) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(self.answer))

    def sign_in(self, url: str) -> dict[str, str]:
        """What a browser comes back with after its user has signed in."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["response_type"] == "code"
        assert asked["redirect_uri"] == BACK
        assert asked["code_challenge_method"] == "S256"
        assert asked["scope"] == "openid"
        code = f"code-{len(self._codes)}"
        self._codes[code] = asked
        return {"code": code, "state": asked["state"], "iss": ISSUER}

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(request.url.path)
        if request.url.path == "/.well-known/openid-configuration":
            told = {
                "issuer": ISSUER, "authorization_endpoint": f"{ISSUER}/authorize",
                "token_endpoint": f"{ISSUER}/token", "jwks_uri": f"{ISSUER}/keys",
            }  # fmt: skip
            return httpx.Response(200, json=told | self.metadata)
        if request.url.path == "/keys":
            keys: Any = [key.as_dict(private=False) for key in self.published]
            if self.keys_told is not ...:
                keys = self.keys_told
            return httpx.Response(200, json={"keys": keys})
        if request.url.path == "/token":
            return self._token(request)
        return httpx.Response(404)

    def _token(self, request: httpx.Request) -> httpx.Response:
        given = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        wanted = base64.b64encode(b"stopline%20north:s%3Acret%2F%25").decode()
        if request.headers.get("authorization") != f"Basic {wanted}":
            return httpx.Response(401, json={"error": "invalid_client"})
        asked = self._codes.pop(given["code"], None)
        hashed = hashlib.sha256(given["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(hashed).decode().rstrip("=")
        if asked is None or asked["code_challenge"] != challenge:
            return httpx.Response(400, json={"error": "invalid_grant"})
        claims = {
            "iss": ISSUER, "aud": CLIENT, "sub": self.subject, "nonce": asked["nonce"],
            "iat": int(self.now_s), "exp": int(self.now_s) + 300,
        } | self.change  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        token = self.make_token(claims) if self.make_token else self.signed(claims, self.key)
        return httpx.Response(200, json={"id_token": token, "access_token": "at-1"})

    @staticmethod
    def signed(claims: dict[str, Any], key: Any, algorithm: str = "ES256") -> str:
        header = {"alg": algorithm, "kid": key.kid or "one"}
        return jwt.encode(header, claims, key, algorithms=[algorithm])


def unsigned(claims: dict[str, Any]) -> str:
    """A token of algorithm none."""
    parts = [json.dumps(part).encode() for part in ({"alg": "none", "kid": "one"}, claims)]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + "."
