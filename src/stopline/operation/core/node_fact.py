"""Facts that the node itself writes down about people, without anybody's command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.journal.base import Fact
from stopline.link.ids import new_id

if TYPE_CHECKING:
    from stopline.journal.kinds import FactBody


def node_fact(node: str, body: FactBody, now_s: float) -> Fact:
    """Make a fact that a node says in its own name."""
    return Fact(fact_id=new_id(now_s), time_s=now_s, author=node, role="node", body=body)
