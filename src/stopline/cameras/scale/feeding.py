"""The middle: sends episodes to the workers, and what they found to the node; keeps account.

An episode is kept in memory until a worker says that it is done with it. When the message server
loses what it held, the episode is sent again; what is no longer there is told as blindness of its
camera.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from stopline.cameras.scale.passages import ToldPassages
from stopline.cameras.scale.streams import (
    COLLECTOR,
    CROP_SUBJECT,
    DONE_SUBJECT,
    FRAME_AGE_S,
    FRAME_SUBJECT,
    FRAMES,
    HIT_SUBJECT,
    HITS,
    connect,
    ensure_streams,
)
from stopline.cameras.scale.work import answer_of
from stopline.cameras.watching import Blind, Hit, SeesAgain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stopline.cameras.camera import Camera
    from stopline.cameras.scale.episodes import Episode
    from stopline.cameras.scale.server import ServerAccess
    from stopline.cameras.watching import Seen

MOST_KEPT_BYTES: Final = 256 * 1024 * 1024
_CROPS: Final = 200
_LOOK_S: Final = 0.5
_OTHERS_S: Final = 5.0
_AGAIN_S: Final = 2.0


@dataclass(slots=True, repr=False)
class _SentEpisode:
    """What was sent and nobody is done with.

    Attributes:
        episode: None when there is no room to keep it: it cannot be sent again.
        seq: its place in the stream.
        missing: it left the stream, and nobody has said yet that it is done.
    """

    camera: str
    from_s: float
    until_s: float
    seq: int
    episode: Episode | None
    missing: bool = False

    @property
    def size(self) -> int:
        """Bytes that are kept."""
        return 0 if self.episode is None else self.episode.size


class Middle:
    """Between cameras, workers and the node.

    Args:
        access: to the message server.
        cameras: by name.
        tell: is told hits and blindness; called in a thread, and may take its time; False says
            that it could not be told, and a hit is told again later.
        most_kept_bytes: of episodes that can be sent again.
        age_s: how long a frame may wait for a worker.
    """

    def __init__(
        self,
        access: ServerAccess,
        cameras: Mapping[str, Camera],
        tell: Callable[[Seen], object],
        *,
        most_kept_bytes: int = MOST_KEPT_BYTES,
        age_s: float = FRAME_AGE_S,
    ) -> None:
        self._access, self._cameras, self._tell = access, cameras, tell
        self._most_kept_bytes, self._age_s = most_kept_bytes, age_s
        self._sent: OrderedDict[str, _SentEpisode] = OrderedDict()  # by id of the episode
        self._waiting: asyncio.Queue[Episode] = asyncio.Queue(200)
        self._sending = asyncio.Lock()  # nothing is sent while the streams are made anew
        self._crops: OrderedDict[str, bytes] = OrderedDict()
        self._passages, self._untold = ToldPassages(), set[str]()
        self._unsent: dict[str, float] = {}
        self._line: Any = None
        self.restarts = 0
        self.lost = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Carry until told to stop.

        Raises:
            CameraFailed: the server would keep frames on a disk.
        """
        self._line = await connect(self._access)
        jetstream = self._line.jetstream()
        tasks: list[asyncio.Task[Any]] = []
        try:
            await ensure_streams(jetstream, self._age_s)
            await self._line.subscribe(CROP_SUBJECT, cb=self._crop)
            await self._line.subscribe(DONE_SUBJECT, cb=self._done)
            parts = (self._send(jetstream), self._account(jetstream), self._collect(jetstream))
            tasks = [asyncio.create_task(part) for part in (*parts, stop.wait())]
            ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._line.close()

    async def put(self, episode: Episode) -> None:
        """Take an episode; where there is no room, the oldest is lost and told."""
        if self._waiting.full():
            oldest = self._waiting.get_nowait()
            await self._lose(oldest.camera, oldest.from_s, oldest.until_s)
        self._waiting.put_nowait(episode)

    @property
    def open_episodes(self) -> int:
        """How many nobody is done with."""
        return len(self._sent) + self._waiting.qsize() + len(self._unsent)

    def earliest_open(self, camera: str) -> float:
        """When the earliest episode of a camera begins that nobody is done with; infinity: none."""
        sent = [each.from_s for each in list(self._sent.values()) if each.camera == camera]
        return min([*sent, self._unsent.get(camera, math.inf)])

    async def _send(self, jetstream: Any) -> None:  # noqa: ANN401
        from nats.errors import Error  # noqa: PLC0415

        while True:
            episode = await self._waiting.get()
            self._unsent[episode.camera] = episode.from_s
            data, name = episode.pack(), {"Nats-Msg-Id": episode.id}
            while True:
                try:
                    async with self._sending:
                        placed = await jetstream.publish(
                            FRAME_SUBJECT, data, timeout=5, headers=name
                        )
                        self._sent[episode.id] = _SentEpisode(
                            episode.camera, episode.from_s, episode.until_s, placed.seq, episode
                        )
                    break
                except (Error, OSError, TimeoutError):
                    await asyncio.sleep(0.3)
                    await self._after_restart(jetstream)
            self._unsent.pop(episode.camera, None)
            self._make_room()

    def _make_room(self) -> None:
        """Keep no more than may be kept; of the rest it is known only that it was sent."""
        kept = sum(each.size for each in self._sent.values())
        for each in self._sent.values():
            if kept <= self._most_kept_bytes:
                break
            kept -= each.size
            each.episode = None

    async def _done(self, message: Any) -> None:  # noqa: ANN401
        self._sent.pop(message.data.decode("ascii", "replace"), None)

    async def _account(self, jetstream: Any) -> None:  # noqa: ANN401
        """Send again what a restart lost; tell what left the stream and nobody was done with."""
        from nats.errors import Error  # noqa: PLC0415

        while True:
            await asyncio.sleep(_LOOK_S)
            try:
                if await self._after_restart(jetstream):
                    continue
                state = (await jetstream.stream_info(FRAMES)).state
            except (Error, OSError, TimeoutError):
                continue
            first = state.first_seq if state.messages else state.last_seq + 1
            for name, each in list(self._sent.items()):
                if each.seq >= first:
                    continue
                if each.missing and self._sent.pop(name, None) is not None:
                    await self._lose(each.camera, each.from_s, each.until_s)
                each.missing = True  # that it is done may still be under way

    async def _after_restart(self, jetstream: Any) -> bool:  # noqa: ANN401
        """Make the streams again if the server lost them, and send again what was in them."""
        from nats.errors import Error  # noqa: PLC0415

        async with self._sending:
            try:
                if not await ensure_streams(jetstream, self._age_s):
                    return False
            except (Error, OSError, TimeoutError):
                return False
            again = list(self._sent.values())
            self._sent.clear()
        self.restarts += 1
        for each in again:
            if each.episode is None:
                await self._lose(each.camera, each.from_s, each.until_s)
            else:
                await self.put(each.episode)
        return True

    async def _lose(self, camera: str, from_s: float, until_s: float) -> None:
        """Tell that a camera was blind for as long as an episode that nobody looked at."""
        self.lost += 1
        known = self._cameras[camera]
        why = "frames were lost before they were looked at"
        offset_s = known.clock_offset_s
        await asyncio.to_thread(self._tell, Blind(known, why, from_s + offset_s))
        await asyncio.to_thread(self._tell, SeesAgain(known, until_s + offset_s))

    async def _crop(self, message: Any) -> None:  # noqa: ANN401
        name, _, jpeg = message.data.partition(b"\n")
        self._crops[name.decode("ascii", "replace")] = jpeg
        while len(self._crops) > _CROPS:
            self._crops.popitem(last=False)

    async def _collect(self, jetstream: Any) -> None:  # noqa: ANN401
        """Tell the node each hit once; it leaves the disk when the node has it."""
        from nats.errors import Error  # noqa: PLC0415

        subscription: Any = None
        while True:
            try:
                if subscription is None:
                    subscription = await jetstream.pull_subscribe(
                        HIT_SUBJECT, durable=COLLECTOR, stream=HITS
                    )
                messages = await subscription.fetch(10, timeout=1)
            except TimeoutError:
                continue
            except (Error, OSError):
                subscription = None
                await asyncio.sleep(0.3)
                continue
            for message in messages:
                fields = _fields(message.data)
                with suppress(Error, TimeoutError):
                    if fields is None:
                        await message.term()
                    elif fields["camera"] not in self._cameras:  # of another who shares the server
                        await message.nak(delay=_OTHERS_S)
                    elif await asyncio.to_thread(self._told, fields):
                        await message.ack()
                    else:  # the node is away: it stays on the disk
                        await message.nak(delay=_AGAIN_S)

    def _told(self, fields: dict[str, Any]) -> bool:
        """Tell a hit, unless it is the passage of the one before; return whether that is over."""
        camera, passage = self._cameras[fields["camera"]], str(fields["passage"])
        crop = self._crops.pop(passage, b"")
        answer = answer_of(fields, crop)
        if passage not in self._untold and not self._passages.is_new(camera.name, answer):
            return True
        at_s = answer.at_s + camera.clock_offset_s
        if self._tell(Hit(camera, answer, at_s, at_s)) is False:
            self._untold.add(passage)
            self._crops[passage] = crop
            return False
        self._untold.discard(passage)
        return True


def _fields(data: bytes) -> dict[str, Any] | None:
    """Read the message of a hit; None if it is none."""
    try:
        fields = json.loads(data)
        answer_of(fields, b"")
    except (ValueError, KeyError, TypeError, IndexError):
        return None
    return fields if isinstance(fields.get("camera"), str) else None
