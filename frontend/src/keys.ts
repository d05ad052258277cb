// Single keys: they open pages and never give an order. Not while somebody types; can be turned off.
import { wanted } from "./map/MapPane";
import { isField } from "./parts/rows";
import { outbox } from "./state/outbox";
import { go, page, type Page } from "./state/route";
import { keysOff, turnTheme } from "./state/settings";
import { isAdministrator, isUnit, look, lookAt, may, picture, signedOut } from "./state/store";
import { acknowledgeAlarm, alarms } from "./parts/alarm";
import { nodeNow } from "./state/time";

export const ALL_KEYS = [
  "S", "P", "O", "A", "B", "U", "M", "C", "T", "R", "J", "N", "F", "L", "D", "/", "?", "Esc", "↑ ↓", "Enter", "Ctrl Enter",
];
const PAGES: Record<string, Page> = {
  S: "sighting", P: "plan", O: "orders", B: "main", U: "units", C: "call", T: "thread", R: "situation", J: "journal", "/": "search", "?": "keys",
};
/** What a page confirms with Ctrl+Enter; set by the page that is shown. */
export const confirmation: { run: (() => void) | null } = { run: null };

let nextAlarm = 0;

/** Do what a key does. */
export function press(key: string): void {
  const to = PAGES[key];
  if (to !== undefined) {
    if (to === "sighting" && !may("sighting.note")) return;
    go(to);
  } else if (key === "A") acknowledgeAlarm();
  else if (key === "N") showNextAlarm();
  else if (key === "F") wanted.value = { do: "fit" };
  else if (key === "M") document.querySelector<HTMLElement>(".strip")?.focus();
  else if (key === "L") void look(lookAt.value === null ? nodeNow() - 60_000 : null);
  else if (key === "D") turnTheme();
}

function showNextAlarm(): void {
  const found = alarms(picture.value);
  if (!found.length) return;
  const one = found[nextAlarm++ % found.length];
  if (one?.lon !== undefined && one.lat !== undefined) wanted.value = { do: "focus", lon: one.lon, lat: one.lat };
  if (one?.page !== undefined) go(one.page);
  const row = document.querySelector<HTMLElement>(".side .alarm tr[tabindex], .side .amb");
  row?.focus();
}

export function listen(): void {
  document.addEventListener("keydown", (event) => {
    if (signedOut.value) return;
    if (event.key === "Escape") return back(event);
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      confirmation.run?.();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || keysOff.value || isField(event.target)) return;
    if (isUnit.value) return;
    if (isAdministrator.value && !["D", "d", "?"].includes(event.key)) return;
    const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
    if (key in PAGES || ["A", "N", "F", "M", "L", "D"].includes(key)) {
      event.preventDefault();
      press(key);
    }
  });
}

function back(event: KeyboardEvent): void {
  if (isField(event.target) && page.value !== "sighting" && page.value !== "search") (event.target as HTMLElement).blur();
  if (lookAt.value !== null) void look(null);
  for (const one of outbox.value) if (one.stage === "refused") outbox.value = outbox.value.filter((each) => each !== one);
  go("home");
}
