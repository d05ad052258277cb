// The thread with the other side: what was said, what is asked, and their promises.
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Picture, Request, Say, Thread } from "../api/types";
import { confirmation } from "../keys";
import { t } from "../messages";
import { isLong, unmarked } from "../parts/names";
import { walk } from "../parts/rows";
import { SharedPart } from "../parts/SharedPart";
import { SealIcon, signOf } from "../parts/signs";
import { send } from "../state/outbox";
import { go } from "../state/route";
import { incident, lookAt, may, picture, role, thread } from "../state/store";
import { clock, left, ms_of, nowMs } from "../state/time";

export function ThreadPage(): JSX.Element {
  const shown = picture.value;
  const said = thread.value;
  if (shown === null || said === null) return <div class="sec"><p class="q">{t.nothingSaid}</p></div>;
  return (
    <>
      <section class="threadcol" aria-label={t.threadWith(shown.them.name)}>
        <div class="hd pad"><h2>{t.threadWith(shown.them.name)}</h2><TakeAll lines={said.lines} /></div>
        <Lines shown={shown} lines={said.lines} />
        {lookAt.value === null && <Write shown={shown} said={said} />}
      </section>
      <aside class="side scrolls" tabIndex={0}><Asked shown={shown} said={said} /></aside>
    </>
  );
}

function Lines({ shown, lines }: { shown: Picture; lines: Say[] }): JSX.Element {
  const end = useRef<HTMLOListElement>(null);
  useEffect(() => { end.current?.scrollTo({ top: 1e6 }); }, [lines.length]);
  const kept = lines.filter((one) => lookAt.value === null || ms_of(one.at) <= lookAt.value);
  return (
    <ol class="lines" ref={end} tabIndex={0} aria-label={t.threadWith(shown.them.name)}>
      {kept.length === 0 && <li class="q">{t.nothingSaid}</li>}
      {kept.map((one) => (
        <li key={one.id} class={one.received && !one.noted_by ? "fresh" : ""}>
          <span class="q">{clock(one.at)}</span>
          <b>{one.kind === "call" ? t.callLogged : one.received ? `${shown.them.name} → ${shown.us.name}` : `${shown.us.name} → ${shown.them.name}`}</b>
          <span class="words"><b>{one.title}</b> {unmarked(one.text)}{one.sites.length ? ` (${one.sites.map(unmarked).join("; ")})` : ""}</span>
          <span class="n"><Mark one={one} /></span>
        </li>
      ))}
    </ol>
  );
}

/** Several unread messages are noted by one click; each is a note of its own in the record. */
function TakeAll({ lines }: { lines: Say[] }): JSX.Element | null {
  const fresh = lines.filter((one) => one.kind !== "call" && one.received && !one.noted_by);
  if (fresh.length < 2 || lookAt.value !== null || !may("message.acknowledge")) return null;
  const take = (): void => {
    for (const one of fresh) void send(incident.value, "message.acknowledge", { message: one.id }, t.takeNote, role.value);
  };
  return <button type="button" class="btn small" onClick={take}>{t.takeNoteOfAll(fresh.length)}</button>;
}

function Mark({ one }: { one: Say }): JSX.Element | null {
  if (one.kind === "call") return null;
  if (one.noted_by) return <span class="q" title={one.noted_by}>{t.read(clock(one.noted))}</span>;
  if (!one.received) return <span class={one.delivered ? "q" : "amb"}>{one.delivered ? t.unreadLine : t.onItsWay}</span>;
  if (lookAt.value !== null || !may("message.acknowledge")) return <b>{t.unreadLine}</b>;
  return (
    <button type="button" class="btn small" onClick={() => void send(incident.value, "message.acknowledge", { message: one.id }, t.takeNote, role.value)}>{t.takeNote}</button>
  );
}

function Write({ shown, said }: { shown: Picture; said: Thread }): JSX.Element {
  const sendable = said.messages.filter((one) => one.now);
  const names = sendable.filter((one) => one.sent_by === role.value);
  const all = names.length ? names : sendable;
  const text = useSignal(sessionStorage.getItem("stopline.say") ?? "");
  // The first message stands there; after that each is chosen, so that a second Ctrl+Enter says nothing untrue.
  const name = useSignal(said.lines.some((line) => !line.received) ? "" : all[0]?.name ?? "");
  const chosen = all.find((one) => one.name === name.value);
  const say = async (): Promise<void> => {
    if (chosen === undefined) return;
    const done = chosen.asks
      ? await send(incident.value, "request.ask", { message: chosen.name, asked: "other", text: text.value, answer_by: new Date(nowMs.value + 300_000).toISOString() }, chosen.title, role.value)
      : await send(incident.value, "message.send", { said: { name: chosen.name, protocol: "", ...content(chosen.name, text.value) } }, chosen.title, role.value);
    if (done.stage === "done") {
      text.value = "";
      name.value = "";
      sessionStorage.removeItem("stopline.say");
    }
  };
  useEffect(() => {
    confirmation.run = () => void say();
    return () => (confirmation.run = null);
  });
  return (
    <div class="write">
      <label>{t.messageKind}
        <select value={chosen?.name ?? ""} onChange={(event) => (name.value = event.currentTarget.value)}>
          <option value="">{t.chooseMessage}</option>
          {all.map((one) => <option key={one.name} value={one.name}>{one.title}</option>)}
        </select>
      </label>
      <label>{t.toOther(shown.them.name)}
        <textarea rows={2} value={text.value} maxLength={2000} placeholder={t.writeMessage}
          onInput={(event) => { text.value = event.currentTarget.value; sessionStorage.setItem("stopline.say", text.value); }} />
      </label>
      <div class="btns">
        <button type="button" class="btn first" disabled={chosen === undefined} onClick={() => void say()}><kbd>Ctrl Enter</kbd> {t.sendIt}</button>
        <button type="button" class="btn" onClick={() => go("call")}><kbd>C</kbd> {t.logCall}</button>
      </div>
    </div>
  );
}

/** Where the words of a message belong by what it carries. */
function content(name: string, text: string): Record<string, string> {
  if (name === "alert") return { what_happened: text || (picture.value?.alarm?.what ?? ""), vehicle: picture.value?.alarm?.vehicle ?? "" };
  if (name === "liaison_open") return { contact_persons: text };
  if (name.includes("detained") || name.includes("vehicle")) return { detention: text };
  return { text };
}

function Asked({ shown, said }: { shown: Picture; said: Thread }): JSX.Element {
  const ofUs = said.requests.filter((one) => one.from_other_side);
  const ofThem = said.requests.filter((one) => !one.from_other_side);
  const theirs = shown.seals.filter((one) => one.theirs);
  return (
    <>
      <RequestTable title={t.askedOfUs} rows={ofUs} answers />
      <RequestTable title={t.askedOfThem} rows={ofThem} />
      <section class="sec" aria-label={t.theyPromised(shown.them.name)}>
        <div class="hd"><h2>{t.theyPromised(shown.them.name)}</h2><span class="r">{t.closedOf(theirs.filter((one) => one.state === "closed").length, theirs.length)}</span></div>
        <table><tbody>{theirs.map((one) => (
          <tr key={one.site}><td><SealIcon sign={signOf(one, shown.them.tab, shown.line.up === false)} /><span class="unseen">{one.number}</span></td>
            <td><span class={`clip road${isLong(one.road, 20)}`}>{one.road}</span></td><td class="q">{t.stateOf(one.state)}</td><td class="n">{clock(one.since ?? one.closes)}</td></tr>
        ))}</tbody></table>
      </section>
      <SharedPart name={shown.them.name} after={said.lines.length} />
    </>
  );
}

const ANSWERED = new Set(["accepted", "in part", "declined", "done"]);

function RequestTable({ title, rows, answers = false }: { title: string; rows: Request[]; answers?: boolean }): JSX.Element {
  const open = rows.filter((one) => one.open);
  // What was accepted is still open until it is done, and is not answered twice.
  const first = answers ? open.find((one) => !ANSWERED.has(one.state)) : undefined;
  return (
    <section class="sec" aria-label={title}>
      <div class="hd"><h2>{title}</h2><span class="r">{t.openCount(open.length)}</span></div>
      {rows.length === 0 && <p class="q">{t.noRequests}</p>}
      <table onKeyDown={walk}><tbody>{rows.map((one) => (
        <tr key={one.message} class={one.state === "overdue" ? "amb" : ""}>
          <td><span class="clip matter long" title={`${one.title} ${unmarked(one.text)}`}>{one.title} {unmarked(one.text)}</span></td><td class="q">{t.requestState(one.state)}</td>
          <td class="n">{one.due === null ? "" : one.open && ms_of(one.due) > nowMs.value ? t.answerBy(clock(one.due), left(one.due, nowMs.value)) : clock(one.due)}</td>
        </tr>
      ))}</tbody></table>
      {first !== undefined && lookAt.value === null && may("request.answer") && <Answer request={first} />}
    </section>
  );
}

function Answer({ request }: { request: Request }): JSX.Element {
  const why = useSignal("");
  const seals = picture.value?.seals ?? [];
  const answer = (what: "accepted" | "declined"): void => {
    const commitments = what === "accepted" ? request.sites.map((site) => ({
      site, closed_by: seals.find((one) => one.site === site)?.closes ?? request.due ?? new Date(nowMs.value + 600_000).toISOString(),
    })) : [];
    void send(incident.value, "request.answer", { request: request.message, answer: what, text: why.value || (what === "accepted" ? t.yes : ""), ...(commitments.length ? { commitments } : {}) }, `${request.title}: ${what}`, role.value);
  };
  return (
    <div class="btns wrap">
      <button type="button" class="btn first" onClick={() => answer("accepted")}>{t.yes}</button>
      <input class="grow" aria-label={t.reason} placeholder={t.reason} maxLength={400} value={why.value} onInput={(event) => (why.value = event.currentTarget.value)} />
      <button type="button" class="btn" disabled={!why.value.trim()} onClick={() => answer("declined")}>{t.noBecause}</button>
    </div>
  );
}
