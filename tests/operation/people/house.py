"""A node with people, for the tests of who is let in: passwords are cheap here."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from stopline.operation.desk.actor import Actor
from stopline.operation.people.access import Access, AccessSettings
from stopline.operation.people.commands import AdmitMachine, AdmitOperator
from stopline.testing.two_desks import TwoDesks

if TYPE_CHECKING:
    from stopline.operation.desk.command import Command
    from stopline.operation.desk.desk import Desk, Done
    from stopline.operation.people.access import SignedIn

DOCUMENT = Path(__file__).parents[3] / "examples/protocols/joint_search.yaml"
CHEAP = AccessSettings(argon2_memory_kib=8, argon2_passes=1, argon2_lanes=1)
ROOT = Actor("root (at the machine)", "administrator")
PASSWORD = "seven wet umbrellas"  # noqa: S105  (of nobody)
HERE = "192.0.2.7"


@dataclass
class House:
    """One of two paired nodes, with a protocol in force.

    Attributes:
        both: the two nodes; end 0 is this one.
        access: its door.
        now_s: UTC seconds of the simulated moment.
    """

    both: TwoDesks
    access: Access
    now_s: float
    _count: int = field(default=0)

    @classmethod
    def make(cls, folder: Path, settings: AccessSettings = CHEAP) -> House:
        both = TwoDesks.make(folder, DOCUMENT.read_bytes())
        return cls(both, Access(both.desks[0], settings=settings), both.now_s)

    @property
    def desk(self) -> Desk:
        return self.both.desks[0]

    def do(self, command: Command, actor: Actor = ROOT) -> Done:
        self._count += 1
        return self.desk.do(command, actor, command_id=f"h-{self._count}", now_s=self.now_s)

    def admit(self, name: str, *roles: str, password: str = PASSWORD, subject: str = "") -> None:
        issuer = "https://id.example" if subject else ""
        self.do(
            AdmitOperator(
                name=name, display=name.title(), roles=roles, issuer=issuer, subject=subject
            )
        )
        if password:
            self.set_up(name, password)

    def set_up(self, name: str, password: str = PASSWORD) -> None:
        code = self.reset(name)
        self.access.accounts.set_up(name, code, password, source=HERE, now_s=self.now_s)

    def reset(self, name: str) -> str:
        self._count += 1
        made = self.access.accounts.reset(
            name, "test", ROOT, command_id=f"h-{self._count}", now_s=self.now_s
        )
        return made.code

    def machine(self, name: str, *roles: str, good_for_s: float = 1e6) -> str:
        self.do(AdmitMachine(name=name, display=name, roles=roles or ("feed",)))
        self._count += 1
        return self.access.accounts.issue_token(
            name, "test", ROOT, good_for_s=good_for_s, command_id=f"h-{self._count}",
            now_s=self.now_s,
        ).token  # fmt: skip

    def log_in(
        self, name: str, password: str = PASSWORD, code: str | None = None, *, source: str = HERE
    ) -> SignedIn:
        return self.access.log_in(name, password, code, source=source, now_s=self.now_s)

    def kinds(self) -> list[str]:
        return [entry.kind for entry in self.desk.node.journal.read()]

    def restart(self) -> None:
        self.both.restart(0)
        self.access = Access(self.desk, settings=CHEAP)
