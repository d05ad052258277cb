// Alarms that nobody at this desk has acknowledged yet: they blink below once a second, with a sound.
import { effect, signal } from "@preact/signals";
import type { JSX } from "preact";
import type { Picture } from "../api/types";
import { t } from "../messages";
import { muted } from "../state/settings";
import type { Page } from "../state/route";
import { live, lookAt, picture } from "../state/store";
import { nowMs } from "../state/time";
import { isLong, roadOf } from "./names";

export interface Alarm {
  key: string;
  text: string;
  lon?: number;
  lat?: number;
  page?: Page;
}

const PLACE = "stopline.acknowledged";
const acknowledged = signal(new Set<string>(JSON.parse(sessionStorage.getItem(PLACE) ?? "[]") as string[]));

/** What alarms in a picture: open ways, late seals, overdue tasks, the line, duties. */
export function alarms(shown: Picture | null): Alarm[] {
  if (shown === null) return [];
  const found: Alarm[] = [];
  for (const way of shown.ways) {
    const end = way.line.at(-1);
    if (way.still_open) found.push({ key: `way ${way.letter} ${shown.plan?.digest ?? ""}`, text: `${way.letter} ${roadOf(way.exit)}`, ...(end ? { lon: end[0], lat: end[1] } : {}) });
  }
  for (const seal of shown.seals) {
    if (seal.state === "late" || seal.state === "open") {
      found.push({ key: `seal ${seal.number} ${seal.state} ${seal.since ?? ""}`, text: `${seal.number} ${t.stateOf(seal.state)}`, ...(seal.lon !== null && seal.lat !== null ? { lon: seal.lon, lat: seal.lat } : {}) });
    }
  }
  for (const task of shown.incident.tasks) {
    if (task.deadline !== null && Date.parse(task.deadline) < nowMs.value) found.push({ key: `task ${task.task} ${task.what}`, text: task.title, page: "tasks" });
  }
  if (shown.line.up === false) found.push({ key: `line ${shown.line.since ?? ""}`, text: t.lineDownShort, page: "thread" });
  for (const one of shown.troubles) found.push({ key: `duty ${one.duty} ${one.since ?? ""}`, text: one.duty });
  return found;
}

export function unacknowledged(): Alarm[] {
  return lookAt.value === null ? alarms(live.value).filter((one) => !acknowledged.value.has(one.key)) : [];
}

export function acknowledgeAlarm(): void {
  const all = new Set([...acknowledged.value, ...alarms(picture.value).map((one) => one.key)]);
  acknowledged.value = all;
  sessionStorage.setItem(PLACE, JSON.stringify([...all]));
}

/** The key that acknowledges: it blinks and says what is new while an alarm is not acknowledged. */
export function AlarmKey(): JSX.Element {
  const found = unacknowledged();
  const first = found[0];
  if (first === undefined) return <button type="button" class="keybtn" onClick={acknowledgeAlarm}><kbd>A</kbd> {t.keyName("A")}</button>;
  const what = `${first.text}${found.length > 1 ? ` +${found.length - 1}` : ""}`;
  return (
    <button type="button" class="keybtn newalarm" onClick={acknowledgeAlarm} aria-label={`${t.newAlarm}: ${what}. ${t.acknowledgeAlarm}`} title={found.map((one) => one.text).join(", ")}>
      <span class="blink" aria-hidden="true">▲</span> <kbd>A</kbd> {t.keyName("A")} <span class={`clip${isLong(what, 18)}`}>{what}</span>
    </button>
  );
}

let sound: AudioContext | null = null;
let lastBeep = 0;

/** A short tone every 5 s while an alarm is not acknowledged. */
export function soundAlarms(): void {
  effect(() => {
    const now = nowMs.value;
    if (muted.value || !unacknowledged().length || now - lastBeep < 5000) return;
    lastBeep = now;
    try {
      sound ??= new AudioContext();
      if (sound.state === "suspended") return; // no key was pressed on this page yet
      const tone = sound.createOscillator();
      const loud = sound.createGain();
      tone.frequency.value = 740;
      loud.gain.value = 0.05;
      tone.connect(loud).connect(sound.destination);
      tone.start();
      tone.stop(sound.currentTime + 0.18);
    } catch {
      // A machine without sound shows the alarm all the same.
    }
  });
}
