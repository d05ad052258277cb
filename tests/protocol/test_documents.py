"""The form's page names every field with its meaning; the shown document holds what was agreed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner

from stopline.cli.protocol import app
from stopline.protocol import schema as form
from stopline.protocol.diagram import lanes_svg, phases_svg
from stopline.protocol.document_page import show_html, show_markdown
from stopline.protocol.fields import DocumentEntry
from stopline.protocol.reader import read_protocol
from stopline.protocol.rehearsal import schema as rehearsal

if TYPE_CHECKING:
    from pydantic import BaseModel

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "protocols"
PAGE = (ROOT / "docs" / "formats" / "protocol.md").read_text()
JOINT = read_protocol(EXAMPLES / "joint_search.yaml")
MINIMAL = read_protocol(EXAMPLES / "minimal.yaml")
RUN = CliRunner()

MODELS = {
    model
    for module in (form, rehearsal)
    for model in vars(module).values()
    if isinstance(model, type) and issubclass(model, DocumentEntry) and model is not DocumentEntry
}


@pytest.mark.parametrize(
    "model", sorted(MODELS, key=lambda m: m.__name__), ids=lambda m: m.__name__
)
def test_every_field_of_the_form_is_documented(model: type[BaseModel]) -> None:
    for name, field in model.model_fields.items():
        assert field.description, f"{model.__name__}.{name} has no meaning"
        meaning = field.description[0].upper() + field.description[1:]
        row = rf"\| `{name}` \| [^|]+ \| {re.escape(meaning)} \|"
        assert re.search(row, PAGE), f"docs/formats/protocol.md lacks {model.__name__}.{name}"


@pytest.mark.parametrize("name", ["minimal", "joint_search"])
def test_the_shown_document_names_every_task_message_and_decision(name: str) -> None:
    file = read_protocol(EXAMPLES / f"{name}.yaml")
    text = show_markdown(file)
    protocol = file.protocol
    for part in (protocol.tasks, protocol.messages, protocol.decisions, protocol.disclosures):
        for entry in part.values():
            assert entry.title in text
    assert file.digest in text
    html = show_html(file)
    assert html.count("<svg") == 2
    assert "http" not in html.replace("http://www.w3.org/2000/svg", "")


def test_markup_in_a_document_stays_text() -> None:
    title = "<script>alert(1)</script> & | 'x'"
    protocol = JOINT.protocol.model_copy(update={"title": title})
    file = type(JOINT)(protocol, JOINT.lines, JOINT.data)
    assert "<script" not in show_html(file)


@pytest.mark.parametrize("draw", [phases_svg, lanes_svg])
def test_drawings_are_well_formed_and_name_every_phase(draw: object) -> None:
    text = draw(JOINT.protocol)  # type: ignore[operator]
    words = " ".join(ET.fromstring(text).itertext())  # noqa: S314  (our own output)
    assert "STAND_DOWN" in words
    assert "SEARCH" in words


def call(*arguments: object) -> tuple[int, str]:
    result = RUN.invoke(app, list(map(str, arguments)))
    return result.exit_code, result.output


def test_the_commands_from_check_to_force(tmp_path: Path) -> None:
    document = tmp_path / "minimal.yaml"
    document.write_bytes(MINIMAL.data)
    assert call("check", document)[0] == 0
    keys = []
    for side in ("alder", "birch"):
        assert call("key", f"{side}.example/protocol", tmp_path / side)[0] == 0
        assert (tmp_path / side).stat().st_mode & 0o777 == 0o600
        keys += ["--key", f"{side}={tmp_path / side}.pub"]
    assert call("key", "x", tmp_path / "alder")[0] == 2
    assert call("verify", document, *keys)[0] == 3
    assert call("sign", document, "--side", "alder", "--key", tmp_path / "alder")[0] == 0
    code, said = call("verify", document, *keys)
    assert (code, "birch has not signed" in said) == (3, True)
    assert call("sign", document, "--side", "birch", "--key", tmp_path / "birch")[0] == 0
    code, said = call("verify", document, *keys)
    assert (code, "in force" in said) == (0, True)
    document.write_bytes(MINIMAL.data + b"\n")
    assert call("verify", document, *keys)[0] == 3
    assert call("sign", document, "--side", "alder", "--key", tmp_path / "alder.pub")[0] == 2
    assert call("sign", document, "--side", "nobody", "--key", tmp_path / "alder")[0] == 2


def test_a_copy_with_longer_deadlines_is_for_exercises(tmp_path: Path) -> None:
    joint, slow = EXAMPLES / "joint_search.yaml", tmp_path / "slow.yaml"
    code, said = call("stretch", joint, "--times", 10, "--out", slow)
    assert (code, "every deadline 10 times as long" in said) == (0, True)
    before, after = (read_protocol(one).protocol for one in (joint, slow))
    for name, task in before.tasks.items():
        if task.within_s is not None:
            assert after.tasks[name].within_s == min(10 * task.within_s, 30 * 86_400)
        if task.acknowledge_within_s is not None:
            assert after.tasks[name].acknowledge_within_s == 10 * task.acknowledge_within_s
    assert call("check", slow)[0] == 0
    other = tmp_path / "other.yaml"
    other.write_bytes(joint.read_bytes().replace(b"within_s: 180\n", b'"within_s": 180\n', 1))
    code, said = call("stretch", other, "--out", tmp_path / "more.yaml")
    assert (code, "written in another way" in said) == (2, True)
    slow.with_name("slow.yaml.sigs").write_text("signed\n")
    code, said = call("stretch", joint, "--times", 2, "--out", slow)
    assert (code, "a document that is signed" in said) == (2, True)
    assert read_protocol(slow).protocol == after
    own = other.read_bytes()
    code, said = call("stretch", other, "--out", other)
    assert (code, "the document itself" in said) == (2, True)
    assert other.read_bytes() == own


def test_a_document_with_errors_is_not_signed(tmp_path: Path) -> None:
    document = tmp_path / "broken.yaml"
    document.write_bytes((Path(__file__).parent / "checks" / "broken" / "no_end.yaml").read_bytes())
    call("key", "alder.example/protocol", tmp_path / "key")
    code, said = call("check", document)
    assert (code, "no-end" in said or "no final phase" in said) == (3, True)
    assert call("sign", document, "--side", "alder", "--key", tmp_path / "key")[0] == 3
    assert not (tmp_path / "broken.yaml.sigs").exists()


def test_the_commands_simulate_and_show(tmp_path: Path) -> None:
    joint, times = EXAMPLES / "joint_search.yaml", EXAMPLES / "joint_search.rehearsal.yaml"
    code, said = call(
        "simulate", joint, times, "--runs", 2, "--seed", 7, "--plot", tmp_path / "p.svg"
    )
    assert (code, "seed 7" in said) == (0, True)
    assert (tmp_path / "p.svg").read_text().startswith("<?xml")
    assert call("simulate", EXAMPLES / "minimal.yaml", times)[0] == 2
    assert call("show", joint, "--out", tmp_path / "d.html", "--phases", tmp_path / "s.svg")[0] == 0
    assert call("show", joint)[1].startswith("# Joint search")
    assert call("show", tmp_path / "none.yaml")[0] == 2
