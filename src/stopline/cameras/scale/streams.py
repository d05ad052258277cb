"""The two streams: frames in memory only, each to one worker; hits on disk until they are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from stopline.cameras.errors import CameraFailed

if TYPE_CHECKING:
    from stopline.cameras.scale.server import ServerAccess

FRAMES: Final = "STOPLINE_FRAMES"
HITS: Final = "STOPLINE_HITS"
FRAME_SUBJECT: Final = "stopline.frames"
HIT_SUBJECT: Final = "stopline.hits"
CROP_SUBJECT: Final = "stopline.crops"
DONE_SUBJECT: Final = "stopline.done"
WORKERS: Final = "workers"
COLLECTOR: Final = "collector"
_FRAME_BYTES: Final = 384 * 1024 * 1024
FRAME_AGE_S: Final = 60.0
_ONCE_WITHIN_S: Final = 600.0
ACK_WAIT_S: Final = 8.0


async def connect(access: ServerAccess) -> Any:  # noqa: ANN401  (of nats-py)
    """Connect to the server; it is tried again for ever, and nothing is logged."""
    import nats  # noqa: PLC0415  (an extra)

    async def nothing(*_: object) -> None:
        """An error could show a message; it shows by what does not arrive."""

    return await nats.connect(
        access.url, token=access.token, max_reconnect_attempts=-1, reconnect_time_wait=0.25,
        error_cb=nothing, disconnected_cb=nothing, reconnected_cb=nothing, closed_cb=nothing,
        connect_timeout=5,
    )  # fmt: skip


async def ensure_streams(jetstream: Any, age_s: float = FRAME_AGE_S) -> bool:  # noqa: ANN401
    """Make the streams that are missing; return whether that of frames was.

    Args:
        jetstream: of the server.
        age_s: how long a frame may wait for a worker.

    Raises:
        CameraFailed: a stream of frames would lie on a disk.
    """
    from nats.js import api  # noqa: PLC0415
    from nats.js.errors import NotFoundError  # noqa: PLC0415

    missing = False
    try:
        check_in_memory((await jetstream.stream_info(FRAMES)).config)
    except NotFoundError:
        missing = True
        await jetstream.add_stream(
            name=FRAMES, subjects=[FRAME_SUBJECT], retention=api.RetentionPolicy.WORK_QUEUE,
            storage=api.StorageType.MEMORY, max_bytes=_FRAME_BYTES, max_age=age_s,
            discard=api.DiscardPolicy.OLD, duplicate_window=min(age_s, FRAME_AGE_S),
        )  # fmt: skip
    try:
        await jetstream.stream_info(HITS)
    except NotFoundError:
        await jetstream.add_stream(
            name=HITS, subjects=[HIT_SUBJECT], retention=api.RetentionPolicy.WORK_QUEUE,
            storage=api.StorageType.FILE, max_msgs=10_000, duplicate_window=_ONCE_WITHIN_S,
        )  # fmt: skip
    return missing


def check_in_memory(config: Any) -> None:  # noqa: ANN401
    """Refuse a stream of frames that lies on a disk.

    Raises:
        CameraFailed: it does.
    """
    from nats.js import api  # noqa: PLC0415

    if config.storage != api.StorageType.MEMORY:
        raise CameraFailed(
            f"the stream {config.name} lies on a disk, and would keep everybody's plates; delete it"
        )
    if config.retention != api.RetentionPolicy.WORK_QUEUE or not config.max_bytes > 0:
        raise CameraFailed(
            f"the stream {config.name} keeps what is done, or has no limit; delete it"
        )
