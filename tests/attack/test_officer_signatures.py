"""Where officers sign, whoever administers the node cannot speak for them: checked by own code."""

from __future__ import annotations

import base64
import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from typer.testing import CliRunner

from attack.line_client import canonical, iso
from operation.liaison_case import DOCUMENT, DUTY, INCIDENT, Case, actor
from stopline.cli.journal import app as journal_app
from stopline.cli.officer import app as officer_app
from stopline.journal.base import Fact
from stopline.link.ids import new_id
from stopline.operation.core.commands import VoiceDecision
from stopline.operation.core.errors import NotPermitted
from stopline.operation.core.node import open_node
from stopline.operation.core.signing_key_commands import EndSigningKey, EnrolSigningKey
from stopline.operation.core.voice_check import check_voices
from stopline.operation.facts.incident import DecisionVoiced
from stopline.operation.runtime.bootstrap import open_command_handler
from stopline.testing.two_desks import TwoNodes

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.operation.core.actor import Actor

SIGNED = DOCUMENT.read_bytes().replace(b"\nsides:", b"\nsigned_by_person: true\nsides:", 1)
CHIEF, MINISTER = actor("chief_of_police"), actor("interior_minister")
HEAD = actor("head_of_state")


def line(key: Ed25519PrivateKey, person: Actor, now_s: float, **changes: Any) -> str:
    """Sign as docs/formats/officer-signature.md says, with no code of the product."""
    moment = iso(now_s)
    said = {
        "form": "stopline-officer-signature@v1", "kind": "decision.voiced", "side": "alder",
        "incident": INCIDENT, "person": person.person, "role": person.role, "time": moment,
        **changes,
    }  # fmt: skip
    value = key.sign(b"stopline-officer-signature@v1\n" + canonical(said))
    public = key.public_key().public_bytes_raw()
    return " ".join((moment, base64.b64encode(public).decode(), base64.b64encode(value).decode()))


def public(key: Ed25519PrivateKey) -> str:
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def enrolled(key: Ed25519PrivateKey, person: Actor, now_s: float, before: str = "") -> Any:
    own = line(
        key, person, now_s, kind="signing-key.enrolled", incident="", role="",
        fields={"key": public(key)},
    )  # fmt: skip
    return EnrolSigningKey(key=public(key), signature=own, before=before)


def voice(
    key: Ed25519PrivateKey | None, person: Actor, now_s: float, **changes: str
) -> VoiceDecision:
    said = {"decision": "stand_down", "outcome": "yes", "reason": "", **changes}
    signature = "" if key is None else line(key, person, now_s, fields=said)
    return VoiceDecision.model_validate({"incident": INCIDENT, "signature": signature, **said})


def case_of(folder: Path, document: bytes = SIGNED) -> Case:
    case = Case.__new__(Case)
    case.both = TwoNodes.make(folder, document)
    return case


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    folder = tmp_path_factory.mktemp("signed")
    case = case_of(folder)
    case.liaison()
    case.both.close()
    return folder, case.both.now_s


@pytest.fixture
def case(begun: tuple[Path, float], tmp_path: Path) -> Case:
    shutil.copytree(begun[0], tmp_path / "case")
    return Case.reopened(tmp_path / "case", begun[1])


def phase(case: Case) -> str:
    return case.incident(0).phase


def test_signed_voices_decide_and_are_proven_to_code_of_ones_own(case: Case) -> None:
    keys = {who: Ed25519PrivateKey.generate() for who in (CHIEF, MINISTER)}
    for who, key in keys.items():
        case.do(0, enrolled(key, who, case.both.now_s), who)
    before = phase(case)
    case.do(0, voice(keys[CHIEF], CHIEF, case.both.now_s, reason="found é"), CHIEF)
    assert phase(case) == before
    case.do(0, voice(keys[MINISTER], MINISTER, case.both.now_s), MINISTER)
    assert phase(case) == "STAND_DOWN"
    entries = list(case.both.desks[0].node.journal.read())
    found = check_voices(entries)
    assert [(one.person, one.proven) for one in found.voices] == [
        (CHIEF.person, True), (MINISTER.person, True),
    ]  # fmt: skip
    assert not found.faults
    for entry in entries:  # and once more, from the bytes alone
        if entry.kind == "decision.voiced" and entry.body is not None:
            moment, key_text, value = str(entry.body["signature"]).split(" ")
            said = {
                "form": "stopline-officer-signature@v1", "kind": entry.kind, "side": "alder",
                "incident": entry.incident, "person": entry.author, "role": entry.role,
                "time": moment,
                "fields": {k: v for k, v in entry.body.items() if k != "signature"},
            }  # fmt: skip
            text = b"stopline-officer-signature@v1\n" + canonical(said)
            checking = Ed25519PublicKey.from_public_bytes(base64.b64decode(key_text))
            checking.verify(base64.b64decode(value), text)
            with pytest.raises(InvalidSignature):
                checking.verify(base64.b64decode(value), text.replace(b'"yes"', b'"no"'))
    case.both.close()


def test_what_the_officer_did_not_sign_is_refused(case: Case) -> None:
    key, other, now_s = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate(), case.both.now_s
    with pytest.raises(NotPermitted, match="asks for the officer's own signature"):
        case.do(0, voice(None, CHIEF, now_s), CHIEF)
    with pytest.raises(NotPermitted, match="has no signing key"):
        case.do(0, voice(key, CHIEF, now_s), CHIEF)
    case.do(0, enrolled(key, CHIEF, now_s), CHIEF)
    for wrong, why in (
        (voice(other, CHIEF, now_s), "another key"),
        (voice(key, MINISTER, now_s), "did not sign this"),
        (voice(key, CHIEF, now_s).model_copy(update={"outcome": "no"}), "did not sign this"),
        (voice(key, CHIEF, now_s - 3600), "was signed 36"),
        (voice(key, CHIEF, now_s + 3600), "was signed -35"),
        (voice(key, CHIEF, now_s).model_copy(update={"signature": "x"}), "public key"),
    ):
        with pytest.raises(NotPermitted, match=why):
            case.do(0, wrong, CHIEF)
    good = voice(key, CHIEF, now_s)
    case.do(0, good, CHIEF)
    with pytest.raises(NotPermitted, match="used before"):
        case.do(0, good, CHIEF)
    case.both.close()


def test_an_administrator_cannot_write_both_voices_where_officers_sign(case: Case) -> None:
    """The attack of test_limits_of_trust.py, with `signed_by_person`: it counts for nothing."""
    folder, now_s = case.both.folders[0], case.both.now_s
    key = Ed25519PrivateKey.generate()
    case.do(0, enrolled(key, CHIEF, now_s), CHIEF)
    signed = voice(key, CHIEF, case.both.now_s)
    case.do(0, signed, CHIEF)
    now_s, before = case.both.now_s, phase(case)
    case.both.close()
    for who, signature in ((MINISTER, ""), (MINISTER, signed.signature), (HEAD, "x y z")):
        body = DecisionVoiced(decision="stand_down", outcome="yes", reason="", signature=signature)
        with open_node(folder) as node:
            fact = Fact(
                fact_id=new_id(now_s), time_s=now_s, author=who.person, role=who.role,
                incident=INCIDENT, body=body,
            )  # fmt: skip
            node.journal.append([fact])
            node.sign_checkpoint()
    desk = open_command_handler(folder)
    book = desk.catch_up()
    assert book.incident(INCIDENT).phase == before
    assert len(book.unread) == 3
    found = check_voices(desk.node.journal.read())
    assert [one.proven for one in found.voices] == [True, False, False, False]
    assert len(found.faults) == 3
    desk.node.journal.close()
    told = CliRunner().invoke(journal_app, ["verify", str(folder)])
    assert told.exit_code == 3
    assert "1 proven by officers' own keys, 3 only claimed" in told.output
    assert "DOES NOT HOLD" in told.output


def test_a_new_key_is_signed_by_the_one_before_or_the_first_is_ended(case: Case) -> None:
    first, second, thief = (Ed25519PrivateKey.generate() for _ in range(3))
    now_s = case.both.now_s
    case.do(0, enrolled(first, CHIEF, now_s), CHIEF)
    with pytest.raises(NotPermitted, match="has a key"):
        case.do(0, enrolled(thief, CHIEF, now_s), CHIEF)
    wrong = line(
        thief, CHIEF, now_s, kind="signing-key.enrolled", incident="", role="",
        fields={"key": public(thief)},
    )  # fmt: skip
    with pytest.raises(NotPermitted, match="another key than the one before"):
        case.do(0, enrolled(thief, CHIEF, now_s, wrong), CHIEF)
    handed = line(
        first, CHIEF, now_s, kind="signing-key.enrolled", incident="", role="",
        fields={"key": public(second)},
    )  # fmt: skip
    case.do(0, enrolled(second, CHIEF, now_s, handed), CHIEF)
    with pytest.raises(NotPermitted, match="another key"):
        case.do(0, voice(first, CHIEF, now_s), CHIEF)
    case.do(0, voice(second, CHIEF, case.both.now_s), CHIEF)
    with pytest.raises(NotPermitted, match="ends their own key"):
        case.do(0, EndSigningKey(person=CHIEF.person, reason="lost"), DUTY)
    case.do(0, EndSigningKey(person=CHIEF.person, reason="lost"), CHIEF)
    with pytest.raises(NotPermitted, match="has no signing key"):
        case.do(0, voice(second, CHIEF, case.both.now_s, outcome="no"), CHIEF)
    entries = list(case.both.desks[0].node.journal.read())
    assert [one.proven for one in check_voices(entries).voices] == [True]
    # An auditor with the key that the chief gave him by hand believes that one and no other.
    trusted = {CHIEF.person: [public(first)]}
    assert [one.proven for one in check_voices(entries, (), trusted).voices] == [False]
    trusted = {CHIEF.person: [public(second)]}
    assert [one.proven for one in check_voices(entries, (), trusted).voices] == [True]
    case.both.restart(0)
    assert case.incident(0).phase == "LIAISON"
    case.both.close()


def test_without_the_word_of_the_protocol_voices_are_claimed_and_may_be_signed(
    tmp_path: Path,
) -> None:
    case = case_of(tmp_path, DOCUMENT.read_bytes())
    case.liaison()
    key = Ed25519PrivateKey.generate()
    case.do(0, voice(None, MINISTER, case.both.now_s, outcome="no"), MINISTER)
    case.do(0, enrolled(key, CHIEF, case.both.now_s), CHIEF)
    case.do(0, voice(key, CHIEF, case.both.now_s, outcome="no"), CHIEF)
    with pytest.raises(NotPermitted, match="did not sign"):
        case.do(0, voice(key, MINISTER, case.both.now_s), CHIEF)
    found = check_voices(case.both.desks[0].node.journal.read())
    assert [one.proven for one in found.voices] == [False, True]
    assert not found.faults
    case.both.close()


@pytest.mark.parametrize("place", ["decision", "report"])
def test_one_decision_or_reports_alone_can_be_signed(tmp_path: Path, place: str) -> None:
    from stopline.operation.core.signing_keys import must_be_signed  # noqa: PLC0415
    from stopline.operation.facts.intelligence import IntelligenceFiled  # noqa: PLC0415
    from stopline.protocol.reader import parse_protocol  # noqa: PLC0415

    del tmp_path
    import re  # noqa: PLC0415

    text = DOCUMENT.read_text("utf-8")
    part, name = (
        ("decisions", "stand_down") if place == "decision" else ("disclosures", "suspicions")
    )
    head, _, rest = text.partition(f"\n{part}:")
    changed, count = re.subn(
        rf"\n  {name}:\n", f"\n  {name}:\n    signed_by_person: true\n", rest, count=1
    )
    assert count == 1
    protocol = parse_protocol(f"{head}\n{part}:{changed}".encode()).protocol
    decided = {
        name: must_be_signed(protocol, DecisionVoiced(decision=name, outcome="yes", reason=""))
        for name in protocol.decisions
    }
    report = must_be_signed(protocol, IntelligenceFiled(label="RED", ours="x", theirs=""))
    assert {name for name, needed in decided.items() if needed} == (
        {"stand_down"} if place == "decision" else set()
    )
    assert report == (place == "report")


def test_a_key_is_made_and_signs_at_the_command_line(case: Case, tmp_path: Path) -> None:
    (tmp_path / "pass").write_text("a long passphrase\n")
    key_file, run = tmp_path / "chief.key", CliRunner()
    made = run.invoke(
        officer_app, ["key", str(key_file), "--passphrase-file", str(tmp_path / "pass")]
    )
    assert made.exit_code == 0, made.output
    assert b"ENCRYPTED" in key_file.read_bytes()
    assert key_file.stat().st_mode & 0o077 == 0
    again = run.invoke(
        officer_app, ["key", str(key_file), "--passphrase-file", str(tmp_path / "pass")]
    )
    assert again.exit_code == 2
    from stopline.operation.core.officer_key_file import read_officer_key  # noqa: PLC0415

    key = read_officer_key(key_file.read_bytes(), "a long passphrase", "key")
    case.do(0, enrolled(key, CHIEF, case.both.now_s), CHIEF)
    listed = run.invoke(officer_app, ["keys", str(case.both.folders[0])])
    assert json.loads(listed.output)["key"] == public(key)
    (tmp_path / "wrong").write_text("another passphrase\n")
    words = [
        "sign", str(key_file), "decision.voice", f"incident={INCIDENT}", "decision=stand_down",
        "outcome=no", "--side", "alder", "--person", CHIEF.person, "--role", CHIEF.role,
        "--passphrase-file",
    ]  # fmt: skip
    refused = run.invoke(officer_app, [*words, str(tmp_path / "wrong")])
    assert refused.exit_code == 2
    signed = run.invoke(officer_app, [*words, str(tmp_path / "pass")])
    assert signed.exit_code == 0, signed.output
    moment, key_text, value = signed.output.split()
    said = {
        "form": "stopline-officer-signature@v1", "kind": "decision.voiced", "side": "alder",
        "incident": INCIDENT, "person": CHIEF.person, "role": CHIEF.role, "time": moment,
        "fields": {"decision": "stand_down", "outcome": "no", "reason": ""},
    }  # fmt: skip
    Ed25519PublicKey.from_public_bytes(base64.b64decode(key_text)).verify(
        base64.b64decode(value), b"stopline-officer-signature@v1\n" + canonical(said)
    )
    case.both.close()
