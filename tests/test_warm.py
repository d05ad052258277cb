"""After the first run is prepared, nothing compiles any more."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import stopline
from stopline import warm

PACKAGE = Path(stopline.__file__).parent

AFTERWARDS = """
import dataclasses, importlib, sys
from pathlib import Path
from stopline import warm
warm._stamp = lambda: Path(sys.argv[1]) / "stamp"
warm.prepare(lambda what, part: print(f"{part:.2f} {what}"))
from stopline.compiled import KERNELS
from stopline.planning.plan import plan_scenario, reach
from stopline.sealing.planner import make_plan
for module in sys.argv[3:]:
    importlib.import_module(module)
for one in KERNELS:
    if one.py_func.__name__.startswith("_"):
        continue  # lies in the machine code of those that call it
    assert one.signatures, f"{one.py_func.__name__} is not prepared"
before = {one: list(one.signatures) for one in KERNELS}
problem = warm.toy_problem()
for units in (problem.units, problem.units[:1]):
    for partial in ("cover", "delay"):
        rules = dataclasses.replace(problem.rules, partial=partial)
        make_plan(dataclasses.replace(problem, units=units, rules=rules))
scenario = Path(sys.argv[2])
plan = plan_scenario(scenario).plan
print(plan.verdict, plan.seconds)
reach(scenario)
for one in KERNELS:
    assert one.signatures == before.get(one), f"{one.py_func.__name__} compiled once more"
"""


def dotted(path: Path) -> str:
    return ".".join(["stopline", *path.relative_to(PACKAGE).with_suffix("").parts])


def test_no_kernel_compiles_after_it(tmp_path: Path) -> None:
    modules = [dotted(path) for path in PACKAGE.rglob("*_kernel.py")]
    example = PACKAGE.parents[1] / "examples" / "liechtenstein" / "sealed.yaml"
    done = subprocess.run(
        [sys.executable, "-c", AFTERWARDS, str(tmp_path), str(example), *modules],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "stamp").exists()
    parts = [float(line.split()[0]) for line in done.stdout.splitlines() if "preparing" in line]
    assert parts == sorted(parts)
    assert parts[-1] == 1.0


def test_it_returns_at_once_when_all_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamp = tmp_path / "stamp"
    stamp.touch()
    monkeypatch.setattr(warm, "_stamp", lambda: stamp)

    def told(what: str, _part: float) -> None:
        pytest.fail(f"{what}, though all is there")

    warm.prepare(told)
    assert warm.is_prepared()


def test_the_stamp_is_kept_with_the_machine_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    stamp = warm._stamp()
    assert stamp is not None
    assert stamp.parent == tmp_path
    monkeypatch.setattr(stopline, "__version__", "another")
    assert warm._stamp() != stamp


def test_every_kernel_is_in_a_file_for_kernels() -> None:
    for path in PACKAGE.rglob("*.py"):
        if "@kernel" in path.read_text(encoding="utf-8"):
            assert path.name.endswith("_kernel.py")
            importlib.import_module(dotted(path))
