"""Measure sealing: from an open network to a proven verdict, beside peers on the same problems.

Each family runs in a process of its own: networks are opened and kernels warmed first, which does
not count. Then, seed by seed: `prepare` and the solve to the verdict, re-planning after a second
sighting with the same session, and the peak memory above what the process held before. Seconds are
medians of three repeats (one where it takes over a second), and tables give medians over seeds.
Peers run on the first seed of each size that the planner sealed, and route generation also on the
seed that took the planner longest. A peer's time counts the driving times of its units, as ours
does. `table` holds the problems that were undecided before there were prices on units: whole plans,
each held against the independent checker. With --cpu all seconds are of computing, not on the wall.
"""

from __future__ import annotations

import argparse
import json
import platform
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import cpu_clock
import seal_instances
import seal_ours
import seal_peers
import seal_tables
from data import largest_balls, read_topology

if TYPE_CHECKING:
    from collections.abc import Callable

    from seal_ours import Ours

    from stopline.sealing.problem import SealingProblem

FAMILIES = (
    "table",
    "corridor",
    "liechtenstein",
    "scaling-units",
    "europe",
    "porto",
    "scaling-size",
    "ne",
)
_PEERS = {
    "integer program": seal_peers.integer_program,
    "route generation": seal_peers.route_generation,
}
_BEGIN, _END = "<!-- figures of sealing -->", "<!-- end of the figures of sealing -->"
_LONG = 1000.0  # times as long: the signal ends it
_SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)
_TABLE: tuple[tuple[str, Callable[[], SealingProblem]], ...] = (
    ("corridor, 30 units, seed 1", lambda: seal_instances.corridor(30, 1)),
    *(
        (f"Europe, 500 units, seed {seed}", lambda seed=seed: seal_instances.europe(500, seed))
        for seed in (0, 1, 2)
    ),
    *(
        (
            f"Porto {km} km, {units} units, seed {seed}",
            lambda km=km, units=units, seed=seed: seal_instances.porto(units, seed, km * 1000.0),
        )
        for km, units, seed in ((12, 200, 1), (12, 50, 1), (8, 50, 1), (8, 50, 2), (12, 50, 2))
    ),
    ("NE, 500 units", lambda: seal_instances.north_east(500, 0)),
)


def main() -> None:
    """Run the families asked for and print tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="one seed, no peers, no NE")
    parser.add_argument("--only", help=f"comma-separated: {', '.join(FAMILIES)}")
    parser.add_argument("--peers-limit", type=float, default=600.0, help="seconds; 0 for no peers")
    parser.add_argument("--limit", type=float, default=10.0, help="seconds for the planner")
    parser.add_argument("--cpu", action="store_true", help="count seconds of computing")
    parser.add_argument("--out", type=Path, help="a .json file for all figures")
    parser.add_argument("--markdown", type=Path, help="a page whose marked figures are replaced")
    parser.add_argument("--family", help=argparse.SUPPRESS)
    parser.add_argument("--peer", nargs=3, metavar=("NAME", "CASE", "SEED"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.cpu and (options.peer or options.family):
        cpu_clock.count_computing()
    if options.peer:
        print(json.dumps(_run_peer(options)))
        return
    if options.family:
        print(json.dumps(_run(options.family, options)))
        return
    wanted = options.only.split(",") if options.only else list(FAMILIES)
    if unknown := set(wanted) - set(FAMILIES):
        parser.error(f"unknown families: {', '.join(sorted(unknown))}")
    if options.quick and not options.only:
        wanted = [name for name in wanted if name not in ("ne", "scaling-size")]
    results: dict[str, object] = {"about": _about()}
    tables: list[str] = []
    for name in wanted:
        begin = time.perf_counter()
        passed = [f"--peers-limit={options.peers_limit}", f"--limit={options.limit}"]
        passed += [f"--{one}" for one in ("quick", "cpu") if getattr(options, one)]
        command = [sys.executable, __file__, "--family", name, *passed]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        results[name] = json.loads(done.stdout.splitlines()[-1])
        tables.append(seal_tables.table(name, results[name]))
        print(tables[-1], flush=True)
        print(f"({name}: {time.perf_counter() - begin:.0f} s)\n", flush=True)
        if options.out:  # after each family, so that a broken run leaves what it has
            options.out.write_text(json.dumps(results, indent=1), encoding="utf-8")
        if options.markdown:
            _write_figures(options.markdown, tables)


def _write_figures(page: Path, tables: list[str]) -> None:
    """Put tables, and what made them, between the two marks of a page."""
    before, found, rest = page.read_text(encoding="utf-8").partition(_BEGIN)
    _, ended, after = rest.partition(_END)
    if not (found and ended):
        msg = f"{page} has no lines {_BEGIN} and {_END}: add them where the figures belong"
        raise ValueError(msg)
    about = _about()
    command, date = about.pop("command"), about.pop("date")
    machine = ", ".join(f"{key} {value}" for key, value in about.items())
    made = f"Made on {date} with `python {command}`; {machine}."
    text = "\n\n".join([made, *(table.strip() for table in tables)])
    page.write_text(f"{before}{_BEGIN}\n\n{text}\n\n{_END}{after}", encoding="utf-8")


def _run(name: str, options: argparse.Namespace) -> list[dict[str, object]]:
    """Measure one family in this process."""
    seal_ours.warm()
    if name == "table":
        return [asdict(seal_ours.decided(make(), label, options.limit)) for label, make in _TABLE]
    if name == "scaling-size":
        return _scaling_size(options)
    rows = []
    for number, (label, make, seeds, peers) in enumerate(_cases(name)):
        chosen = seeds[:1] if options.quick else seeds
        print(label, file=sys.stderr, flush=True)
        made = {seed: make(seed) for seed in chosen}
        ours = [seal_ours.measure(p, seed, options.limit) for seed, p in made.items()]
        row: dict[str, object] = {"label": label, "ours": [one.as_dict() for one in ours]}
        row["search"] = seal_ours.searches(made[chosen[0]])
        row["exits"] = len(made[chosen[0]].exits)
        if peers and options.peers_limit and not options.quick:
            row["peers"] = [
                {
                    "seed": seed,
                    **{
                        key: _start_peer(name, key, number, seed, options)
                        for key in _PEERS
                        if turn == 0 or key != "integer program"
                    },
                }
                for turn, seed in enumerate(_for_peers(ours))
            ]
        rows.append(row)
    return rows


def _start_peer(
    family: str, key: str, case: int, seed: int, options: argparse.Namespace
) -> dict[str, object]:
    """Run a peer in a process of its own: HiGHS does not always keep its time limit."""
    limit_s = options.peers_limit
    command = [sys.executable, __file__, "--family", family, f"--peers-limit={limit_s}"]
    command += ["--cpu"] if options.cpu else []
    command += ["--peer", key, str(case), str(seed)]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
    if done.returncode == 0:
        return dict(json.loads(done.stdout.splitlines()[-1]))
    if done.returncode not in (-signal.SIGALRM, -signal.SIGPROF):
        raise subprocess.CalledProcessError(done.returncode, command)
    return asdict(seal_peers.Result("not finished", 0, 0.0, limit_s, "ended"))


def _run_peer(options: argparse.Namespace) -> dict[str, object]:
    """Run one peer here; the alarm ends the process a little after the time limit."""
    key, case, seed = options.peer
    problem = _cases(options.family)[int(case)][1](int(seed))
    which, clock = signal.SIGALRM, signal.ITIMER_REAL
    limit_s = options.peers_limit
    if options.cpu:
        which, clock = signal.SIGPROF, signal.ITIMER_PROF
        limit_s *= _LONG
    signal.signal(which, signal.SIG_DFL)
    signal.setitimer(clock, options.peers_limit * 1.05)
    return asdict(_PEERS[key](problem, limit_s))


def _for_peers(ours: list[Ours]) -> list[int]:
    """The seed that was slowest for us, and the first that was sealed, if that is another."""
    slowest = max(ours, key=lambda one: one.total_s).seed
    sealed = [one.seed for one in ours if one.verdict == "sealed"]
    return list(dict.fromkeys([*sealed[:1], slowest]))


def _cases(
    name: str,
) -> list[tuple[str, Callable[[int], SealingProblem], tuple[int, ...], bool]]:
    """Label, maker, seeds, and whether peers run."""
    one = seal_instances
    some, few = (0, 1, 2, 3), (0, 1, 2)
    if name == "corridor":
        return [
            (f"{n} units", lambda s, n=n: one.corridor(n, s), few, True) for n in (40, 60, 100, 200)
        ]
    if name == "scaling-units":
        return [
            (f"{n} units", lambda s, n=n: one.corridor(n, s), few, False)
            for n in (10, 30, 100, 300, 1000)
        ]
    if name == "porto":
        return [
            (f"{r} km, {n} units", lambda s, n=n, r=r: one.porto(n, s, r * 1000.0), some, True)
            for r in (4, 8, 12)
            for n in (50, 200)
        ]
    if name == "liechtenstein":
        return [
            (f"{n} units", lambda s, n=n: one.liechtenstein(n, s), some, True) for n in (10, 20, 40)
        ]
    if name == "europe":
        return [("500 units", lambda s: one.europe(500, s), few, True)]
    return [("500 units", lambda s: one.north_east(500, s), (0,), False)]


def _scaling_size(options: argparse.Namespace) -> list[dict[str, object]]:
    """The same forces around the same start, in networks that grow by travel time around it."""
    whole = read_topology(seal_instances.DATA / "large" / "NE.gr.xz", seed=1)
    start = whole.junctions // 2
    arrival_s = seal_instances.arrivals(whole, start)
    rows = []
    for network, centre in largest_balls(whole, start, arrival_s, _SIZES):
        print(network.junctions, file=sys.stderr, flush=True)
        problem = seal_instances.nested(network, centre, 200, 0)
        ours = seal_ours.measure(problem, 0, options.limit)
        rows.append(
            {
                "label": f"{network.junctions:,} junctions",
                "ours": [ours.as_dict()],
                "search": seal_ours.searches(problem),
                "exits": len(problem.exits),
            }
        )
    return rows


def _about() -> dict[str, str]:
    names = ("numpy", "scipy", "numba", "highspy")
    return {
        "command": " ".join(sys.argv),
        "date": time.strftime("%Y-%m-%d"),
        "machine": f"{platform.machine()}, {_cpu()}, {platform.system()}",
        "python": platform.python_version(),
        **{name: version(name) for name in names},
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{len(models)} x {models[0]}" if models else platform.processor()


if __name__ == "__main__":
    main()
