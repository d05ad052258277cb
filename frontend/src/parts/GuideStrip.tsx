// One line under the bar, for a first time: what happens, and where to look. It can be put away.
import type { JSX } from "preact";
import { t } from "../messages";
import { go } from "../state/route";
import { endGuide } from "../state/settings";
import { live } from "../state/store";
import { stepOf } from "./guide";

export function GuideStrip(): JSX.Element {
  const shown = live.value;
  const at = stepOf(shown);
  const open = shown?.ways.filter((one) => one.still_open).length ?? 0;
  const closed = shown?.seals.filter((one) => one.state === "closed").length ?? 0;
  return (
    <aside class="guide" aria-label={t.guide} aria-live="polite">
      <p class="grow"><b>{t.guideHappens(at.step, shown?.them.name ?? "", Math.max(open, shown?.verdict?.ways ?? 0), closed)}</b> {t.guideLook(at.step, shown?.them.name ?? "")}</p>
      {at.to !== "home" && <button type="button" class="btn small" onClick={() => go(at.to)}>{t.guideGo(at.to)}</button>}
      <button type="button" class="btn small" onClick={endGuide}>{t.guideEnd}</button>
    </aside>
  );
}
