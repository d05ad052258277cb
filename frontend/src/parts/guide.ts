// What happens now and where to look, for somebody who sees the console for the first time. It says
// only what the page knows: which step a case is at follows from its picture.
import type { Picture } from "../api/types";
import type { Page } from "../state/route";

export type Step =
  | "lineDown" | "fails" | "over" | "standDown" | "detained" | "leaking" | "sealed" | "heading" | "seen" | "liaison" | "alarm" | "quiet";

export interface Guided {
  step: Step;
  /** Where the next look goes; "home" for the first page. */
  to: Page | "home";
}

/** Which step a picture is at, the most pressing first. */
export function stepOf(shown: Picture | null): Guided {
  if (shown === null || shown.incident.began === null) return { step: "quiet", to: "home" };
  const phase = shown.incident.phase;
  if (shown.incident.over || phase === "CLOSED") return { step: "over", to: "review" };
  if (shown.line.up === false) return { step: "lineDown", to: "thread" };
  if (shown.troubles.length) return { step: "fails", to: "home" };
  if (phase === "STAND_DOWN") return { step: "standDown", to: "orders" };
  if (phase === "DETAINED") return { step: "detained", to: "tasks" };
  if (shown.verdict?.verdict === "leaking") return { step: "leaking", to: "plan" };
  if (shown.verdict?.verdict === "sealed") return { step: "sealed", to: "orders" };
  if (phase === "AGREE") return { step: "heading", to: "thread" };
  if ((shown.sightings ?? []).length) return { step: "seen", to: "home" };
  return phase === "ALARM" ? { step: "alarm", to: "tasks" } : { step: "liaison", to: "thread" };
}
