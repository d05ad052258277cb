"""A running exercise as the tests here see it: `stopline exercise run` with its two served nodes.

The desks that a test works at are played; cameras, the vehicle, the other people and all units but
three are simulated. The units are late, so that something is open.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import yaml

from browser.case import ROOT

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

SHORT = ROOT / "tests/exercise/short.yaml"
SIDES = ("alder", "birch")
PLAYED = (
    "duty_officer", "liaison_officer", "chief_of_police", "head_of_state", "interior_minister",
    "prime_minister", "press_officer", "security_chief",
)  # fmt: skip
WITH_A_PHONE = ("LP-Triesen", "LP-Balzers", "LP-Schaan", "LP-Vaduz-1", "LP-Nendeln")
SPEED, HURRY = 5, 60
LONGEST_S = 900.0


@dataclass
class Ordered:
    """An order and its unit."""

    order: str
    unit: str


@dataclass
class RunningExercise:
    """One exercise.

    Attributes:
        folder: of the run.
        process: that plays it.
        password: of everybody.
        urls: of both nodes.
    """

    folder: Path
    process: subprocess.Popen[str]
    password: str
    urls: tuple[str, ...]
    incident: str = "ex-short"
    _token: str = ""
    _on_the_phone: str = ""

    @classmethod
    def start(cls, folder: Path) -> Self:
        """Start it, and wait until both nodes serve."""
        document = _document(folder)
        out = folder / "run"
        command = [
            sys.executable, "-u", "-m", "stopline", "exercise", "run", str(document),
            "--speed", str(SPEED), "--out", str(out),
        ]  # fmt: skip
        with (folder / "told.txt").open("w", encoding="utf-8") as log:
            process = subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True
            )
        until = time.monotonic() + LONGEST_S
        while time.monotonic() < until:
            told = (folder / "told.txt").read_text("utf-8")
            password = re.search(r"password (\S+)", told)
            if password is not None:
                urls = tuple(re.findall(r"(http://\w+\.localhost:\d+/)", told)[:2])
                made = cls(folder, process, password[1], urls)
                for unit in WITH_A_PHONE:
                    made.control("take", "alder", unit)
                return made
            assert process.poll() is None, told
            time.sleep(0.2)
        process.kill()
        raise AssertionError(f"no node serves within {LONGEST_S:g} s")

    def control(self, *words: str) -> None:
        """Say something as the controller."""
        command = [sys.executable, "-m", "stopline", "exercise", *words]
        where = ["--run", str(self.folder / "run")]
        ended = subprocess.run([*command, *where], capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stdout + ended.stderr

    # ---- as the incident is worked --------------------------------------------------------------

    def url(self, end: int) -> str:
        """The address of a node's page."""
        return self.urls[end]

    def account(self, role: str) -> str:
        """The name with which a role signs in."""
        return role

    def phone(self) -> Ordered:
        """The order of a unit of Alder that has a phone."""
        until = time.monotonic() + LONGEST_S
        while time.monotonic() < until:
            for one in self._orders():
                if one["unit"] in WITH_A_PHONE and one["reported"] == "issued":
                    self._on_the_phone = one["order"]
                    return Ordered(one["order"], one["unit"])
            time.sleep(0.5)
        raise AssertionError(f"no order for {WITH_A_PHONE}: {self._orders()}")

    def standing(self) -> dict[str, str]:
        """How each order of Alder stands."""
        return {one["order"]: one["reported"] for one in self._orders()}

    def wait_for_a_late_unit(self) -> None:
        """Let time go quickly until a unit of Alder is late."""
        self.control("speed", str(HURRY))
        until = time.monotonic() + LONGEST_S
        while not any(one["state"] == "late" for one in self._orders()):
            assert time.monotonic() < until, self._orders()
            time.sleep(0.5)
        self.control("speed", str(SPEED))

    def reopen_what_is_withdrawn(self) -> None:
        """Simulated units open their roads by themselves; whoever had a phone is one again."""
        for unit in WITH_A_PHONE:
            self.control("give-back", "alder", unit)

    def is_all_open(self) -> bool:
        """Whether the road that was closed from the phone is open again."""
        return self.standing()[self._on_the_phone] == "reopened"

    def _orders(self) -> list[dict[str, Any]]:
        if not self._token:
            said = {"name": "duty_officer", "password": self.password, "keep": "token"}
            self._token = httpx.post(self._at("session"), json=said, timeout=300).json()["token"]
        answer = httpx.get(
            self._at(f"incidents/{self.incident}/board"), timeout=300,
            headers={"Authorization": f"Bearer {self._token}", "Stopline-Role": "duty_officer"},
        )  # fmt: skip
        found: list[dict[str, Any]] = answer.json()["orders"]
        return found

    def _at(self, path: str) -> str:
        """An address of Alder's node; names under localhost are a browser's."""
        return f"{self.urls[0].replace('alder.localhost', '127.0.0.1')}v1/{path}"

    # ---- its end --------------------------------------------------------------------------------

    def end(self) -> str:
        """Call ENDEX; return what was told of the exercise."""
        self.control("end")
        self.process.wait(LONGEST_S)
        return (self.folder / "told.txt").read_text("utf-8")

    def close(self) -> None:
        """End it if it still runs."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(LONGEST_S)


def _document(folder: Path) -> Path:
    """The short exercise, longer, with a vehicle that waits and units that come late."""
    content = yaml.safe_load(SHORT.read_text("utf-8"))
    for name in ("scenario", "protocol"):
        content[name] = str((SHORT.parent / content[name]).resolve())
    content["endex"] = {"at_s": 20_000, "play_on_s": 0}
    content["truth"]["vehicle"]["leaves_s"] = 19_000
    content["truth"]["units"]["default"]["late_s"] = 9_000
    content["truth"]["line"] = []
    content["truth"].pop("witnesses")
    content["msel"] = [one for one in content["msel"] if one["number"] >= 90]
    for side in SIDES:
        content["sides"][side]["players"] = list(PLAYED)
    made = folder / "exercise.yaml"
    made.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    return made
