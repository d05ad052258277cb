"""Speak to the node that runs: the terminal's own way in, with nothing heavy imported.

A serving process leaves its address in the node's folder, readable for its owner alone, and takes
it away when it ends. Whoever finds none, or nobody there, opens the journal itself.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from http.client import HTTPConnection

SERVING_FILE: Final = "serving.json"
_FIRST_S, _ANSWER_S = 5.0, 125.0
_UNAUTHORIZED: Final = 401


class NotRunning(Exception):  # noqa: N818  (reads as a sentence where it is raised)
    """Nobody answers at the address that the node's folder names."""


class Told(Exception):  # noqa: N818  (reads as a sentence where it is raised)
    """The node says why not.

    Attributes:
        status: HTTP status.
        kind: type of the problem, for example `not-now`.
        detail: what happened.
        faults: where, seen and expected of each fault of what was given.
    """

    def __init__(self, status: int, content: Mapping[str, Any]) -> None:
        self.status = status
        self.kind = str(content.get("type", "")).rpartition("/")[2]
        self.detail = str(content.get("detail", f"status {status}"))
        self.faults: list[tuple[str, str, str]] = [
            (str(one["where"]), str(one["seen"]), str(one["expected"]))
            for one in content.get("faults", [])
        ]
        super().__init__(self.detail)

    @property
    def lines(self) -> list[str]:
        """What to print."""
        if not self.faults:
            return [self.detail]
        return [
            f"{where}: found {seen}; expected {expected}" for where, seen, expected in self.faults
        ]


@dataclass(frozen=True, slots=True)
class RunningNode:
    """A node that is served by a process on this machine.

    Attributes:
        folder: of the node.
        host: where its API listens.
        port: where its API listens.
        tls: by HTTPS, with the certificate in the folder.
    """

    folder: Path
    host: str
    port: int
    tls: bool

    def get(self, path: str, token: str) -> Any:  # noqa: ANN401  (JSON)
        """Look at something.

        Raises:
            NotRunning: nobody answers.
            Told: the node says why not.
        """
        return self._ask("GET", path, token, None, {})

    def post(
        self, path: str, token: str, content: object, headers: Mapping[str, str] | None = None
    ) -> Any:  # noqa: ANN401  (JSON)
        """Give something; see `get`."""
        return self._ask("POST", path, token, json.dumps(content).encode(), dict(headers or {}))

    def delete(self, path: str, token: str) -> Any:  # noqa: ANN401  (JSON)
        """End something; see `get`."""
        return self._ask("DELETE", path, token, None, {})

    def _ask(
        self, method: str, path: str, token: str, body: bytes | None, headers: dict[str, str]
    ) -> Any:  # noqa: ANN401  (JSON)
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if body is not None:
            headers["Content-Type"] = "application/json"
        line = self._line()
        try:
            line.connect()
        except OSError as error:
            raise NotRunning(str(error)) from None
        try:
            if line.sock is not None:
                line.sock.settimeout(_ANSWER_S)
            line.request(method, path, body, headers)
            answer = line.getresponse()
            text = answer.read()
        finally:
            line.close()
        content = json.loads(text) if text else None
        if answer.status >= 400:  # noqa: PLR2004
            raise Told(answer.status, content if isinstance(content, dict) else {})
        return content

    def _line(self) -> HTTPConnection:
        from http.client import HTTPConnection, HTTPSConnection

        if not self.tls:
            return HTTPConnection(self.host, self.port, timeout=_FIRST_S)
        import ssl

        # The very certificate of the node is trusted and no other, by whatever name it is called.
        trusted = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        trusted.check_hostname = False
        trusted.load_verify_locations(self.folder / "tls.crt")
        return HTTPSConnection(self.host, self.port, timeout=_FIRST_S, context=trusted)


def running(folder: Path) -> RunningNode | None:
    """The node that is served from a folder; None where none says so."""
    if os.environ.get("STOPLINE_DIRECT"):
        return None
    try:
        told = json.loads((folder / SERVING_FILE).read_text("utf-8"))
        return RunningNode(folder, str(told["host"]), int(told["port"]), bool(told["tls"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def text_of_files(words: list[str]) -> dict[str, str]:
    """The text of each file that a word names with `@`; the node says of which there is none."""
    found = {}
    for word in words:
        value = word.partition("=")[2]
        if value.startswith("@"):
            try:
                found[value[1:]] = Path(value[1:]).read_text("utf-8")
            except (OSError, UnicodeDecodeError):
                continue
    return found
