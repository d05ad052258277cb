"""Run the cameras of one command: each in a thread of its own, one verifier for each."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from stopline.cameras.camera import Camera
    from stopline.cameras.sources import Timing
    from stopline.cameras.wanted import WantedPlate
    from stopline.cameras.watching import Seen


def cameras_of(sources: Sequence[str], file: Path | None) -> list[Camera]:
    """Return the cameras of a file, and one for each source that is named on its own.

    Raises:
        BadInput: with all faults of the file; or nothing is to be watched.
    """
    from stopline.cameras.camera import Camera, read_cameras
    from stopline.cameras.sources import shown_source
    from stopline.errors import BadInput

    known = [one for one in read_cameras(file) if one.source] if file is not None else []
    known += [Camera(name=shown_source(one)[-200:], source=one) for one in sources]
    if not known:
        raise BadInput.single(
            "stopline watch", "no source", "a film, a folder, an address, or --cameras FILE"
        )
    return known


class Watcher:
    """Watches cameras until their sources end.

    Args:
        wanted: is asked for every frame.
        began_s: when films began.
        timing: of streams.
        detector: size of the network that finds text.
    """

    def __init__(
        self,
        wanted: Callable[[], WantedPlate | None],
        began_s: float | None,
        timing: Timing,
        detector: str,
    ) -> None:
        from stopline.errors import BadInput

        if detector not in ("tiny", "small"):
            raise BadInput.single("--detector", detector, "tiny or small")
        self._wanted, self._began_s, self._timing = wanted, began_s, timing
        self._detector = detector

    def run(
        self, cameras: Sequence[Camera], tell: Callable[[Seen], object]
    ) -> tuple[bool, list[tuple[str, str]]]:
        """Watch all; return whether the vehicle passed, and which cameras failed."""
        from stopline.cameras.watching import Blind, Hit

        found, failed = False, []
        events: queue.Queue[tuple[Camera, Seen | str | None]] = queue.Queue(1000)
        for camera in cameras:
            threading.Thread(target=self._one, args=(camera, events), daemon=True).start()
        running = len(cameras)
        while running:
            camera, event = events.get()
            if event is None:
                running -= 1
            elif isinstance(event, str):
                failed.append((camera.name, event))
                import time

                tell(Blind(camera, event, time.time()))
            else:
                found = found or isinstance(event, Hit)
                tell(event)
        return found, failed

    def _one(self, camera: Camera, events: queue.Queue[tuple[Camera, Seen | str | None]]) -> None:
        from stopline.cameras import models
        from stopline.cameras.calibration import calibration
        from stopline.cameras.sources import frames_of, is_stream
        from stopline.cameras.vision.eye import Eye
        from stopline.cameras.vision.verifier import Verifier
        from stopline.cameras.watching import watch_camera
        from stopline.errors import StoplineError

        try:
            verifier = Verifier(
                models.detector(self._detector), models.recogniser(), models.classes()
            )
            eye = Eye(verifier, calibration(), camera.pixels_per_m)
            frames = frames_of(
                camera.source, began_s=self._began_s, timing=self._timing,
                told=lambda text: typer.echo(text, err=True),
            )  # fmt: skip
            live = is_stream(camera.source)
            for seen in watch_camera(camera, frames, eye, self._wanted, live=live):
                events.put((camera, seen))
        except (StoplineError, OSError) as error:
            events.put((camera, str(error)))
        except Exception as error:  # noqa: BLE001  (no traceback may show a frame)
            events.put((camera, f"it failed ({type(error).__name__})"))
        finally:
            events.put((camera, None))
