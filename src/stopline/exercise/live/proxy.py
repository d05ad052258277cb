"""The line of a live exercise: the bytes between the nodes, passed on, cut, swallowed or slow."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import Final, Literal

_CHUNK: Final = 65_536
_LOOK_S: Final = 0.1

Mode = Literal["open", "cut", "black hole", "slow"]


class LineProxy:
    """Listens where one node calls the other, and passes on what the line lets through.

    Attributes:
        port: where it listens on 127.0.0.1.
        mode: what it does with bytes now; may be changed at any time.
        delay_s: seconds that bytes take while it is slow.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self.mode: Mode = "open"
        self.delay_s = 0.0
        self._closing = threading.Event()
        self._pairs: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.settimeout(_LOOK_S)
        self.port: int = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True, name="stopline-line")
        self._thread.start()

    def set(self, mode: Mode, delay_s: float | None = None) -> None:
        """Have the line do something else from now on; connections that stand are cut with it."""
        self.mode, self.delay_s = mode, delay_s or 0.0
        if mode == "cut":
            self._drop()

    def close(self) -> None:
        """End it, with every connection."""
        self._closing.set()
        self._listening.close()
        self._drop()
        self._thread.join(5.0)

    def _drop(self) -> None:
        with self._lock:
            for one in self._pairs:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                near, _ = self._listening.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            if self.mode == "cut":
                near.close()
                continue
            threading.Thread(target=self._connect, args=(near,), daemon=True).start()

    def _connect(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(("127.0.0.1", self._target), timeout=2.0)
        except OSError:
            near.close()
            return
        far.settimeout(None)
        with self._lock:
            self._pairs |= {near, far}
        back = threading.Thread(target=self._pump, args=(far, near), daemon=True)
        back.start()
        self._pump(near, far)
        back.join()
        with self._lock:
            self._pairs -= {near, far}
        near.close()
        far.close()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        """Pass bytes on one way until either end is gone."""
        try:
            while data := source.recv(_CHUNK):
                if self.mode == "black hole":
                    continue
                if self.mode == "slow":
                    time.sleep(self.delay_s)
                sink.sendall(data)
        except OSError:
            pass
        for one in (source, sink):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
