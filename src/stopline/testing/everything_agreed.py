"""An agreement under which all of a joint plan may leave, for journals without a protocol."""

from __future__ import annotations

from stopline.link.disclosure import AllKinds
from stopline.operation.joint.disclosure_rules import Agreement


class EverythingAgreed:
    """Stands for the protocol in force where tests and benchmarks have none."""

    def at(self, incident: str | None) -> Agreement:  # noqa: ARG002
        """Everything of the table of what may leave."""
        return Agreement(AllKinds(), None, "everything is agreed")
