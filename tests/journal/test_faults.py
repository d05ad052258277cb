"""What can happen to a disk and a clock: each is detected, named, and loses nothing told as done."""  # noqa: E501

from __future__ import annotations

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.journal.facts import fact

from stopline.journal.checkpoint import Checkpoint, SignedCheckpoint
from stopline.journal.errors import (
    Contradiction,
    StorageDamaged,
    StorageError,
    StorageFull,
    StorageReadOnly,
)
from stopline.journal.sqlite import open_sqlite
from stopline.journal.stored import check_is_ours
from stopline.journal.verify import verify_journal
from stopline.signed_note import Signer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SIGNER = Signer("north.example/node", Ed25519PrivateKey.from_private_bytes(b"n" * 32))


def filled(path: Path, count: int = 300) -> None:
    with open_sqlite(path) as journal:
        for number in range(0, count, 50):
            journal.append([fact(number + more) for more in range(50)])
        journal._rows.scrub()


def test_a_full_disk_is_named_and_loses_nothing(tmp_path: Path) -> None:
    with open_sqlite(tmp_path / "j.db") as journal:
        journal.append([fact(0)])
        journal._rows._db.execute("PRAGMA max_page_count=40")  # type: ignore[attr-defined]
        number = 1
        with pytest.raises(StorageFull, match="nothing was written"):  # noqa: PT012
            for number in range(1, 10_000):
                journal.append([fact(number, "x" * 2000)])
        assert journal.size == number
        journal._rows._db.execute("PRAGMA max_page_count=4000")  # type: ignore[attr-defined]
        journal.append([fact(number)])
        assert verify_journal(journal).holds


LIMITED = """
import resource, signal, sys
from tests.journal.facts import fact
from stopline.journal.errors import StorageFull
from stopline.journal.sqlite import open_sqlite
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
journal = open_sqlite(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
done = 0
try:
    while True:
        journal.append([fact(done, "x" * 500)])
        done += 1
except StorageFull:
    print(done)
"""


def test_a_file_that_may_not_grow_is_named_and_loses_nothing(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, tmp_path / "j.db"],
        env=environment, capture_output=True, check=True,
    )  # fmt: skip
    with open_sqlite(tmp_path / "j.db") as journal:
        assert journal.size == int(done.stdout) > 0
        assert verify_journal(journal).holds
    assert resource.RLIMIT_FSIZE
    assert signal.SIGXFSZ


READ_ONLY = """
import os, sys
from stopline.journal.errors import StorageReadOnly
from stopline.journal.sqlite import open_sqlite
os.setgid(65534); os.setuid(65534)
try:
    open_sqlite(sys.argv[1])
except StorageReadOnly as error:
    print(error)
"""


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="drops root's rights")
def test_a_folder_that_may_not_be_written_is_named() -> None:
    import tempfile  # noqa: PLC0415
    from pathlib import Path as RealPath  # noqa: PLC0415

    folder = RealPath(tempfile.mkdtemp())
    folder.chmod(0o755)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    said = subprocess.run(
        [sys.executable, "-c", READ_ONLY, folder / "j.db"],
        env=environment, capture_output=True, check=True,
    )  # fmt: skip
    shutil.rmtree(folder)
    assert b"may not be written" in said.stdout


def test_a_missing_folder_and_a_file_of_another_kind_are_named(tmp_path: Path) -> None:
    with pytest.raises(StorageReadOnly):
        open_sqlite(tmp_path / "no" / "j.db")
    (tmp_path / "text.db").write_text("hello " * 1000)
    with pytest.raises(StorageDamaged):
        open_sqlite(tmp_path / "text.db")


def test_a_server_that_is_not_there_is_named() -> None:
    from stopline.journal.postgres import open_postgres  # noqa: PLC0415

    with pytest.raises(StorageError):
        open_postgres("postgresql://nobody@127.0.0.1:1/none")


def damage_last_page(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(-2048, os.SEEK_END)
        file.write(b"\xa5" * 2048)


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 3 * 4096)


def change_an_entry(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("DROP TRIGGER entry_stays_u")
        db.execute("UPDATE entry SET leaf = replace(leaf, 'note 7\"', 'note 8\"') WHERE idx = 7")
    db.close()


def drop_the_end(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("DROP TRIGGER entry_stays_d")
        db.execute("DELETE FROM entry WHERE idx >= 290")
    db.close()


def change_a_node(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("UPDATE node SET digest = zeroblob(32) WHERE level = 2 AND idx = 3")
    db.close()


def rewrite_history(path: Path) -> None:
    """The owner of the machine makes a whole new journal: only checkpoints elsewhere tell."""
    for beside in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        beside.unlink(missing_ok=True)
    with open_sqlite(path) as journal:
        journal.append([fact(number, "as it suits us") for number in range(300)])


@pytest.mark.parametrize(
    "damage",
    [damage_last_page, truncate, change_an_entry, drop_the_end, change_a_node, rewrite_history],
)
def test_damage_is_found(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    path = tmp_path / "j.db"
    filled(path)
    with open_sqlite(path) as journal:
        point = Checkpoint("north.example/node", journal.size, journal.root())
        witness = SignedCheckpoint.make(point, SIGNER)
        journal._rows.scrub()
    damage(path)
    try:
        with open_sqlite(path) as journal:
            report = verify_journal(journal, key=SIGNER.key, witnesses=[witness])
            assert not report.holds
    except StorageDamaged:
        pass


def test_a_journal_put_back_from_an_old_copy_contradicts_its_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    filled(path)
    shutil.copy(path, tmp_path / "old.db")
    with open_sqlite(path) as journal:
        journal.append([fact(1000)])
        point = Checkpoint("north.example/node", journal.size, journal.root())
    with open_sqlite(tmp_path / "old.db") as old, pytest.raises(Contradiction, match="shorter"):
        check_is_ours(old, SignedCheckpoint.make(point, SIGNER))


def test_a_copy_is_read_without_writing_beside_it(tmp_path: Path) -> None:
    filled(tmp_path / "j.db")
    with open_sqlite(tmp_path / "j.db", read_only=True) as copy:
        assert verify_journal(copy).holds
        with pytest.raises(StorageReadOnly):
            copy.append([fact(9999)])
