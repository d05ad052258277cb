"""Proposed plans: the newest beside the plan in force, all of them, one of them."""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request

from stopline.console.openapi import answers
from stopline.console.routes.incident import READ, Which, Who, seen_of
from stopline.console.views import proposal as shown_proposal
from stopline.errors import UnknownName
from stopline.operation.core.errors import NotNow
from stopline.operation.core.incident import Incident
from stopline.operation.core.short_ids import pick
from stopline.operation.core.state import NodeState
from stopline.operation.plan.proposal_projection import Proposals

plans = APIRouter(tags=["reads"])


@plans.get(
    "/v1/incidents/{incident}/proposal", operation_id="proposal",
    responses=answers(404, 422), openapi_extra=READ,
)  # fmt: skip
async def newest(
    request: Request, asker: Who, incident: Which
) -> shown_proposal.ProposalShown | None:
    """The plan proposed last, beside the plan in force, with its geometry; null before the first.

    `plan.propose` makes one; `plan.adopt` with `proposal` and `issue` takes it in one decision.
    """
    return await seen_of(
        request, asker, "board", incident, lambda _, i, now_s: shown_proposal.newest(i, now_s)
    )


@plans.get(
    "/v1/incidents/{incident}/proposals", operation_id="proposals",
    responses=answers(404, 422), openapi_extra=READ,
)  # fmt: skip
async def proposals(
    request: Request, asker: Who, incident: Which
) -> list[shown_proposal.ProposalInShort]:
    """All plans that were proposed, the newest first."""
    return await seen_of(
        request, asker, "board", incident, lambda _, i, __: shown_proposal.proposals(i)
    )


@plans.get(
    "/v1/incidents/{incident}/proposals/{proposal}", operation_id="proposal_by_id",
    responses=answers(404, 422), openapi_extra=READ,
)  # fmt: skip
async def by_id(
    request: Request,
    asker: Who,
    incident: Which,
    proposal: Annotated[str, Path(description="id of the proposal, or how it begins or ends")],
) -> shown_proposal.ProposalShown:
    """One proposed plan beside the plan in force, as it is now."""

    def see(_: NodeState, found: Incident, now_s: float) -> shown_proposal.ProposalShown:
        known = found.projection(Proposals).by_id
        try:
            name = pick(proposal, known, "proposal")
        except NotNow as error:
            raise UnknownName(str(error)) from None
        return shown_proposal.shown(found, known[name], now_s)

    return await seen_of(request, asker, "board", incident, see)
