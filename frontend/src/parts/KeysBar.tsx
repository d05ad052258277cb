// The foot of the page: the keys that count most, and what became of the last command.
import type { JSX } from "preact";
import { language, speak, t } from "../messages";
import { drop, outbox, sendAgain } from "../state/outbox";
import { go, type Page } from "../state/route";
import { muted, turnSound, turnTheme } from "../state/settings";
import { isAdministrator, may, picture, reads, trouble } from "../state/store";
import { dateLine, nowMs, span } from "../state/time";
import { press } from "../keys";
import { AlarmKey, unacknowledged } from "./alarm";

const SHOWN = ["S", "P", "O", "A", "N", "F", "T", "R", "D", "?"];
// What a role may not do or see has no key in its foot.
const WANTED: Record<string, () => boolean> = {
  S: () => may("sighting.note"), P: () => may("plan.adopt") || may("plan.propose"), O: () => reads("board"), F: () => reads("board"),
  T: () => reads("matters"), A: () => reads("incident"), N: () => reads("incident"), R: () => reads("incident") && !may("plan.adopt"),
};

export function KeysBar(): JSX.Element {
  const said = outbox.value.at(-1);
  return (
    <footer class="keys">
      {(said !== undefined || trouble.value) && <Said />}
      {(said !== undefined || trouble.value) && said?.stage !== "sending" ? unacknowledged().length > 0 && <AlarmKey /> : (
        <>
          {SHOWN.filter((one) => WANTED[one]?.() ?? true).map((one) => (one === "A" ? <AlarmKey key={one} /> : (
            <button type="button" key={one} class="keybtn" onClick={() => press(one)}><kbd>{one}</kbd> {t.keyName(one)}</button>
          )))}
          {said === undefined && !isAdministrator.value && <button type="button" class="keybtn r" onClick={() => go("case")}><span class="clip long">{picture.value === null ? t.case : t.caseLine(picture.value.incident.incident)} · {dateLine(nowMs.value, language.value)}</span></button>}
        </>
      )}
      <button type="button" class="keybtn" onClick={() => speak(language.value === "en" ? "de" : "en")} lang={language.value === "en" ? "de" : "en"}>{t.languageOther}</button>
      <button type="button" class="keybtn" onClick={turnSound} aria-pressed={muted.value} aria-label={muted.value ? t.unmute : t.mute} title={muted.value ? t.unmute : t.mute}><SoundIcon off={muted.value} /></button>
    </footer>
  );
}

/** What became of commands, the newest first; what was refused stays, and stands there again after it. */
export function Said(): JSX.Element {
  const all = outbox.value;
  const shown = all.find((one) => one.stage === "asks") ?? all.at(-1);
  const refused = all.filter((one) => one.stage === "refused" && one !== shown).length;
  if (shown === undefined) return <span class="said-line amb" role="status">{trouble.value}</span>;
  const more = all.length - 1;
  return (
    <span class={`said-line${shown.stage === "refused" || shown.stage === "asks" ? " amb" : ""}`} role="status" aria-live="polite">
      <span class="clip" title={shown.why}>{
        shown.stage === "sending" ? t.sending(shown.title)
        : shown.stage === "asks" ? t.asksAgain(shown.title, span(Date.now() - shown.given))
        : shown.stage === "done" ? t.done(shown.title)
        : t.refused(shown.title, shown.why)
      }{more > refused ? ` (+${more - refused})` : ""}</span>
      {refused > 0 && <b class="amb">{t.refusedCount(refused)}</b>}
      {shown.stage === "asks" && <button type="button" class="keybtn" onClick={() => sendAgain(shown.key)}>{t.sendStill}</button>}
      {shown.stage === "asks" && <button type="button" class="keybtn" onClick={() => drop(shown.key)}>{t.letGo}</button>}
      {shown.stage === "refused" && <button type="button" class="keybtn" onClick={() => drop(shown.key)}>{t.dismiss}</button>}
    </span>
  );
}

function SoundIcon({ off }: { off: boolean }): JSX.Element {
  return (
    <svg class="icon" width="18" height="16" aria-hidden="true">
      <path d="M1 5.5H4L8.5 1.5V14.5L4 10.5H1Z" fill="currentColor" />
      {off ? <path d="M11 5L16.5 11M16.5 5L11 11" stroke="currentColor" stroke-width="2" /> : <path d="M11.5 5q2.5 3 0 6M14 3q4 5 0 10" stroke="currentColor" stroke-width="1.6" fill="none" />}
    </svg>
  );
}

export function ThemeButton(): JSX.Element {
  return <button type="button" class="keybtn" onClick={turnTheme}><kbd>D</kbd> {t.theme}</button>;
}

export function goTo(page: Page): () => void {
  return () => go(page);
}
