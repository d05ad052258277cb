"""Units from the command line: registered, called, set, placed, and listed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from operation.accounts.house import CHEAP, ROOT, House
from operation.liaison_case import INCIDENT, Case
from stopline.cli.main import app
from stopline.cli.terminal_session import VARIABLE
from stopline.operation.accounts.commands import AdmitMachine
from stopline.testing import two_desks

if TYPE_CHECKING:
    from click.testing import Result

UNITS = Path(__file__).parents[2] / "examples/liechtenstein/units-li.csv"
SERVICES = {"eva": "duty_officer", "rau": "riot_police_commander", "mil": "military_duty",
            "rex": "press_officer"}  # fmt: skip


@dataclass(frozen=True)
class AtNode:
    """A node with an incident that began just now, and the tokens of those who work there."""

    folder: Path
    tokens: dict[str, str]

    def run(self, who: str, first: str, *words: object, typed: bytes = b"") -> Result:
        given = [first, self.folder, *words]
        return CliRunner().invoke(
            app, ["units", *map(str, given)], input=typed, env={VARIABLE: self.tokens.get(who, "")}
        )

    def good(self, who: str, *words: object, typed: bytes = b"") -> str:
        done = self.run(who, *words, typed=typed)  # type: ignore[arg-type]
        assert done.exit_code == 0, done.output
        return done.stdout


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AtNode:
    monkeypatch.setattr(two_desks, "START_S", datetime.now(UTC).timestamp() - 60.0)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "nodes").mkdir()
    case = Case(tmp_path / "nodes")
    case.both.line.utc_s = [two_desks.START_S, two_desks.START_S]
    case.alarm()
    house = House.of(case.both)
    tokens = {}
    for name, role in SERVICES.items():
        house.admit(name, role)
        tokens[name] = house.log_in(name).token
    for name, role in (("avl", "feed"), ("lp-eschen", "unit")):
        admit = AdmitMachine(name=name, display=name, roles=(role,), agency="police")
        house.do(admit)
        tokens[name] = house.access.accounts.issue_token(
            name, "test", ROOT, good_for_s=1e6, command_id=f"t-{name}", now_s=house.now_s
        ).token
    case.both.close()
    folder = case.both.folders[0]
    (folder / "people.json").write_text(CHEAP.model_dump_json())
    return AtNode(folder, tokens)


def test_from_the_file_to_the_list(node: AtNode) -> None:
    told = node.good("eva", "register", UNITS, "--side", "LI")
    assert told == "11 units of police registered; 3 units of other services were left to them\n"
    again = node.good("eva", "register", UNITS, "--side", "LI")
    assert again.startswith("11 units of police registered already, nothing changed")
    assert node.good("rau", "register", UNITS, "--side", "LI", "--off-duty").startswith("2 units")
    alerted = node.good("eva", "alert", INCIDENT)
    assert alerted.startswith("police: 11 units called at HIGH; the protocol asks: every patrol")
    assert "riot" not in alerted, "they are off duty"
    node.good("eva", "acknowledge", INCIDENT, "LP-Schaan")
    node.good("eva", "set", "LP-Schaan", "under way")
    node.good("lp-eschen", "acknowledge", INCIDENT, "LP-Eschen")
    stranger = node.run("lp-eschen", "set", "LP-Vaduz-1", "under way")
    assert (stranger.exit_code, "speaks for itself" in stranger.stderr) == (3, True)
    node.good("eva", "retire", "LP-Ruggell", "--reason", "dissolved")
    node.good("eva", "release", "LP-Eschen")
    rows = [line.split("\t") for line in node.good("", "list").splitlines()]
    assert rows[0][:4] == ["unit", "service", "is", "strength"]
    assert [line[0] for line in rows[1:]][:2] == [
        "LP-Balzers Patrol Balzers", "LP-Nendeln Patrol Nendeln",
    ]  # fmt: skip
    assert rows[1][2].startswith("alerted, no answer yet, 4 min left")
    assert "LP-Ruggell Patrol Ruggell" not in {line[0] for line in rows}
    listed = json.loads(node.good("", "list", "--agency", "riot_police", "--json"))
    assert {one["state"] for one in listed} == {"off duty"}
    assert {one["agency"] for one in listed} == {"riot_police"}
    numbers = node.run("", "list").stderr
    assert "police: 8 called without answer, 1 under way, 1 released" in numbers
    assert f"{INCIDENT}: level HIGH, and nobody has alerted riot_police" in numbers


def test_positions_from_a_file_and_from_stdin(node: AtNode, tmp_path: Path) -> None:
    node.good("eva", "register", UNITS, "--side", "LI")
    seen = datetime.now(UTC).isoformat(timespec="seconds")
    text = f"unit,lon,lat,time\nLP-Schaan,9.51,47.17,{seen}\nnobody,9.5,47.1,{seen}\n"
    done = node.run("avl", "positions", "-", typed=text.encode())
    assert done.stdout == "1 positions taken, 1 refused\n"
    assert "row 2 (nobody): unknown unit" in done.stderr
    file = tmp_path / "positions.csv"
    file.write_text(text)
    assert node.good("avl", "positions", file) == (
        "0 positions taken, 1 refused, 1 not newer than its last\n"
    )
    (first,) = [
        one for one in json.loads(node.good("", "list", "--json")) if one["id"] == "LP-Schaan"
    ]
    assert (first["position"]["lon"], first["position"]["lat"]) == (9.51, 47.17)


@pytest.mark.parametrize(
    ("who", "words", "code", "told"),
    [
        ("eva", ("set", "LP-Schaan", "flying"), 2, "expected 'off duty'"),
        ("rau", ("set", "LP-Schaan", "under way"), 3, "belongs to police"),
        ("eva", ("set", "nobody", "under way"), 3, "no unit nobody"),
        ("rex", ("set", "LP-Schaan", "under way"), 3, "of no service"),
        ("avl", ("set", "LP-Schaan", "under way"), 3, "may not give"),
        ("eva", ("set", "LP-Schaan", "under way", "--role", "prosecutor"), 3, "eva is duty"),
        ("", ("set", "LP-Schaan", "under way"), 2, "nobody signed in"),
        ("eva", ("alert", "i-9"), 3, "knows no"),
        ("eva", ("register", UNITS, "--side", "XX"), 2, "side: found LI"),
        ("mil", ("register", UNITS, "--side", "LI"), 2, "expected units of military"),
        ("avl", ("positions", UNITS), 2, "no column 'unit'"),
        ("avl", ("positions", UNITS.parent / "liechtenstein.osm.pbf"), 2, "not UTF-8"),
        ("avl", ("positions", "none.csv"), 2, "no such file"),
    ],
)  # fmt: skip
def test_what_will_not_do_says_why(
    node: AtNode, who: str, words: tuple[str, ...], code: int, told: str
) -> None:
    node.good("eva", "register", UNITS, "--side", "LI")
    done = node.run(who, *words)
    assert (done.exit_code, told in done.stderr) == (code, True), done.output
