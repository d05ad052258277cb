"""Messages per second and delay of the link, clean and under each fault, in simulated line time.

    python benchmarks/link.py [--messages 500]

The line is simulated (delay, loss, ... in simulated seconds); journals, signatures and disk are
real, and their cost is the column `computing`.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from functools import partial
from pathlib import Path

from stopline.journal.sqlite import open_sqlite
from stopline.link.engine import LinkEngine
from stopline.link.identity import make_key
from stopline.link.ids import derived_id
from stopline.link.key_management import accept_pairing
from stopline.link.mailbox import Message
from stopline.link.messages import TextSent
from stopline.link.pairing import Offer, fingerprint
from stopline.testing.in_process_line import Faults, InProcessLine

NAMES = ("north.example/node", "south.example/node")
START_S = 1_795_000_000.0
CASES = {
    "clean, 10 ms each way": Faults(),
    "100 ms each way": Faults(delay_s=0.1),
    "400 ms each way": Faults(delay_s=0.4),
    "reordering (0 to 300 ms)": Faults(delay_s=0.0, jitter_s=0.3),
    "10 % of frames lost": Faults(loss=0.1),
    "30 % of frames lost": Faults(loss=0.3),
    "every second frame doubled": Faults(doubling=0.5),
    "all of it": Faults(delay_s=0.1, jitter_s=0.3, loss=0.3, doubling=0.5),
}


def make_line(folder: Path) -> InProcessLine:
    """Make two paired nodes."""
    journals, identities = [], []
    for name, end in zip(NAMES, "ns", strict=True):
        place = folder / end
        place.mkdir()
        identities.append(make_key(name, place))
        journals.append(open_sqlite(place / "journal.db"))
    offers = [Offer(i.name, i.key, "", "", START_S).sign(i.signer) for i in identities]
    engines: list[LinkEngine | None] = []
    for end in (0, 1):
        accept_pairing(journals[end], offers[end], offers[1 - end], spoken=fingerprint(*offers),
                       person="p", now_s=START_S)  # fmt: skip
        engines.append(LinkEngine(journals[end], identities[end], NAMES[1 - end]))
    return InProcessLine(engines, random.Random(1))


def text(number: int) -> Message:
    """Write one message."""
    return Message(message_id=derived_id(START_S, number), body=TextSent(text=f"message {number}"),
                   time_s=START_S, author="a", role="r")  # fmt: skip


def single_delays(line: InProcessLine, count: int) -> list[float]:
    """Give the simulated seconds from posting to being on the other side's disk, one at a time."""
    north, south, found = line.ends[0], line.ends[1], []
    assert north is not None  # noqa: S101
    assert south is not None  # noqa: S101
    for number in range(count):
        line.run(0.13)
        seq = north.post(text(10_000 + number))
        found.append(line.run(30, partial(_has, south, seq)))
    return sorted(found)


def _has(engine: LinkEngine, seq: int) -> bool:
    return engine._received["routine"] >= seq  # noqa: SLF001


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=500)
    count = parser.parse_args().messages
    print(f"| line | one message: median s | worst of 20, s | {count} at once: all, s | "
          "frames | computing, messages/s |")  # fmt: skip
    print("|---|---|---|---|---|---|")
    for name, faults in CASES.items():
        with tempfile.TemporaryDirectory() as folder:
            line = make_line(Path(folder))
            line.faults = [faults, faults]
            line.run(2)
            delays = single_delays(line, 20)
            north = line.ends[0]
            assert north is not None  # noqa: S101
            for number in range(count):
                north.post(text(number))
            frames, start = line.frames, time.perf_counter()
            took = line.run(120, lambda: north.state().unacknowledged == 0)  # noqa: B023
            computing = time.perf_counter() - start
            print(f"| {name} | {delays[10]:.2f} | {delays[19]:.2f} | {took:.2f} | "
                  f"{line.frames - frames} | {count / computing:,.0f} |", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
