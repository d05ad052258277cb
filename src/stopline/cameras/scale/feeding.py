"""The middle: sends episodes to the workers, and what they found to the node; keeps account.

An episode is kept in memory until a worker is done with it. When the message server loses what it
held, the episode is sent again; what is no longer there is told as blindness of its camera.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections import OrderedDict
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from stopline.cameras.scale.streams import (
    COLLECTOR,
    CROP_SUBJECT,
    FRAME_SUBJECT,
    FRAMES,
    HIT_SUBJECT,
    HITS,
    WORKERS,
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

_MOST_KEPT_BYTES: Final = 256 * 1024 * 1024
_SAME_PASSAGE_S: Final = 1.5
_CROPS: Final = 200


class Middle:
    """Between cameras, workers and the node.

    Args:
        access: to the message server.
        cameras: by name.
        tell: is told hits and blindness; called in a thread, and may take its time.
    """

    def __init__(
        self, access: ServerAccess, cameras: Mapping[str, Camera], tell: Callable[[Seen], object]
    ) -> None:
        self._access, self._cameras, self._tell = access, cameras, tell
        self._kept: OrderedDict[int, Episode] = OrderedDict()  # by place in the stream
        self._waiting: asyncio.Queue[Episode] = asyncio.Queue(200)
        self._crops: OrderedDict[str, bytes] = OrderedDict()
        self._last_hit: dict[str, float] = {}
        self._blind: dict[str, float] = {}
        self._line: Any = None
        self._unsent: dict[str, float] = {}
        self.restarts = 0
        self.lost = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Carry until told to stop."""
        self._line = await connect(self._access)
        jetstream = self._line.jetstream()
        await ensure_streams(jetstream)
        await self._line.subscribe(CROP_SUBJECT, cb=self._crop)
        tasks = [
            asyncio.create_task(part)
            for part in (self._send(jetstream), self._account(jetstream), self._collect(jetstream))
        ]
        await stop.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._line.close()

    async def put(self, episode: Episode) -> None:
        """Take an episode; where there is no room, the oldest is lost and told."""
        if self._waiting.full():
            await self._lose(self._waiting.get_nowait())
        self._waiting.put_nowait(episode)

    @property
    def open_episodes(self) -> int:
        """How many nobody is done with."""
        return len(self._kept) + self._waiting.qsize()

    def earliest_open(self, camera: str) -> float:
        """When the earliest episode of a camera begins that nobody is done with; infinity: none."""
        sent = [each.from_s for each in list(self._kept.values()) if each.camera == camera]
        return min([*sent, self._unsent.get(camera, math.inf)])

    async def _send(self, jetstream: Any) -> None:  # noqa: ANN401
        from nats.errors import Error  # noqa: PLC0415

        while True:
            episode = await self._waiting.get()
            self._unsent[episode.camera] = episode.from_s
            data = episode.pack()
            while True:
                try:
                    placed = await jetstream.publish(FRAME_SUBJECT, data, timeout=5)
                    break
                except (Error, OSError, TimeoutError):
                    await asyncio.sleep(0.3)
                    await self._after_restart(jetstream)
            self._kept[placed.seq] = episode
            self._unsent.pop(episode.camera, None)
            while sum(each.size for each in self._kept.values()) > _MOST_KEPT_BYTES:
                _, oldest = self._kept.popitem(last=False)
                await self._lose(oldest)

    async def _account(self, jetstream: Any) -> None:  # noqa: ANN401
        """Drop what workers are done with; send again what a restart lost."""
        from nats.errors import Error  # noqa: PLC0415

        while True:
            await asyncio.sleep(0.5)
            try:
                if await self._after_restart(jetstream):
                    continue
                info = await jetstream.stream_info(FRAMES)
                first = info.state.first_seq if info.state.messages else info.state.last_seq + 1
                gone = [seq for seq in self._kept if seq < first]
                consumer = await jetstream.consumer_info(FRAMES, WORKERS)
                delivered = consumer.delivered.stream_seq
            except (Error, OSError, TimeoutError):
                continue
            for seq in gone:
                episode = self._kept.pop(seq)
                if seq > delivered:
                    await self._lose(episode)  # too old, or no room: nobody looked at it

    async def _after_restart(self, jetstream: Any) -> bool:  # noqa: ANN401
        """Make the streams again if the server lost them, and send again what was in them."""
        from nats.errors import Error  # noqa: PLC0415

        try:
            if not await ensure_streams(jetstream):
                return False
        except (Error, OSError, TimeoutError):
            return False
        self.restarts += 1
        again = list(self._kept.values())
        self._kept.clear()
        for episode in again:
            await self.put(episode)
        return True

    async def _lose(self, episode: Episode) -> None:
        """Tell that a camera was blind for as long as an episode that nobody looked at."""
        self.lost += 1
        camera = self._cameras[episode.camera]
        why = "frames were lost before they were looked at"
        await asyncio.to_thread(self._tell, Blind(camera, why, episode.from_s))
        await asyncio.to_thread(self._tell, SeesAgain(camera, episode.until_s))

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
                await asyncio.to_thread(self._told, json.loads(message.data))
                with suppress(Error, TimeoutError):
                    await message.ack()

    def _told(self, fields: dict[str, Any]) -> None:
        """Tell a hit, unless it is the passage of the one before, seen in two episodes."""
        camera = self._cameras[fields["camera"]]
        answer = answer_of(fields, self._crops.pop(fields["passage"], b""))
        last_s = self._last_hit.get(camera.name)
        if last_s is not None and abs(answer.at_s - last_s) < _SAME_PASSAGE_S:
            return
        self._last_hit[camera.name] = answer.at_s
        at_s = answer.at_s + camera.clock_offset_s
        self._tell(Hit(camera, answer, at_s, at_s))
