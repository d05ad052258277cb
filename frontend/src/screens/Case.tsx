// Opening an incident under its authority, and raising the alarm in it.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { confirmation } from "../keys";
import { t } from "../messages";
import { send } from "../state/outbox";
import { go } from "../state/route";
import { incident, live, may, refreshAll, role, takeIncident } from "../state/store";
import { nodeNow } from "../state/time";

export function CasePage(): JSX.Element {
  const mine = live.value !== null && live.value.incident.authority !== "";
  const alarmed = live.value?.incident.began != null;
  return (
    <>
      <aside class="side scrolls" tabIndex={0}>
        {!mine && may("incident.open") && <Open />}
        {mine && !alarmed && may("alarm.raise") && <Alarm />}
        {mine && alarmed && <Stopped />}
        {mine && alarmed && may("stand-down.propose") && <StandDown />}
      </aside>
    </>
  );
}

function Open(): JSX.Element {
  const form = useSignal<{ id: string | null; title: string | null; authority: string; hours: string }>({ id: null, title: null, authority: "", hours: "24" });
  const why = useSignal("");
  const set = (part: Partial<typeof form.value>): void => { form.value = { ...form.value, ...part }; };
  // What the other side has told of a case is filled in, until somebody writes something else.
  const heard = { id: incident.value ?? "", title: live.value?.incident.title ?? "" };
  const made = { ...form.value, id: (form.value.id ?? heard.id).trim(), title: form.value.title ?? heard.title };
  const whole = made.id !== "" && made.title.trim() !== "" && made.authority.trim() !== "";
  const open = async (): Promise<void> => {
    if (!whole) return;
    const expires = new Date(nodeNow() + Number(made.hours || 24) * 3_600_000).toISOString();
    const done = await send(made.id, "incident.open", { title: made.title, authority: made.authority, expires }, t.openCase, role.value);
    if (done.stage === "refused") why.value = done.why;
    else {
      takeIncident(made.id);
      await refreshAll();
    }
  };
  useEffect(() => {
    confirmation.run = () => void open();
    return () => (confirmation.run = null);
  });
  return (
    <section class="sec form grow" aria-label={t.openCase}>
      <p class="say">{t.openCase}</p>
      <label>{t.caseId}<input value={form.value.id ?? heard.id} maxLength={80} onInput={(event) => set({ id: event.currentTarget.value })} /></label>
      <label>{t.caseTitle}<input value={made.title} maxLength={200} onInput={(event) => set({ title: event.currentTarget.value })} /></label>
      <label>{t.caseAuthority}<input value={form.value.authority} maxLength={200} onInput={(event) => set({ authority: event.currentTarget.value })} /></label>
      <label>{t.caseHours}<input value={form.value.hours} inputMode="numeric" onInput={(event) => set({ hours: event.currentTarget.value })} /></label>
      {why.value && <p class="amb" role="alert">{why.value}</p>}
      <div class="btns"><button type="button" class="btn first" disabled={!whole} onClick={() => void open()}><kbd>Ctrl Enter</kbd> {t.openCase}</button><button type="button" class="btn" onClick={() => go("home")}><kbd>Esc</kbd> {t.back}</button></div>
    </section>
  );
}

function Alarm(): JSX.Element {
  const form = useSignal({ what: "", place: "", vehicle: "" });
  const why = useSignal("");
  const set = (part: Partial<typeof form.value>): void => { form.value = { ...form.value, ...part }; };
  const raise = async (): Promise<void> => {
    const done = await send(incident.value, "alarm.raise", { ...form.value, happened: new Date(nodeNow() - 60_000).toISOString() }, t.raiseAlarm, role.value);
    if (done.stage === "refused") why.value = done.why;
    else go("home");
  };
  useEffect(() => {
    confirmation.run = () => void raise();
    return () => (confirmation.run = null);
  });
  return (
    <section class="sec form grow" aria-label={t.raiseAlarm}>
      <p class="say">{t.raiseAlarm}</p>
      <label>{t.alarmWhat}<input value={form.value.what} maxLength={400} onInput={(event) => set({ what: event.currentTarget.value })} /></label>
      <label>{t.alarmPlace}<input value={form.value.place} maxLength={200} onInput={(event) => set({ place: event.currentTarget.value })} /></label>
      <label>{t.alarmVehicle}<input value={form.value.vehicle} maxLength={200} onInput={(event) => set({ vehicle: event.currentTarget.value })} /></label>
      {why.value && <p class="amb" role="alert">{why.value}</p>}
      <div class="btns"><button type="button" class="btn first" onClick={() => void raise()}><kbd>Ctrl Enter</kbd> {t.raiseAlarm}</button><button type="button" class="btn" onClick={() => go("home")}><kbd>Esc</kbd> {t.back}</button></div>
    </section>
  );
}

function Stopped(): JSX.Element {
  const form = useSignal({ place: "", text: "" });
  const why = useSignal("");
  const report = async (): Promise<void> => {
    const done = await send(incident.value, "vehicle.stop", form.value, t.vehicleStopped, role.value);
    why.value = done.stage === "refused" ? done.why : "";
    if (!why.value) form.value = { place: "", text: "" };
  };
  return (
    <section class="sec form" aria-label={t.vehicleStopped}>
      <p class="say">{t.vehicleStopped}</p>
      <label>{t.alarmPlace}<input value={form.value.place} maxLength={200} onInput={(event) => (form.value = { ...form.value, place: event.currentTarget.value })} /></label>
      <label>{t.whatFound}<input value={form.value.text} maxLength={400} onInput={(event) => (form.value = { ...form.value, text: event.currentTarget.value })} /></label>
      {why.value && <p class="amb" role="alert">{why.value}</p>}
      <div class="btns"><button type="button" class="btn" disabled={!form.value.place.trim() || !form.value.text.trim()} onClick={() => void report()}>{t.reportStopped}</button></div>
    </section>
  );
}

const GONE = new Set(["withdrawn", "reopened", "refused"]);

/** The end, step by step from the inside out: the node lays down the order, each step is one decision. */
function StandDown(): JSX.Element {
  const reopens = live.value?.incident.reopens ?? false;
  const ours = (live.value?.seals ?? []).filter((one) => !one.theirs && one.orders.length > 0);
  const standing = ours.flatMap((one) => one.reported).filter((one) => !GONE.has(one)).length;
  const shut = ours.filter((one) => one.state !== "reopened" && one.reported.some((each) => each === "closed" || each === "withdrawn")).length;
  const why = useSignal("");
  const give = async (kind: string, body: unknown, title: string): Promise<void> => {
    const done = await send(incident.value, kind, body, title, role.value);
    why.value = done.stage === "refused" ? done.why : "";
  };
  return (
    <section class="sec form" aria-label={t.standDown}>
      <p class="say">{t.standDown}</p>
      <p class="q">{reopens ? t.standDownLine : t.standDownNotYet}</p>
      {reopens && <p>{t.stepsLeft(standing, shut)}</p>}
      {why.value && <p class="amb" role="alert">{why.value}</p>}
      {reopens && <div class="btns wrap">
        <button type="button" class="btn" onClick={() => void give("stand-down.propose", {}, t.layDownSteps)}>{t.layDownSteps}</button>
        <button type="button" class="btn" onClick={() => void give("stand-down.withdraw", { reason: t.standDown }, t.nextStep)}>{t.nextStep}</button>
        <button type="button" class="btn" onClick={() => void give("stand-down.check", {}, t.checkOpen)}>{t.checkOpen}</button>
      </div>}
    </section>
  );
}
