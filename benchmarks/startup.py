"""Measure what a person waits for: help, the first run, a plan from a new process.

Every figure is of a whole process, from its start to its end, with byte code, machine code and the
network's copy in place (but for the first run). The median of the rounds is printed with the
processor time of the process itself, which is what an idle machine would need: these commands
run on one core. Run it with nothing else at work:

    python benchmarks/startup.py
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_EXAMPLE = _ROOT / "examples" / "liechtenstein" / "sealed.yaml"


def _once(arguments: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Wall and processor seconds of `stopline` with these arguments."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "stopline", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    wall_s = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 3):
        sys.exit(done.stderr)
    used_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall_s, used_s


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description="Start-up of the command line.")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--scenario", type=Path, default=_EXAMPLE)
    given = parser.parse_args()
    environment = {**os.environ, "PYTHONPATH": str(_ROOT / "src")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # byte code is part of an installation
    print("| command | wall s | processor s |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as scratch:
        plan = ["plan", str(given.scenario), "--out", f"{scratch}/out"]
        quick = [*plan, "--no-pictures"]
        _once(quick, environment)  # reads the network, compiles, writes byte code
        empty = {**environment, "NUMBA_CACHE_DIR": f"{scratch}/kernels"}
        wall_s, used_s = _once(quick, empty)
        print(f"| the first `plan` after installation | {wall_s:.2f} | {used_s:.2f} |")
        rows = {
            "`stopline --help`": ["--help"],
            "`stopline plan`, all files but pictures": quick,
            "`stopline plan` with pictures": plan,
            "`stopline reach`": ["reach", str(given.scenario)],
            "`stopline verify`": ["verify", f"{scratch}/out/plan.json"],
        }
        for name, arguments in rows.items():
            taken = [_once(arguments, environment) for _ in range(given.rounds)]
            wall_s, used_s = (statistics.median(column) for column in zip(*taken, strict=True))
            print(f"| {name} | {wall_s:.2f} | {used_s:.2f} |")


if __name__ == "__main__":
    main()
