// The list beside the map: open ways with the new plan, seals, tasks and thread. It is the map in
// words: what can be done on the map can be done here.
import type { JSX } from "preact";
import type { Picture, Say, Seal, Way } from "../api/types";
import { wanted } from "../map/MapPane";
import { t } from "../messages";
import { send } from "../state/outbox";
import { go } from "../state/route";
import { incident, incidentsAsked, lookAt, may, picture, role, thread } from "../state/store";
import { clock, left, localTimes, minute, ms_of, nowMs, signed, span } from "../state/time";
import { isLate, myTasks } from "./Bar";
import { HitsPart } from "./Hits";
import { isLong, roadAt, shortExit, unmarked } from "./names";
import { walk } from "./rows";
import { SealIcon, signOf, WarnIcon, WayIcon } from "./signs";

export function SideList(): JSX.Element {
  const shown = picture.value;
  if (shown === null) return <NoCase />;
  return (
    <>
      <TopPart shown={shown} />
      <HitsPart />
      <SealsPart shown={shown} />
      <div class="two"><Tasks shown={shown} /><Talk shown={shown} /></div>
    </>
  );
}

function NoCase(): JSX.Element {
  return (
    <section class="sec">
      <p class="say">{!incidentsAsked.value || incident.value !== null ? t.loading : t.noCase}</p>
      {incidentsAsked.value && incident.value === null && may("incident.open") && <div class="btns"><button type="button" class="btn first" onClick={() => go("case")}>{t.openCase}</button></div>}
    </section>
  );
}

/** What is open, or not known; or that nothing is. */
export function TopPart({ shown, most = 12 }: { shown: Picture; most?: number }): JSX.Element {
  const open = shown.ways.filter((one) => one.still_open);
  const unknown = unknowns(shown);
  if (open.length) return <OpenPart shown={shown} open={open} most={most} />;
  if (unknown.length) return <UnknownPart shown={shown} rows={unknown} />;
  return <CalmPart shown={shown} />;
}

function OpenPart({ shown, open, most }: { shown: Picture; open: Way[]; most: number }): JSX.Element {
  const offer = shown.offer;
  const closes = open.filter((one) => one.closed_by).length;
  // The verdict counts more ways than it names where there are very many.
  const more = Math.max(open.length, shown.verdict?.ways ?? 0) - Math.min(most, open.length);
  return (
    <section class="sec alarm" aria-label={t.open}>
      <div class="hd"><h2 class="red">{t.open}</h2>
        <h2>{offer === null ? t.noNewPlan : offer.offer ? t.newPlanCloses(closes, open.length) : t.nothingBetter}</h2></div>
      <table onKeyDown={walk}>
        <thead><tr>
          <th colSpan={2}>{t.wayOutTo(shown.them.name)}</th><th class="n">{t.opens}</th><th class="n">{t.inCount}</th>
          {closes > 0 && <><th class="sep">{t.closedBy}</th><th class="n">{t.orderIn}</th><th class="n">{t.margin}</th></>}
        </tr></thead>
        <tbody>{open.slice(0, most).map((one) => <WayRow key={one.letter} way={one} shown={shown} beside={closes > 0} />)}</tbody>
      </table>
      {more > 0 && <p class="q s">{t.andMore(more)}</p>}
      <div class="btns">
        {lookAt.value === null && may("plan.adopt") && (
          <button type="button" class="btn first" onClick={() => go("plan")}><kbd>P</kbd> {offer?.offer ? t.seePlan : t.proposePlan}</button>
        )}
        <span class="q" title={localTimes(offer?.sentence ?? "")}>{offer?.offer ? t.sends(offer.orders, offer.requests, shown.them.name) : localTimes(offer?.sentence ?? "")}</span>
      </div>
    </section>
  );
}

function WayRow({ way, shown, beside }: { way: Way; shown: Picture; beside: boolean }): JSX.Element {
  const now = nowMs.value;
  const ahead = ms_of(way.earliest) > now;
  const end = way.line.at(-1);
  const show = (): void => {
    if (end !== undefined) wanted.value = { do: "focus", lon: end[0], lat: end[1] };
  };
  return (
    <tr tabIndex={0} onClick={show} onKeyDown={(event) => { if (event.key === "Enter") show(); }} title={localTimes(way.why)}>
      <td class="way"><WayIcon letter={way.letter} /></td>
      <td class={`red name${beside ? "" : " roomy"}`}><span class="clip" title={way.exit}>{shortExit(way.exit)}</span></td>
      <td class="n red">{clock(way.earliest)}</td>
      <td class="n red">{ahead ? left(way.earliest, now) : t.open.toLowerCase()}</td>
      {beside && <><td class="sep"><span class="clip">{way.closed_by === "*" ? shown.them.name : way.closed_by}</span></td>
      <td class="n"><b>{way.order_by === null ? "" : ms_of(way.order_by) > now ? left(way.order_by, now) : t.tooLate.split(" ").slice(0, 2).join(" ")}</b></td>
      <td class="n">{way.margin_s === null ? "" : signed(way.margin_s)}</td></>}
    </tr>
  );
}

interface Unknown {
  what: string;
  text: string;
  since: string | null;
}

function unknowns(shown: Picture): Unknown[] {
  const found: Unknown[] = [];
  const theirs = shown.seals.filter((one) => one.theirs);
  const ours = shown.seals.filter((one) => !one.theirs);
  if (shown.verdict?.as_of) {
    const shut = ours.filter((one) => one.state === "closed").length;
    found.push({ what: t.theirSeals(shown.them.name), text: t.ofSeals(theirs.length, shown.seals.length, shut, ours.length), since: shown.verdict.as_of });
  }
  for (const one of shown.troubles) {
    found.push({ what: one.duty === "belief" ? t.belief : one.duty, text: localTimes(one.why), since: one.since });
  }
  if (shown.verdict?.verdict === "unknown") found.push({ what: t.notKnown, text: localTimes(shown.verdict.sentence), since: shown.verdict.since });
  for (const unit of shown.units ?? []) {
    if (unit.site && unit.fix !== null && nowMs.value - Date.parse(unit.fix) > 5 * 60_000) {
      found.push({ what: unit.unit, text: t.positionOld(span(nowMs.value - Date.parse(unit.fix))), since: unit.fix });
    }
  }
  return found;
}

function UnknownPart({ shown, rows }: { shown: Picture; rows: Unknown[] }): JSX.Element {
  return (
    <section class="sec late" aria-label={t.notKnownHead}>
      <div class="hd"><h2 class="amb">{t.notKnownHead}</h2><h2>{t.since.toUpperCase()}</h2></div>
      <table><tbody>
        {rows.slice(0, 4).map((one) => (
          <tr key={one.what}><td class="amb">{one.what}</td><td title={one.text}><span class="clip wide">{one.text}</span></td><td class="n amb">{clock(one.since)}</td></tr>
        ))}
      </tbody></table>
      {shown.line.up === false && (
        <div class="btns">
          <button type="button" class="btn first" onClick={() => go("call")}><kbd>C</kbd> {t.telephone(shown.them.name)}</button>
          <span class="q">{t.messagesGo}</span>
        </div>
      )}
    </section>
  );
}

function CalmPart({ shown }: { shown: Picture }): JSX.Element {
  const tasks = myTasks(shown);
  const next = nextStep(shown);
  // Without a confirmed place no plan can count from it: the sighting is what comes first.
  const seen = (shown.sightings ?? []).some((one) => one.confirmed && !one.retracted && !one.nothing_seen);
  return (
    <section class="sec calm">
      <p class="say">{next ?? (tasks.length ? t.nothingOpenButTasks : t.nothingOpen)}</p>
      {shown.plan === null && shown.alarm !== null && <p>{t.alarmLine(unmarked(shown.alarm.what), shown.alarm.place, shown.alarm.vehicle)}</p>}
      <p class="q">
        {shown.belief !== null && <>{t.insideOn(shown.belief.most_km.toFixed(0))}<br /></>}
        {shown.verdict !== null && t.checkedAt(clock(shown.verdict.at))}
      </p>
      <div class="btns">
        {shown.incident.authority === "" && may("incident.open") && (
          <button type="button" class="btn first" onClick={() => go("case")}>{t.openCase}</button>
        )}
        {shown.incident.authority !== "" && shown.incident.began === null && may("alarm.raise") && (
          <button type="button" class="btn first" onClick={() => go("case")}>{t.raiseAlarm}</button>
        )}
        {shown.plan === null && shown.incident.authority !== "" && shown.incident.began !== null && may("plan.adopt") && lookAt.value === null && (
          <>
            {!seen && may("sighting.note") && <button type="button" class="btn first" onClick={() => go("sighting")}><kbd>S</kbd> {t.newSighting}</button>}
            <button type="button" class={`btn${seen ? " first" : ""}`} onClick={() => go("plan")}><kbd>P</kbd> {shown.offer?.offer ? t.seePlan : t.proposePlan}</button>
          </>
        )}
      </div>
    </section>
  );
}

function nextStep(shown: Picture): string | null {
  if (shown.incident.authority === "") return t.notOpenedHere(shown.them.name);
  if (shown.incident.began === null) return shown.incident.title;
  if (shown.plan === null) return (shown.sightings ?? []).some((one) => one.confirmed && !one.retracted) ? t.noPlanLine : t.noPlanNotSeen;
  return null;
}

// ---- seals -----------------------------------------------------------------------------------------

/** The seconds between a seal being closed and the earliest arrival there; null: no bound. */
export function marginOf(seal: Seal, now: number): number | null {
  if (seal.arrival === null || seal.state === "open" || seal.state === "reopened") return null;
  const planned = seal.closes === null ? now : ms_of(seal.closes);
  const closes = seal.state === "closed" ? planned : Math.max(planned, now);
  return (ms_of(seal.arrival) - closes) / 1000;
}

export function stateText(seal: Seal, shown: Picture): { text: string; late: boolean } {
  const stale = shown.verdict?.as_of ?? null;
  if (seal.theirs && stale !== null) return { text: t.asOf(clock(stale)), late: true };
  if (seal.state === "closed") return { text: t.closedAt(minute(seal.since)), late: false };
  if (seal.state === "late") return { text: t.lateCloses(clock(seal.deadline)), late: true };
  if (seal.state === "open" && seal.why.includes(" cannot hold ")) return { text: t.cannotHold(unmarked(seal.reason)), late: true };
  if (seal.state === "open") return { text: localTimes(seal.why) || t.stateOf("open"), late: true };
  if (seal.theirs && seal.unreported) return { text: t.asOf(clock(seal.closes)), late: true };
  return { text: [t.stateOf(seal.state), seal.closes === null ? "" : clock(seal.closes)].filter(Boolean).join(" "), late: false };
}

export function SealsPart({ shown }: { shown: Picture }): JSX.Element {
  const stale = shown.line.up === false;
  const open = new Set(shown.ways.filter((one) => one.still_open).map((one) => one.number));
  const rows = shown.seals.filter((one) => {
    const margin = marginOf(one, nowMs.value);
    return !(open.has(one.number) && one.state !== "closed" && margin !== null && margin <= 0);
  });
  const shut = rows.filter((one) => one.state === "closed" && !(one.theirs && stale)).length;
  const old = rows.filter((one) => one.theirs && stale).length;
  return (
    <section class="sec seals" aria-label={t.sealsInForce}>
      <div class="hd">
        <h2>{lookAt.value === null ? t.sealsInForce : t.sealsThen}</h2>
        <span class="r">{rows.length === 0 ? "" : old ? t.closedNotConfirmed(shut, old) : t.closedOf(shut, rows.length)}</span>
      </div>
      {rows.length === 0 ? <p class="q">{t.noSeals}</p> : (
        <table onKeyDown={walk}>
          <thead><tr><th>{t.no}</th><th>{t.road}</th><th>{t.heldBy}</th><th>{t.state}</th><th class="n">{t.marginHead}</th></tr></thead>
          <tbody>{rows.map((one) => <SealRow key={one.site} seal={one} shown={shown} />)}</tbody>
        </table>
      )}
    </section>
  );
}

function SealRow({ seal, shown }: { seal: Seal; shown: Picture }): JSX.Element {
  const said = stateText(seal, shown);
  const margin = marginOf(seal, nowMs.value);
  const heldBy = seal.theirs ? shown.them.name : seal.units.join(", ");
  const show = (): void => {
    if (seal.lon !== null && seal.lat !== null) wanted.value = { do: "focus", lon: seal.lon, lat: seal.lat };
  };
  return (
    <tr tabIndex={0} title={localTimes([seal.why, seal.reason].filter(Boolean).join("; "))} onClick={show}
      onKeyDown={(event) => { if (event.key === "Enter") { show(); if (!seal.theirs) go("orders"); } }}>
      <td><SealIcon sign={signOf(seal, shown.them.tab, shown.line.up === false)} /><span class="unseen">{seal.number}</span></td>
      <td><span class={`clip road${isLong(roadAt(seal), 20)}`}>{roadAt(seal)}</span></td>
      <td class={seal.theirs ? "q" : ""}><span class={`clip held${isLong(heldBy, 13)}`}>{heldBy}</span></td>
      <td class={said.late ? "amb" : ""}><span class={`clip state${isLong(said.text, 18)}`}>{said.text}</span></td>
      <td class={`n${said.late && !seal.theirs ? " amb" : ""}`}>{margin === null ? t.noMargin : signed(margin)}</td>
    </tr>
  );
}

// ---- tasks and thread ------------------------------------------------------------------------------

export function Tasks({ shown }: { shown: Picture }): JSX.Element {
  const tasks = myTasks(shown);
  return (
    <section class={tasks.length < 3 ? "few" : ""} aria-label={t.myTasks}>
      <div class="hd"><h2>{t.myTasks}</h2></div>
      {tasks.length === 0 && <p class="q">{t.noTasks}</p>}
      {tasks.slice(0, 4).map((one) => {
        const late = isLate(one, nowMs.value);
        return (
          <button type="button" key={`${one.task}-${one.what}`} class={`li${late ? " amb" : ""}`} onClick={() => go("tasks")}>
            <span class={`clip${isLong(one.title, 20)}`} title={one.title}>{late && <WarnIcon size={16} />} {one.title}</span>
            <span>{one.deadline === null ? "" : late ? t.lateBy(left(one.deadline, nowMs.value)) : t.inTime(left(one.deadline, nowMs.value))}</span>
          </button>
        );
      })}
    </section>
  );
}

export function Talk({ shown }: { shown: Picture }): JSX.Element {
  const lines = (thread.value?.lines ?? []).filter((one) => lookAt.value === null || ms_of(one.at) <= lookAt.value).slice(-4).reverse();
  return (
    <section class={lines.length < 3 ? "few" : ""} aria-label={t.threadWith(shown.them.name)}>
      <div class="hd"><h2>{shown.them.name.toUpperCase()}</h2><span class="r">{shown.line.waiting ? t.waits(shown.line.waiting) : t.unread(shown.line.unread)}</span></div>
      {lines.length === 0 && <p class="q">{t.nothingSaid}</p>}
      {lines.map((one) => (
        <button type="button" key={one.id} class="li" onClick={() => go("thread")}>
          <span class={`clip${one.received && !one.noted_by ? " strong" : ""}${isLong(inShort(one), 14)}`} title={`${one.title}. ${one.text}`}>
            {one.received ? `“${inShort(one)}”` : `${t.you}: ${inShort(one)}`}
          </span>
          <span class={!one.received && !one.delivered ? "amb" : "q"}>{clock(one.at)}</span>
        </button>
      ))}
    </section>
  );
}

/** What was said, in short; the mark of an exercise stands in the bar and is not said again. */
function inShort(one: Say): string {
  return unmarked(one.text) || one.title;
}

export function giveTask(task: string, what: "do" | "acknowledge", title: string, evidence: string): void {
  const kind = what === "do" ? "task.do" : "task.acknowledge";
  const body = what === "do" ? { task, evidence } : { task };
  void send(incident.value, kind, body, title, role.value);
}
