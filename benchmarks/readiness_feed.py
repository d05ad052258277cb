"""Positions of 2,000 units: what a batch and a single report cost, and the load of one each 5 s.

python benchmarks/readiness_feed.py [--seconds 20] [--profile] [--restart 1000000]

All on SQLite with full sync, on the disk that TMPDIR names. The load drives the desk as a server
does: commands arrive at their own times, whoever finds the desk free takes all that wait into one
`do_all`, and a command's time runs from its arrival to the answer.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from stopline.errors import StoplineError
from stopline.journal.base import Fact
from stopline.link.ids import derived_id
from stopline.operation.core.actor import Actor
from stopline.operation.core.command_handler import CommandEnvelope, CommandHandler
from stopline.operation.core.snapshots import take_snapshot
from stopline.operation.facts.readiness import PositionsReported, RegisteredUnit
from stopline.operation.readiness.commands import RegisterUnits
from stopline.operation.readiness.positions import PositionRow, ReportPositions
from stopline.operation.readiness.projection import Readiness
from stopline.testing.two_desks import START_S, TwoNodes

if TYPE_CHECKING:
    from stopline.journal.base import Entry

UNITS = 2000
EVERY_S = 5.0
FEED = Actor("avl.police", "feed", "police")
OFFICER = Actor("d.duty", "duty_officer", "police")
DOCUMENT = Path(__file__).parents[1] / "examples/protocols/joint_search.yaml"


def name(number: int) -> str:
    """Id of a unit."""
    return f"LI-POL-{number}"


def row(number: int, time_s: float, step: int) -> PositionRow:
    """A fix of a unit that moves 75 m between two."""
    return PositionRow(
        unit=name(number), lon=9.5 + step * 0.001 + number * 1e-5, lat=47.1 + number * 1e-5,
        time=datetime.fromtimestamp(time_s, UTC), speed_mps=15.0, heading_deg=90.0,
    )  # fmt: skip


def enrol(desk: CommandHandler) -> None:
    """Register all units."""
    units = tuple(
        RegisteredUnit(id=name(n), side="LI", agency="police", lon=9.5, lat=47.1, ready_s=300)
        for n in range(UNITS)
    )
    desk.do(RegisterUnits(units=units), OFFICER, command_id="enrol", now_s=START_S)


def wish(number: int, now_s: float, step: int) -> CommandEnvelope:
    """One unit's own report."""
    report = ReportPositions(rows=(row(number, now_s, step),))
    actor = Actor(name(number), "unit", "police")
    return CommandEnvelope(report, actor, derived_id(now_s, "bench", number, step))


def checked(results: list[object]) -> None:
    """Stop at a report that was refused or said nothing new."""
    for one in results:
        if isinstance(one, StoplineError):
            raise one
        if not one.entries:  # type: ignore[attr-defined]
            raise RuntimeError(one)


def batches(desk: CommandHandler, sizes: tuple[int, ...], rounds: int) -> None:
    """One command with many rows: decide, fold, and all with the sync to disk."""
    print("| rows in a command | ms (median) | p99 ms | CPU ms | CPU µs a row | bytes a row |")
    print("|---|---|---|---|---|---|")
    now_s, step = START_S + 100.0, 0
    for size in sizes:
        took, cpu, length = [], [], 0
        for _ in range(rounds):
            now_s, step = now_s + EVERY_S, step + 1
            rows = tuple(row(n, now_s, step) for n in range(size))
            start, begin = time.perf_counter(), time.process_time()
            done = desk.do(ReportPositions(rows=rows), FEED, command_id=f"b{step}", now_s=now_s)
            took.append(time.perf_counter() - start)
            cpu.append(time.process_time() - begin)
            length = len(desk.node.journal.find(done.ids[0]).leaf)
        print(shown(size, took, cpu, length))


def groups(desk: CommandHandler, sizes: tuple[int, ...], rounds: int) -> None:
    """Many commands of one row each in one `do_all`."""
    print(
        "\n| commands in a group | ms (median) | p99 ms | CPU ms | CPU µs each | bytes of a fact |"
    )
    print("|---|---|---|---|---|---|")
    now_s, step = START_S + 10_000.0, 5000
    for size in sizes:
        took, cpu, length = [], [], 0
        for _ in range(rounds):
            now_s, step = now_s + EVERY_S, step + 1
            wishes = [wish(n, now_s, step) for n in range(size)]
            start, begin = time.perf_counter(), time.process_time()
            results = desk.do_all(wishes, now_s)
            took.append(time.perf_counter() - start)
            cpu.append(time.process_time() - begin)
            checked(list(results))
            length = len(desk.node.journal.find(results[0].ids[0]).leaf)  # type: ignore[union-attr]
        print(shown(size, took, cpu, length))


def shown(size: int, took: list[float], cpu: list[float], length: int) -> str:
    """A row of a table; a fact of many rows by the row."""
    tail = sorted(took)[min(len(took) - 1, int(len(took) * 0.99))]
    spent = statistics.median(cpu)
    rows = size if length > 1000 else 1
    return (
        f"| {size} | {1000 * statistics.median(took):.1f} | {1000 * tail:.1f} | "
        f"{1000 * spent:.1f} | {1e6 * spent / size:.0f} | {length / rows:.0f} |"
    )


def load(desk: CommandHandler, seconds: float) -> None:
    """Single reports of all units, spread evenly over 5 s, while somebody waits for each answer."""
    rate = UNITS / EVERY_S
    total = int(rate * seconds)
    wishes = [
        wish(n % UNITS, START_S + 50_000.0 + n / rate, 10_000 + n // UNITS) for n in range(total)
    ]
    waits: list[float] = []
    largest, busy, taken = 0, 0.0, 0
    begin, cpu = time.perf_counter(), time.process_time()
    while taken < total:
        now = time.perf_counter() - begin
        due = min(total, int(now * rate))
        if due == taken:
            time.sleep(0.0005)
            continue
        group = wishes[taken:due]
        start = time.perf_counter()
        checked(list(desk.do_all(group, START_S + 50_000.0 + due / rate)))
        end = time.perf_counter()
        busy += end - start
        waits += [end - begin - (taken + k) / rate for k in range(len(group))]
        largest, taken = max(largest, len(group)), due
    waits.sort()
    spent, cpu = time.perf_counter() - begin, time.process_time() - cpu
    print(
        f"\n{total} single reports at {rate:.0f} a second for {spent:.1f} s: "
        f"median {1000 * statistics.median(waits):.1f} ms, "
        f"p99 {1000 * waits[int(total * 0.99)]:.1f} ms, worst {1000 * waits[-1]:.1f} ms; "
        f"largest group {largest}; the desk was busy {busy / spent:.0%} of the time, "
        f"by {cpu / spent:.0%} of one core"
    )


def folding(desk: CommandHandler) -> None:
    """What the area alone costs for a fact of 2,000 rows, and what a restart takes."""
    entries: list[Entry] = list(desk.node.journal.read())
    many = [e for e in entries if e.kind == "positions.reported"]
    large = [e for e in many if len(e.leaf) > 100_000]
    area = Readiness()
    start = time.perf_counter()
    for entry in large:
        area.apply(entry.typed(), entry)
    each = (time.perf_counter() - start) / len(large)
    start = time.perf_counter()
    CommandHandler(desk.node)
    whole = time.perf_counter() - start
    print(
        f"\nfold of a fact of 2,000 rows: {1000 * each:.2f} ms, its reading into types included; "
        f"a new desk folds {len(entries)} entries ({len(many)} of positions) in {whole:.2f} s"
    )


def restart(desk: CommandHandler, count: int) -> None:
    """What opening a desk takes after many single reports, without a landmark and with one."""
    page, journal = 10_000, desk.node.journal
    for first in range(0, count, page):
        facts = [
            Fact(
                fact_id=derived_id(START_S, "restart", n), time_s=START_S + n / 400,
                author=name(n % UNITS), role="unit", body=reported(n),
            )
            for n in range(first, min(first + page, count))
        ]  # fmt: skip
        journal.append(facts)
    start = time.perf_counter()
    book = CommandHandler(desk.node).read()
    without = time.perf_counter() - start
    start = time.perf_counter()
    take_snapshot(journal, book)
    laying = time.perf_counter() - start
    took = []
    for _ in range(5):
        start = time.perf_counter()
        again = CommandHandler(desk.node).read()
        took.append(time.perf_counter() - start)
        if again.projection(Readiness).fixes != book.projection(Readiness).fixes:
            raise RuntimeError(again.projection(Readiness).fixes)
    print(
        f"a restart after {count} single reports: {without:.1f} s without a landmark, "
        f"{1000 * statistics.median(took):.0f} ms with one; laying it {1000 * laying:.0f} ms"
    )


def reported(number: int) -> PositionsReported:
    """The fact of a single report."""
    one = row(number % UNITS, START_S + number / 400, number // UNITS)
    return PositionsReported(
        unit=(one.unit,), lon=(round(one.lon, 6),), lat=(round(one.lat, 6),),
        at_ms=(round(1000 * one.time.timestamp()),), speed_mps=(15.0,), heading_deg=(90.0,),
        left_out={},
    )  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--profile", action="store_true", help="profile the groups of 400 instead")
    parser.add_argument("--restart", type=int, metavar="N", help="measure restarts only, after N")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        both = TwoNodes.make(Path(folder), DOCUMENT.read_bytes())
        desk = both.desks[0]
        enrol(desk)
        if given.restart:
            restart(desk, given.restart)
            both.close()
            return
        if given.profile:
            profile = cProfile.Profile()
            profile.runcall(groups, desk, (400,), 10)
            pstats.Stats(profile).sort_stats("cumulative").print_stats(45)
            return
        batches(desk, (1, 100, 2000), given.rounds)
        groups(desk, (1, 20, 100, 400), given.rounds)
        load(desk, given.seconds)
        folding(desk)
        both.close()


if __name__ == "__main__":
    main()
