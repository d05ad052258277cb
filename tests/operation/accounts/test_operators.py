"""Who is admitted, in which roles; that one administrator stays; that one person is one voice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml
from pydantic import ValidationError

from operation.accounts.house import CHEAP, DOCUMENT, HERE, PASSWORD, ROOT, House
from operation.liaison_case import INCIDENT, Case
from stopline.operation.accounts.commands import (
    AdmitMachine,
    AdmitOperator,
    ChangeOperator,
    EndSession,
    RestoreOperator,
    RevokeToken,
    SuspendOperator,
)
from stopline.operation.accounts.projection import People
from stopline.operation.accounts.secret_commands import (
    ChangePassword,
    DropCode,
    EnrolCode,
    IssueToken,
    ResetOperator,
    SecretCommand,
)
from stopline.operation.accounts.sign_in import SignIn
from stopline.operation.core.actor import Actor
from stopline.operation.core.command import all_commands
from stopline.operation.core.commands import VoiceDecision
from stopline.operation.core.errors import NotNow, NotPermitted
from stopline.operation.core.node import make_node
from stopline.operation.runtime.bootstrap import open_command_handler

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.operation.core.command import Command

PLAIN = yaml.safe_load(DOCUMENT.read_text("utf-8"))
BARE: list[SecretCommand] = [
    ResetOperator(name="a.novak", good_for_s=1, reason="r"), ChangePassword(), DropCode(),
    EnrolCode(operator="a.novak"), IssueToken(machine="radio", label="l", good_for_s=1),
]  # fmt: skip
PLAINLY: list[Command] = [
    AdmitOperator(name="n.new", display="N", roles=("duty_officer",)),
    AdmitMachine(name="m.new", display="M", roles=("feed",)),
    ChangeOperator(name="b.kral", display="B"),
    SuspendOperator(name="b.kral", reason="r"),
    RestoreOperator(name="c.gone", reason="r"),
]


def test_before_a_protocol_there_are_administrators_only(tmp_path: Path) -> None:
    make_node(tmp_path / "n", "n.example/node", journal="journal.db", url="", listen="", now_s=1e9)
    desk = open_command_handler(tmp_path / "n")
    with pytest.raises(NotNow, match=r"no protocol is in force.*adopt one"):
        desk.do(PLAINLY[0], ROOT, command_id="c1", now_s=1e9)
    first = AdmitOperator(name="r.root", display="R", roles=("administrator",))
    desk.do(first, ROOT, command_id="c2", now_s=1e9)
    access = SignIn(desk, settings=CHEAP)
    code = access.accounts.reset("r.root", "new", ROOT, command_id="c3", now_s=1e9).code
    access.accounts.set_up("r.root", code, PASSWORD, source=HERE, now_s=1e9)
    who = access.log_in("r.root", PASSWORD, None, source=HERE, now_s=1e9).operator
    assert who.actor(None) == Actor("r.root", "administrator")
    desk.node.journal.close()


@pytest.mark.parametrize("role", [*PLAIN["roles"], "administrator", "unit"])
def test_every_role_of_the_protocol_can_be_held(house: House, role: str) -> None:
    house.do(AdmitOperator(name="a.novak", display="A", roles=(role,)))
    known = house.desk.read().projection(People).operators["a.novak"]
    assert known.agency == PLAIN["roles"].get(role, {}).get("agency")


@pytest.mark.parametrize(
    ("roles", "agency", "said"),
    [
        (("dog_handler",), None, "dog_handler: no such role. The protocol in force has"),
        (("node",), None, "node"),
        (("feed",), None, "feed"),
        (("any officer",), None, "any officer"),
        (("duty_officer", "border_duty"), None, "border_service and police"),
        (("duty_officer",), "military", "military and police"),
    ],
)
def test_roles_that_nobody_can_hold(
    house: House, roles: tuple[str, ...], agency: str | None, said: str
) -> None:
    with pytest.raises(NotNow, match=said):
        house.do(AdmitOperator(name="a.novak", display="A", roles=roles, agency=agency))


@pytest.mark.parametrize("role", [*PLAIN["roles"], "administrator", "node"])
def test_a_machine_holds_no_role_of_a_person(house: House, role: str) -> None:
    with pytest.raises(NotNow, match="a machine is camera or feed or unit"):
        house.do(AdmitMachine(name="radio", display="R", roles=("feed", role)))


def test_a_name_is_one_persons_for_good(house: House) -> None:
    house.admit("a.novak", "duty_officer", subject="u-1")
    house.do(SuspendOperator(name="a.novak", reason="left"))
    for kind in (AdmitOperator, AdmitMachine):
        with pytest.raises(NotNow, match="never given twice"):
            house.do(kind(name="a.novak", display="B", roles=("unit",)))
    with pytest.raises(NotNow, match="one person has one name"):
        house.admit("a.novak2", "duty_officer", subject="u-1")
    for name in ("A.Novak", "a novak", " a.novak", "a.novák", "", "-a", "a" * 65, "a/b", "a\n"):
        with pytest.raises(ValidationError):
            AdmitOperator(name=name, display="A", roles=("unit",))


def test_one_administrator_stays_and_nobody_raises_themselves(house: House) -> None:
    house.admit("r.root", "administrator")
    with pytest.raises(NotNow, match="last administrator"):
        house.do(SuspendOperator(name="r.root", reason="r"))
    with pytest.raises(NotNow, match="last administrator"):
        house.do(ChangeOperator(name="r.root", roles=("unit",)))
    house.admit("s.root", "administrator")
    own = ChangeOperator(name="s.root", roles=("administrator", "duty_officer"))
    with pytest.raises(NotPermitted, match="own roles"):
        house.do(own, Actor("s.root", "administrator"))
    house.do(own, Actor("r.root", "administrator"))
    assert house.desk.read().projection(People).operators["s.root"].agency == "police"
    house.do(SuspendOperator(name="r.root", reason="r"))


def test_other_roles_count_at_once(house: House) -> None:
    house.admit("a.novak", "duty_officer")
    token = house.log_in("a.novak").token
    house.do(ChangeOperator(name="a.novak", roles=("second_officer",)))
    who = house.access.by_token(token, house.now_s)
    assert who.roles == ("second_officer",)
    with pytest.raises(NotPermitted):
        who.actor("duty_officer")


@pytest.mark.parametrize("command", [*PLAINLY, *BARE[:1], *BARE[4:]], ids=lambda c: c.kind)
def test_only_an_administrator_admits_changes_and_shuts_out(house: House, command: Command) -> None:
    house.admit("a.novak", "duty_officer")
    house.admit("b.kral", "second_officer")
    house.admit("c.gone", "press_officer")
    house.do(SuspendOperator(name="c.gone", reason="r"))
    size = house.desk.node.journal.size
    for role in (*PLAIN["roles"], "unit", "feed", "node", ""):
        for each in (command, EndSession(session="s"), RevokeToken(token=str(size), reason="r")):
            with pytest.raises(NotPermitted):
                house.do(each, Actor("x", role))
    assert house.desk.node.journal.size == size
    if command not in BARE:
        house.do(command)


@pytest.mark.parametrize("command", BARE, ids=lambda c: c.kind)
def test_what_comes_with_a_secret_is_not_given_bare(house: House, command: SecretCommand) -> None:
    """Nobody sets a password without the old one by sending the command alone."""
    house.admit("a.novak", "duty_officer", "administrator")
    house.machine("radio")
    actor = Actor("a.novak", "administrator")
    with pytest.raises(NotNow, match="not given bare"):
        house.do(command, actor)
    kind = all_commands()[command.kind]
    given = command.model_dump()
    for name in ("_kept", "kept", "password", "hash"):
        with pytest.raises(ValidationError):
            kind.model_validate(given | {name: "x"})
    assert "kept" not in str(kind.model_json_schema())


def test_a_secret_command_says_nothing_of_its_secret(house: House) -> None:
    del house
    for command in BARE:
        told = command.with_kept(b"hush-hush")
        assert "hush" not in f"{told!r} {told} {told.model_dump_json()} {told.model_dump()}"


def test_one_person_with_two_sessions_and_two_roles_is_one_voice(tmp_path: Path) -> None:
    """`call_out_military` takes two persons, of two roles; one may hold both, and counts once."""
    assert PLAIN["decisions"]["call_out_military"]["persons"] == 2
    case = Case(tmp_path)
    case.alarm()
    house = House.of(case.both)
    roles = ("interior_minister", "defence_minister")
    house.admit("a.novak", *roles)
    house.admit("b.kral", "defence_minister")
    voice = VoiceDecision(incident=INCIDENT, decision="call_out_military", outcome="yes")

    def said(token: str, role: str) -> bool:
        case.do(0, voice, house.access.by_token(token, house.now_s).actor(role))
        return "call_out_military" in case.incident().state.decided

    sessions = [house.log_in(name).token for name in ("a.novak", " A.NOVAK ")]
    assert [said(token, role) for token in sessions for role in roles] == [False] * 4
    assert said(house.log_in("b.kral").token, "defence_minister")
    case.both.close()
