"""Any order of appends, repeats, conflicts, erasures, checkpoints and restarts, against a model."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tests.journal.facts import fact, personal

from stopline.journal.checkpoint import Checkpoint, SignedCheckpoint
from stopline.journal.errors import Conflict, IdTaken
from stopline.journal.sqlite import open_sqlite
from stopline.journal.verify import verify_journal
from stopline.signed_note import Signer

SIGNER = Signer("north.example/node", Ed25519PrivateKey.from_private_bytes(b"n" * 32))


class JournalMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="stopline-"))
        self.journals = [open_sqlite(self.folder / "j.db") for _ in range(2)]
        self.model: list[str] = []
        self.personal: list[str] = []
        self.erased: set[str] = set()
        self.roots: dict[int, bytes] = {}

    @rule(numbers=st.lists(st.integers(0, 40), min_size=1, max_size=5), writer=st.integers(0, 1))
    def append(self, numbers: list[int], writer: int) -> None:
        facts = [personal(n) if n % 4 == 0 else fact(n) for n in numbers]
        receipt = self.journals[writer].append(facts)
        for each in facts:
            if each.fact_id not in self.model:
                self.model.append(each.fact_id)
                if each.kind.personal:
                    self.personal.append(each.fact_id)
        assert receipt.size == len(self.model)
        assert [self.model[index] for index in receipt.indices] == [f.fact_id for f in facts]

    @rule(number=st.integers(100, 200), behind=st.integers(1, 3), writer=st.integers(0, 1))
    def conflict(self, number: int, behind: int, writer: int) -> None:
        with pytest.raises(Conflict):
            self.journals[writer].append([fact(number)], expected_size=len(self.model) + behind)

    @precondition(lambda self: any(i not in self.personal for i in self.model))
    @rule(data=st.data(), writer=st.integers(0, 1))
    def another_under_a_known_id(self, data: st.DataObject, writer: int) -> None:
        plain = [fact_id for fact_id in self.model if fact_id not in self.personal]
        number = int(data.draw(st.sampled_from(plain))[3:])
        with pytest.raises(IdTaken):
            self.journals[writer].append([fact(300), fact(number, "another")])

    @precondition(lambda self: self.personal)
    @rule(data=st.data(), writer=st.integers(0, 1))
    def erase(self, data: st.DataObject, writer: int) -> None:
        fact_id = data.draw(st.sampled_from(self.personal))
        self.journals[writer].erase(fact_id)
        self.erased.add(fact_id)

    @rule(writer=st.integers(0, 1))
    def sign(self, writer: int) -> None:
        journal = self.journals[writer]
        point = Checkpoint("north.example/node", journal.size, journal.root())
        journal.keep_checkpoint(SignedCheckpoint.make(point, SIGNER))
        self.roots[journal.size] = point.root

    @rule(writer=st.integers(0, 1))
    def restart(self, writer: int) -> None:
        self.journals[writer].close()
        self.journals[writer] = open_sqlite(self.folder / "j.db")

    @invariant()
    def everything_is_there_once_in_order(self) -> None:
        for journal in self.journals:
            entries = list(journal.read())
            assert [entry.fact_id for entry in entries] == self.model
            assert {e.fact_id for e in entries if e.body is None} == self.erased
        report = verify_journal(self.journals[0], key=SIGNER.key)
        assert report.holds, report.faults
        assert report.checkpoints == len(self.roots)

    def teardown(self) -> None:
        for journal in self.journals:
            journal.close()
        shutil.rmtree(self.folder)


TestJournal = JournalMachine.TestCase
TestJournal.settings = settings(max_examples=15, stateful_step_count=15, deadline=None)
