"""Commands at a node that runs: short to type, quick, and what is left out is filled in."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from tests.console.conftest import built
from typer.testing import CliRunner

from console.served import House, Served
from operation.readiness_case import registered
from stopline.cli import quick
from stopline.cli.app_folder import VARIABLE
from stopline.cli.last_used import last_used
from stopline.cli.main import app
from stopline.cli.node_client import SERVING_FILE
from stopline.operation.core.actor import Actor
from stopline.operation.orders.scenario_store import ScenarioStore
from stopline.operation.readiness.commands import RegisterUnits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["built"]


@pytest.fixture
def served(
    built: tuple[Path, float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Served]:
    """A node that runs, with Eva, who is duty officer and liaison officer, signed in."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv(VARIABLE, raising=False)
    folder, now_s = built
    house = House.copied(folder, tmp_path / "node", now_s)
    house.admit("eva", "duty_officer", "liaison_officer")
    made = Served.of(house)
    told = {"host": "127.0.0.1", "port": made.server.port, "tls": False, "process": 0}
    (house.folder / SERVING_FILE).write_text(json.dumps(told))
    monkeypatch.setenv(VARIABLE, house.log_in("eva").token)
    yield made
    made.close()


class Terminal:
    """Somebody who types at a node, and reads."""

    def __init__(self, served: Served, capsys: pytest.CaptureFixture[str]) -> None:
        self.node, self.capsys = str(served.house.folder), capsys

    def __call__(self, *words: str) -> tuple[int | None, str, str]:
        code = quick.answered([word.replace("NODE", self.node) for word in words])
        said = self.capsys.readouterr()
        return code, said.out, said.err


@pytest.fixture
def terminal(served: Served, capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(served, capsys)


OPEN = ("title=Hall", "authority=order 7", "expires=+24h")


def test_the_incident_and_the_role_are_typed_once(served: Served, terminal: Terminal) -> None:
    code, _, err = terminal("do", "NODE", "incident.open", "incident=i-1", *OPEN)
    assert code == 3
    assert "say in which role: duty_officer or liaison_officer" in err
    code, out, _ = terminal(
        "do", "NODE", "incident.open", "incident=i-1", *OPEN, "--role", "duty_officer"
    )
    assert code == 0
    assert re.fullmatch(r"[0-9a-f-]{36}\n", out)
    where = ("lon=9.5209", "lat=47.1392")
    code, _, err = terminal("do", "NODE", "sighting.note", *where, "confirmed=true")
    assert code == 0, err  # the role of before, the one incident that runs, and now
    assert err.startswith("sighting noted")
    (entry,) = [e for e in served.house.desk.node.journal.read() if e.kind == "sighting.noted"]
    assert (entry.role, entry.incident, entry.author) == ("duty_officer", "i-1", "eva")
    assert entry.body is not None
    assert entry.body["grade"] == "A1"
    assert last_used(served.house.folder).role == "duty_officer"


def test_only_one_role_fits_by_the_agreed_protocol(served: Served, terminal: Terminal) -> None:
    terminal("do", "NODE", "incident.open", "incident=i-1", *OPEN, "--role", "liaison_officer")
    told = ("what=shots", "place=Vaduz", "happened=-2m", "vehicle=white van")
    code, _, err = terminal("do", "NODE", "alarm.raise", *told)
    assert code == 0, err  # though another role was used before
    assert err.startswith("alarm raised: Vaduz")
    said = ("said.name=alert", "said.protocol=", "said.what_happened=shots", "said.vehicle=van")
    code, _, err = terminal("do", "NODE", "message.send", *said)
    assert code == 0, err
    assert err == "message sent: An attack has happened; this vehicle is fleeing; we alert you\n"
    roles = [e.role for e in served.house.desk.node.journal.read() if e.kind == "message.sent"]
    assert roles[-1:] == ["duty_officer"]  # the document lets no other role send it


def test_a_mistyped_command_role_or_incident_gets_the_near_ones(
    served: Served, terminal: Terminal
) -> None:
    served.open_incident()
    code, _, err = terminal("do", "NODE", "sigthing.note", "lon=9.52", "lat=47.14")
    assert code == 2
    assert "found sigthing.note" in err
    assert "sighting.note" in err
    code, _, err = terminal("do", "NODE", "orders.isue")
    assert code == 2
    assert "orders.issue" in err
    code, _, err = terminal(
        "do", "NODE", "sighting.note", "lon=9.52", "lat=47.14", "--role", "dutyofficer"
    )
    assert code == 3
    assert "eva is duty_officer and liaison_officer, not dutyofficer; is duty_officer meant?" in err
    code, _, err = terminal("do", "NODE", "sighting.note", "incident=i1", "lon=9.52", "lat=47.14")
    assert code == 2
    assert "found i1; expected an incident of this node: i-1; is i-1 meant?" in err


def test_a_mistyped_message_decision_or_incident_of_a_page_gets_the_near_one(
    served: Served, terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    served.open_incident()
    role = ("--role", "duty_officer")
    code, _, err = terminal("do", "NODE", "message.send", "said.name=alrt", "said.protocol=", *role)
    assert code == 3
    assert "`alrt` is no message of protocol joint_search; is alert meant? It has alert, " in err
    code, _, err = terminal(
        "do", "NODE", "decision.voice", "decision=joint_saeling", "outcome=yes", *role
    )
    assert code == 3
    assert "`joint_saeling` is no decision of this protocol; is joint_sealing meant?" in err
    code, _, err = terminal("board", "NODE", "i1")
    assert code == 3
    assert "no incident i1; is i-1 meant? There is i-1" in err
    node = str(served.house.folder)
    for words in (["situation", node, "i1", "--out", "x"], ["link", "status", "nowhere"],
                  ["people", "admit", node, "rolf", "--role", "duty_oficer"]):  # fmt: skip
        done = CliRunner().invoke(app, words, input="pass word pass\npass word pass\n")
        told = " ".join((done.output + capsys.readouterr().err).split())
        assert done.exit_code in {2, 3}, told
        assert "BadInput" not in told
        assert any(
            one in told for one in ("is i-1 meant?", "expected the folder of a node, as `stopline ",
                                    "no such role; is duty_officer meant?")
        ), told  # fmt: skip


def test_what_can_be_done_and_its_fields_are_listed(served: Served, terminal: Terminal) -> None:
    code, out, _ = terminal("do", "NODE")
    assert code == 0
    assert any(line.startswith("plan.propose\tduty_officer\t") for line in out.splitlines())
    code, out, err = terminal("do", "NODE", "alarm.raise", "--role", "duty_officer")
    assert "vehicle\tyes\t" in out, "before an incident runs, too"
    assert (code, "`incident.open` opens one" in err) == (2, True)
    code, out, err = terminal("do", "NODE", "plan.adopt", "--role", "duty_officer")
    assert (code, out, "`incident.open` opens one" in err) == (2, "", True)
    for words in (("do", "NODE", "message.send"), ("do", "NODE", "message.send", "--help-fields")):
        served.open_incident() if words[-1] != "--help-fields" else None
        code, out, _ = terminal(*words)
        assert code == 0, words
        assert "said.name\tyes\t" in out


def test_who_is_not_known_any_more_is_told_so(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "worth-nothing")
    code, _, err = terminal("do", "NODE", "sighting.note", "lon=9.52", "lat=47.14")
    assert code == 2
    assert "sign" in err.lower()


def test_a_node_that_does_not_run_is_left_to_the_slower_way(
    served: Served, terminal: Terminal
) -> None:
    told = {"host": "127.0.0.1", "port": 9, "tls": False, "process": 0}
    (served.house.folder / SERVING_FILE).write_text(json.dumps(told))
    assert terminal("do", "NODE", "plan.adopt")[0] is None
    (served.house.folder / SERVING_FILE).unlink()
    assert terminal("do", "NODE", "plan.adopt")[0] is None
    assert terminal("plan", "case.yaml")[0] is None
    assert terminal("board", "NODE", "--no-such-option")[0] is None


def test_the_board_is_of_the_one_incident_and_names_orders_shortly(
    served: Served, terminal: Terminal
) -> None:
    served.open_incident()
    code, out, _ = terminal("board", "NODE")
    assert code == 0
    assert out.splitlines()[0].startswith("order\tstate\troad\tunit")
    code, _, err = terminal("board", "NODE", "i-9")
    assert code == 3
    assert "i-9" in err


def test_places_of_the_region_and_swapped_coordinates(
    served: Served, terminal: Terminal, region: ScenarioStore
) -> None:
    served.open_incident()
    served.house.desk.regions = region
    role = ("--role", "duty_officer")
    code, _, err = terminal("do", "NODE", "sighting.note", "place=Vadus", *role)
    assert code == 3
    assert "knows no place `Vadus`; is Vaduz meant? It knows Vaduz, Schaan" in err
    code, _, err = terminal("do", "NODE", "sighting.note", "lon=47.1392", "lat=9.5209", *role)
    assert code == 3
    assert "lon and lat look swapped" in err
    code, _, err = terminal("do", "NODE", "sighting.note", "lon=9.0", "lat=46.0", *role)
    assert code == 3
    assert "km from the nearest road; expected a place within 300 m" in err
    assert terminal("do", "NODE", "sighting.note", "place=vaduz", *role)[0] == 0


@pytest.fixture
def region(tmp_path: Path) -> ScenarioStore:
    from operation.orders.sealing_case import SCENARIO  # noqa: PLC0415

    return ScenarioStore((SCENARIO,), tmp_path)


def test_a_plan_from_what_the_node_knows_is_shown_and_taken(
    served: Served, terminal: Terminal, region: ScenarioStore
) -> None:
    served.open_incident()
    served.house.desk.regions = region
    scenario = region.of(None)
    assert scenario is not None
    for agency in ("police", "border_service"):
        units = [u for u in scenario.problem.units if u.agency.replace(" ", "_") == agency]
        told = tuple(
            registered(u.id, agency, lon=u.lon, lat=u.lat, ready_s=u.ready_s,
                       speed_factor=u.speed_factor, strength=u.strength,
                       may_act_in=tuple(sorted(u.may_act_in)))
            for u in units
        )  # fmt: skip
        served.house.do(RegisterUnits(units=told), Actor("x", "second_officer", agency))
    terminal(
        "do", "NODE", "sighting.note", "place=Vaduz", "confirmed=true", "--role", "duty_officer"
    )
    code, out, err = terminal("plan", "--node", "NODE", "--alone", "--time-limit", "2")
    assert code in {0, 3}
    assert "refused" not in err, err
    assert "order by\tclosed by\tmargin" in out
    assert re.search(r"\d+ orders: .*\d+ to police", out), out
    assert "stopline do" in err
    code, out, err = terminal("plan", "--node", "NODE", "--alone", "--time-limit", "2", "--json")
    shown: dict[str, Any] = json.loads(out)
    assert shown["geometry"]["type"] == "FeatureCollection"
    code, _, err = terminal("do", "NODE", "plan.adopt")
    assert (code, err.strip()) == (0, shown["sentence"])


def test_what_a_running_node_answers_loads_no_parser_and_no_forms() -> None:
    code = (
        "import sys, http.client, ssl, stopline.cli.start, stopline.cli.quick\n"
        "heavy = ('typer', 'pydantic', 'numpy', 'rich', 'fastapi')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
