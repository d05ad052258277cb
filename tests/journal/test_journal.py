"""What every journal promises, on both databases."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.journal.conftest import open_at
from tests.journal.facts import START_S, fact, personal

from stopline.errors import BadInput, UnknownName
from stopline.journal.checkpoint import Checkpoint, SignedCheckpoint
from stopline.journal.errors import (
    Conflict,
    Contradiction,
    Erased,
    IdTaken,
    StorageDamaged,
    StorageError,
)
from stopline.journal.facts import NoteWritten
from stopline.journal.merkle import leaf_hash, verify_consistency, verify_inclusion
from stopline.journal.verify import verify_journal
from stopline.signed_note import Signer, cosign

if TYPE_CHECKING:
    from tests.journal.conftest import Places

    from stopline.journal.stored import StoredJournal

SIGNER = Signer("north.example/node", Ed25519PrivateKey.from_private_bytes(b"n" * 32))
OTHER = Signer("south.example/node", Ed25519PrivateKey.from_private_bytes(b"s" * 32))


def sign(journal: StoredJournal) -> SignedCheckpoint:
    point = Checkpoint("north.example/node", journal.size, journal.root())
    signed = SignedCheckpoint.make(point, SIGNER)
    journal.keep_checkpoint(signed)
    return signed


def test_a_fact_reads_back_as_it_was_given(journal: StoredJournal) -> None:
    given = fact(1, "Grüße, 😀 \u2028 \x7f")
    assert journal.append([given]).indices == (0,)
    entry = journal.find(given.fact_id)
    assert entry.typed() == given.body
    assert (entry.time_s, entry.author, entry.role) == (given.time_s, given.author, given.role)
    assert entry.incident == "INC-1"
    assert entry.kind == "note.written"


def test_the_same_fact_twice_stands_once(journal: StoredJournal) -> None:
    journal.append([fact(1), fact(2)])
    again = journal.append([fact(2), fact(3), fact(3)])
    assert again.indices == (1, 2, 2)
    assert again.repeated == {fact(2).fact_id, fact(3).fact_id}
    assert journal.size == 3


def test_another_fact_under_a_known_id_is_refused_and_nothing_written(
    journal: StoredJournal,
) -> None:
    journal.append([fact(1)])
    with pytest.raises(IdTaken, match="entry 0"):
        journal.append([fact(2), fact(1, "other")])
    assert journal.size == 1


def test_who_comes_second_gets_a_conflict(journal: StoredJournal) -> None:
    journal.append([fact(1)], expected_size=0)
    with pytest.raises(Conflict) as caught:
        journal.append([fact(2)], expected_size=0)
    assert (caught.value.expected_size, caught.value.size) == (0, 1)
    assert journal.size == 1


def test_an_error_inside_a_transaction_leaves_nothing(journal: StoredJournal) -> None:
    def half() -> None:
        with journal.transaction() as work:
            work.append([fact(1)])
            work.put("shelf", "key", b"value")
            raise KeyError

    with pytest.raises(KeyError):
        half()
    assert journal.size == 0
    assert list(journal.shelf("shelf")) == []
    journal.append([fact(1)])


def test_a_transaction_inside_another_is_refused(journal: StoredJournal) -> None:
    with journal.transaction(), pytest.raises(BadInput, match="inside another"):
        journal.append([fact(1)])


def test_shelves_change_with_the_facts(journal: StoredJournal) -> None:
    with journal.transaction() as work:
        work.append([fact(1)])
        for number in range(1500):
            work.put("out", f"{number:05d}", b"%d" % number)
        work.put("out", "00003", b"three")
        work.remove("out", "00004")
        assert work.get("out", "00003") == b"three"
        assert work.get("out", "00004") is None
        assert [key for key, _ in work.scan("out", "00003", 2)] == ["00003", "00005"]
    assert len(list(journal.shelf("out"))) == 1499
    assert journal.look_up("out", "00003") == b"three"
    assert journal.look_up("out", "00004") is None
    assert list(journal.shelf("other")) == []


def test_a_clock_that_was_set_back_is_called_out_and_the_fact_kept(journal: StoredJournal) -> None:
    journal.append([fact(1, time_s=START_S)])
    receipt = journal.append([fact(2, time_s=START_S - 3600)])
    assert receipt.clock_back_s == 3600
    assert journal.size == 2
    assert verify_journal(journal).clock_back == [(1, 3600.0)]


def test_chosen_entries_are_read_and_one_that_is_missing_is_damage(journal: StoredJournal) -> None:
    journal.append([fact(number) for number in range(2500)])
    chosen = [0, 1, 7, *range(900, 2200), 2499]
    assert [entry.index for entry in journal.read_at(iter(chosen))] == chosen
    assert list(journal.read_at([7])) == list(journal.read(7, 8))
    assert not list(journal.read_at([]))
    with pytest.raises(StorageDamaged, match="2499 and 2500"):
        list(journal.read_at([2499, 2500]))


@pytest.mark.parametrize("size", [0, 1, 2, 3, 7, 8, 9, 31, 33])
def test_every_proof_holds_at_every_size(journal: StoredJournal, size: int) -> None:
    journal.append([fact(number) for number in range(size)])
    root, leaves = journal.root(), [leaf_hash(entry.leaf) for entry in journal.read()]
    for index, leaf in enumerate(leaves):
        verify_inclusion(index, size, leaf, journal.inclusion(index, size), root)
    for earlier in range(size + 1):
        path = journal.consistency(earlier, size)
        verify_consistency(earlier, size, journal.root(earlier), root, path)


def test_an_entry_is_proved_under_a_cosigned_checkpoint(journal: StoredJournal) -> None:
    journal.append([fact(number) for number in range(5)])
    with pytest.raises(UnknownName, match="sign one first"):
        journal.prove(fact(3).fact_id)
    signed = sign(journal)
    cosignature = cosign(signed.note.text, OTHER, 1_795_000_100)
    noted = SignedCheckpoint(signed.checkpoint, signed.note.with_signatures([cosignature]))
    journal.keep_checkpoint(noted)
    journal.append([fact(9)])
    proof = journal.prove(fact(3).fact_id)
    by = proof.verify(journal.find(fact(3).fact_id).leaf, [SIGNER.key, OTHER.key.as_cosigner()])
    assert [(found.key.name, found.time_s) for found in by] == [
        ("north.example/node", None),
        ("south.example/node", 1_795_000_100),
    ]


def test_a_checkpoint_that_contradicts_the_journal_is_refused(journal: StoredJournal) -> None:
    journal.append([fact(1), fact(2)])
    false = Checkpoint("north.example/node", 2, b"\1" * 32)
    with pytest.raises(Contradiction, match="another root"):
        journal.keep_checkpoint(SignedCheckpoint.make(false, SIGNER))
    ahead = Checkpoint("north.example/node", 3, journal.root())
    with pytest.raises(Contradiction, match="shorter"):
        journal.keep_checkpoint(SignedCheckpoint.make(ahead, SIGNER))


def test_a_personal_body_is_erased_and_the_tree_stays(journal: StoredJournal) -> None:
    journal.append([fact(1), personal(2), fact(3)])
    signed, entry = sign(journal), journal.find(personal(2).fact_id)
    assert entry.body == {"text": "tall, red coat"}
    assert b"red coat" not in entry.leaf
    journal.erase(entry.fact_id)
    gone = journal.find(entry.fact_id)
    assert gone.body is None
    with pytest.raises(Erased):
        gone.typed()
    report = verify_journal(journal, key=SIGNER.key)
    assert report.holds
    assert (report.erased, report.checkpoints, report.root) == (1, 1, signed.checkpoint.root)
    journal.prove(entry.fact_id).verify(entry.leaf, [SIGNER.key])
    assert journal.append([personal(2)]).repeated  # giving it again writes nothing back
    assert journal.find(entry.fact_id).body is None


def test_only_personal_bodies_can_be_erased(journal: StoredJournal) -> None:
    journal.append([fact(1)])
    with pytest.raises(BadInput, match="not personal"):
        journal.erase(fact(1).fact_id)
    with pytest.raises(UnknownName):
        journal.erase(fact(2).fact_id)


def test_a_repeated_personal_fact_stands_once_and_another_is_refused(
    journal: StoredJournal,
) -> None:
    journal.append([personal(1)])
    assert journal.append([personal(1)]).repeated
    with pytest.raises(IdTaken):
        journal.append([personal(1, "small")])


def test_entries_cannot_be_changed_through_the_database(places: Places) -> None:
    journal = places.open()
    journal.append([fact(1)])
    rows = journal._rows
    for statement in ("UPDATE entry SET leaf = leaf", "DELETE FROM entry"):
        with pytest.raises(StorageError, match="final"):
            rows._run(statement)  # type: ignore[attr-defined]


def test_many_writers_lose_and_double_nothing(places: Places) -> None:
    url, errors = places.url(), []
    places.open()

    def write(writer: int) -> None:
        try:
            with open_at(url) as own:
                for number in range(25):
                    own.append([fact(1000 * writer + number)])
        except Exception as error:  # noqa: BLE001
            errors.append(error)

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    journal = places.open()
    assert journal.size == 200
    assert verify_journal(journal).holds
    written = [entry.fact_id for entry in journal.read()]
    for writer in range(8):
        mine = [fact(1000 * writer + number).fact_id for number in range(25)]
        assert [one for one in written if one in set(mine)] == mine


def test_two_journals_of_the_same_facts_have_the_same_root(places: Places) -> None:
    facts = [fact(number) for number in range(10)]
    one, two = places.open("one"), places.open("two")
    one.append(facts)
    for each in facts:
        two.append([each])
    assert one.root() == two.root()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"fact_id": "x"}, "fact_id"),
        ({"time_s": -1.0}, "time_s"),
        ({"time_s": float("nan")}, "time_s"),
        ({"author": ""}, "author"),
        ({"incident": "x" * 201}, "incident"),
    ],
)
def test_a_fact_that_is_not_of_the_form_is_refused(change: dict[str, object], named: str) -> None:
    from stopline.journal.base import Fact  # noqa: PLC0415

    good: dict[str, object] = {
        "fact_id": "01890a5d-ac96-774b-bcce-b302099a8057",
        "time_s": 1.0,
        "author": "a",
        "role": "r",
        "body": NoteWritten(text=""),
    }
    Fact(**good)  # type: ignore[arg-type]
    with pytest.raises(BadInput, match=named):
        Fact(**{**good, **change})  # type: ignore[arg-type]
