"""Where frames come from: films, folders of pictures, RTSP and MJPEG streams.

Opening and reading have time-outs; a stream that breaks or hangs is tried again, later and later.
Nothing that is read is kept.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from stopline.cameras.errors import CameraFailed, SourceLost
from stopline.cameras.picture_size import stated_size
from stopline.cameras.vision.frame import LARGEST_SIDE, CameraFrame, decoded_still

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PICTURES: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})
FILMS: Final = frozenset(
    {".mp4", ".mkv", ".mov", ".avi", ".ts", ".webm", ".m4v", ".mjpeg", ".h264"}
)
STREAMS: Final = frozenset({"rtsp", "rtsps", "http", "https"})
_LARGEST_PICTURE: Final = 40_000_000
_MOST_BROKEN: Final = 200
_CLOCKS_DIFFER_S: Final = 2.0
_LONGEST_WAIT_S: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long a source may take.

    Attributes:
        open_s: to answer.
        read_s: between two frames.
        retry_s: before the first new try; each failure doubles it, to half a minute at most.
        tries: how often in a row; None for ever.
    """

    open_s: float = 10.0
    read_s: float = 5.0
    retry_s: float = 0.5
    tries: int | None = None


def is_stream(source: str) -> bool:
    """Whether a source is live."""
    return urlsplit(source).scheme in STREAMS and "://" in source


def shown_source(source: str) -> str:
    """The source without the password and the query that its address may hold."""
    if not is_stream(source):
        return source
    parts = urlsplit(source)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"


def frames_of(
    source: str,
    *,
    began_s: float | None = None,
    timing: Timing | None = None,
    told: Callable[[str], None] = lambda _: None,
    now: Callable[[], float] = time.time,
    asleep: Callable[[float], None] = time.sleep,
) -> Iterator[CameraFrame]:
    """Give the frames of a source, one after the other.

    Args:
        source: a film, a picture, a folder of pictures, or the address of a stream.
        began_s: when a film began, UTC seconds; None for the time of its file.
        timing: how long it may take.
        told: is told when a stream is lost and when it is back.
        now: our clock.
        asleep: waits.

    Raises:
        CameraFailed: it cannot be read.
    """
    timing = timing or Timing()
    if is_stream(source):
        yield from _live(source, timing, told, now, asleep)
        return
    path = Path(source)
    if path.is_dir():
        yield from _folder(path, now, told)
    elif path.is_file() and path.suffix.lower() in PICTURES:
        yield _still(path, now)
    elif path.is_file():
        start_s = _file_time(path, now) if began_s is None else began_s
        yield from _film(str(path), start_s, timing, now)
    else:
        raise CameraFailed(
            f"{shown_source(source)} is no file, no folder and no address; expected for example "
            "gate.mp4, stills/, or rtsp://camera/stream"
        )


def _folder(
    path: Path, now: Callable[[], float], told: Callable[[str], None]
) -> Iterator[CameraFrame]:
    files = sorted(p for p in path.iterdir() if p.suffix.lower() in PICTURES)
    if not files:
        raise CameraFailed(f"{path} holds no pictures; expected .jpg, .png, .webp or .bmp")
    for file in files:
        try:
            if not file.is_file():  # a pipe or a device gives bytes for ever
                raise CameraFailed(f"{file.name} is no file")  # noqa: TRY301
            yield _still(file, now)
        except (CameraFailed, OSError) as error:
            told(str(error))


def _still(path: Path, now: Callable[[], float]) -> CameraFrame:
    if path.stat().st_size > _LARGEST_PICTURE:
        raise CameraFailed(f"{path.name} is over {_LARGEST_PICTURE // 1_000_000} MB")
    data = path.read_bytes()
    size = stated_size(data)
    if size is None:
        raise CameraFailed(f"{path.name} is no picture, or a broken one")
    if max(size) > LARGEST_SIDE:
        raise CameraFailed(f"{path.name} is {size[0]} x {size[1]} pixels; at most {LARGEST_SIDE}")
    picture = decoded_still(data)
    if picture is None:
        raise CameraFailed(f"{path.name} is no picture, or a broken one")
    return CameraFrame.of_picture(picture, _file_time(path, now), now(), still=True)


def _file_time(path: Path, now: Callable[[], float]) -> float:
    """When a file was written, which stands for when it was taken."""
    at_s = path.stat().st_mtime
    if at_s > now() + _CLOCKS_DIFFER_S:
        raise CameraFailed(
            f"the time of the file {path.name} is in the future; correct it, or say of a film when "
            "it began with --began"
        )
    return at_s


def _film(
    path: str, began_s: float, timing: Timing, now: Callable[[], float]
) -> Iterator[CameraFrame]:
    import av  # noqa: PLC0415  (an extra)

    name, any_frame = Path(path).name, False
    try:
        container = av.open(path, timeout=(timing.open_s, timing.read_s))
    except Exception as error:  # noqa: BLE001  (whatever a broken file makes of it)
        raise CameraFailed(f"{name} cannot be opened as a film ({_why(error)})") from None
    with container:
        for decoded, seconds in _decoded(container, name):
            any_frame = True
            yield CameraFrame.of_decoder(decoded, began_s + seconds, now())
    if not any_frame:
        raise CameraFailed(f"{name} has no frame that can be shown")


def _live(
    source: str,
    timing: Timing,
    told: Callable[[str], None],
    now: Callable[[], float],
    asleep: Callable[[float], None],
) -> Iterator[CameraFrame]:
    wait_s, failures = timing.retry_s, 0
    while True:
        try:
            for frame in _stream(source, timing, now):
                if failures:
                    told(f"{shown_source(source)} is back")
                wait_s, failures = timing.retry_s, 0
                yield frame
            why = "the stream ended"
        except CameraFailed as error:
            why = str(error)
        failures += 1
        if timing.tries is not None and failures >= timing.tries:
            raise SourceLost(f"{shown_source(source)}: {why}")
        told(f"{shown_source(source)}: {why}; next try in {wait_s:.1f} s")
        asleep(wait_s)
        wait_s = min(wait_s * 2, _LONGEST_WAIT_S)


def _stream(source: str, timing: Timing, now: Callable[[], float]) -> Iterator[CameraFrame]:
    import av  # noqa: PLC0415  (an extra)

    options = {"rtsp_transport": "tcp", "fflags": "nobuffer"} if source.startswith("rtsp") else {}
    try:
        container = av.open(source, options=options, timeout=(timing.open_s, timing.read_s))
    except Exception as error:  # noqa: BLE001  (whatever the line makes of it)
        raise SourceLost(f"no answer ({_why(error)})") from None
    with container:
        first: tuple[float, float] | None = None
        for decoded, seconds in _decoded(container, shown_source(source)):
            arrived_s = now()
            if first is None:
                first = (arrived_s, seconds)
            yield CameraFrame.of_decoder(decoded, first[0] + seconds - first[1], arrived_s)


def _decoded(container: Any, name: str) -> Iterator[tuple[Any, float]]:  # noqa: ANN401  (of PyAV)
    """Decode one video stream; a broken packet is passed over, a broken film ends."""
    if not container.streams.video:
        raise CameraFailed(f"{name} holds no video")
    stream = container.streams.video[0]
    stream.codec_context.thread_count = 1
    _check_size(stream.codec_context, name)
    rate = float(stream.average_rate or 25)
    broken, count = 0, 0
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
            decoded = packet.decode()
        except StopIteration:
            return
        except Exception as error:  # noqa: BLE001  (whatever a broken stream makes of it)
            broken += 1
            if broken > _MOST_BROKEN or isinstance(error, TimeoutError | OSError) or _over(error):
                raise SourceLost(f"{name} broke off ({_why(error)})") from None
            continue
        for frame in decoded:
            _check_size(frame, name)
            seconds = float(frame.time) if frame.time is not None else count / rate
            count += 1
            yield frame, seconds


def _check_size(picture: Any, name: str) -> None:  # noqa: ANN401  (of PyAV)
    if max(picture.width, picture.height) > LARGEST_SIDE:
        size = f"{picture.width} x {picture.height}"
        raise CameraFailed(f"{name} is {size} pixels; at most {LARGEST_SIDE}")


def _over(error: Exception) -> bool:
    return type(error).__name__ in {"ExitError", "EOFError", "TimeoutError"}


def _why(error: Exception) -> str:
    """Say what went wrong in one word: whole messages may hold an address with its password."""
    return {"ExitError": "timed out", "InvalidDataError": "it is damaged"}.get(
        type(error).__name__, type(error).__name__
    )
