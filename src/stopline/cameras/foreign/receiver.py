"""Takes posts of plate readers: on loopback, or from elsewhere with mutual TLS; keeps no log."""

from __future__ import annotations

import ipaddress
import ssl
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final

from stopline.cameras.foreign.base import LARGEST, BadRead
from stopline.cameras.foreign.formats import FORMATS, parse_post
from stopline.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stopline.cameras.foreign.base import ForeignRead

_PATIENCE_S: Final = 10.0
_MOST_AT_ONCE: Final = 64


class Receiver(ThreadingHTTPServer):
    """Takes `POST /reads/FORMAT/CAMERA`.

    Args:
        address: host and port; only loopback without `tls`.
        take: is given the camera's name and its reads, and keeps none.
        tls: certificate, key, and the authority whose clients are let in.

    Raises:
        BadInput: others could reach it without being known.
    """

    daemon_threads = True
    request_queue_size = _MOST_AT_ONCE

    def __init__(
        self,
        address: tuple[str, int],
        take: Callable[[str, list[ForeignRead]], None],
        tls: tuple[Path, Path, Path] | None = None,
    ) -> None:
        if tls is None and not _is_loopback(address[0]):
            raise BadInput.single(
                "listen", address[0],
                "127.0.0.1, or a certificate, its key and the authority of those who may post",
            )  # fmt: skip
        self.take = take
        self._at_once = threading.BoundedSemaphore(_MOST_AT_ONCE)
        super().__init__(address, _Post)
        if tls is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.minimum_version = ssl.TLSVersion.TLSv1_3
            context.load_cert_chain(tls[0], tls[1])
            context.load_verify_locations(tls[2])
            context.verify_mode = ssl.CERT_REQUIRED
            self.socket = context.wrap_socket(
                self.socket, server_side=True, do_handshake_on_connect=False
            )

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Take no more at once than there is room for."""
        if not self._at_once.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Give the room back."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._at_once.release()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a traceback could show a read."""


class _Post(BaseHTTPRequestHandler):
    timeout = _PATIENCE_S
    protocol_version = "HTTP/1.1"
    server: Receiver

    def do_POST(self) -> None:
        parts = self.path.split("?", 1)[0].strip("/").split("/")
        if len(parts) not in (2, 3) or parts[0] != "reads" or parts[1] not in FORMATS:
            self._say(HTTPStatus.NOT_FOUND, f"POST /reads/FORMAT/CAMERA, of {', '.join(FORMATS)}")
            return
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()):
            self._say(HTTPStatus.LENGTH_REQUIRED, "a post says how long it is")
            return
        if int(length) > LARGEST:
            self._say(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"at most {LARGEST} bytes")
            return
        body = self.rfile.read(int(length))
        try:
            reads = parse_post(parts[1], _json_part(self.headers.get("Content-Type", ""), body))
        except BadRead as error:
            self._say(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
            return
        self.server.take(parts[2] if len(parts) == 3 else "", reads)  # noqa: PLR2004
        self._say(HTTPStatus.ACCEPTED, "")

    def log_message(self, *args: object) -> None:
        """Keep no log."""

    def version_string(self) -> str:
        """Say nothing of the software."""
        return "stopline"

    def _say(self, status: HTTPStatus, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True


def _json_part(kind: str, body: bytes) -> bytes:
    """Take the JSON out of a form that also carries a picture, as Plate Recognizer posts it."""
    if not kind.startswith("multipart/form-data") or "boundary=" not in kind:
        return body
    boundary = kind.split("boundary=", 1)[1].split(";", 1)[0].strip('" ').encode()
    for part in body.split(b"--" + boundary)[:20]:
        head, _, content = part.partition(b"\r\n\r\n")
        if b'name="json"' in head:
            return content.strip()
    return body


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
