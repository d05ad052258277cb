"""`docs/people.md` works from top to bottom, and its table of settings is the settings'."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from typer.testing import CliRunner

from stopline.cli.main import app
from stopline.operation.accounts.settings import AccessSettings

if TYPE_CHECKING:
    import pytest

PAGE = Path(__file__).parents[2] / "docs" / "people.md"
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_JSON = re.compile(r"^```json\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ROW = re.compile(r"^\| (`[^|]+`) \| ([^|]+) \| [^|]+ \|$", re.MULTILINE)


def test_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("root", "sam"):
        Path(f"{name}-password").write_text("seven wet umbrellas\n")
    lines = [
        line for block in _BLOCK.findall(PAGE.read_text("utf-8")) for line in block.split("\n")
    ]
    commands = [line.removeprefix("$ stopline ") for line in lines if line.startswith("$ ")]
    assert len(commands) == 9
    for command in commands:
        words, _, to = command.partition(" > ")
        result = CliRunner().invoke(app, shlex.split(words))
        assert result.exit_code == 0, (command, result.output)
        if to:
            Path(to).write_text(result.stdout)
            assert len(result.stdout.split()) == 1, "what is shown once stands alone"


def test_the_settings_are_those_of_the_code() -> None:
    shown: dict[str, object] = {}
    for names, values in _ROW.findall(PAGE.read_text("utf-8").partition("## Settings")[2]):
        split = values.split(", ")
        shown |= dict(zip(re.findall(r"`(\w+)`", names), split, strict=True))
    fields = AccessSettings().model_dump()
    assert list(shown) == list(fields)
    assert {k: type(fields[k])(v) for k, v in shown.items()} == fields


def test_the_example_of_an_issuer_is_read(tmp_path: Path) -> None:
    from stopline.operation.accounts.oidc_settings import read_oidc_settings  # noqa: PLC0415

    (text,) = _JSON.findall(PAGE.read_text("utf-8"))
    (tmp_path / "oidc.json").write_text(text)
    settings = read_oidc_settings(tmp_path)
    assert settings is not None
    assert settings.issuer == json.loads(text)["issuer"]
