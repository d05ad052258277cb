"""Sign-in at an issuer: what holds, and every lie that an answer can tell."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc.jwk import OctKey

from operation.accounts.house import HERE, House
from operation.accounts.issuer import BACK, CLIENT, ISSUER, SECRET, Issuer, new_key, unsigned
from stopline.errors import BadInput
from stopline.operation.accounts.commands import SuspendOperator
from stopline.operation.accounts.errors import LoginRefused, OidcFailed
from stopline.operation.accounts.oidc import LEEWAY_S, OidcDoor
from stopline.operation.accounts.oidc_settings import STATE_S, OidcSettings, read_oidc_settings

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.operation.accounts.sign_in import SignedIn

SETTINGS = OidcSettings(issuer=ISSUER, client_id=CLIENT, redirect_uri=BACK)


@pytest.fixture
def issuer(house: House) -> Issuer:
    return Issuer(house.now_s)


@pytest.fixture
def door(issuer: Issuer) -> OidcDoor:
    return OidcDoor(SETTINGS, issuer.client(), SECRET)


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def through(house: House, issuer: Issuer, door: OidcDoor, **changed: str) -> SignedIn:
    start = house.access.begin_oidc(door, house.now_s)
    query = issuer.sign_in(start.url) | changed
    return house.access.finish_oidc(door, query, start.cookie, source=HERE, now_s=house.now_s)


def test_who_was_admitted_beforehand_comes_in(house: House, issuer: Issuer, door: OidcDoor) -> None:
    house.admit("a.novak", "duty_officer", password="", subject="u-17")
    signed_in = through(house, issuer, door)
    assert signed_in.operator.name == "a.novak"
    assert house.access.by_token(signed_in.token, house.now_s).roles == ("duty_officer",)
    assert issuer.calls == ["/.well-known/openid-configuration", "/token", "/keys"]


def test_nobody_is_admitted_by_the_issuer_alone(
    house: House, issuer: Issuer, door: OidcDoor
) -> None:
    house.admit("a.novak", "duty_officer", password="", subject="u-17")
    issuer.subject = "u-18"
    with pytest.raises(LoginRefused, match="admits people beforehand"):
        through(house, issuer, door)
    issuer.subject = "u-17"
    house.do(SuspendOperator(name="a.novak", reason="left"))
    with pytest.raises(LoginRefused):
        through(house, issuer, door)


def no_algorithm(issuer: Issuer, claims: dict[str, Any]) -> str:
    del issuer
    return unsigned(claims)


def other_key(issuer: Issuer, claims: dict[str, Any]) -> str:
    return issuer.signed(claims, new_key("one"))


def unknown_key(issuer: Issuer, claims: dict[str, Any]) -> str:
    return issuer.signed(claims, new_key("two"))


def by_client_secret(issuer: Issuer, claims: dict[str, Any]) -> str:
    return issuer.signed(claims, OctKey.import_key(SECRET * 8, {"kid": "one"}), "HS256")


def altered(issuer: Issuer, claims: dict[str, Any]) -> str:
    head, _, sign = issuer.signed(claims | {"sub": "u-1"}, issuer.key).split(".")
    return f"{head}.{unsigned(claims).split('.')[1]}.{sign}"


def no_token(issuer: Issuer, claims: dict[str, Any]) -> str:
    del issuer, claims
    return "x.y.z"


@pytest.mark.parametrize(
    "change",
    [
        {"nonce": "another"}, {"nonce": None}, {"aud": "another client"}, {"aud": None},
        {"aud": [CLIENT, "another"], "azp": CLIENT}, {"aud": ["another"]},
        {"iss": "https://id.example.evil"}, {"iss": None}, {"sub": None}, {"sub": ""},
        {"sub": 17}, {"exp": None}, {"exp": 1}, {"iat": None}, {"azp": "another"},
        {"nbf": 4_000_000_000}, {"iat": 4_000_000_000}, {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
    ],
    ids=str,
)  # fmt: skip
def test_an_id_token_that_says_something_else_is_refused(
    house: House, issuer: Issuer, door: OidcDoor, change: dict[str, Any]
) -> None:
    house.admit("a.novak", "duty_officer", password="", subject="u-17")
    issuer.change = change
    with pytest.raises(OidcFailed, match="does not hold"):
        through(house, issuer, door)
    issuer.change = {}
    through(house, issuer, door)


@pytest.mark.parametrize(
    "make", [no_algorithm, other_key, unknown_key, by_client_secret, altered, no_token]
)
def test_an_id_token_that_the_issuer_did_not_sign_is_refused(
    house: House, issuer: Issuer, door: OidcDoor, make: Any
) -> None:
    house.admit("a.novak", "duty_officer", password="", subject="u-17")
    issuer.make_token = lambda claims: make(issuer, claims)
    with pytest.raises(OidcFailed, match="does not hold"):
        through(house, issuer, door)


@settings(deadline=None, max_examples=150)
@given(token=st.text() | st.binary().map(lambda raw: f"{b64(raw)}.{b64(raw)}.{b64(raw)}"))
def test_whatever_an_issuer_sends_for_a_token_is_refused_in_words(token: str) -> None:
    issuer = Issuer(1e9, make_token=lambda _: token)
    door = OidcDoor(SETTINGS, issuer.client(), SECRET)
    url, state = door.begin(1e9)
    with pytest.raises(OidcFailed, match="does not hold"):
        door.finish(issuer.sign_in(url), state, 1e9)


@pytest.mark.parametrize(
    "keys",
    [
        None, [], {}, "x", [1], [{"kty": "EC"}], [{"kty": "oct", "k": "x"}],
        [{"kty": "EC", "crv": "P-256", "x": 1, "y": []}], [{"kty": "EC", "crv": []}],
    ],
    ids=str,
)  # fmt: skip
def test_whatever_an_issuer_publishes_for_keys_is_refused_in_words(keys: Any) -> None:
    issuer = Issuer(1e9, keys_told=keys)
    door = OidcDoor(SETTINGS, issuer.client(), SECRET)
    url, state = door.begin(1e9)
    with pytest.raises(OidcFailed, match=r"no key that can be used|does not hold"):
        door.finish(issuer.sign_in(url), state, 1e9)


def test_an_expired_id_token_is_refused_beyond_the_leeway(
    house: House, issuer: Issuer, door: OidcDoor
) -> None:
    house.admit("a.novak", "duty_officer", password="", subject="u-17")
    issuer.change = {"exp": int(house.now_s) - LEEWAY_S + 5}
    through(house, issuer, door)
    issuer.change = {"exp": int(house.now_s) - LEEWAY_S - 5}
    with pytest.raises(OidcFailed, match="ExpiredTokenError"):
        through(house, issuer, door)


def test_a_state_is_good_once_for_one_browser_and_not_for_long(
    house: House, issuer: Issuer, door: OidcDoor
) -> None:
    house.admit("a.novak", "duty_officer", password="", subject="u-17")
    start = house.access.begin_oidc(door, house.now_s)
    query = issuer.sign_in(start.url)

    def finish(cookie: str, now_s: float = house.now_s) -> SignedIn:
        return house.access.finish_oidc(door, query, cookie, source=HERE, now_s=now_s)

    with pytest.raises(OidcFailed, match="in this browser"):
        finish("")
    other = house.access.begin_oidc(door, house.now_s)
    with pytest.raises(OidcFailed, match="another sign-in"):
        finish(other.cookie)
    finish(start.cookie)
    with pytest.raises(OidcFailed, match="in this browser"):  # replayed
        finish(start.cookie)
    late = house.access.begin_oidc(door, house.now_s)
    query = issuer.sign_in(late.url)
    with pytest.raises(OidcFailed, match="too long"):
        finish(late.cookie, house.now_s + STATE_S)


def test_an_answer_without_code_with_an_error_or_of_another_issuer_is_refused(
    house: House, issuer: Issuer, door: OidcDoor
) -> None:
    cases = [
        ({"code": ""}, "no code"), ({"state": "x"}, "another sign-in"),
        ({"iss": "https://evil.example"}, "another issuer"), ({"code": "guessed"}, "400"),
        ({"error": "access_denied<script>"}, "refused: access_deniedscript$"),
    ]  # fmt: skip
    for changed, said in cases:
        with pytest.raises(OidcFailed, match=said):
            through(house, issuer, door, **changed)


def test_a_new_key_of_the_issuer_is_fetched(house: House, issuer: Issuer, door: OidcDoor) -> None:
    house.admit("a.novak", "duty_officer", password="", subject="u-17")
    through(house, issuer, door)
    issuer.key = new_key("two")
    issuer.published.append(issuer.key)
    house.now_s += 120
    issuer.now_s = house.now_s
    through(house, issuer, door)
    assert issuer.calls.count("/keys") == 2


@pytest.mark.parametrize(
    "metadata",
    [{"issuer": "https://other.example"}, {"token_endpoint": "http://id.example/token"},
     {"jwks_uri": None}, {"authorization_endpoint": "javascript:alert(1)"}],
    ids=str,
)  # fmt: skip
def test_an_issuer_that_is_not_what_the_settings_say_is_not_trusted(
    house: House, issuer: Issuer, door: OidcDoor, metadata: dict[str, Any]
) -> None:
    issuer.metadata = metadata
    with pytest.raises(OidcFailed, match="issuer"):
        house.access.begin_oidc(door, house.now_s)


def test_the_settings_come_from_a_file_and_the_secret_from_another(tmp_path: Path) -> None:
    assert read_oidc_settings(tmp_path) is None
    plain = {"issuer": ISSUER, "client_id": "c", "redirect_uri": BACK, "secret_file": "oidc.key"}
    (tmp_path / "oidc.json").write_text(json.dumps(plain), "utf-8")
    found = read_oidc_settings(tmp_path)
    assert found is not None
    with pytest.raises(BadInput, match="no such file"):
        found.secret(tmp_path)
    (tmp_path / "oidc.key").write_text("hush\n", "utf-8")
    (tmp_path / "oidc.key").chmod(0o644)
    with pytest.raises(BadInput, match="chmod 600") as told:
        found.secret(tmp_path)
    assert "hush" not in str(told.value)
    (tmp_path / "oidc.key").chmod(0o600)
    assert found.secret(tmp_path) == "hush"
    wrong = plain | {"issuer": "http://id.example", "client_secret": "hush"}
    (tmp_path / "oidc.json").write_text(json.dumps(wrong), "utf-8")
    with pytest.raises(BadInput) as told:
        read_oidc_settings(tmp_path)
    assert len(told.value.faults) == 2
    assert "hush" not in str(told.value)


def test_the_secret_can_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = SETTINGS.model_copy(update={"secret_variable": "STOPLINE_OIDC_SECRET"})
    with pytest.raises(BadInput, match="STOPLINE_OIDC_SECRET"):
        chosen.secret(tmp_path)
    monkeypatch.setenv("STOPLINE_OIDC_SECRET", "hush")
    assert chosen.secret(tmp_path) == "hush"
    assert SETTINGS.secret(tmp_path) is None
