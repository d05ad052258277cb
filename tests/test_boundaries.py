"""Time comes in as an argument: nothing in the domain reads the wall clock or the environment."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "stopline"
# Rows of the architecture above the domain: these meet the outside world.
OUTSIDE = {"cameras", "cli", "console", "exercise", "operation", "link", "review", "testing"}
# `time.perf_counter` and `time.monotonic` measure how long computing took, which is allowed.
CLOCKS = {
    "time.time",
    "time.time_ns",
    "time.localtime",
    "time.gmtime",
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
}


def domain_files() -> list[Path]:
    return [
        path
        for path in sorted(SOURCE.rglob("*.py"))
        if path.relative_to(SOURCE).parts[0] not in OUTSIDE
    ]


def clocks_read(code: str) -> list[str]:
    """Every wall clock that the code names, with its line; `from time import time` included."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Attribute) and ast.unparse(node) in CLOCKS:
            found.append(f"line {node.lineno}: {ast.unparse(node)}")
        if isinstance(node, ast.ImportFrom):
            found += [
                f"line {node.lineno}: from {node.module} import {name.name}"
                for name in node.names
                if f"{node.module}.{name.name}" in CLOCKS
            ]
    return found


@pytest.mark.parametrize(
    "path", domain_files(), ids=lambda path: path.relative_to(SOURCE).as_posix()
)
def test_no_wall_clock_in_the_domain(path: Path) -> None:
    assert clocks_read(path.read_text("utf-8")) == []


def test_the_contract_on_the_outside_world_covers_the_whole_domain() -> None:
    project = tomllib.loads((SOURCE.parents[1] / "pyproject.toml").read_text("utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    (contract,) = (one for one in contracts if one["name"].startswith("The domain"))
    domain = {
        f"stopline.{path.relative_to(SOURCE).parts[0].removesuffix('.py')}"
        for path in domain_files()
        if path.parent != SOURCE or not path.name.startswith("__")
    }

    # Standards and journal meet files and databases through what is above them.
    assert domain - {"stopline.standards", "stopline.journal"} <= set(contract["source_modules"])


def test_the_search_for_clocks_finds_them() -> None:
    assert clocks_read("import time\nnow = time.time()") == ["line 2: time.time"]
    assert clocks_read("from time import time") == ["line 1: from time import time"]
    assert clocks_read("from datetime import datetime as d, UTC\nx = datetime.now(UTC)") != []
    assert clocks_read("import time\nbegin = time.perf_counter()") == []
