// The post one holds: begin, hand over to a successor with what is open, take over.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { get } from "../api/client";
import type { Shifts } from "../api/types";
import { t } from "../messages";
import { shortRole } from "../parts/Bar";
import { send } from "../state/outbox";
import { live, me, reads, role } from "../state/store";
import { clock, localTimes } from "../state/time";

type Waiting = Shifts["handovers"][number];

export function HandOver(): JSX.Element | null {
  const shifts = useSignal<Shifts | null>(null);
  const entries = live.value?.entries;
  const read = (): void => {
    void get("/v1/shifts").then((found) => (shifts.value = found)).catch(() => undefined);
  };
  useEffect(() => {
    if (reads("shifts")) read();
  }, [entries, role.value]);
  const known = shifts.value;
  if (known === null) return null;
  const mine = (person: string): boolean => same(person, me.value?.display) || same(person, me.value?.name);
  const held = known.shifts.filter((one) => one.role === role.value);
  const own = held.find((one) => mine(one.person));
  const waiting = known.handovers.filter((one) => one.role === role.value);
  const give = async (kind: string, body: unknown, title: string): Promise<void> => {
    await send(null, kind, body, title, role.value);
    read();
  };
  return (
    <section class="sec" aria-label={t.handOver}>
      <div class="hd"><h2>{t.handOver}</h2><span class="r">{shortRole(role.value)}</span></div>
      {held.length === 0 && <p class="q">{t.shiftNone}</p>}
      {held.map((one) => <p key={one.person}><b>{one.person}</b> <span class="q">{t.since} {clock(one.since)}</span></p>)}
      {waiting.map((one) => <Card key={one.handover} one={one} mine={mine(one.to)} take={() => void give("shift.take_over", { handover: one.handover }, t.takeOver)} />)}
      {own === undefined && !waiting.some((one) => mine(one.to)) && (
        <div class="btns"><button type="button" class="btn" onClick={() => void give("shift.begin", {}, t.beginShift)}>{t.beginShift}</button></div>
      )}
      {own !== undefined && <Give give={(to, note) => void give("shift.hand_over", { to, note }, t.handOverTo(to))} />}
    </section>
  );
}

function same(a: string, b: string | undefined): boolean {
  return b !== undefined && a.trim().toLowerCase() === b.trim().toLowerCase();
}

function Card({ one, mine, take }: { one: Waiting; mine: boolean; take: () => void }): JSX.Element {
  return (
    <article class="card">
      <div class="hd"><b>{one.by} → {one.to}</b><span class="q">{clock(one.at)}</span></div>
      {one.note && <p>{one.note}</p>}
      <Lines head={t.overdueHead} lines={one.overdue} />
      <Lines head={t.openMatters} lines={one.matters} />
      <Lines head={t.changedSince(clock(one.since))} lines={one.changed} />
      {mine && <div class="btns"><button type="button" class="btn first" onClick={take}>{t.takeOver}</button></div>}
    </article>
  );
}

function Lines({ head, lines }: { head: string; lines: string[] }): JSX.Element | null {
  if (!lines.length) return null;
  return <><h3>{head}</h3><ul>{lines.slice(0, 12).map((line) => <li key={line}>{localTimes(line)}</li>)}</ul>{lines.length > 12 && <p class="q s">{t.andMore(lines.length - 12)}</p>}</>;
}

function Give({ give }: { give: (to: string, note: string) => void }): JSX.Element {
  const to = useSignal("");
  const note = useSignal("");
  return (
    <fieldset class="form card"><legend>{t.handOverOwn}</legend>
      <label>{t.successor}<input value={to.value} maxLength={200} onInput={(event) => (to.value = event.currentTarget.value)} /></label>
      <label>{t.handOverNote}<textarea rows={2} value={note.value} maxLength={4000} onInput={(event) => (note.value = event.currentTarget.value)} /></label>
      <div class="btns"><button type="button" class="btn" disabled={!to.value.trim()} onClick={() => give(to.value.trim(), note.value.trim())}>{t.handOverButton}</button></div>
    </fieldset>
  );
}
