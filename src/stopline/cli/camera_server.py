"""Run many cameras: read their streams, start workers, carry hits to the node."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from stopline.cameras.foreign.judging import judge
from stopline.cameras.foreign.receiver import Receiver
from stopline.cameras.scale.episodes import episodes
from stopline.cameras.scale.feeding import Middle
from stopline.cameras.scale.passages import ToldPassages
from stopline.cameras.scale.server import MessageServer
from stopline.cameras.sources import frames_of, is_stream
from stopline.cameras.vision.health import CLOCK_S, Health
from stopline.cameras.watching import Blind, Hit, SeesAgain, Silent, iso
from stopline.cameras.worked import Worked
from stopline.errors import BadInput, StoplineError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stopline.cameras.camera import Camera
    from stopline.cameras.foreign.base import ForeignRead
    from stopline.cameras.scale.server import ServerAccess
    from stopline.cameras.vision.frame import CameraFrame
    from stopline.cameras.watching import Seen
    from stopline.cli.camera_client import NodeClient

_LOOK_EVERY_S: Final = 1.0
# Systems tell one passage several times: Axis when it is new, changed, and lost ten seconds later
_FOREIGN_PASSAGE_S: Final = 15.0
_FUTURE: Final = "its time is in the future: a wrong clock; the time of arrival stands here"


class CameraServer:
    """Many cameras of one incident.

    Args:
        cameras: all of them.
        client: speaks to the node.
        arguments: of a worker, but for the message server.
        workers: how many to start here.
    """

    def __init__(
        self, cameras: Sequence[Camera], client: NodeClient, arguments: list[str], workers: int
    ) -> None:
        self._cameras = {camera.name: camera for camera in cameras}
        self._client, self._arguments, self._workers = client, arguments, workers
        self._processes: list[subprocess.Popen[bytes]] = []
        self._telling = threading.Lock()
        self._judging, self._passages = threading.Lock(), ToldPassages(_FOREIGN_PASSAGE_S)
        self._quiet: list[Silent] = []
        self._disturbed: dict[str, list[float]] = {}

    def run(
        self,
        access: ServerAccess | None,
        data: Path | None,
        listen: str | None,
        tls: tuple[Path, Path, Path] | None,
    ) -> None:
        """Run until SIGINT or SIGTERM."""
        with ExitStack() as stack:
            if access is None:
                folder = data or Path(stack.enter_context(tempfile.TemporaryDirectory()))
                access = stack.enter_context(MessageServer(folder)).access
            if listen is not None:
                stack.callback(self._receive(listen, tls).shutdown)
            stack.callback(self._end_workers)
            asyncio.run(self._serve(access))

    async def _serve(self, access: ServerAccess) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(each, stop.set)
        middle = Middle(access, self._cameras, self._tell)
        running = asyncio.create_task(middle.run(stop))
        for camera in self._cameras.values():
            if camera.source:
                threading.Thread(
                    target=self._feed, args=(camera, middle, loop), daemon=True
                ).start()
        typer.echo(f"{len(self._cameras)} cameras, {self._workers} workers", err=True)
        while not stop.is_set() and not running.done():
            self._keep_workers(access)
            await asyncio.to_thread(self._tell_silence, middle)
            await asyncio.sleep(_LOOK_EVERY_S)
        stop.set()
        await running

    def _feed(self, camera: Camera, middle: Middle, loop: asyncio.AbstractEventLoop) -> None:
        """Read one camera and cut it into episodes."""
        live = is_stream(camera.source)
        try:
            frames = frames_of(camera.source, told=lambda text: typer.echo(text, err=True))
            for episode in episodes(camera.name, self._healthy(camera, frames, live=live)):
                asyncio.run_coroutine_threadsafe(middle.put(episode), loop).result()
        except (StoplineError, OSError) as error:
            self._tell(Blind(camera, str(error), time.time()))
        except Exception as error:  # noqa: BLE001  (no traceback may show a frame)
            self._tell(Blind(camera, f"it failed ({type(error).__name__})", time.time()))

    def _healthy(
        self, camera: Camera, frames: Iterator[CameraFrame], *, live: bool
    ) -> Iterator[CameraFrame]:
        """Pass frames on; tell when the camera is blind, and note what it worked through."""
        health, worked, blind = Health(camera.clock_offset_s), Worked(), None
        for frame in frames:
            at_s = frame.at_s + camera.clock_offset_s
            why = health.check(frame.small(), at_s=frame.at_s, arrived_s=frame.arrived_s, live=live)
            if why != blind:
                said = SeesAgain(camera, at_s) if why is None else Blind(camera, why, at_s)
                self._tell(said)
                blind = why
            intervals = worked.frame(at_s) if why is None else worked.stop()
            self._quiet += [Silent(camera, interval) for interval in intervals]
            yield frame
        self._quiet += [Silent(camera, interval) for interval in worked.stop()]

    def _tell(self, seen: Seen) -> bool:
        if isinstance(seen, Hit | Blind | SeesAgain):
            at_s = seen.at_s if isinstance(seen, Hit) else seen.since_s
            self._disturbed.setdefault(seen.camera.name, []).append(at_s)
        with self._telling:
            told = self._client.tell(seen)
        if isinstance(seen, Hit):
            typer.echo(f"{iso(seen.at_s)} {seen.camera.name}: {seen.answer.hit_class}")
        elif isinstance(seen, Blind):
            typer.echo(f"{iso(seen.since_s)} {seen.camera.name}: blind, {seen.why}")
        elif isinstance(seen, SeesAgain):
            typer.echo(f"{iso(seen.since_s)} {seen.camera.name}: sees again")
        elif isinstance(seen, Silent):
            typer.echo(f"{iso(seen.interval.until_s)} {seen.camera.name}: nothing")
        return told

    def _tell_silence(self, middle: Middle) -> None:
        """Tell what a camera worked through in vain, once workers have looked at all of it."""
        waiting, self._quiet = self._quiet, []
        for silent in waiting:
            from_s, until_s = silent.interval.from_s, silent.interval.until_s
            name = silent.camera.name
            if middle.earliest_open(name) <= until_s - silent.camera.clock_offset_s:
                self._quiet.append(silent)
            elif not any(from_s - 2 <= at <= until_s + 2 for at in self._disturbed.get(name, ())):
                self._tell(silent)

    # ---- workers -----------------------------------------------------------------------------

    def _keep_workers(self, access: ServerAccess) -> None:
        """Start workers that are missing."""
        self._processes = [each for each in self._processes if each.poll() is None]
        environment = os.environ | {"STOPLINE_NATS_TOKEN": access.token or ""}
        while len(self._processes) < self._workers:
            command = [sys.executable, "-m", "stopline", "cameras", "worker", *self._arguments]
            self._processes.append(
                subprocess.Popen(  # noqa: S603  (our own program)
                    [*command, "--nats", access.url], env=environment, stdin=subprocess.DEVNULL,
                )
            )  # fmt: skip

    def _end_workers(self) -> None:
        for each in self._processes:
            each.terminate()
        for each in self._processes:
            each.wait(10)

    # ---- reads of other systems ----------------------------------------------------------------

    def _receive(self, listen: str, tls: tuple[Path, Path, Path] | None) -> Receiver:
        host, _, port = listen.rpartition(":")
        if not host or not port.isdigit():
            raise BadInput.single("--listen", listen, "a host and a port, 127.0.0.1:8950")
        receiver = Receiver((host.strip("[]"), int(port)), self._take, tls)
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        return receiver

    def _take(self, name: str, reads: list[ForeignRead]) -> None:
        """Judge what another system read; what is not the one is dropped here."""
        now_s, wanted = time.time(), self._client.wanted()
        for read in reads:
            camera = self._cameras.get(name) or self._cameras.get(read.camera)
            if camera is None:
                continue
            answer = judge(read, wanted, now_s)
            if answer is not None:
                at_s = answer.at_s + camera.clock_offset_s
                if at_s > now_s + CLOCK_S:
                    at_s, answer = now_s, replace(answer, hit_class="possible", doubt=_FUTURE)
                hit = Hit(camera, replace(answer, at_s=at_s), min(at_s, now_s), now_s)
                with self._judging:  # posts come in threads
                    new = self._passages.is_new(camera.name, hit.answer)
                if new and not self._tell(hit):
                    self._passages.forget(camera.name)
