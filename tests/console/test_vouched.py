"""Signing in at an issuer, over HTTP; the rules themselves are in tests/operation/people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from console.served import Served, Thread, app_of
from operation.accounts.issuer import BACK, CLIENT, ISSUER, SECRET, Issuer
from stopline.console.authentication import COOKIE
from stopline.console.routes.oidc import STATE_COOKIE
from stopline.operation.accounts.oidc import OidcDoor
from stopline.operation.accounts.oidc_settings import OidcSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from operation.accounts.house import House

SETTINGS = OidcSettings(issuer=ISSUER, client_id=CLIENT, redirect_uri=BACK)


@pytest.fixture
def issuer_and_served(house: House) -> Iterator[tuple[Issuer, Served]]:
    served = Served.of(house)
    served.server.close()
    issuer = Issuer(served.house.now_s)
    door = OidcDoor(SETTINGS, issuer.client(), SECRET)
    served.server = Thread(app_of(served.house.desk, served.house.access, served.house, oidc=door))
    served.house.admit("eva", "prosecutor", password="", subject="u-17")
    yield issuer, served
    served.close()


def cookie_of(answer: httpx.Response, name: str) -> str:
    said = [c for c in answer.headers.get_list("set-cookie") if c.startswith(f"{name}=")]
    assert len(said) == 1
    return said[0]


def test_there_and_back(issuer_and_served: tuple[Issuer, Served]) -> None:
    issuer, served = issuer_and_served
    browser = served.client()
    there = browser.get("/v1/session/oidc")
    assert there.status_code == 303
    state = cookie_of(there, STATE_COOKIE)
    assert "HttpOnly" in state
    assert "SameSite=Lax" in state
    query = issuer.sign_in(there.headers["location"])
    without = served.client().get("/v1/session/oidc/back", params=query)
    assert without.status_code == 401
    kept = {"cookie": state.partition(";")[0]}
    back = browser.get("/v1/session/oidc/back", params=query, headers=kept)
    assert (back.status_code, back.json()["name"], back.json()["token"]) == (201, "eva", None)
    session = cookie_of(back, COOKIE)
    assert "SameSite=Strict" in session
    me = browser.get("/v1/me", headers={"cookie": session.partition(";")[0]})
    assert me.json()["name"] == "eva"
    again = browser.get("/v1/session/oidc/back", params=query, headers=kept)
    assert again.status_code == 401


def test_who_is_not_admitted_stays_out(issuer_and_served: tuple[Issuer, Served]) -> None:
    issuer, served = issuer_and_served
    issuer.subject = "u-18"
    browser = served.client()
    there = browser.get("/v1/session/oidc")
    kept = {"cookie": cookie_of(there, STATE_COOKIE).partition(";")[0]}
    query = issuer.sign_in(there.headers["location"])
    assert browser.get("/v1/session/oidc/back", params=query, headers=kept).status_code == 401


def test_beginning_over_and_over_is_slowed_down(issuer_and_served: tuple[Issuer, Served]) -> None:
    _, served = issuer_and_served
    browser = served.client()
    statuses = [browser.get("/v1/session/oidc").status_code for _ in range(21)]
    assert statuses == [303] * 20 + [429]


def test_a_node_without_an_issuer_says_so(served: Served) -> None:
    assert served.client().get("/v1/session/oidc").status_code == 404
