// The administrator: people, devices, the line, duties that fail. No incident is seen here.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { get } from "../api/client";
import type { People } from "../api/types";
import { t } from "../messages";
import { shortRole } from "../parts/Bar";
import { CutIcon, DotIcon, WarnIcon } from "../parts/signs";
import { send } from "../state/outbox";
import { node, readNode, role } from "../state/store";
import { clock } from "../state/time";

export function Admin(): JSX.Element {
  const people = useSignal<People | null>(null);
  const read = (): void => {
    void get("/v1/people").then((found) => (people.value = found)).catch(() => undefined);
    void readNode().catch(() => undefined);
  };
  useEffect(() => {
    read();
    const timer = window.setInterval(read, 5000);
    return () => window.clearInterval(timer);
  }, []);
  const give = (kind: string, body: unknown, title: string): void => void send(null, kind, body, title, role.value).then(read);
  const known = people.value;
  const at = node.value;
  return (
    <>
      <section class="sec grow scrolls" tabIndex={0} aria-label={t.people}>
        <div class="hd"><h2>{t.people}</h2><span class="r">{known?.operators.length}</span></div>
        <table><thead><tr><th>{t.name}</th><th>{t.display}</th><th>{t.rolesList}</th><th /></tr></thead>
          <tbody>{known?.operators.map((one) => (
            <tr key={one.name} class={one.suspended ? "q" : ""}><td><b>{one.name}</b></td><td>{one.display}</td><td><span class="clip wide" title={one.roles.join(", ")}>{one.roles.map(shortRole).join(", ")}</span></td>
              <td class="n">{one.suspended
                ? <button type="button" class="btn small" onClick={() => give("operator.restore", { name: one.name, reason: t.restore }, t.restore)}>{t.restore}</button>
                : <button type="button" class="btn small" onClick={() => give("operator.suspend", { name: one.name, reason: t.suspend }, t.suspend)}>{t.suspend}</button>}</td></tr>
          ))}</tbody></table>
        <AdmitForm give={give} />
      </section>
      <aside class="side scrolls" tabIndex={0}>
        <section class="sec"><h2>{t.nodeHead}</h2><p>{at?.name}, {at?.version}</p><p class="q">{t.journalSize(at?.journal_size ?? 0)}, {at?.checkpoint_size == null ? t.notCovered : t.checkpointSize(at.checkpoint_size)}</p></section>
        <section class="sec"><h2>{t.lines}</h2>
          <p class={at?.line_up === false ? "amb" : ""}>{at?.line_up === false ? <CutIcon /> : <DotIcon />} {at?.peer ?? "–"} {at?.line_since ? `${t.since} ${clock(at.line_since)}` : t.lineNever}</p></section>
        <section class="sec"><h2>{t.duties}</h2>
          {(at?.failing ?? []).length === 0 ? <p class="q">{t.noneFails}</p> : at?.failing.map((one) => <p key={one.duty} class="amb"><WarnIcon /> {one.duty}, {t.since} {clock(one.since)}: {one.why}</p>)}</section>
        <section class="sec"><h2>{t.sessions}</h2>
          <table><tbody>{known?.sessions.map((one) => <tr key={one.session}><td>{one.operator}</td><td class="q">{clock(one.begun)}</td><td class="n"><button type="button" class="btn small" onClick={() => give("session.end", { session: one.session }, t.endSession)}>{t.endSession}</button></td></tr>)}</tbody></table></section>
        <section class="sec"><h2>{t.tokens}</h2>
          <table><tbody>{known?.tokens.filter((one) => !one.revoked).map((one) => <tr key={one.token}><td>{one.machine}</td><td class="q">{one.label}</td><td class="n"><button type="button" class="btn small" onClick={() => give("token.revoke", { token: one.token, reason: t.revoke }, t.revoke)}>{t.revoke}</button></td></tr>)}</tbody></table></section>
      </aside>
    </>
  );
}

function AdmitForm({ give }: { give: (kind: string, body: unknown, title: string) => void }): JSX.Element {
  const form = useSignal({ name: "", display: "", roles: "" });
  const set = (part: Partial<typeof form.value>): void => { form.value = { ...form.value, ...part }; };
  return (
    <fieldset class="form card"><legend>{t.admit}</legend>
      <div class="half">
        <label>{t.name}<input value={form.value.name} maxLength={80} onInput={(event) => set({ name: event.currentTarget.value })} /></label>
        <label>{t.display}<input value={form.value.display} maxLength={200} onInput={(event) => set({ display: event.currentTarget.value })} /></label>
      </div>
      <label>{t.rolesList}<input value={form.value.roles} placeholder="duty_officer, liaison_officer" onInput={(event) => set({ roles: event.currentTarget.value })} /></label>
      <div class="btns"><button type="button" class="btn" disabled={!form.value.name || !form.value.roles} onClick={() => give("operator.admit", { name: form.value.name.trim(), display: form.value.display || form.value.name, roles: form.value.roles.split(",").map((one) => one.trim()).filter(Boolean) }, t.admit)}>{t.admit}</button></div>
    </fieldset>
  );
}
