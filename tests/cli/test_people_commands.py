"""`stopline people`: what is shown once goes to stdout alone, passwords come by prompt or file."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pyotp
import pytest
from typer.testing import CliRunner

from stopline.cli.main import app
from stopline.cli.terminal_session import at_node
from stopline.operation.accounts.errors import LoginRefused, NotSignedIn

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

PASSWORD = "seven wet umbrellas"  # noqa: S105  (of nobody)
CHEAP = '{"argon2_memory_kib": 8, "argon2_passes": 1, "argon2_lanes": 1}'


def run(*words: object, typed: str = "") -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], input=typed)


def people(node: Path, *words: str, typed: str = "") -> Result:
    """A command that goes well; the folder stands behind the last word of its name."""
    name = 2 if words[0] in {"token", "sessions"} else 1
    result = run("people", *words[:name], node, *words[name:], typed=typed)
    assert result.exit_code == 0, result.output
    return result


def signs_in(node: Path, name: str, password: str, code: str | None = None) -> str:
    with at_node(node) as (_, access):
        return access.log_in(name, password, code, source="test", now_s=time.time()).token


@pytest.fixture
def node(tmp_path: Path) -> Path:
    folder = tmp_path / "north"
    assert run("node", "init", folder, "--name", "north.example/node").exit_code == 0
    (folder / "people.json").write_text(CHEAP)
    return folder


def test_the_first_administrator_is_asked_for_a_password_twice(node: Path) -> None:
    made = people(
        node, "admit", "r.root", "--role", "administrator", typed=f"{PASSWORD}\n{PASSWORD}\n"
    )
    assert made.stdout.strip() == ""
    assert PASSWORD not in made.output
    assert signs_in(node, "r.root", PASSWORD)


def test_a_password_comes_from_a_file_or_a_line_of_stdin(node: Path, tmp_path: Path) -> None:
    (tmp_path / "pw").write_text(f"{PASSWORD}\r\n")
    admit = ("--role", "administrator", "--password-file")
    people(node, "admit", "r.root", *admit, str(tmp_path / "pw"))
    people(node, "admit", "s.root", *admit, "-", typed=f"{PASSWORD}\nmore")
    assert signs_in(node, "r.root", PASSWORD)
    assert signs_in(node, "s.root", PASSWORD)


def test_a_weak_password_admits_nobody_and_is_not_repeated(node: Path) -> None:
    told = run(
        "people", "admit", node, "r.root", "--role", "administrator", "--password-file", "-",
        typed="hunter2\n",
    )  # fmt: skip
    assert told.exit_code == 2
    assert "at least 12" in told.stderr
    assert "hunter2" not in told.output
    assert people(node, "list").stdout.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("R.Root", "--role", "administrator"), "for example a.novak"),
        (("r.root", "--role", "duty_officer"), "no protocol is in force"),
        (("radio", "--machine", "--role", "administrator"), "a machine is camera or feed or unit"),
        (("r.root", "--role", "administrator", "--issuer", "https://id.example"), "go together"),
    ],
)
def test_what_will_not_do_is_said_in_words(node: Path, words: tuple[str, ...], said: str) -> None:
    told = run("people", "admit", node, *words, "--set-up")
    assert told.exit_code == 2
    assert said in told.stderr
    assert told.stdout == ""


def test_a_set_up_code_goes_from_one_hand_to_another(node: Path, tmp_path: Path) -> None:
    made = people(node, "admit", "r.root", "--role", "administrator", "--set-up")
    code = made.stdout.strip()
    assert len(code.split()) == 1
    (tmp_path / "code").write_text(made.stdout)
    args = ("--code-file", str(tmp_path / "code"), "--password-file", "-")
    people(node, "set-up", "r.root", *args, typed=PASSWORD)
    assert signs_in(node, "r.root", PASSWORD)
    again = run("people", "set-up", node, "r.root", *args, typed=PASSWORD)
    assert again.exit_code == 2
    reset = people(node, "reset", "r.root", "--reason", "forgot it")
    assert reset.stdout.strip() != code
    with pytest.raises(LoginRefused):
        signs_in(node, "r.root", PASSWORD)


def test_a_device_its_recovery_codes_and_the_list(node: Path) -> None:
    admit = ("--role", "administrator", "--password-file", "-")
    people(node, "admit", "r.root", *admit, "--display", "Rosa Root", typed=PASSWORD)
    shown = people(node, "code", "r.root").stdout
    rows = [line.split("\t") for line in shown.splitlines()]
    assert [name for name, _ in rows] == ["uri", "secret", *["recovery"] * 10]
    totp = pyotp.parse_uri(rows[0][1])
    assert isinstance(totp, pyotp.TOTP)
    assert totp.secret == rows[1][1]
    assert signs_in(node, "r.root", PASSWORD, totp.now())
    listed = people(node, "list").stdout.splitlines()
    assert listed[0].split("\t") == [
        "name", "kind", "roles", "agency", "signs_in_by", "display"
    ]  # fmt: skip
    assert listed[1].split("\t") == [
        "r.root", "person", "administrator", "", "password+code", "Rosa Root"
    ]  # fmt: skip


def test_a_machine_gets_a_token_that_can_be_piped_and_taken_back(node: Path) -> None:
    people(node, "admit", "radio", "--machine", "--role", "feed")
    token = people(node, "token", "issue", "radio", "--days", "2").stdout.strip()
    with at_node(node) as (_, access):
        assert access.by_token(token, time.time()).roles == ("feed",)
    listed = people(node, "token", "list").stdout
    assert token.split(".")[2] not in listed
    token_id = listed.splitlines()[1].split("\t")[0]
    people(node, "token", "revoke", token_id, "--reason", "lost")
    with at_node(node) as (_, access), pytest.raises(NotSignedIn):
        access.by_token(token, time.time())
    assert "revoked" in people(node, "token", "list").stdout


def test_sessions_are_listed_and_ended_and_a_suspended_person_has_none(node: Path) -> None:
    for name in ("r.root", "s.root"):
        admit = ("--role", "administrator", "--password-file", "-")
        people(node, "admit", name, *admit, typed=PASSWORD)
    tokens = [signs_in(node, "s.root", PASSWORD) for _ in range(2)]
    listed = people(node, "sessions", "list").stdout.splitlines()[1:]
    assert len(listed) == 2
    people(node, "sessions", "end", listed[0].split("\t")[0])
    assert len(people(node, "sessions", "list").stdout.splitlines()) == 2
    people(node, "suspend", "s.root", "--reason", "left")
    assert len(people(node, "sessions", "list").stdout.splitlines()) == 1
    with at_node(node) as (_, access):
        for token in tokens:
            with pytest.raises(NotSignedIn):
                access.by_token(token, time.time())
    people(node, "restore", "s.root", "--reason", "back")
    people(node, "change", "s.root", "--display", "Sam Root")
    assert "Sam Root" in people(node, "list").stdout
    last = run("people", "suspend", node, "r.root", "--reason", "r")
    assert last.exit_code == 0
    last = run("people", "suspend", node, "s.root", "--reason", "r")
    assert (last.exit_code, "last administrator" in last.stderr) == (2, True)


def test_wrong_tries_are_forgotten_at_the_machine(node: Path) -> None:
    admit = ("--role", "administrator", "--password-file", "-")
    people(node, "admit", "r.root", *admit, typed=PASSWORD)
    for _ in range(5):
        with pytest.raises(LoginRefused):
            signs_in(node, "r.root", "wrong wrong")
    told = people(node, "unbar")
    assert "2 counts" in told.stderr
    assert signs_in(node, "r.root", PASSWORD)


def test_who_does_it_stands_in_the_journal(node: Path) -> None:
    admit = ("--role", "administrator", "--password-file", "-", "--by", "Eva Nova")
    people(node, "admit", "r.root", *admit, typed=PASSWORD)
    shown = run("journal", "show", node).stdout
    assert "Eva Nova (at the machine) (administrator) operator.admitted" in shown
    assert "$argon2" not in shown
