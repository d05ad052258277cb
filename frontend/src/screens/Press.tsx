// The statement to the public: its text, who has agreed, what is missing, and the clock.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { Statement } from "../api/types";
import { t } from "../messages";
import { shortRole } from "../parts/Bar";
import { DotIcon, WarnIcon } from "../parts/signs";
import { send } from "../state/outbox";
import { incident, live, may, role, statements } from "../state/store";
import { clock, left, minute, nodeNow, nowMs } from "../state/time";

const ANSWER_MS = 15 * 60_000;

export function Press(): JSX.Element {
  const all = statements.value ?? [];
  const open = all.filter((one) => one.released === null);
  const out = all.filter((one) => one.released !== null);
  const due = live.value?.incident.public_due ?? null;
  const late = due !== null && Date.parse(due) < nowMs.value;
  return (
    <>
      <section class="sec grow scrolls" tabIndex={0} aria-label={t.pressHead}>
        <div class="hd"><h2>{t.pressHead}</h2>
          {due !== null && <span class={late ? "amb" : ""}>{late && <WarnIcon />} {t.dueBy} {minute(due)} {late ? t.lateBy(left(due, nowMs.value)) : t.inTime(left(due, nowMs.value))}</span>}</div>
        {open.length === 0 && <p class="q">{t.pressNone}</p>}
        {open.map((one) => <Card key={one.statement} one={one} />)}
        {may("statement.draft") && <Draft />}
      </section>
      <aside class="side scrolls" tabIndex={0}>
        <section class="sec"><h2>{t.releasedTexts}</h2>
          {out.length === 0 && <p class="q">{t.nothingSaidYet}</p>}
          {out.map((one) => <article key={one.statement} class="card"><p class="q">{t.released(clock(one.released))}</p><p>{one.public_text}</p></article>)}
        </section>
      </aside>
    </>
  );
}

function Card({ one }: { one: Statement }): JSX.Element {
  const where = useSignal("");
  const remark = useSignal("");
  const theirs = one.statement.startsWith("theirs/");
  const voice = (agrees: boolean): void => void send(incident.value, "statement.agree", { statement: one.statement, version: one.version, agrees, remark: remark.value.trim() }, agrees ? t.agree : t.disagree, role.value);
  const show = (): void => void send(incident.value, "statement.show", { statement: one.statement, answer_by: new Date(nodeNow() + ANSWER_MS).toISOString() }, t.showOther(live.value?.them.name ?? ""), role.value);
  const answer = (what: "accepted" | "declined"): void => void send(incident.value, "statement.answer", { statement: one.statement, answer: what, remark: remark.value.trim() }, what === "accepted" ? t.agree : t.disagree, role.value);
  const mineMissing = one.missing.includes(role.value);
  return (
    <article class="card">
      <div class="hd"><b>{one.statement}, {t.version(one.version)}</b><span class="q">{one.drafted_by}, {clock(one.drafted)}</span></div>
      <p class="statement">{one.text}</p>
      <ul class="voices">
        {one.voices.map((each) => <li key={each.role} class={each.agrees ? "" : "amb"}>{each.agrees ? <DotIcon /> : <WarnIcon />} {each.person}, {shortRole(each.role)}: {each.agrees ? t.agreed : t.disagreed} {each.remark}</li>)}
        {one.missing.map((each) => <li key={each} class="q">○ {shortRole(each)}: {t.missingVoice}</li>)}
        {one.asks_other_side && <li class={one.other_side_agrees ? "" : "q"}>{one.other_side_agrees ? <DotIcon /> : "○"} {live.value?.them.name}: {one.other_side_agrees ? t.agreed : t.missingVoice}</li>}
      </ul>
      <div class="btns wrap">
        {(mineMissing || theirs) && <input class="grow" aria-label={t.reason} placeholder={t.reason} value={remark.value} maxLength={2000} onInput={(event) => (remark.value = event.currentTarget.value)} />}
        {mineMissing && !theirs && may("statement.agree") && <><button type="button" class="btn" onClick={() => voice(true)}>{t.agree}</button><button type="button" class="btn" disabled={!remark.value.trim()} onClick={() => voice(false)}>{t.disagree}</button></>}
        {theirs && may("statement.answer") && <><button type="button" class="btn" onClick={() => answer("accepted")}>{t.agree}</button><button type="button" class="btn" disabled={!remark.value.trim()} onClick={() => answer("declined")}>{t.disagree}</button></>}
        {!theirs && one.asks_other_side && !one.other_side_agrees && may("statement.draft") && may("statement.show") && <button type="button" class="btn" onClick={show}>{t.showOther(live.value?.them.name ?? "")}</button>}
        {may("statement.release") && !theirs && (
          <>
            <input class="grow" aria-label={t.releaseWhere} placeholder={t.releaseWhere} value={where.value} maxLength={200} onInput={(event) => (where.value = event.currentTarget.value)} />
            <button type="button" class="btn first" disabled={!where.value.trim()} onClick={() => void send(incident.value, "statement.release", { statement: one.statement, version: one.version, where: where.value.trim() }, t.release, role.value)}>{t.release}</button>
          </>
        )}
      </div>
    </article>
  );
}

function Draft(): JSX.Element {
  const form = useSignal({ name: "", text: "", agree: "", other: false });
  const set = (part: Partial<typeof form.value>): void => { form.value = { ...form.value, ...part }; };
  const save = (): void => {
    const made = form.value;
    void send(incident.value, "statement.draft", {
      statement: made.name.trim(), text: made.text, asks_other_side: made.other,
      agreed_by: made.agree.split(",").map((one) => one.trim().replaceAll(" ", "_")).filter(Boolean),
    }, t.draft, role.value).then((done) => { if (done.stage === "done") form.value = { name: "", text: "", agree: "", other: false }; });
  };
  return (
    <fieldset class="form card"><legend>{t.draft}</legend>
      <label>{t.draftName}<input value={form.value.name} maxLength={80} onInput={(event) => set({ name: event.currentTarget.value })} /></label>
      <label>{t.draftText}<textarea rows={4} value={form.value.text} maxLength={4000} onInput={(event) => set({ text: event.currentTarget.value })} /></label>
      <label>{t.draftAgree}<input value={form.value.agree} onInput={(event) => set({ agree: event.currentTarget.value })} /></label>
      <label class="check"><input type="checkbox" checked={form.value.other} onChange={(event) => set({ other: event.currentTarget.checked })} /> {t.draftOther}</label>
      <div class="btns"><button type="button" class="btn" disabled={!form.value.name.trim() || !form.value.text.trim()} onClick={save}>{t.saveDraft}</button></div>
    </fieldset>
  );
}
