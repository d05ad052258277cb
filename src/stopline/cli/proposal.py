"""`stopline plan --node`: a plan from what a node knows, beside the plan in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from stopline.cli import quick

if TYPE_CHECKING:
    from pathlib import Path


def propose(node: Path, words: list[str], role: str | None, *, as_json: bool) -> int:
    """Have a plan made at a node, and show it.

    Args:
        node: folder of the node.
        words: FIELD=VALUE of `plan.propose`.
        role: the role to act in; None for the one that fits.
        as_json: print all of it as JSON.

    Returns:
        The exit code: sealed or open.
    """
    from stopline.cli.node_client import NotRunning, Told, running

    there = running(node)
    if there is not None:
        try:
            return quick.plan(there, words, role, as_json=as_json)
        except NotRunning:
            pass
        except Told as told:
            raise typer.Exit(quick.ended(told)) from None
    return _here(node, words, role, as_json=as_json)


def _here(node: Path, words: list[str], role: str | None, *, as_json: bool) -> int:
    """Make it in this process, on the node's own journal."""
    import secrets

    from stopline.cli.at_desk import acting_as, roads_of
    from stopline.cli.last_used import last_used, remember
    from stopline.console.site_ids import with_file_ids
    from stopline.console.views.proposal import newest
    from stopline.operation.runtime.typed import Typed, understood

    last = last_used(node)
    typed = Typed(
        command="plan.propose", words=tuple(words), role=role, last_role=last.role,
        last_incident=last.incident,
    )  # fmt: skip
    with acting_as(node) as (desk, operator):
        now_s = desk.node.clock()
        given, actor = understood(desk, operator, typed, now_s)
        desk.do(given, actor, command_id=actor.command_id(secrets.token_urlsafe()), now_s=now_s)
        incident: str = given.incident  # type: ignore[attr-defined]  # (it is one of an incident)
        opened = desk.read().incident(incident)
        found = with_file_ids(newest(opened, now_s), roads_of(desk, node, opened))
    remember(node, role=role, incident=incident)
    assert found is not None  # noqa: S101  (made above)
    return quick.print_proposal(found.model_dump(mode="json"), node, as_json=as_json)
