// The bar: verdict, order by, clock, line, overdue, who; always in these places.
import type { JSX } from "preact";
import type { Picture, Task } from "../api/types";
import { t } from "../messages";
import {
  connected, exercise, incident, incidents, incidentsAsked, lookAt, me, node, picture, pictureTaken, reads, role, signOut, takeIncident, takeRole,
} from "../state/store";
import { go, page } from "../state/route";
import { waits } from "../state/outbox";
import { clock, left, localTimes, minute, nowMs, span } from "../state/time";
import { isLong, roadOf } from "./names";
import { CrossIcon, CutIcon, DotIcon, QuestionIcon, SquareIcon, WarnIcon } from "./signs";

export function Bar(): JSX.Element {
  const shown = picture.value;
  return (
    <header class="bar">
      <VerdictBlock shown={shown} />
      {lookAt.value === null ? <OrderBlock shown={shown} /> : (
        <button type="button" class="blk do plainly" onClick={() => go("main")}>
          <span class="a">{t.reviewNotLive}</span><span class="z">{t.asKnownAt(clock(lookAt.value))}</span>
        </button>
      )}
      <div class="blk">
        <div class="a">
          {clock(nowMs.value)}
          {isExercise() && <span class="exercise">{t.exercise}</span>}
        </div>
        <div class="z">{shown === null ? "" : shown.incident.began === null
          ? t.noAlarm(shown.incident.phase) : t.alarmAgo(shown.incident.phase, span(nowMs.value - Date.parse(shown.incident.began)))}</div>
      </div>
      {connected.value ? <LineBlock shown={shown} /> : (
        <div class="blk old">
          <div class="a amb"><CutIcon /> {t.notConnected}</div>
          <div class="z">{pictureTaken.value === null ? "" : t.pictureOf(clock(pictureTaken.value))}</div>
        </div>
      )}
      <OverdueBlock shown={shown} />
      <Who />
    </header>
  );
}

/** Whether this node was made for exercises; it says so to anybody, signed in or not. */
export function isExercise(): boolean {
  return exercise.value;
}

interface Word {
  word: string;
  line: string;
  count: string;
  look: "open" | "old" | "calm" | "past";
  icon: JSX.Element;
}

/** What the verdict says, in a word, a line and a count. */
export function verdictWord(shown: Picture | null, now: number, past: boolean): Word {
  if (!reads("incident")) return { word: node.value?.name ?? "", line: node.value?.protocol_title ?? "", count: "", look: "calm", icon: <DotIcon /> };
  if (shown === null && (!incidentsAsked.value || incident.value !== null)) return { word: t.loading, line: "", count: "", look: "calm", icon: <QuestionIcon /> };
  if (shown === null) return { word: t.noIncident, line: "", count: "", look: "calm", icon: <QuestionIcon /> };
  if (!reads("board")) return { word: shown.incident.phase, line: shown.incident.phase_title, count: "", look: "calm", icon: <DotIcon /> };
  const told = shown.verdict;
  if (shown.plan === null || told === null) {
    const word = shown.plan === null ? t.noPlan : t.notJudged;
    const line = shown.plan === null ? t.noPlanLine : t.notJudgedLine;
    return { word, line, count: "", look: "calm", icon: <QuestionIcon /> };
  }
  const fails = shown.troubles.find((one) => one.duty === "verdict");
  if (told.verdict === "unknown" || fails !== undefined) {
    const why = localTimes(fails?.why ?? told.sentence);
    return { word: t.notKnown, line: `${t.since} ${clock(fails?.since ?? told.since)}: ${why}`, count: "", look: "old", icon: <span class="amb"><QuestionIcon /></span> };
  }
  if (told.as_of !== null) {
    const theirs = shown.seals.filter((one) => one.theirs).length;
    const word = told.verdict === "sealed" ? t.sealedAsOf(clock(told.as_of)) : t.leakingAsOf(told.ways, clock(told.as_of));
    const line = t.theirsUnheard(shown.them.name, theirs, span(now - Date.parse(told.as_of)));
    return { word, line, count: "", look: told.verdict === "leaking" ? "open" : "old", icon: <span class="amb"><QuestionIcon /></span> };
  }
  if (told.verdict === "leaking" && told.ways > 0) {
    const opens = told.opens;
    const line = opens === null ? "" : Date.parse(opens) > now ? t.opensAt(roadOf(told.first), clock(opens)) : t.openSince(roadOf(told.first), clock(opens));
    const count = opens !== null && Date.parse(opens) > now ? left(opens, now) : "";
    return { word: page.value === "head" ? t.leakingOf(told.ways, told.exits) : t.leaking(told.ways), line: past ? t.asKnownAt(clock(shown.at)) : line, count: past ? "" : count, look: past ? "past" : "open", icon: <CrossIcon /> };
  }
  const shut = shown.seals.filter((one) => one.state === "closed").length;
  const line = told.verdict === "leaking" ? t.mayHavePassed
    : past ? t.asKnownAt(clock(shown.at))
    : t.exitsClosed(told.exits, told.exits, shut, shown.seals.length);
  return { word: t.sealed, line, count: "", look: "calm", icon: <SquareIcon /> };
}

function VerdictBlock({ shown }: { shown: Picture | null }): JSX.Element {
  const said = verdictWord(shown, nowMs.value, lookAt.value !== null);
  return (
    <div class={`verdict ${said.look}`} role="status" aria-live={said.look === "open" ? "assertive" : "polite"}>
      {said.icon}
      <div class="said"><h1 class={`w${said.count ? isLong(said.word, 16) : ""}`}>{said.word}</h1><div class={`l${isLong(said.line, 44)}`} title={said.line}>{said.line}</div></div>
      <div class="c" aria-hidden="true">{said.count}</div>
    </div>
  );
}

function OrderBlock({ shown }: { shown: Picture | null }): JSX.Element | null {
  const by = shown?.verdict?.order_by;
  if (shown === null || !by) return null;
  const over = Date.parse(by) <= nowMs.value;
  const closes = shown.offer?.seals.filter((one) => one.way).length ?? 0;
  return (
    <div class="blk do">
      <div>
        <div class="a">{t.orderBy(clock(by))}</div>
        <div class="z">{over ? t.tooLate : t.toCloseAll(closes || shown.verdict?.ways || 0)}</div>
      </div>
      <div class="c" aria-hidden="true">{over ? `−${left(by, nowMs.value)}` : left(by, nowMs.value)}</div>
    </div>
  );
}

function LineBlock({ shown }: { shown: Picture | null }): JSX.Element | null {
  if (shown === null) return null;
  const line = shown.line;
  if (line.up === false && line.since !== null) {
    return (
      <div class="blk old">
        <div class="a amb"><CutIcon /> {t.lineDown(span(nowMs.value - Date.parse(line.since)))}</div>
        <div class="z">{t.lineDownSince(clock(line.since), line.waiting)}</div>
      </div>
    );
  }
  return (
    <button type="button" class="blk plainly" onClick={() => go("thread")}>
      <span class="a"><DotIcon /> {t.lineTo(shown.them.name)}</span>
      <span class="z">{line.up === null ? t.lineNever : t.lineUp(line.unread)}</span>
    </button>
  );
}

/** Tasks of the role that is acted in, the nearest deadline first. */
export function myTasks(shown: Picture | null): Task[] {
  return (shown?.incident.tasks ?? []).filter((one) => one.holders.includes(role.value) || one.role === role.value);
}

export function isLate(one: { deadline: string | null }, now: number): boolean {
  return one.deadline !== null && Date.parse(one.deadline) < now;
}

function OverdueBlock({ shown }: { shown: Picture | null }): JSX.Element | null {
  if (shown === null) return null;
  if (shown.troubles.length) {
    const first = shown.troubles[0];
    return (
      <div class="blk old" title={localTimes(first?.why ?? "")}>
        <div class="a amb"><WarnIcon /> {t.dutyFails(shown.troubles.length)}</div>
        <div class="z">{t.dutyName(first?.duty ?? "", first?.since ? clock(first.since) : "–")}</div>
      </div>
    );
  }
  const late = shown.incident.tasks.filter((one) => isLate(one, nowMs.value));
  if (late.length) {
    const first = late[0];
    return (
      <button type="button" class="blk plainly" onClick={() => go("tasks")}>
        <span class="a amb"><WarnIcon /> {t.overdue(late.length)}</span>
        <span class={`z clip${isLong(first?.title ?? "", 30)}`}>{first?.title} {first?.deadline ? left(first.deadline, nowMs.value) : ""}</span>
      </button>
    );
  }
  const next = shown.incident.tasks.find((one) => one.deadline !== null);
  return (
    <div class="blk">
      <div class="a">{t.nothingOverdue}</div>
      <div class="z">{next?.deadline ? t.nextTask(minute(next.deadline), left(next.deadline, nowMs.value)) : t.noTask}</div>
    </div>
  );
}

function Who(): JSX.Element | null {
  const who = me.value;
  if (who === null) return null;
  return (
    <div class="blk who">
      <div class="a">
        <span>{who.side.toUpperCase()} {who.display}</span>
        {waits.value > 0 && <span class="amb">{t.waitCount(waits.value)}</span>}
      </div>
      <div class="z">
        {incidents.value.length > 1 && (
          <select aria-label={t.case} value={picture.value?.incident.incident ?? ""} onChange={(event) => takeIncident(event.currentTarget.value)}>
            {incidents.value.map((one) => <option key={one.incident} value={one.incident}>{one.incident}</option>)}
          </select>
        )}
        {who.roles.length > 1 ? (
          <select aria-label={t.otherRole} value={role.value} onChange={(event) => { takeRole(event.currentTarget.value); go("home"); }}>
            {who.roles.map((one) => <option key={one.role} value={one.role}>{shortRole(one.role)}</option>)}
          </select>
        ) : <span>{shortRole(role.value)}</span>}
        <button type="button" class="quiet" onClick={() => void signOut()} title={t.signOut} aria-label={t.signOut}><svg width="16" height="16" aria-hidden="true"><path d="M8 1.5V8M4.2 3.6a6 6 0 1 0 7.6 0" stroke="currentColor" stroke-width="2" fill="none" /></svg></button>
      </div>
    </div>
  );
}

export function shortRole(name: string): string {
  return t.roleName(name) || name.replaceAll("_", " ");
}
