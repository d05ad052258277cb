// Tasks of the procedure with their clocks: mine first, then everybody's.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { Task } from "../api/types";
import { t } from "../messages";
import { isLate, myTasks, shortRole } from "../parts/Bar";
import { Decisions, mine as decisions } from "./Head";
import { giveTask } from "../parts/SideList";
import { WarnIcon } from "../parts/signs";
import { lookAt, picture } from "../state/store";
import { clock, left, nowMs } from "../state/time";

export function TasksPage(): JSX.Element {
  const shown = picture.value;
  const mine = myTasks(shown);
  const others = (shown?.incident.tasks ?? []).filter((one) => !mine.includes(one));
  return (
    <>
      <aside class="side scrolls" tabIndex={0}>
        {shown !== null && decisions(shown).length > 0 && <section class="sec" aria-label={t.decisionsOfMe}><Decisions shown={shown} /></section>}
        <section class="sec" aria-label={t.myTasks}><h2>{t.myTasks}</h2>{mine.length === 0 && <p class="q">{t.noTasks}</p>}{mine.map((one) => <Card key={`${one.task}${one.what}`} one={one} own />)}</section>
        {others.length > 0 && <section class="sec" aria-label={t.othersTasks}><h2>{t.othersTasks}</h2>{others.map((one) => <Card key={`${one.task}${one.what}`} one={one} />)}</section>}
      </aside>
    </>
  );
}

function Card({ one, own = false }: { one: Task; own?: boolean }): JSX.Element {
  const evidence = useSignal("");
  const late = isLate(one, nowMs.value);
  return (
    <article class="card">
      <div class="hd"><b class={late ? "amb" : ""}>{late && <WarnIcon />} {one.title}</b><span class={late ? "amb" : ""}>{one.deadline === null ? "" : late ? t.lateBy(left(one.deadline, nowMs.value)) : t.inTime(left(one.deadline, nowMs.value))}</span></div>
      <p class="q">{shortRole(one.role)}{one.deadline === null ? "" : `, ${clock(one.deadline)}`}</p>
      {own && lookAt.value === null && (one.what === "acknowledge" ? (
        <button type="button" class="btn" onClick={() => giveTask(one.task, "acknowledge", one.title, "")}>{t.acknowledgeTask}</button>
      ) : (
        <div class="btns"><input class="grow" aria-label={t.evidence} placeholder={t.evidence} value={evidence.value} maxLength={400} onInput={(event) => (evidence.value = event.currentTarget.value)} />
          <button type="button" class="btn" disabled={!evidence.value.trim()} onClick={() => giveTask(one.task, "do", one.title, evidence.value.trim())}>{t.doTask}</button></div>
      ))}
    </article>
  );
}
