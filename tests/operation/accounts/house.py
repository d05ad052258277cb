"""A node with people, for the tests of who is let in: passwords are cheap here."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from stopline.operation.accounts.commands import AdmitMachine, AdmitOperator
from stopline.operation.accounts.sign_in import AccessSettings, SignIn
from stopline.operation.core.actor import Actor
from stopline.operation.runtime.bootstrap import open_command_handler

if TYPE_CHECKING:
    from stopline.operation.accounts.sign_in import SignedIn
    from stopline.operation.core.command import Command
    from stopline.operation.core.command_handler import CommandHandler, CommandReceipt
    from stopline.testing.two_desks import TwoNodes

DOCUMENT = Path(__file__).parents[3] / "examples/protocols/joint_search.yaml"
CHEAP = AccessSettings(argon2_memory_kib=8, argon2_passes=1, argon2_lanes=1)
ROOT = Actor("root (at the machine)", "administrator")
PASSWORD = "seven wet umbrellas"  # noqa: S105  (of nobody)
HERE = "192.0.2.7"


@dataclass
class House:
    """A node with a protocol in force.

    Attributes:
        folder: of the node.
        desk: its desk.
        access: its door.
        now_s: UTC seconds of the simulated moment.
    """

    folder: Path
    desk: CommandHandler
    access: SignIn
    now_s: float
    _count: int = field(default=0)

    @classmethod
    def of(cls, both: TwoNodes, settings: AccessSettings = CHEAP) -> House:
        """The first of two nodes."""
        desk = both.desks[0]
        return cls(both.folders[0], desk, SignIn(desk, settings=settings), both.now_s)

    @classmethod
    def copied(cls, built: Path, folder: Path, now_s: float) -> House:
        """A copy of a node that was built before."""
        shutil.copytree(built, folder)
        desk = open_command_handler(folder)
        return cls(folder, desk, SignIn(desk, settings=CHEAP), now_s)

    def do(self, command: Command, actor: Actor = ROOT) -> CommandReceipt:
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
        self.desk.node.journal.close()
        self.desk = open_command_handler(self.folder)
        self.access = SignIn(self.desk, settings=CHEAP)
