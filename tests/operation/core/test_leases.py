"""One process computes and the others wait; when it dies, another takes over."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from stopline.operation.core.leases import CLAIM_S, CLAIM_SHELF, WorkClaims
from stopline.operation.core.node import open_node

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from operation.liaison_case import Case
    from stopline.journal.base import Journal

NOW_S = 1_795_000_000.0


@pytest.fixture
def journals(case: Case) -> Iterator[tuple[Journal, Journal]]:
    """The journal of one node as two processes have it open."""
    folder: Path = case.both.folders[0]
    with open_node(folder) as one, open_node(folder) as other:
        yield one.journal, other.journal


def test_only_one_has_it_until_it_runs_out(journals: tuple[Journal, Journal]) -> None:
    one, other = (WorkClaims(journal) for journal in journals)
    size = journals[0].size
    assert one.take("i-1", "leak", NOW_S) is None
    assert other.take("i-1", "leak", NOW_S + 1) == NOW_S + CLAIM_S
    assert one.take("i-1", "leak", NOW_S + 1) is None  # its own
    assert other.take("i-1", "leak", NOW_S + 1 + CLAIM_S) is None  # that has run out
    assert one.take("i-1", "leak", NOW_S + 2 + CLAIM_S) is not None
    assert journals[0].size == size  # no fact: a shelf is no part of the record


def test_it_is_kept_up_while_its_process_lives(journals: tuple[Journal, Journal]) -> None:
    one, other = (WorkClaims(journal) for journal in journals)
    one.take("i-1", "leak", NOW_S)
    assert not one.is_due(NOW_S + 1)
    for second in range(30):
        if one.is_due(NOW_S + second):
            one.keep_up("i-1", NOW_S + second)
        assert other.take("i-1", "leak", NOW_S + second) is not None
    one.let_go("i-1")
    assert one.held() == ()
    assert other.take("i-1", "leak", NOW_S + 30 + CLAIM_S) is None


def test_what_hangs_is_let_go(journals: tuple[Journal, Journal]) -> None:
    one, other = (WorkClaims(journal) for journal in journals)
    one.take("i-1", "leak", NOW_S)
    taken = None
    for second in range(200):
        one.keep_up("i-1", NOW_S + second)
        if other.take("i-1", "leak", NOW_S + second) is None:
            taken = second
            break
    assert taken is not None
    assert 120 < taken < 140
    assert one.held() == ()


def test_another_took_it_meanwhile_and_it_is_let_go(journals: tuple[Journal, Journal]) -> None:
    one, other = (WorkClaims(journal) for journal in journals)
    one.take("i-1", "leak", NOW_S)
    other.take("i-1", "leak", NOW_S + 20)  # the first stood still so long
    one.keep_up("i-1", NOW_S + 21)
    assert (one.held(), other.held()) == ((), ("i-1",))


def test_other_work_is_free_and_so_is_another_matter(journals: tuple[Journal, Journal]) -> None:
    one, other = (WorkClaims(journal) for journal in journals)
    one.take("i-1", "leak", NOW_S)
    assert other.take("i-2", "leak", NOW_S) is None
    assert other.take("i-1", "a newer leak", NOW_S) is None


@pytest.mark.parametrize(
    "value",
    [b"", b"\xff", b"[]", b'{"what": "leak"}', b'{"what":"leak","holder":"x","until_s":9e99}'],
)
def test_what_is_no_claim_or_from_a_wrong_clock_stands_in_nobodys_way(
    journals: tuple[Journal, Journal], value: bytes
) -> None:
    with journals[0].transaction() as work:
        work.put(CLAIM_SHELF, "i-1", value)
    assert WorkClaims(journals[1]).take("i-1", "leak", NOW_S) is None


def test_of_many_at_once_one_takes_it(case: Case) -> None:
    folder: Path = case.both.folders[0]
    found: list[float | None] = []
    gate = threading.Barrier(4)

    def claim() -> None:
        with open_node(folder) as node:
            claims = WorkClaims(node.journal)
            gate.wait(30.0)
            found.append(claims.take("i-1", "leak", NOW_S))

    threads = [threading.Thread(target=claim) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one is None for one in found) == [False, False, False, True]
