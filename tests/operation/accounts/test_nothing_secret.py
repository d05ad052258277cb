"""No token, password, secret or hash of one leaves its shelf: not in the journal, not in a log."""

from __future__ import annotations

import base64
import io
import logging
import re

import pyotp
import pytest

from operation.accounts.house import CHEAP, HERE, PASSWORD, ROOT, House
from operation.accounts.issuer import BACK, CLIENT, ISSUER, SECRET, Issuer
from stopline.journal.export import write_csv, write_jsonl
from stopline.operation.accounts import storage_keys as shelves
from stopline.operation.accounts.commands import SuspendOperator
from stopline.operation.accounts.errors import LoginRefused
from stopline.operation.accounts.oidc import OidcDoor
from stopline.operation.accounts.oidc_settings import OidcSettings
from stopline.operation.core.command_handler import COMMAND_SHELF

SHELVES = {value for name, value in vars(shelves).items() if name.isupper()}


def everything(house: House) -> dict[str, str]:
    """Do all that has to do with secrets; give every one of them, by what it is."""
    accounts, secret = house.access.accounts, {"password": PASSWORD, "client secret": SECRET}
    house.admit("a.novak", "duty_officer", password="", subject="u-17")
    secret["set-up code"] = house.reset("a.novak")
    accounts.set_up("a.novak", secret["set-up code"], PASSWORD, source=HERE, now_s=house.now_s)
    signed_in = house.log_in("a.novak")
    secret["session"] = signed_in.token
    who = signed_in.operator
    device = accounts.show_device(who, PASSWORD, source=HERE, now_s=house.now_s)
    secret["device"] = device.secret
    code = secret["code"] = pyotp.TOTP(device.secret).at(int(house.now_s))
    for number, each in enumerate(accounts.enrol_device(who, code, now_s=house.now_s)):
        secret[f"recovery code {number}"] = each
    house.log_in("a.novak", code=secret["recovery code 0"])
    secret["machine"] = house.machine("radio")
    house.access.by_token(secret["machine"], house.now_s)
    issuer = Issuer(house.now_s)
    settings = OidcSettings(issuer=ISSUER, client_id=CLIENT, redirect_uri=BACK)
    door = OidcDoor(settings, issuer.client(), SECRET)
    start = house.access.begin_oidc(door, house.now_s)
    secret["cookie"] = start.cookie
    query = issuer.sign_in(start.url)
    secret["state"] = query["state"]
    secret["oidc session"] = house.access.finish_oidc(
        door, query, start.cookie, source=HERE, now_s=house.now_s
    ).token
    secret["new password"] = "eight dry umbrellas"
    accounts.change_password(who, PASSWORD, secret["new password"], source=HERE, now_s=house.now_s)
    secret["wrong password"] = "a wrong guess at it"
    for _ in range(12):
        house.now_s += CHEAP.longest_wait_source_s
        with pytest.raises(LoginRefused) as refused:
            house.log_in("a.novak", secret["wrong password"], source="203.0.113.9")
        assert secret["wrong password"] not in str(refused.value)
    made, codes = accounts.give_device("a.novak", ROOT, now_s=house.now_s)
    secret["given device"], secret["given recovery code"] = made.secret, codes[0]
    house.do(SuspendOperator(name="a.novak", reason="test"))
    return secret


def kept_by(house: House) -> dict[str, str]:
    """Every value that lies on a shelf of people, as it would look in a text."""
    kept = {}
    for shelf in SHELVES:
        for key, raw in house.desk.node.journal.shelf(shelf):
            text = raw.decode("latin-1")
            kept[f"{shelf}/{key}"] = text
            for found in re.findall(r"[0-9a-f]{64}", text):
                kept[f"{shelf}/{key} hash"] = found
            if shelf == shelves.TOKENS:
                kept[f"{shelf}/{key} hex"] = raw.hex()
                kept[f"{shelf}/{key} base64"] = base64.b64encode(raw).decode()
            if shelf == shelves.PASSWORDS:
                kept[f"{shelf}/{key} tag"] = text.rpartition("$")[2]
    return kept


def test_nothing_secret_is_told(
    house: House, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = everything(house)
    journal = house.desk.node.journal
    leaves, table = io.BytesIO(), io.StringIO()
    write_jsonl(journal.read(), journal.checkpoints(), leaves)
    write_csv(journal.read(), table)  # the erasable bodies are in this one
    commands = "".join(f"{k} {v.decode()}" for k, v in journal.shelf(COMMAND_SHELF))
    out = capfd.readouterr()
    told = {
        "leaves": leaves.getvalue().decode(), "table": table.getvalue(), "commands": commands,
        "log": caplog.text, "out": out.out, "err": out.err,
        "book": repr([vars(part) for part in house.desk.read()._areas.values()]),
    }  # fmt: skip
    for token in ("session", "machine", "oidc session"):
        secret[f"{token} secret"] = secret[token].split(".")[2]
    whole = secret | kept_by(house)
    leaks = [
        (what, where) for what, one in whole.items() for where, text in told.items() if one in text
    ]
    assert leaks == []
    assert "a.novak" in told["leaves"]
    assert "203.0.113.9" in told["table"]
    assert "203.0.113.9" not in told["leaves"]
    kinds = set(house.kinds())
    assert {
        "operator.admitted", "operator.reset", "operator.suspended", "password.set",
        "code.enrolled", "code.recovered", "token.issued", "session.begun", "session.ended",
        "sign-in.attacked",
    } <= kinds  # fmt: skip


def test_a_token_a_password_and_a_recovery_code_are_on_no_shelf_either(house: House) -> None:
    secret = everything(house)
    kept = "".join(kept_by(house).values())
    shown = {k: v for k, v in secret.items() if k not in {"given device", "device", "code"}}
    assert [what for what, each in shown.items() if each in kept] == []
    assert [w for w, each in shown.items() if each.replace("-", "").upper() in kept] == []
