"""A person signs in at a node on this machine and gives commands by name; nobody else can."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from operation.accounts.house import CHEAP, DOCUMENT, PASSWORD, House
from stopline.cli.main import app
from stopline.cli.terminal_session import VARIABLE, token_file
from stopline.operation.runtime.bootstrap import open_command_handler
from stopline.testing.two_desks import TwoNodes

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


def run(*words: object, typed: str = "") -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], input=typed)


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A node with Eva, a duty officer and a liaison officer, and Rex, who is in the press."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv(VARIABLE, raising=False)
    (tmp_path / "nodes").mkdir()
    both = TwoNodes.make(tmp_path / "nodes", DOCUMENT.read_bytes())
    house = House.of(both)
    house.admit("eva", "duty_officer", "liaison_officer")
    house.admit("rex", "press_officer")
    house.admit("ivo", "chief_of_police")
    folder = both.folders[0]
    both.close()
    (folder / "people.json").write_text(CHEAP.model_dump_json())
    return folder


def sign_in(node: Path, name: str) -> Result:
    return run("sign-in", node, name, "--password-file", "-", typed=f"{PASSWORD}\n")


OPEN = (
    "incident.open", "incident=i-1", "title=Hall", "authority=order 7",
    "expires=2099-01-01T00:00Z",
)  # fmt: skip


def test_sign_in_do_and_sign_out(node: Path) -> None:
    came = sign_in(node, "eva")
    assert came.exit_code == 0, came.output
    assert "Eva (duty_officer, liaison_officer)" in came.stdout
    assert PASSWORD not in came.output
    assert stat.S_IMODE(token_file(node).stat().st_mode) == 0o600
    twice = [run("do", node, *OPEN, "--role", "duty_officer", "--key", "k") for _ in range(2)]
    assert [one.exit_code for one in twice] == [0, 0], twice[0].output
    assert twice[0].stdout == twice[1].stdout
    assert "happened before" in twice[1].stderr
    desk = open_command_handler(node)
    facts = [e for e in desk.node.journal.read() if e.kind == "incident.opened"]
    desk.node.journal.close()
    assert [(e.author, e.role) for e in facts] == [("eva", "duty_officer")]
    token = token_file(node).read_text()
    assert run("sign-out", node).exit_code == 0
    assert not token_file(node).exists()
    gone = run("do", node, *OPEN)
    assert gone.exit_code == 2
    assert "nobody signed in" in gone.output
    stolen = CliRunner().invoke(app, ["do", str(node), *OPEN], env={VARIABLE: token})
    assert "not signed in" in stolen.output


def test_who_may_not_is_told_why(node: Path) -> None:
    sign_in(node, "rex")
    refused = run("do", node, *OPEN)
    assert refused.exit_code == 3
    assert "press_officer may not give" in refused.output
    foreign = run("do", node, *OPEN, "--role", "duty_officer")
    assert foreign.exit_code == 3
    assert "rex is press_officer" in foreign.output


def test_whoever_has_two_roles_says_which(node: Path) -> None:
    sign_in(node, "eva")
    unsaid = run("do", node, *OPEN)
    assert unsaid.exit_code == 3
    assert "say in which role: duty_officer or liaison_officer" in unsaid.output


def test_commands_are_listed_and_explained(node: Path) -> None:
    sign_in(node, "rex")
    listed = run("do", node)
    names = [line.split("\t")[0] for line in listed.stdout.splitlines()[1:]]
    assert "statement.draft" in names
    assert "plan.adopt" not in names
    explained = run("do", node, "message.send")
    assert "said.name" in explained.stdout
    wrong = run("do", node, "statement.draft", "incident=i-1", "txt=x")
    assert wrong.exit_code == 2
    assert "statement.draft: txt" in wrong.output
    unknown = run("do", node, "statement.burn")
    assert unknown.exit_code == 2
    assert "statement.burn" in unknown.output


def test_a_wrong_password_opens_nothing(node: Path) -> None:
    wrong = run("sign-in", node, "eva", "--password-file", "-", typed="seven dry umbrellas\n")
    assert wrong.exit_code == 2
    assert "nothing more is said" in wrong.output
    assert not token_file(node).exists()


def test_a_decision_is_signed_with_ones_own_key(node: Path, tmp_path: Path) -> None:
    sign_in(node, "ivo")
    (tmp_path / "pass").write_text("a long passphrase\n")
    secret = ("--passphrase-file", tmp_path / "pass")
    key = tmp_path / "ivo.key"
    assert run("officer", "key", key, *secret).exit_code == 0
    assert run("officer", "enrol", node, key, *secret).exit_code == 0
    assert run("do", node, *OPEN).exit_code == 0
    alarm = ("alarm.raise", "what=x", "place=y", "happened=now", "vehicle=v")
    wrong = run("do", node, *alarm, "--sign", key, *secret)
    assert wrong.exit_code == 2
    assert "decision.voice or intelligence.file" in wrong.output
    assert run("do", node, *alarm).exit_code == 0
    said = ("decision.voice", "decision=stand_down")
    for words in (("outcome=yes", "--sign", key, *secret), ("outcome=no",)):
        given = run("do", node, *said, *words)
        assert given.exit_code == 0, given.output
    verified = run("journal", "verify", node)
    assert verified.exit_code == 0, verified.output
    assert "ivo (chief_of_police) says yes to stand_down: proven, by key" in verified.output
    assert "ivo (chief_of_police) says no to stand_down: only claimed" in verified.output
    own = tmp_path / "own.keys"
    own.write_text(run("officer", "keys", node).stdout)
    assert (
        "by the key that you gave" in run("journal", "verify", node, "--officer-keys", own).output
    )
    own.write_text('{"person": "ivo"}\n')
    assert "own.keys line 1" in run("journal", "verify", node, "--officer-keys", own).output
