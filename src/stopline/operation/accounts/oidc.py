"""OpenID Connect: a person signs in at an issuer that this side trusts, and comes back vouched for.

Authorization code flow with PKCE (RFC 7636), state and nonce; the ID token is checked against the
issuer's published keys. Who comes back is only a subject of that issuer: whether anybody here is
admitted under it is not decided in this file.
"""

from __future__ import annotations

import secrets
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import get_well_known_url
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from stopline.operation.accounts.errors import OidcFailed
from stopline.operation.accounts.oidc_settings import STATE_S
from stopline.operation.accounts.oidc_state_store import OidcState
from stopline.operation.accounts.tokens import digest, same

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stopline.operation.accounts.oidc_settings import OidcSettings

# Signatures by the issuer's own key only: "none" is none, and with HMAC a client could sign.
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
                     "ES256", "ES384", "ES512", "Ed25519", "EdDSA")  # fmt: skip
_KEY_TYPES: Final = frozenset({"RSA", "EC", "OKP"})
LEEWAY_S: Final = 60
_KEPT_S: Final = 3600.0
_REFETCH_S: Final = 60.0
_LARGEST: Final = 1 << 20
_CALL_S: Final = 10.0
_ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True, slots=True)
class OidcClaims:
    """Whom the issuer vouches for."""

    issuer: str
    subject: str


class OidcDoor:
    """Speaks with one issuer; threads may share it.

    Args:
        settings: which issuer, and as which client.
        client: makes the calls; it follows no redirects and has a timeout.
        secret: the client's secret; None for a public client.
    """

    def __init__(self, settings: OidcSettings, client: httpx.Client, secret: str | None) -> None:
        self._settings, self._client, self._secret = settings, client, secret
        self._metadata: dict[str, str] = {}
        self._metadata_s = float("-inf")
        self._keys: KeySet | None = None
        self._keys_s = float("-inf")

    @property
    def label(self) -> str:
        """How the issuer is called on the sign-in page."""
        return self._settings.label

    def begin(self, now_s: float) -> tuple[str, OidcState]:
        """Begin a sign-in: give the address to send the browser to, and what to keep meanwhile.

        Raises:
            OidcFailed: the issuer cannot be reached, or is not what the settings say.
        """
        state = OidcState(
            state=secrets.token_urlsafe(32), nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(48), ends_s=now_s + STATE_S,
        )  # fmt: skip
        address = prepare_grant_uri(
            self._about(now_s)["authorization_endpoint"], self._settings.client_id, "code",
            redirect_uri=self._settings.redirect_uri, scope=list(self._settings.scopes),
            state=state.state, nonce=state.nonce, code_challenge_method="S256",
            code_challenge=create_s256_code_challenge(state.verifier),
        )  # fmt: skip
        return str(address), state

    def finish(self, query: Mapping[str, str], state: OidcState, now_s: float) -> OidcClaims:
        """Finish a sign-in with what the browser came back with.

        Raises:
            OidcFailed: something in it does not hold; which is said, secrets are not.
        """
        if not same(digest(query.get("state", "")), digest(state.state)):
            raise OidcFailed("the answer belongs to another sign-in; begin again")
        if now_s >= state.ends_s:
            raise OidcFailed("the sign-in took too long; begin again")
        if "error" in query:
            raise OidcFailed(f"the issuer refused: {_word(query['error'])}")
        if query.get("iss", self._settings.issuer) != self._settings.issuer:  # RFC 9207
            raise OidcFailed("the answer is of another issuer")
        if not query.get("code"):
            raise OidcFailed("the answer has no code; begin again")
        token, access_token = self._redeem(query["code"], state, now_s)
        return self._check(token, access_token, state, now_s)

    def _redeem(self, code: str, state: OidcState, now_s: float) -> tuple[str, str]:
        fields: dict[str, str] = {"code": code, "code_verifier": state.verifier}
        auth = None
        if self._secret is None:
            fields["client_id"] = self._settings.client_id
        else:  # RFC 6749, 2.3.1: both are encoded before they are joined
            auth = httpx.BasicAuth(
                quote(self._settings.client_id, safe=""), quote(self._secret, safe="")
            )
        body = prepare_token_request(
            "authorization_code", redirect_uri=self._settings.redirect_uri, **fields
        )
        headers = {"content-type": "application/x-www-form-urlencoded"}
        answer = self._json(
            "POST", self._about(now_s)["token_endpoint"], content=body, headers=headers,
            auth=auth,
        )  # fmt: skip
        if not isinstance(answer.get("id_token"), str):
            raise OidcFailed("the issuer gave no ID token")
        return answer["id_token"], str(answer.get("access_token", ""))

    def _check(self, token: str, access_token: str, state: OidcState, now_s: float) -> OidcClaims:
        try:
            read = self._decode(token, now_s)
            claims = CodeIDToken(
                read.claims, read.header,
                {
                    "iss": {"essential": True, "value": self._settings.issuer},
                    "aud": {"essential": True, "value": self._settings.client_id},
                    "sub": {"essential": True},
                },
                {
                    "nonce": state.nonce, "client_id": self._settings.client_id,
                    "access_token": access_token,
                },
            )  # fmt: skip
            claims.validate(now=int(now_s), leeway=LEEWAY_S)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise OidcFailed(f"the ID token does not hold: {type(error).__name__}") from None
        audience = claims["aud"]
        if not isinstance(audience, str) and list(audience) != [self._settings.client_id]:
            raise OidcFailed("the ID token does not hold: it is for others too")
        if not isinstance(claims["sub"], str) or not claims["sub"]:
            raise OidcFailed("the ID token does not hold: it names nobody")
        return OidcClaims(self._settings.issuer, claims["sub"])

    def _decode(self, token: str, now_s: float) -> jwt.Token:
        """Check the signature; the issuer may have changed its keys since they were fetched."""
        try:
            return jwt.decode(token, self._published(now_s), algorithms=list(ALGORITHMS))
        except (JoseError, ValueError):
            if now_s - self._keys_s < _REFETCH_S:
                raise
        self._keys_s = float("-inf")
        return jwt.decode(token, self._published(now_s), algorithms=list(ALGORITHMS))

    def _published(self, now_s: float) -> KeySet:
        if self._keys is None or now_s - self._keys_s > _KEPT_S:
            answer = self._json("GET", self._about(now_s)["jwks_uri"])
            rows = answer.get("keys")
            rows = [
                row for row in rows if isinstance(row, dict) and row.get("kty") in _KEY_TYPES
                and row.get("use", "sig") == "sig"
            ] if isinstance(rows, list) else []  # fmt: skip
            if not rows:
                raise OidcFailed("the issuer publishes no key that can be used")
            self._keys, self._keys_s = KeySet.import_key_set({"keys": rows}), now_s
        return self._keys

    def _about(self, now_s: float) -> dict[str, str]:
        if now_s - self._metadata_s > _KEPT_S:
            answer = self._json("GET", get_well_known_url(self._settings.issuer, external=True))
            if answer.get("issuer") != self._settings.issuer:
                raise OidcFailed("the issuer calls itself by another name than the settings do")
            found = {name: str(answer.get(name, "")) for name in _ENDPOINTS}
            if any(urlsplit(each).scheme != "https" for each in found.values()):
                raise OidcFailed("the issuer names an endpoint without https")
            self._metadata, self._metadata_s = found, now_s
        return self._metadata

    def _json(self, method: str, address: str, **given: Any) -> dict[str, Any]:  # noqa: ANN401
        try:
            answer = self._client.request(method, address, follow_redirects=False, **given)
            if answer.status_code != httpx.codes.OK or len(answer.content) > _LARGEST:
                raise OidcFailed(f"the issuer answered {answer.status_code}")
            value = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise OidcFailed(f"the issuer cannot be reached: {type(error).__name__}") from None
        if not isinstance(value, dict):
            raise OidcFailed("the issuer answered something else than an object")
        return value


def open_door(settings: OidcSettings, secret: str | None) -> OidcDoor:
    """Open the door to an issuer over the network; it trusts the authorities of this machine."""
    trusted = ssl.create_default_context()
    client = httpx.Client(timeout=_CALL_S, trust_env=False, verify=trusted)
    return OidcDoor(settings, client, secret)


def _word(text: str) -> str:
    return "".join(sign for sign in text if sign.isascii() and (sign.isalnum() or sign == "_"))[:40]
