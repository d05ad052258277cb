// Asking for a plan, and adopting one with its orders as one decision of one person.
import type { Offer, Picture } from "../api/types";
import { t } from "../messages";
import { send } from "./outbox";
import { incident, live, me, refreshAll, role } from "./store";

/** Ask the node for a plan from the last confirmed sighting; gives what went wrong, or nothing. */
export async function propose(): Promise<string> {
  const done = await send(incident.value, "plan.propose", {}, t.proposePlan, role.value);
  await refreshAll();
  return done.stage === "refused" ? done.why : "";
}

/** Adopt the new plan and issue its orders in one decision; gives why not, or nothing. */
export async function adoptAndIssue(offer: Offer, shown: Picture, reason: string): Promise<string> {
  const body = { [offer.kind]: offer.offer, issue: true, ...(reason ? { late_because: reason } : {}) };
  const title = t.sendOrders(offer.orders, offer.requests);
  const adopted = await send(incident.value, "plan.adopt", body, title, role.value);
  if (adopted.stage === "refused") return (await whoWasFirst(shown)) ?? adopted.why;
  await refreshAll();
  return "";
}

/** Issue the orders of the plan in force, as the side that the plan's units call this one. */
export async function issue(count: number): Promise<string> {
  const side = live.value?.plan?.side || me.value?.side || "";
  const issued = await send(incident.value, "orders.issue", { side }, t.issueOrders(count), role.value);
  await refreshAll();
  return issued.stage === "refused" ? issued.why : "";
}

/** If a plan was adopted meanwhile, who did it and when. */
async function whoWasFirst(shown: Picture): Promise<string | null> {
  await refreshAll();
  const now = live.value;
  if (now === null || now.plan === null || now.plan.digest === shown.plan?.digest) return null;
  return t.decidedFirst(now.plan.adopted_by, new Date(now.plan.adopted ?? now.at).toLocaleTimeString());
}
