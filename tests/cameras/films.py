"""Films made for tests by the library that reads them, so that no program need be installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import av
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

RATE = 8


def copied(source: Path, target: Path) -> None:
    """The same pictures in another kind of file."""
    with av.open(str(source)) as read, av.open(str(target), "w") as written:
        (own,) = read.streams.video
        stream = written.add_stream_from_template(own)
        for packet in read.demux(own):
            if packet.dts is not None:
                packet.stream = stream
                written.mux(packet)


def encoded(path: Path, frames: Iterable[av.VideoFrame], size: tuple[int, int], codec: str) -> None:
    """A film of some frames, each brought to a size; without any, its head alone."""
    with av.open(str(path), "w") as written:
        stream = written.add_stream(codec, rate=RATE)
        stream.width, stream.height = size
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        written.start_encoding()
        for frame in frames:
            own = frame.reformat(*size, format=stream.pix_fmt)
            own.pts = None
            written.mux(stream.encode(own))
        written.mux(stream.encode(None))


def blank(path: Path, size: tuple[int, int], count: int, codec: str = "mpeg4") -> None:
    """A film of black pictures."""
    picture = av.VideoFrame.from_ndarray(np.zeros((size[1], size[0], 3), np.uint8), "rgb24")
    encoded(path, [picture] * count, size, codec)


def scaled(source: Path, target: Path, size: tuple[int, int]) -> None:
    """The same pictures in another size."""
    with av.open(str(source)) as read:
        encoded(target, read.decode(video=0), size, "libx264")


def sound(path: Path) -> None:
    """A film with sound and no pictures."""
    with av.open(str(path), "w") as written:
        stream = written.add_stream("aac", rate=44_100)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.sample_rate = 44_100
        for part in (frame, None):
            written.mux(stream.encode(part))
