"""A worker: takes episodes one by one, looks for the one vehicle, and tells hits once."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from stopline.cameras.errors import CameraFailed
from stopline.cameras.scale.episodes import Episode
from stopline.cameras.scale.streams import (
    ACK_WAIT_S,
    CROP_SUBJECT,
    DONE_SUBJECT,
    FRAME_SUBJECT,
    FRAMES,
    HIT_SUBJECT,
    WORKERS,
    connect,
)
from stopline.cameras.vision.eye import Eye, PassageAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stopline.cameras.calibration import Calibration
    from stopline.cameras.camera import Camera
    from stopline.cameras.scale.server import ServerAccess
    from stopline.cameras.vision.verifier import Verifier
    from stopline.cameras.wanted import WantedPlate

_FETCH_S: Final = 1.0


async def work(
    access: ServerAccess,
    cameras: Mapping[str, Camera],
    verifier: Verifier,
    calibration: Calibration,
    wanted: Callable[[], WantedPlate | None],
    *,
    stop: asyncio.Event | None = None,
) -> None:
    """Take episodes until told to stop.

    Args:
        access: to the message server.
        cameras: by name.
        verifier: looks at pictures.
        calibration: what scores mean.
        wanted: is asked for every frame.
        stop: ends it.
    """
    from nats.errors import Error  # noqa: PLC0415  (an extra)
    from nats.js.api import ConsumerConfig  # noqa: PLC0415

    line = await connect(access)
    jetstream = line.jetstream()
    subscription: Any = None
    try:
        while stop is None or not stop.is_set():
            try:
                if subscription is None:
                    subscription = await jetstream.pull_subscribe(
                        FRAME_SUBJECT, durable=WORKERS, stream=FRAMES,
                        config=ConsumerConfig(ack_wait=ACK_WAIT_S, max_deliver=10),
                    )  # fmt: skip
                messages = await subscription.fetch(1, timeout=_FETCH_S)
            except TimeoutError:
                continue
            except Error:  # the server is away, or came back without its streams
                subscription = None
                await asyncio.sleep(0.3)
                continue
            for message in messages:
                await _one(line, jetstream, message, cameras, verifier, calibration, wanted)
    finally:
        await line.close()


async def _one(
    line: Any,  # noqa: ANN401
    jetstream: Any,  # noqa: ANN401
    message: Any,  # noqa: ANN401
    cameras: Mapping[str, Camera],
    verifier: Verifier,
    calibration: Calibration,
    wanted: Callable[[], WantedPlate | None],
) -> None:
    from nats.errors import Error  # noqa: PLC0415

    try:
        episode = Episode.unpack(message.data)
        camera = cameras[episode.camera]
    except (CameraFailed, KeyError):
        with suppress(Error):
            await message.term()
        return
    busy = asyncio.create_task(_keep_busy(message))
    try:
        answers = await asyncio.to_thread(look, episode, camera, verifier, calibration, wanted)
        for answer in answers:
            name = passage_name(camera.name, answer.at_s)
            head = json.dumps(answer_fields(camera.name, name, answer)).encode()
            await line.publish(CROP_SUBJECT, name.encode() + b"\n" + answer.crop)
            await jetstream.publish(HIT_SUBJECT, head, headers={"Nats-Msg-Id": name}, timeout=5)
        await line.publish(DONE_SUBJECT, episode.id.encode())
        await message.ack_sync(timeout=5)
    except (Error, TimeoutError, OSError):
        return  # it comes again, to this worker or another; its hits are told once
    finally:
        busy.cancel()


async def _keep_busy(message: Any) -> None:  # noqa: ANN401
    """Say that it is being looked at, so that nobody else begins."""
    from nats.errors import Error  # noqa: PLC0415

    while True:
        await asyncio.sleep(ACK_WAIT_S / 3)
        with suppress(Error):
            await message.in_progress()


def look(
    episode: Episode,
    camera: Camera,
    verifier: Verifier,
    calibration: Calibration,
    wanted: Callable[[], WantedPlate | None],
) -> list[PassageAnswer]:
    """Look at one episode."""
    eye = Eye(verifier, calibration, camera.pixels_per_m)
    answers: list[PassageAnswer] = []
    for frame in episode.pictures():
        with suppress(CameraFailed):
            answers += eye.see(frame, wanted())
    return answers + (eye.finish() if wanted() is not None else [])


def passage_name(camera: str, at_s: float) -> str:
    """Name a passage: the same for the same one, whoever looked."""
    import hashlib  # noqa: PLC0415

    return hashlib.sha256(f"{camera}\n{at_s:.3f}".encode()).hexdigest()[:32]


def answer_fields(camera: str, passage: str, answer: PassageAnswer) -> dict[str, Any]:
    """What is told of a hit; no plate and no picture."""
    return {
        "camera": camera, "passage": passage, "at_s": answer.at_s, "class": answer.hit_class,
        "score": answer.score, "confidence": answer.confidence, "direction": answer.direction,
        "plate_px": answer.plate_px, "frames": answer.frames, "doubt": answer.doubt,
        "stands": answer.stands,
    }  # fmt: skip


def answer_of(fields: dict[str, Any], crop: bytes) -> PassageAnswer:
    """Make the answer again."""
    stands = fields["stands"]
    return PassageAnswer(
        at_s=float(fields["at_s"]), hit_class=fields["class"], score=float(fields["score"]),
        confidence=float(fields["confidence"]), direction=fields["direction"],
        plate_px=float(fields["plate_px"]), frames=int(fields["frames"]), crop=crop,
        doubt=str(fields["doubt"]),
        stands=None if stands is None else (float(stands[0]), float(stands[1]), float(stands[2])),
    )  # fmt: skip
