"""A report is read by those named in it, on either side, and by nobody else."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from operation.liaison_case import DUTY, INCIDENT, Case, actor
from stopline.errors import BadInput
from stopline.operation.core.commands import VoiceDecision
from stopline.operation.core.errors import NotNow, NotPermitted
from stopline.operation.intelligence.commands import (
    EnrolRecipient,
    FileIntelligence,
    IntroduceRecipient,
    OpenIntelligence,
    ShareIntelligence,
    UseIntelligence,
)
from stopline.operation.intelligence.projection import Intelligence, Recipients, Report
from stopline.operation.intelligence.recipient_key import (
    LockedKey,
    make_locked_key,
    read_locked_key,
)
from stopline.operation.intelligence.report import IntelligenceReport, open_report, seal_report
from stopline.operation.intelligence.sealed import (
    CannotOpen,
    Recipient,
    open_sealed,
    read_sealed,
)

if TYPE_CHECKING:
    from stopline.operation.core.actor import Actor

HEAD, SECURITY, PRIME = (
    actor("head_of_state"),
    actor("security_chief"),
    actor("prime_minister"),
)
REPORT = IntelligenceReport(
    subject="Route of flight", text="They mean to cross at Kestrel bridge.",
    source="Informer Zebra, met on Tuesday", grade="B2", written="2026-11-18T10:00:00+00:00",
    author="S. Sperling",
)  # fmt: skip
SECRETS = ("Kestrel", "Zebra", "Sperling", "Route of flight")


@cache
def locked(end: int, role: str) -> LockedKey:
    """A key of a person, made once for all tests: argon2id is slow on purpose."""
    return make_locked_key(passphrase(end, role))


def passphrase(end: int, role: str) -> str:
    return f"correct horse {role} of {end}"


def recipient(case: Case, end: int, who: Actor) -> Recipient:
    return Recipient(
        side=case.both.desks[end].catch_up().side, role=who.role, person=who.person,
        key=locked(end, who.role).public,
    )  # fmt: skip


def prepared(case: Case) -> None:
    """Keys of a head and a chief on side 0, of a head and a prime minister on side 1; LIAISON."""
    case.liaison()
    for end, who in ((0, HEAD), (0, SECURITY), (1, HEAD), (1, PRIME)):
        case.do(end, EnrolRecipient(locked=locked(end, who.role).text()), who)
        case.do(end, IntroduceRecipient(), who)


def filed(case: Case, label: str = "RED", there: tuple[Actor, ...] = (HEAD,)) -> str:
    ours, theirs = seal_report(
        REPORT, label,  # type: ignore[arg-type]  (a text of the parameter)
        [recipient(case, 0, SECURITY)], [recipient(case, 1, who) for who in there],
    )  # fmt: skip
    command = FileIntelligence(incident=INCIDENT, ours=ours, theirs=theirs)
    return case.do(0, command, SECURITY).ids[0]


def decided(case: Case) -> None:
    for who in (HEAD, SECURITY):
        voice = VoiceDecision(
            incident=INCIDENT, decision="share_suspicion_with_head", outcome="yes"
        )
        case.do(0, voice, who)


def shared(case: Case) -> Report:
    prepared(case)
    name = filed(case)
    decided(case)
    case.do(0, ShareIntelligence(incident=INCIDENT, report=name), HEAD)
    (there,) = case.incident(1).projection(Intelligence).reports.values()
    return there


def test_the_other_head_reads_it_without_its_source_and_the_opening_is_journaled(
    case: Case,
) -> None:
    there = shared(case)
    assert there.copy_for(HEAD) == ""
    case.do(1, OpenIntelligence(incident=INCIDENT, report=there.id), HEAD)
    there = case.incident(1).projection(Intelligence).reports[there.id]
    assert there.opened_by == (HEAD.person,)
    opened = [e for e in case.both.desks[1].node.journal.read() if e.kind == "intelligence.opened"]
    assert [(e.author, e.role) for e in opened] == [(HEAD.person, HEAD.role)]
    got = open_report(
        there.copy_for(HEAD), locked(1, "head_of_state"), passphrase(1, "head_of_state")
    )
    assert (got.text, got.grade, got.source, got.author) == (REPORT.text, "B2", "", "")
    case.restart_folds_the_same()


def test_our_own_reader_has_the_source(case: Case) -> None:
    prepared(case)
    name = filed(case)
    assert any(t.startswith("decide_suspicion") for t in case.incident().state.tasks)
    case.do(0, OpenIntelligence(incident=INCIDENT, report=name), SECURITY)
    copy = case.incident().projection(Intelligence).reports[name].copy_for(SECURITY)
    got = open_report(copy, locked(0, "security_chief"), passphrase(0, "security_chief"))
    assert got == REPORT


def test_an_administrator_with_all_that_a_node_has_cannot_read(case: Case) -> None:
    there = shared(case)
    for end in (0, 1):
        folder = case.both.folders[end]
        raw = b"".join(f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file())
        assert b"stopline-sealed@v1" in raw, "the sealed text stands in these files"
        for secret in SECRETS:
            assert secret.encode() not in raw
        entries = json.dumps([e.body for e in case.both.desks[end].node.journal.read()])
        assert not any(secret in entries for secret in SECRETS)
    sealed = read_sealed(there.sealed)
    key_file = (case.both.folders[1] / "node.key").read_bytes()
    seeds = {key_file[at : at + 32] for at in range(max(1, len(key_file) - 31))}
    for seed in (s for s in seeds if len(s) == 32):
        with pytest.raises(CannotOpen):
            open_sealed(sealed, X25519PrivateKey.from_private_bytes(seed))
    kept = case.both.desks[1].catch_up().projection(Recipients).ours["head_of_state", HEAD.person]
    for guess in ("", "administrator", passphrase(0, "head_of_state")):
        with pytest.raises(CannotOpen, match="passphrase"):
            open_report(there.sealed, read_locked_key(kept.locked), guess)


def test_red_reaches_only_those_named(case: Case) -> None:
    there = shared(case)
    named = read_sealed(there.sealed).recipients
    assert [(r.side, r.person) for r in named] == [("birch", HEAD.person)]
    roles = case.incident(1).machine.protocol.roles
    for role in roles:
        for person in ("", HEAD.person):
            if role == "head_of_state":
                continue
            with pytest.raises(NotPermitted, match="not named"):
                case.both.do(
                    1, OpenIntelligence(incident=INCIDENT, report=there.id), actor(role, person)
                )
    with pytest.raises(NotPermitted, match="not named"):
        case.do(1, OpenIntelligence(incident=INCIDENT, report=there.id),
                actor("head_of_state", "somebody else"))  # fmt: skip
    with pytest.raises(CannotOpen, match="not sealed to this key"):
        open_report(there.sealed, locked(1, "prime_minister"), passphrase(1, "prime_minister"))
    with pytest.raises(CannotOpen, match="not sealed"):
        open_report(there.sealed, locked(0, "security_chief"), passphrase(0, "security_chief"))


def test_the_protocol_decides_who_may_see_it_and_under_which_label(case: Case) -> None:
    prepared(case)
    name = filed(case)
    with pytest.raises(NotNow, match="share_suspicion_with_head"):
        case.do(0, ShareIntelligence(incident=INCIDENT, report=name), HEAD)
    decided(case)
    wide = filed(case, there=(HEAD, PRIME))
    with pytest.raises(NotNow, match=r"may not be shown to p\.prime_minister"):
        case.do(0, ShareIntelligence(incident=INCIDENT, report=wide), HEAD)
    green = filed(case, label="GREEN")
    with pytest.raises(NotNow, match="TLP:RED"):
        case.do(0, ShareIntelligence(incident=INCIDENT, report=green), HEAD)
    with pytest.raises(NotNow, match="sent by head_of_state"):
        case.do(0, ShareIntelligence(incident=INCIDENT, report=name), DUTY)
    case.do(0, ShareIntelligence(incident=INCIDENT, report=name), HEAD)
    with pytest.raises(NotNow, match="shared already"):
        case.do(0, ShareIntelligence(incident=INCIDENT, report=name), HEAD)
    with pytest.raises(NotNow, match=r"intelligence\.share"):
        case.do(0, case.said("suspicion", suspicions="They mean to cross."), HEAD)


@pytest.mark.parametrize(
    "text", ["", "{}", "[1]", '{"form":"stopline-sealed@v1"}', "x" * 300_000, '{"a":1,"a":2}']
)
def test_what_is_no_sealed_text_is_refused_with_a_reason(case: Case, text: str) -> None:
    with pytest.raises(BadInput):
        read_sealed(text)
    prepared(case)
    if text and len(text) < 200_000:
        with pytest.raises(BadInput):
            case.do(0, FileIntelligence(incident=INCIDENT, theirs=text), SECURITY)


def test_only_enrolled_keys_of_the_right_side_are_named(case: Case) -> None:
    prepared(case)
    head = recipient(case, 1, HEAD)
    swapped = head.model_copy(update={"key": locked(1, "prime_minister").public})
    stranger = head.model_copy(update={"person": "nobody"})
    for who, said in ((swapped, "not enrolled"), (stranger, "not enrolled")):
        _, theirs = seal_report(REPORT, "RED", (), [who])
        with pytest.raises(NotNow, match=said):
            case.do(0, FileIntelligence(incident=INCIDENT, theirs=theirs), SECURITY)
    ours, theirs = seal_report(REPORT, "RED", [head], [recipient(case, 0, SECURITY)])
    with pytest.raises(NotNow, match="is of birch"):
        case.do(0, FileIntelligence(incident=INCIDENT, ours=ours), SECURITY)
    with pytest.raises(NotNow, match="is of alder"):
        case.do(0, FileIntelligence(incident=INCIDENT, theirs=theirs), SECURITY)
    with pytest.raises(NotNow, match="nobody is named"):
        case.do(0, FileIntelligence(incident=INCIDENT), SECURITY)


def test_what_follows_from_it_is_used_without_its_words(case: Case) -> None:
    prepared(case)
    name = filed(case)
    use = UseIntelligence(
        incident=INCIDENT, report=name, at=case.at(0), lon=9.5, lat=47.1, radius_m=500,
        destinations={"Kestrel": 0.6}, probability=0.7,
    )  # fmt: skip
    with pytest.raises(NotPermitted, match="opened"):
        case.do(0, use, SECURITY)
    case.do(0, OpenIntelligence(incident=INCIDENT, report=name), SECURITY)
    case.do(0, use, SECURITY)
    ((_, used),) = case.incident().projection(Intelligence).used
    assert (used.lon, used.probability, used.destinations) == (9.5, 0.7, {"Kestrel": 0.6})
    assert "Zebra" not in used.model_dump_json()
    for changes, said in (
        ({"lat": None}, "all three"),
        ({"lon": None, "lat": None, "radius_m": None, "destinations": {}}, "nothing follows"),
        ({"destinations": {"a": 0.7, "b": 0.7}}, "more than 1"),
    ):
        with pytest.raises(NotNow, match=said):
            case.do(0, use.model_copy(update=changes), SECURITY)


def test_who_may(case: Case) -> None:
    prepared(case)
    name = filed(case)
    administrator = actor("administrator")
    ours, _ = seal_report(REPORT, "RED", [recipient(case, 0, SECURITY)])
    for command in (
        EnrolRecipient(locked=locked(0, "head_of_state").text()),
        IntroduceRecipient(),
        FileIntelligence(incident=INCIDENT, ours=ours),
        ShareIntelligence(incident=INCIDENT, report=name),
        OpenIntelligence(incident=INCIDENT, report=name),
        UseIntelligence(incident=INCIDENT, report=name, at=case.at(0), probability=0.5),
    ):
        with pytest.raises(NotPermitted):
            case.do(0, command, administrator)
    with pytest.raises(NotPermitted):
        case.do(0, FileIntelligence(incident=INCIDENT, ours=ours), DUTY)
    case.do(0, FileIntelligence(incident=INCIDENT, ours=ours), actor("security_duty"))
    with pytest.raises(NotNow, match="enrol one first"):
        case.do(0, IntroduceRecipient(), DUTY)


def test_a_report_that_cannot_be_read_stays_on_record_and_does_no_harm(case: Case) -> None:
    prepared(case)
    name = filed(case)
    decided(case)
    area = case.incident().projection(Intelligence)
    bent = area.reports[name].sealed_for_them.replace("stopline-sealed@v1", "stopline-sealed@v9")
    area._said(
        case.said("suspicion", suspicions=bent).said,
        next(e for e in case.both.desks[0].node.journal.read() if e.kind == "message.received"),
        received=True,
    )
    assert len(area.unreadable) == 1
    assert all(not r.id.startswith("theirs/") for r in area.reports.values())
